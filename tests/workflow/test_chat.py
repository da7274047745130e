"""Every step that asks or trains a model puts its prompts in the turns of the chat template."""

import pytest
from chat_model import TEMPLATES, chat_tokenizer, save_chat_model
from tiny_model import ENGINE, PROMPTS, call

from arte.align import teacher as align
from arte.core import io
from arte.core.errors import ArteError
from arte.core.prompts import LABEL, LEAD, Prompts
from arte.data.tables import EXEMPLARS, ITEMS
from arte.elicit import questions, rationales
from arte.elicit.tables import QUESTIONS, RATIONALES
from arte.engine.transformers.engine import TransformersEngine
from arte.evaluate import student as evaluate
from arte.finetune import student as finetune
from arte.prefer import responses, score_rationales
from arte.prefer.tables.pairs import PAIRS
from arte.prefer.tables.preference_set import PREFERENCE_SET
from arte.tailor.tables import TRAINING_SET

SUBTASK = "sports_understanding"
OPENING = LEAD.removeprefix(LABEL).strip()
DRAFT = "He plays it. So <ans>yes</ans>."
WRITE = Prompts(PROMPTS)
TRAINED = {
    "num_train_epochs": 1,
    "per_device_train_batch_size": 1,
    "learning_rate": 1e-3,
    "max_length": 2048,
}


@pytest.fixture(params=["default_system", "no_system"])
def template(request):
    return TEMPLATES[request.param]


@pytest.fixture
def chat(tmp_path, template, monkeypatch):
    """Run a command on a model with this template; the token ids that it asked come back."""
    folder, asked = save_chat_model(tmp_path / "model", template), []
    common = {"subtasks": [SUBTASK], "seed": 0, "engine": ENGINE | {"chat": {"chat": "on"}}}
    asks = {"prompts": PROMPTS, "journal": tmp_path / "journal"}
    asks |= {"output_stats": tmp_path / "stats.json", "model": folder}

    def spy(method):
        def spied(self, prompts, *rest):
            joined = zip(prompts, rest[0], strict=True) if isinstance(rest[0], list) else None
            asked.extend([[*a, *b] for a, b in joined] if joined else map(list, prompts))
            return method(self, prompts, *rest)

        return spied

    for name in ("generate", "likelihoods"):
        method = getattr(TransformersEngine, name)
        monkeypatch.setattr(TransformersEngine, name, spy(method))

    def run(module, cfg, **files):
        call(module.main.__wrapped__, monkeypatch, cfg=common | cfg, **(asks | files))
        return asked

    run.asked, run.folder = asked, folder
    return run


@pytest.fixture
def train(tmp_path, chat, monkeypatch):
    """Run a training; what its collator gives each step comes back."""

    def run(module, trainer, cfg, **files):
        seen, compute = [], trainer.compute_loss

        def spied(self, model, inputs, *args, **kwargs):
            seen.append(inputs)
            return compute(self, model, inputs, *args, **kwargs)

        monkeypatch.setattr(trainer, "compute_loss", spied)
        cfg |= {"seed": 0, "launch": {"num_processes": 1, "fsdp": {}}}
        files |= {"model": chat.folder, "output": tmp_path / "trained"}
        files |= {"output_metrics": tmp_path / "metrics.json", "scratch": tmp_path / "scratch"}
        call(module.main.__wrapped__, monkeypatch, cfg=cfg, **files)
        return seen

    return run


def turns_of(template, user, *, system=None, begun=False, answer=None):
    """The ids of a conversation, by the tokenizer alone; with an answer up to its turn's end."""
    refuses = template == TEMPLATES["no_system"]
    turns = [{"role": "system", "content": system}] if system and not refuses else []
    turns.append({"role": "user", "content": f"{system}\n{user}" if system and refuses else user})
    if begun or answer:
        content = " ".join(text for text in (OPENING if begun else "", answer or "") if text)
        turns.append({"role": "assistant", "content": content})
    form = {"continue_final_message": begun and not answer, "return_dict": False}
    form["add_generation_prompt"] = not (begun or answer)
    ids = chat_tokenizer(template).apply_chat_template(turns, **form)
    end = chat_tokenizer(template).convert_tokens_to_ids("<end>")
    return ids[: len(ids) - ids[::-1].index(end)] if answer else ids


def users_part(prompt):
    """The user's turn of a prompt that ends in the lead of an answer."""
    text = prompt.removesuffix(f"\n{LEAD}")
    assert text != prompt
    return text


def table(tmp_path, name, schema, *rows):
    path = tmp_path / f"{name}.parquet"
    full = [{"subtask": SUBTASK, "task": SUBTASK, "category": "c"} | row for row in rows]
    rows = [{key: row[key] for key in schema.columns} for row in full]
    io.write_table(schema.frame(rows), path, schema, {})
    return path


ITEM = {"item_id": "i0", "question": "Bo ran.", "answer": "no", "discrimination": 1.0, "rank": 0}
QUESTION = {"question_id": "q0", "question": "Ada kicked.", "answer": "yes", "prompt_id": "p"}
SHOWN = [
    {"exemplar_id": i, "question": f"Cy {i}.", "answer": "yes", "rationale": DRAFT}
    for i in range(3)
]
SCORED = QUESTION | {"rationale_id": 0, "technique": "steps", "rationale": DRAFT}
SCORED |= {"finish_reason": "stop", "answer_pred": "yes", "correct": True}


