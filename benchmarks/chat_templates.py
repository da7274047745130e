"""Compare our token ids of every kind of prompt with the tokenizer's own `apply_chat_template`.

python benchmarks/chat_templates.py FOLDER...

Each folder holds the files of a tokenizer; weights are not needed.
"""

import argparse
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from arte.core.prompts import NAIVE, Prompt, Prompts
from arte.models.chat import Rendering

PROMPTS = Prompts(Path(__file__).parents[1] / "resources/prompts")
ASKED = {
    "question": Prompt.of(PROMPTS.question("navigate", [("One?", "Yes")] * 3) + "\n"),
    "technique": PROMPTS.rationale("navigate", "steps", "Does he return?"),
    "naive": PROMPTS.rationale("navigate", NAIVE, "Does he return?"),
    "student": Prompt.of(PROMPTS.student("navigate", [("One?", "So <ans>Yes</ans>.")], "Two?")),
}
ANSWER = "He does not. So the answer is <ans>No</ans>."


def expected(tokenizer: PreTrainedTokenizerBase, prompt: Prompt, *, system: bool) -> list[int]:
    """The ids of a prompt, by the tokenizer alone."""
    head = [{"role": "system", "content": prompt.system}] if prompt.system and system else []
    above = f"{prompt.system}\n" if prompt.system and not system else ""
    turns = [*head, {"role": "user", "content": above + prompt.user}]
    if prompt.opening:
        turns.append({"role": "assistant", "content": prompt.opening})
    begun = bool(prompt.opening)
    return tokenizer.apply_chat_template(
        turns, continue_final_message=begun, add_generation_prompt=not begun, return_dict=False
    )


def trained(tokenizer: PreTrainedTokenizerBase, prompt: Prompt) -> list[int]:
    """The ids of a whole conversation that ends with an answer."""
    text = f"{prompt.opening} {ANSWER}" if prompt.opening else ANSWER
    turns = [{"role": "user", "content": prompt.user}, {"role": "assistant", "content": text}]
    return tokenizer.apply_chat_template(turns, return_dict=False)


def main() -> None:
    """Print a row for each tokenizer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    print("| tokenizer | system role | end of a turn | start tokens |", " | ".join(ASKED), end="")
    print(" | trained: naive | student |\n|" + "---|" * (len(ASKED) + 6))
    for folder in parser.parse_args().folders:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        form = Rendering(tokenizer, {"chat": "on"}, where=folder)
        cells = [folder, form.has_system, tokenizer.convert_ids_to_tokens(form.end)]
        ids = {name: form.ids([prompt])[0] for name, prompt in ASKED.items()}
        cells.append(max(each[:2].count(tokenizer.bos_token_id) for each in ids.values()))
        for name, prompt in ASKED.items():
            cells.append(ids[name] == expected(tokenizer, prompt, system=form.has_system))
        for name in ("naive", "student"):
            [whole] = form.finished([ASKED[name]], [f" {ANSWER}"])
            cells.append(trained(tokenizer, ASKED[name])[: len(whole)] == whole)
        print("|", " | ".join(map(str, cells)), "|")


if __name__ == "__main__":
    main()
