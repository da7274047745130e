"""Parsing of model text."""

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arte.core.answers import normalize
from arte.core.forms import KINDS, Form
from arte.core.parse import (
    Extraction,
    ends_in_echo,
    extract,
    in_reasoning,
    is_correct,
    parse_questions,
    same_text,
    tag_answer,
    tag_stated,
    until_next_question,
    without_reasoning,
)
from arte.core.prompts import tagged_question

NORMALISED = [
    ("option", "(B)", "(B)"),
    ("option", "B", "(B)"),
    ("option", " **(b)**. ", "(B)"),
    ("option", "B) two", "(B)"),
    ("option", "(B) person(s) and a dog", "(B)"),
    ("option", "option (C)", "(C)"),
    ("option", "(A) or (B)", None),
    ("option", "(A) or B", None),
    ("option", "A/B", None),
    ("option", "either (A) or (B)", None),
    ("option", "not (A)", None),
    ("option", "Monsters, Inc", None),
    ("option", "A dog", None),
    ("option", "", None),
    ("boolean", "true", "True"),
    ("boolean", '"False".', "False"),
    ("boolean", "not True", None),
    ("boolean", "True or False", None),
    ("yesno", "No, it is not.", "no"),
    ("yesno", "Yes and no", None),
    ("yesno", "nobody", None),
    ("yesno", "True", None),
    ("validity", "invalid", "invalid"),
    ("validity", "valid/invalid", None),
    ("integer", "-7", "-7"),
    ("integer", "−7.", "-7"),
    ("integer", "+007", "7"),
    ("integer", "-0", "0"),
    ("integer", "8 objects", "8"),
    ("integer", "8.5", None),
    ("integer", "3 + 4 = 7", None),
    ("integer", "eight", None),
    ("integer", "٣", None),
    ("text", "  a   b\nc. ", "a b c"),
    ("text", "A b", "A b"),
    ("text", "]))", "] ) )"),
    ("text", "} ] >.", "} ] >"),
    ("text", "...", None),
]


@pytest.mark.parametrize(("answer_type", "text", "expected"), NORMALISED)
def test_normalize(answer_type, text, expected):
    assert normalize(text, Form(answer_type)) == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("So the answer is <ans>(B)</ans>.", ("(B)", "(B)", True)),
        ("<ans>(A)</ans> no, <ans>(B)</ans>", ("(B)", "(B)", True)),
        ("<ans><ans>(B)</ans></ans>", ("(B)", "(B)", True)),
        ("the answer is (A). <ans>(A) or (B)</ans>", (None, None, True)),
        ("So the answer is (B).", (None, "(B)", False)),
        ("The ANSWER IS: **(B)**.", (None, "(B)", False)),
        ("the answer is (A). Wait, the answer is (B).\n(C)", (None, "(B)", False)),
        ("So the answer is <ans>(B)", (None, "(B)", False)),
        ("</ans>(B)<ans>", (None, None, False)),
        ("It is (B).", (None, None, False)),
        ("The correct option is (B).", (None, "(B)", False)),
        ("Answer: (B)", (None, "(B)", False)),
        ("The answer is:\n\n(B)\nbecause", (None, "(B)", False)),
        ("The answer is (B). Option (A) is blue.", (None, "(B)", False)),
        ("The answer is (A) or (B).", (None, None, False)),
        ("so \\boxed{B}", (None, "(B)", False)),
        ("so <ans>(B)", (None, "(B)", False)),
        ("It goes between the tags <ans> and </ans>.", (None, None, False)),
        ("It goes between <ans> and </ans>. The answer is (B).", (None, "(B)", False)),
        ("It goes between <ans> and </ans>. So <ans>(B)</ans>", ("(B)", "(B)", True)),
        ("<ans>(B)</ans>, between the tags <ans> and </ans>", ("(B)", "(B)", True)),
        ("I end in tags, as in <ans>(A)</ans> or <ans>(B)</ans>.", (None, None, False)),
        ("as in <ans>(A)</ans> or <ans>(B)</ans>. So <ans>(C)</ans>", ("(C)", "(C)", True)),
        ("<ans>your answer</ans> <ans></ans> <ans>(C)</ans>", ("(C)", "(C)", True)),
        ("the answer is (B).\n\nQ: next\nA: <ans>(A)</ans>", (None, "(B)", False)),
        ("<ans>(B)</ans>\nQuestion: next <ans>(A)</ans>", ("(B)", "(B)", True)),
        ("", (None, None, False)),
        ("(B)", (None, "(B)", False)),
        (" **B.**\n\nQuestion: next", (None, "(B)", False)),
        ("(A)\n\nSo it is:\n\n(A)", (None, "(A)", False)),
        ("(A)\n\nNo, it is:\n\n(B)", (None, None, False)),
        ("(B)\nas it is blue", (None, None, False)),
        ("(B) blue", (None, None, False)),
    ],
)
def test_extract(output, expected):
    assert extract(output, Form("option")) == Extraction(*expected)