def test_rationales(tmp_path, template, chat):
    cfg = {"techniques": ["steps", "naive"], "rationale_max_tokens": 2, "rationale_temperature": 0}
    given = table(tmp_path, "questions", QUESTIONS, QUESTION)
    found = chat(rationales, cfg, stage="drafts", questions=given, output=tmp_path / "out")
    system = (PROMPTS / SUBTASK / "steps.md").read_text().strip()
    naive = users_part(WRITE.rationale(SUBTASK, "naive", "Ada kicked."))
    assert found == [
        turns_of(template, "Question: Ada kicked.", system=system),
        turns_of(template, naive, begun=True),
    ]


def test_questions(tmp_path, template, chat):
    cfg = {"questions": 1, "questions_per_call": 5, "seed_questions": 3, "max_calls": 1}
    cfg |= {"question_max_tokens": 2, "question_temperature": 0}
    given = table(tmp_path, "exemplars", EXEMPLARS, *SHOWN)
    with pytest.raises(ArteError, match="none to keep"):
        chat(questions, cfg, exemplars=given, avoid=[], output=tmp_path / "out")
    asked = WRITE.question(SUBTASK, [(each["question"], each["answer"]) for each in SHOWN], 5)
    assert chat.asked == [turns_of(template, asked)]


@pytest.mark.parametrize("module", [responses, evaluate])
def test_answers(tmp_path, template, chat, module):
    cfg = {"shots": [0, 1], "max_tokens": 2, "model": "m", "student": "m", "arm": "vanilla"}
    files = {"exemplars": table(tmp_path, "exemplars", EXEMPLARS, *SHOWN)}
    given = table(tmp_path, "items", ITEMS, ITEM)
    files["items" if module is evaluate else "validation"] = given
    found = chat(module, cfg, output=tmp_path / "out", **files)
    shots = ([], [("Cy 0.", DRAFT)])
    expected = [users_part(WRITE.student(SUBTASK, shown, "Bo ran.")) for shown in shots]
    assert found == [turns_of(template, text, begun=True) for text in expected]


@pytest.mark.parametrize("scorer", ["icl", "loglik"])
def test_scores(tmp_path, template, chat, scorer):
    items = [table(tmp_path, "set", PREFERENCE_SET, ITEM)] if scorer == "icl" else []
    outputs = {f"output_{name}": tmp_path / name for name in ("scores", "question_scores")}
    outputs["output_outputs"] = [tmp_path / "outputs"] if items else []
    drafts = table(tmp_path, "rationales", RATIONALES, SCORED)
    files = {"scorer": f"arte.prefer.scorers.{scorer}", "rationales": drafts, "preference": items}
    found = chat(score_rationales, {"max_tokens": 2}, **files, **outputs)
    if scorer == "icl":
        text = users_part(WRITE.student(SUBTASK, [("Ada kicked.", DRAFT)], "Bo ran."))
        assert found == [turns_of(template, text, begun=True)]
    else:
        text = users_part(WRITE.student(SUBTASK, [], "Ada kicked."))
        assert found == [turns_of(template, text, begun=True, answer=DRAFT)[:-1]]


def test_students_learn_the_turn_and_its_end(tmp_path, template, train):
    prompt = WRITE.student(SUBTASK, [], "Ada kicked.")
    bare = WRITE.instruction("", "Is it so?")
    rows = [
        {"question_id": str(i), "technique": "t", "prompt": text, "completion": DRAFT}
        for i, text in enumerate((prompt, bare))
    ]
    given = table(tmp_path, "train", TRAINING_SET, *rows)
    cfg = {"sft": TRAINED, "chat": {"chat": "on"}}
    seen = train(finetune, finetune.SFTTrainer, cfg, train=given)
    expected = [
        turns_of(template, users_part(prompt), begun=True, answer=DRAFT),
        turns_of(template, "Question: Is it so?", answer=DRAFT),
    ]
    heads = [turns_of(template, users_part(prompt), begun=True)]
    heads.append(turns_of(template, "Question: Is it so?"))
    found = sorted(each["input_ids"][0].tolist() for each in seen)
    assert found == sorted(expected)
    learned = [(each["labels"][0] != -100).sum().item() for each in seen]
    assert sorted(learned) == sorted(len(a) - len(b) for a, b in zip(expected, heads, strict=True))


def test_the_teacher_is_aligned_on_the_prompts_that_it_drafted_for(tmp_path, template, train):
    """Rationales by the template, questions by bare text, as a config may say."""
    naive = WRITE.rationale(SUBTASK, "naive", "Ada kicked.")
    asked = WRITE.question(SUBTASK, [("Cy 0.", "yes")], 5)
    texts = {"chosen": DRAFT, "rejected": "No."}
    rows = [
        {"kind": kind, "question_id": "q", "prompt": text, "margin": 1.0} | texts
        for kind, text in (("rationale", naive), ("question", asked))
    ]
    given = table(tmp_path, "pairs", PAIRS, *rows)
    cfg = {"dpo": TRAINED, "lora": {"r": 2, "target_modules": "all-linear"}, "mode": "lora"}
    cfg |= {"dtype": "float32", "engine": {"backend": "transformers", "dtype": "float32"}}
    cfg |= {"chat": {"rationale": {"chat": "on"}}}
    seen = train(align, align.Trainer, cfg, pairs=given)
    tokenizer = chat_tokenizer(template)
    expected = []
    for answer in texts.values():
        expected.append(turns_of(template, users_part(naive), begun=True, answer=answer))
        expected.append(tokenizer(f"{asked}\n{answer}</s>")["input_ids"])
    found = [
        ids[mask.bool()].tolist()
        for each in seen
        for ids, mask in zip(each["input_ids"], each["attention_mask"], strict=True)
    ]
    assert sorted(found) == sorted(expected)
