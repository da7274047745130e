"""Answers as language models write them, and the published answers in such forms."""

import json
import re
from pathlib import Path

import pytest
from declared import OOD, SUBTASKS
from hypothesis import given
from hypothesis import strategies as st

from arte.core.answers import normalize, same_answer
from arte.core.forms import KINDS, Form
from arte.core.parse import extract, is_correct
from arte.data import ood
from arte.tasks.items import rationale

DATA = Path(__file__).parents[3] / "shared/data"
GSM8K = DATA / "gsm8k/test.jsonl"
BBH = DATA / "bbh"

SAME_NUMBER = [
    ("18", "$18 \\$18 US$18 €18 18€ £18 ¥18 $18$ 18.00 18.0 $18.00 **18** 18% (18) [18] =18 +18"),
    ("-1234", "-1,234 −1,234 –1234 -$1,234 $-1,234.00 ﹣1234"),
    ("70000", "70,000 $70,000.00 70{,}000 70,\\!000 70\u2009000 70\u202f000 070000"),
    ("1234567", "1,234,567 1\u00a0234\u00a0567"),
    ("0", "0 -0 0.00 $0"),
]
OTHER_FORMS = [
    ("integer", "- 18", "-18"),
    ("integer", "– 18", "-18"),
    ("integer", "minus 18", "-18"),
    ("integer", "= $18 per day", "18"),
    ("integer", "x = 7", "7"),
    ("integer", "18 dollars.", "18"),
    ("integer", "8 m²", "8"),
    ("integer", "8 cm^2", "8"),
    ("integer", "8 m3", "8"),
    ("integer", r"\boxed{8 \text{ cm}^2}", "8"),
    ("integer", r"\boxed{8", "8"),
    ("integer", "**Answer**: 8", "8"),
    ("integer", "１８", "18"),
    ("integer", r"$\boxed{70{,}000}$", "70000"),
    ("integer", r"\boxed{18\text{ dollars}}", "18"),
    ("integer", "**Final answer:** $18", "18"),
    ("option", "(A", "(A)"),
    ("option", "A - blue", "(A)"),
    ("option", "a) red", "(A)"),
    ("option", "[A]", "(A)"),
    ("option", r"$\boxed{\text{B}}$", "(B)"),
    ("option", "**Answer:** (A) red", "(A)"),
    ("option", "The correct option is (B).", "(B)"),
    ("option", "So the answer is: (B)", "(B)"),
    ("option", "(D) all of B and C", "(D)"),
    ("option", "(D) both (B) and (C)", "(D)"),
    ("option", "(B) salt, and A", "(B)"),
    ("option", "( B )", "(B)"),
    ("option", "{B}", "(B)"),
    ("option", "(B.)", "(B)"),
    ("option", "((B))", "(B)"),
    ("option", "B!", "(B)"),
    ("option", "B,", "(B)"),
    ("option", "（B）", "(B)"),
    ("option", r"\boxed{B}$", "(B)"),
    ("option", r"\boxed{\text{B", "(B)"),
    ("boolean", r"= \text{False}", "False"),
    ("boolean", "(True)", "True"),
    ("yesno", "[no]", "no"),
    ("validity", "(valid)", "valid"),
    ("yesno", "The answer is yes, it is.", "yes"),
    ("validity", "deductively valid", "valid"),
    ("validity", "The argument is invalid.", "invalid"),
    ("validity", "The argument is deductively valid", "valid"),
    ("text", "ant, bee, cow.", "ant bee cow"),
    ("text", "], ), )", "] ) )"),
    ("text", "Answer: ant bee", "ant bee"),
]
NO_ANSWER = {
    "integer": ["8.5", "18.05", "3 + 4 = 7", "12,34", "1,2345", "1234,567", "70 000", "70k"]
    + [
        "2 million",
        "8 or nine",
        "8 and a half",
        "8½",
        "8²",
        "1/2",
        "18 19",
        "--5",
        "5-3",
        "about 8",
    ]
    + ["$", "-", "18 or 19", "$18 or $19", "4 to 5", "eight"]
    + ["$18M", "£5m", "$5 b", "18M", "18 bn", "3 lakh", "18 squared", "2π", r"2\pi"]
    + ["18+", "18-ish", "18 x2", "8 cm^4", "18e2 m"],
    "option": [
        "(A) or (B)",
        "(A) or B",
        "(A), B",
        "(A) and B",
        "A/B",
        "A or B",
        "a) or b)",
        "A - B",
        "(A) or maybe B",
        "(A) and perhaps B",
        "A. or B.",
        "(A); B",
        "(A)|(B)",
        "(A) + B",
    ]
    + ["(A or B)", "[A, B]", "(not A)", "（A）或（B）", "((A) or (B))", "B?"]
    + ["Option A or option B", "(A) red or (B) blue", "(A) red or B", "either A or B", "(A) & (B)"]
    + [r"\boxed{A} or \boxed{B}", "not (A)", "A dog", "blue", "The answer is not (A)"],
    "validity": ["valid or invalid", "not valid", "The argument is not valid"],
    "boolean": ["True or False", "not True", "(True or False)"],
    "yesno": ["yes and no", "maybe yes", "(yes/no)"],
    "text": ["", "...", r"\boxed{}"],
}