@pytest.mark.parametrize(
    ("kind", "output", "expected"),
    [
        ("yesno", "No", "no"),
        ("yesno", "You return.\n\nYes.", "yes"),
        ("yesno", "- Yes\n- No", None),
        ("yesno", "No, it is not plausible.", None),
        ("yesno", "No one knows", None),
        ("boolean", "True\nFalse", None),
        ("boolean", "**True**", "True"),
        ("integer", "\n\n$1,234", "1234"),
        ("integer", "3\n5\n8", None),
        ("integer", "3 + 5 = 8", None),
        ("integer", "8 apples", None),
        ("validity", "valid", "valid"),
        ("text", "apple", None),
        ("list", "a, b", None),
    ],
)
def test_a_last_line_that_is_nothing_but_an_answer_states_it(kind, output, expected):
    assert extract(output, Form(kind)) == Extraction(None, expected, False)


def test_a_verdict_on_the_argument_is_a_statement_but_a_question_is_none():
    stated = "Is it? We ask whether the argument is valid.\nSo the argument is deductively invalid."
    assert extract(stated, Form("validity")) == Extraction(None, "invalid", False)
    for asked in ("We see if the argument is valid.", "We ask whether the argument is valid."):
        assert extract(asked, Form("validity")) == Extraction(None, None, False)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("I put it between the tags <ans> and </ans>", True),
        ("as in <ans>(A)</ans>", True),
        ("as in <ans>(A)</ans> or <ans>(B)</ans>", True),
        ("between <ans> and </ans> it is <ans>(B)</ans>", False),
        ("between <ans> and </ans>.", False),
        ("So <ans>(B)</ans>", False),
        ("<ans>I do not know</ans>", False),
        ("</ans>", False),
    ],
)
def test_an_output_that_ends_in_an_echo_has_said_nothing_yet(output, expected):
    assert ends_in_echo(output) == expected


def test_both_sides_of_a_comparison_are_normalized():
    assert is_correct("yes", "Yes", Form("yesno"))
    assert is_correct("]))", "] ) )", Form("text"))
    assert not is_correct(None, "Yes", Form("yesno"))


def test_a_published_answer_without_the_form_is_never_met():
    assert not is_correct("Monsters, Inc", "Monsters, Inc", Form("option"))


@pytest.mark.parametrize(
    ("rationale", "expected"),
    [
        ("So the answer is (C).", "So the answer is <ans>(C)</ans>."),
        ("So the answer is a b", "So the answer is <ans>a b</ans>"),
        ("The answer is 1. So the answer is 2.", "The answer is 1. So the answer is <ans>2</ans>."),
        ("So the answer is <ans>2</ans>.", "So the answer is <ans>2</ans>."),
        ("The answer is 2.\nMore.", "The answer is 2.\nMore."),
        ("So the answer is ", "So the answer is "),
        ("No answer", "No answer"),
    ],
)
def test_tag_answer(rationale, expected):
    assert tag_answer(rationale) == expected


def test_rendered_questions_come_back():
    pairs = [("Question: Ada lies. Does Ada lie?", "Yes"), ("b {x}\nc", "No")]
    output = "Sure!\n" + "\n".join(tagged_question(1, *pair) for pair in pairs)
    assert parse_questions(output, Form("yesno")) == (pairs, Counter())


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("chatter", "no question tag"),
        ("<Question_1><input>a</input><target>Yes</target>", "question not closed"),
        ("<Question_1><input>a</input><target>Yes</target></Question_2>", "question not closed"),
        ("<Question_1><input>a<target>Yes</target></Question_1>", "no input and target tags"),
        ("<Question_1><input>a</input><target>Yes</Question_1>", "no input and target tags"),
        ("<Question_1>a</Question_1>", "no input and target tags"),
        (tagged_question(1, " \n", "Yes"), "empty input"),
        (tagged_question(1, "a <ANS>Yes", "Yes"), "tag inside input or target"),
        (tagged_question(1, "a", "Yes</b>"), "tag inside input or target"),
        (tagged_question(1, "a\n Answer: Yes", "Yes"), "prompt line inside input"),
        (tagged_question(1, "a\r\rQuestion: b", "Yes"), "prompt line inside input"),
        (tagged_question(1, "Question: Question: b", "Yes"), "prompt line inside input"),
        (tagged_question(1, "a", "maybe"), "target not of the answer form"),
        (tagged_question(1, "a", "Yes\nbecause"), "target not of the answer form"),
    ],
)
def test_what_is_dropped_is_counted_by_reason(output, reason):
    assert parse_questions(output, Form("yesno")) == ([], Counter({reason: 1}))


