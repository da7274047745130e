"""Write the skeleton of a task of your own: a declaration and four prompts; the items are yours.

arte new-task NAME
"""

import argparse
from pathlib import Path

from arte.core.errors import ArteError, cli
from arte.core.io import write_text
from arte.core.tasks import FILE, NAME

TAGS = "Finish with the final answer alone between the tags <ans> and </ans>."
PROMPTS = {
    "steps": f"""\
You are an expert in this task. Work in short, complete steps:
1. Note what is asked and what is given.
2. Draw one conclusion at a time, and only from what is given or already found.
3. The last conclusion is the answer.
{TAGS}
""",
    "detailed": f"""\
First recall in full sentences all rules and facts that bear on the question. Then reason at length:
say for each step why it holds. At the end go through everything once more, and correct what does
not hold. {TAGS}
""",
    "direct": f"Answer the question. {TAGS}\n",
    "options": f"""\
List the answers that could be right. Test them one by one against what is given, and strike those
that fail, each with the reason. Keep the one that is left. {TAGS}
""",
}
"""A prompt for each technique of the default; they fit any task, and better ones know yours."""
DECLARATION = """\
name: {name}
category: Own # a column of Table 2; tasks of one category share it
answer: text # option yesno boolean validity integer text decimal list set regex: docs/own-task.md
# description: one sentence that says what the task asks; it stands in most prompts
"""


@cli
def main() -> None:
    """Write ./NAME, which must not be there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="lower-case letters, digits and underscores")
    folder = Path(parser.parse_args().name)
    if not NAME.fullmatch(folder.name) or folder.exists():
        raise ArteError(
            expected="a name of lower-case letters, digits and underscores that is free",
            found=f"{folder.name!r}" + (", which is there already" if folder.exists() else ""),
            where=str(folder.absolute().parent),
            remedy="choose another name",
        )
    folder.mkdir(parents=True)
    write_text(DECLARATION.format(name=folder.name), folder / FILE)
    for technique, text in PROMPTS.items():
        write_text(text, folder / f"{technique}.md")
    print(f"{folder}: {FILE} and {len(PROMPTS)} prompts. Next: arte check-task {folder}")


if __name__ == "__main__":
    main()