@pytest.mark.parametrize(("number", "forms"), SAME_NUMBER)
def test_a_number_is_the_same_in_every_form(number, forms):
    for form in forms.split(" "):
        assert normalize(form, Form("integer")) == number, form


@pytest.mark.parametrize(("answer_type", "text", "expected"), OTHER_FORMS)
def test_a_form_that_models_write_is_read(answer_type, text, expected):
    assert normalize(text, Form(answer_type)) == expected


@pytest.mark.parametrize(("answer_type", "texts"), NO_ANSWER.items())
def test_a_hedge_and_another_number_are_no_answer(answer_type, texts):
    for text in texts:
        assert normalize(text, Form(answer_type)) is None, text
        assert extract(f"<ans>{text}</ans>", Form(answer_type)).strict is None, text


LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQR")
FRAMES = st.sampled_from(["({})", "[{}]", "Option {}", "option ({})", r"\boxed{{{}}}", "**({})**"])
JOINTS = st.sampled_from([" or ", "/", " / ", " or maybe ", " or rather "])


@given(LETTERS, LETTERS, FRAMES, JOINTS)
def test_two_options_are_never_one_answer(first, second, frame, joint):
    hedge = frame.format(first) + joint + frame.format(second)
    expected = f"({first})" if first == second else None
    assert normalize(hedge, Form("option")) in {None, expected}


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), JOINTS)
def test_two_numbers_are_never_one_answer(first, second, joint):
    assert normalize(f"{first}{joint}{second}", Form("integer")) is None


@given(st.integers(-(10**12), 10**12), st.sampled_from(["", "$", "€", "₹"]), st.integers(0, 3))
def test_every_number_is_read_with_separators_currency_and_zeros(number, currency, zeros):
    point = "." + "0" * zeros if zeros else ""
    written = f"{'-' if number < 0 else ''}{currency}{abs(number):,}{point}"
    assert normalize(written, Form("integer")) == str(number)


def test_wrappings_deeper_than_any_model_writes_are_no_answer():
    assert normalize("(" * 5 + "4" + ")" * 5, Form("integer")) == "4"
    assert normalize("(" * 50 + "4" + ")" * 50, Form("integer")) is None


WRAPPINGS = [
    "<ans>{}</ans>",
    "So the answer is <ans>{}</ans>.",
    "<ans> {}. </ans>",
    "<ans>**{}**</ans>",
    "<ans>`{}`</ans>",
    "<ans>Answer: {}</ans>",
    "<ans>The answer is {}.</ans>",
    r"<ans>\boxed{{{}}}</ans>",
    r"<ans>$\text{{{}}}$</ans>",
    "I put it between the tags <ans> and </ans>.\nAnswer: <ans>{}</ans>",
    "First <ans>(Z) 99</ans>, no:\n<ans>{}</ans>\n\nQuestion: next? <ans>(A) 7 yes</ans>",
    "**Final Answer:**\n<ans>\n{}\n</ans>",
]
STATEMENTS = [
    "So the answer is {}.",
    "**Answer:** {}",
    "Final answer: {}",
    "The answer is:\n\n{}",
    r"Hence \boxed{{{}}}.",
    "#### {}",
    "So <ans>{}",
    "**Answer**: {}",
    r"Final Answer: The final answer is $\boxed{{{}}}$. I hope it is correct.",
]


@pytest.mark.skipif(not BBH.is_dir(), reason="needs the published BBH files in ../shared/data/bbh")
@pytest.mark.parametrize("subtask", SUBTASKS)
def test_published_bbh_answers_are_read_in_twelve_wrappings_and_nine_statements(subtask):
    kind = SUBTASKS[subtask].answer_type
    examples = json.loads((BBH / f"{subtask}.json").read_text(encoding="utf-8"))["examples"]
    golds = {example["target"] for example in examples}
    # three of BBH's golds are an option's text instead of its letter: nothing may equal them
    unreadable = {gold for gold in golds if normalize(gold, kind) is None}
    assert all(kind.kind == "option" and not gold.startswith("(") for gold in unreadable)
    for gold in golds - unreadable:
        canonical = normalize(gold, kind)
        assert canonical == gold or kind.kind == "yesno"
        for wrapping in WRAPPINGS:
            found = extract(wrapping.format(gold), kind)
            assert found == (canonical, canonical, True), wrapping.format(gold)
            assert is_correct(found.strict, gold, kind)
        for statement in STATEMENTS:
            found = extract(statement.format(gold), kind)
            assert found == (None, canonical, False), statement.format(gold)