@pytest.mark.parametrize(
    "output",
    [
        "<QUESTION_1><Input>a?</Input><Target>Yes</Target></QUESTION_1>",
        "<Question 1>\n<input> a? </input> <target>Yes</target>\n</Question 1>",
        "<Question_x><input>a?</input><target>Yes</target></Question_x>",
        "< question-2 >< input >a?</ input >< target >Yes</target ></ QUESTION_2>",
        "<Question_1><input>a?</input><target>Yes</target></Question>",
    ],
)
def test_tags_in_another_case_with_spaces_or_x_are_read(output):
    assert parse_questions(output, Form("yesno")) == ([("a?", "Yes")], Counter())


@pytest.mark.parametrize(
    "options",
    ["A) x\nB) y", "A. x\nB. y", "A: x\nB: y", "a) x\nb) y", "(a) x\n(b) y", "A)x\nB)y"],
)
def test_options_come_back_lettered_as_published(options):
    output = tagged_question(1, f"Which?\nOptions:\n{options}", "b) y")
    [(question, target)], dropped = parse_questions(output, Form("option"))
    assert question.replace(")x", ") x").replace(")y", ") y") == "Which?\nOptions:\n(A) x\n(B) y"
    assert (target, dropped) == ("(B)", Counter())


def test_options_in_a_line_are_lettered_and_other_brackets_stay():
    output = tagged_question(1, "Which f(a)? Options: A) x B) y", "A")
    expected = [("Which f(a)? Options: (A) x (B) y", "(A)")]
    assert parse_questions(output, Form("option"))[0] == expected
    for question in ("Which?\nOptions:\nB) x\nA) y", "Which?\nOptions:\n- x\n- y"):
        output = tagged_question(1, question, "A")
        assert parse_questions(output, Form("option"))[1] == {"target not among the options": 1}


def test_numeric_targets_come_back_in_the_published_form():
    output = tagged_question(1, "a?", "$70,000")
    assert parse_questions(output, Form("integer"))[0] == [("a?", "70000")]


def test_the_target_must_be_one_of_the_options():
    output = tagged_question(1, "a?\nOptions:\n(A) x\n(B) y", "(C)")
    reason = Counter({"target not among the options": 1})
    assert parse_questions(output, Form("option")) == ([], reason)


def test_a_repeated_question_is_dropped():
    output = tagged_question(1, "Is it a?", "Yes") + tagged_question(2, "is it  A?", "No")
    pairs, dropped = parse_questions(output, Form("yesno"))
    assert (pairs, dropped) == ([("Is it a?", "Yes")], Counter({"duplicate question": 1}))


PIECES = st.sampled_from(
    ["<ans>", "</ans>", "<Question_1>", "</Question_1>", "<input>", "</input>", "<target>", "(A)"]
    + ["</target>", "answer is", ":", "yes", "no", "-7", "Options:", "\nQ:", "\n", " ", "]", "\0"]
    + [
        "{x}",
        "\\boxed{",
        "}",
        "$",
        ",",
        "\\",
        "and",
        "as in ",
        "Answer:",
        "A) ",
        "####",
        "Question:",
        ".",
        "*",
        "\u202e",
        "İ",
        "ſ",
        "\u2003",
    ]
)
HOSTILE = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=30).map("".join)


FORMS = [Form(kind) for kind in KINDS if kind != "regex"]
FORMS += [Form("regex", pattern="[a-z (),-]+", remove="[0-9]", lower=True)]


@settings(max_examples=300, deadline=None)
@given(text=HOSTILE, answer_type=st.sampled_from(FORMS))
def test_no_text_raises_and_normalizing_is_idempotent(text, answer_type):
    found = extract(text, answer_type)
    for answer in (found.strict, found.lenient, normalize(text, answer_type)):
        assert answer is None or normalize(answer, answer_type) == answer
    assert found.strict is None or (found.tagged and found.strict == found.lenient)
    assert tag_answer(tag_answer(text)) == tag_answer(text)