FORMS = ("${:,}", "${:,}.00", "{} dollars", r"\boxed{{{:,}}}", "= {}", "**{}**", "({})")


@pytest.mark.skipif(not GSM8K.is_file(), reason="needs GSM8K's test file in ../shared/data/gsm8k")
def test_published_gsm8k_answers_and_solutions_are_read():
    rows = [json.loads(line) for line in GSM8K.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 1319
    money = thousands = 0
    for row in rows:
        item = ood.read_gsm8k(row)
        published = row["answer"].rpartition("####")[2].strip()
        assert (
            normalize(published, Form("integer"))
            == normalize(item.answer, Form("integer"))
            == item.answer
        )
        thousands += len(item.answer) > 3
        # the published text is what other harnesses read
        assert extract(row["answer"], Form("integer")) == (None, item.answer, False)
        assert extract(rationale(item), Form("integer")).strict == item.answer
        for form in FORMS:
            written = form.format(int(item.answer))
            assert extract(f"<ans>{written}</ans>", Form("integer")).strict == item.answer
            said = f"{item.solution}\nThe answer is {written}."
            assert extract(said, Form("integer")) == (None, item.answer, False), said
        amounts = re.findall(r"\$\s?-?[0-9][0-9,]*(?:\.[0-9]+)?", item.solution.splitlines()[-1])
        if amounts:
            money += 1
            value = float(re.sub(r"[$,\s]", "", amounts[-1]))
            expected = str(int(value)) if value.is_integer() else None
            assert extract(f"<ans>{amounts[-1]}</ans>", Form("integer")).strict == expected
    assert (money > 300, thousands > 100) == (True, True)


def test_every_answer_type_is_covered():
    kinds = {subtask.answer_type.kind for subtask in (*SUBTASKS.values(), *OOD.values())}
    assert kinds < set(KINDS)
    assert kinds == set(NO_ANSWER)


DECIMAL = Form("decimal", tolerance=0.01)
CLOCK = Form("regex", pattern="[0-9]{1,2}:[0-9]{2}", remove="o'clock|[ .]", lower=True)
NEW_FORMS = [
    (DECIMAL, "3.50", "3.5"),
    (DECIMAL, "$1,234.5", "1234.5"),
    (DECIMAL, "x = -0.20 m", "-0.2"),
    (DECIMAL, "1.5e3", "1500"),
    (DECIMAL, ".5", "0.5"),
    (DECIMAL, "-0.0", "0"),
    (DECIMAL, "007", "7"),
    (DECIMAL, "3.5 or 4", None),
    (DECIMAL, "1/2", None),
    (DECIMAL, "about 3", None),
    (Form("list"), '[Ant, "Bee" and cat]', "ant, bee, cat"),
    (Form("list"), "bee; ant", "bee, ant"),
    (Form("list"), "the answer is: red", "red"),
    (Form("list"), "[]", None),
    (Form("set"), "{b, a, B}", "a, b"),
    (Form("set"), "x, and y", "x, y"),
    (CLOCK, "10:30 O'clock", "10:30"),
    (CLOCK, "Answer: 9:05", "9:05"),
    (CLOCK, "half past nine", None),
    (CLOCK, "10:30 or 11:30", None),
    (Form("regex", pattern=".*"), "a" * 501, None),
]


@pytest.mark.parametrize(("form", "text", "expected"), NEW_FORMS)
def test_forms_of_tasks_of_ones_own_are_read(form, text, expected):
    assert normalize(text, form) == expected


def test_decimals_are_equal_up_to_the_tolerance_and_no_further():
    assert same_answer("3.14", "3.15", DECIMAL)
    assert not same_answer("3.14", "3.151", DECIMAL)
    assert not same_answer("3.14", "3.15", Form("decimal"))
    assert is_correct("3.5", "3.509", DECIMAL)
    assert not is_correct("3.5", "three", DECIMAL)
    assert is_correct("b, a", "[A, B]", Form("set"))
    assert not is_correct("b, a", "[A, B]", Form("list"))