@settings(max_examples=300, deadline=None)
@given(text=HOSTILE, answer_type=st.sampled_from(FORMS))
def test_accepted_questions_cannot_close_their_slot(text, answer_type):
    pairs, dropped = parse_questions(text, answer_type)
    opened = text.lower().count("<question_1>")
    assert len(pairs) + sum(dropped.values()) == max(opened, 1)
    for question, target in pairs:
        again = parse_questions(tagged_question(3, question, target), answer_type)
        assert again == ([(question, target)], Counter())


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "unit",
    ["(", "<ans>", "</ans>", "<ans></ans>", "answer is ", "<Question_1>", "</Question_1>", "0"]
    + ["<Question_1><input></input>", "\nQ", "Options:", " ", "\0", "not ( ", "(A) or ", "-", "."]
    + [
        "<ans> and </ans>",
        "\\boxed{",
        "$",
        "1,000,",
        "answer: ",
        "x = ",
        "or A",
        "Options: A) ",
        "< ",
    ]
    + ["#### ", "as in <ans>(A)</ans> or ", "{", "A)\n", "it is "],
)
@pytest.mark.parametrize("answer_type", [Form("option"), Form("integer"), Form("set")])
def test_a_megabyte_takes_no_more_than_seconds(unit, answer_type):
    text = unit * (MEGABYTE // len(unit)) + "1x"
    start = time.process_time()
    extract(text, answer_type)
    extract(f"<ans>{text}</ans>", answer_type)
    parse_questions(text, answer_type)
    parse_questions(tagged_question(1, text, "(A)"), answer_type)
    tag_answer(text)
    assert time.process_time() - start < 5


def test_same_text_ignores_case_and_white_space():
    assert same_text(" A\n b") == same_text("a B")
    assert same_text("a.") != same_text("a")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("<think>Maybe <ans>(A)</ans>.</think>\n\nSo <ans>(B)</ans>.", "So <ans>(B)</ans>."),
        ("Maybe <ans>(A)</ans>.\n</think>\nSo it is.", "So it is."),  # the template opened it
        ("<think>Maybe <ans>(A)</ans>, and then", ""),
        ("Hm. <think>Maybe.</think> So. <think>No.</think> It is.", "Hm. It is."),
        ("So it is.", "So it is."),
    ],
)
def test_reasoning_is_no_part_of_an_answer(output, expected):
    assert without_reasoning(output) == expected
    assert extract(output, Form("option")) == extract(expected, Form("option"))


def test_questions_within_reasoning_are_none():
    def one(text):
        return f"<Question_1><input>{text}</input><target>yes</target></Question_1>"

    output = f"<think>{one('Is it?')}</think>{one('Was it?')}"
    assert parse_questions(output, Form("yesno"))[0] == [("Was it?", "yes")]


def test_reasoning_lasts_until_it_is_closed():
    assert in_reasoning("<think>Maybe <ans>(A)</ans>")
    assert in_reasoning("<think>no</think> <think>yes")
    assert not in_reasoning("<think>Maybe</think> <ans>(A)</ans>")
    assert not in_reasoning("So it is")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("It is. The answer is no.", "yesno", "It is. The answer is <ans>no</ans>."),
        ("Final answer: (B)", "option", "Final answer: <ans>(B)</ans>"),
        ("**The answer is: (B).**", "option", "**The answer is: <ans>(B)</ans>.**"),
        ("**Answer:** B\n", "option", "**Answer:** <ans>B</ans>\n"),
        ("So\n#### 1,200", "integer", "So\n#### <ans>1,200</ans>"),
        ("So \\boxed{18}.", "integer", "So <ans>\\boxed{18}</ans>."),
        ("I put it between <ans> and </ans>. The answer is no", "yesno", None),
        ("So the argument is invalid.", "validity", "So the argument is <ans>invalid</ans>."),
        ("The answer is no. But it may be yes.", "yesno", ""),
        ("The answer is no.\nGood luck!", "yesno", ""),
        ("The answer is perhaps.", "yesno", ""),
        ("The answer is (A) or (B).", "option", ""),
        ("So <ans>no</ans>. The answer is no.", "yesno", ""),
        ("So <ans>no", "yesno", ""),
        ("It is so.", "yesno", ""),
        ("No", "yesno", "<ans>No</ans>"),
        ("We add.\n\n**18.**\n", "integer", "We add.\n\n**<ans>18</ans>.**\n"),
        ("No\n\nCam Newton converted it.", "yesno", ""),
        ("True\nFalse", "boolean", ""),
        ("apple", "text", ""),
    ],
)
def test_an_answer_that_ends_a_text_can_be_tagged(text, kind, expected):
    if expected is None:
        expected = text.replace("is no", "is <ans>no</ans>")
    form = Form(kind)
    tagged = tag_stated(text, form)
    assert tagged == (expected or text)
    if expected:
        assert extract(tagged, form).strict == extract(text, form).lenient is not None


@given(HOSTILE, st.sampled_from(FORMS))
def test_tagging_a_stated_answer_keeps_what_is_read_and_is_done_once(text, kind):
    before, tagged = extract(text, kind), tag_stated(text, kind)
    assert tag_stated(tagged, kind) == tagged
    if tagged != text and until_next_question(without_reasoning(text)) == text:
        assert extract(tagged, kind).strict == before.lenient
