"""Claims are checked against the tables when the workflow is parsed."""

import pytest
import yaml
from configs import DEFAULT, ROOT, at, merged, preset

from arte.config.check import checked
from arte.config.wrong import ConfigError
from arte.report.claims.listed import read
from arte.report.claims.needed import lacking, needed

FILE = ROOT / "config/claims.yaml"
CLAIMS = read(FILE)
GOOD = {
    "section": "§4.2",
    "statement": "It helps.",
    "table": "table2",
    "arms": ["arte"],
    "against": ["original_teacher"],
    "columns": ["BBH"],
    "shots": 0,
    "above": 0,
}


def written(tmp_path, **changes):
    claim = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"mine": claim}))
    return path


def refused(tmp_path, **changes):
    with pytest.raises(ConfigError) as caught:
        read(written(tmp_path, **changes))
    (error,) = caught.value.errors
    assert "claim mine" in error.where
    return error


def test_every_part_of_the_paper_has_claims():
    assert len(CLAIMS) >= 20
    sections = " ".join(claim.section for claim in CLAIMS.values())
    for part in ("Abstract", "§4.2", "§5.1", "§5.2", "Insight 1", "Insight 2", "App. E"):
        assert part in sections
    assert read(FILE) == CLAIMS


def test_a_good_claim_is_read(tmp_path):
    assert read(written(tmp_path))["mine"].above == 0


@pytest.mark.parametrize(
    ("changes", "found", "remedy"),
    [
        ({"table": "table8"}, "'table8'", "head of the file"),
        ({"arms": ["art"]}, "'art'", "did you mean arte?"),
        ({"against": ["original_techer"]}, "'original_techer'", "did you mean original_teacher?"),
        ({"against": "best"}, "'best'", "name one of them"),
        ({"columns": ["BBH-Maths"]}, "'BBH-Maths'", "did you mean BBH-Math?"),
        ({"abov": 1}, "'abov'", "did you mean above?"),
        ({"within": 1}, "", "head of the file"),
        ({"above": ...}, "", "head of the file"),
        ({"shots": ...}, "", "head of the file"),
        ({"measure": "same_best"}, "", "head of the file"),
        ({"table": ..., "arms": ..., "against": ..., "columns": ..., "shots": ...}, "", "head"),
        ({"above": "much"}, "'much'", "head of the file"),
        ({"table": "figure2"}, "", "head of the file"),
        ({"table": "contamination"}, "", "head of the file"),
        # Table 2 compares question_only with arte and with rationale_only, not the other way.
        ({"arms": ["tulu_v2"], "against": ["arte"]}, "tulu_v2 against arte", "specs.py"),
        ({"against": ["question_only"], "columns": ["BBH-CS"]}, "column BBH-CS", "specs.py"),
    ],
)
def test_a_wrong_claim_is_refused_with_what_to_do(tmp_path, changes, found, remedy):
    error = refused(tmp_path, **changes)
    assert found in error.found
    assert remedy in error.remedy


FULL, PAPER = preset("full"), preset("paper")


def test_a_claim_needs_its_own_arms_and_subtasks_only():
    (logic,) = needed(CLAIMS["margin_logic"], FULL)
    assert set(logic.arms) == {"arte", "gpt4_llm", "tulu_v2", "wizardlm", "openorca"}
    assert logic.subtasks == ["web_of_lies"]
    (transfer, *_) = needed(CLAIMS["transfer_three_shot"], FULL)
    assert {arm.partition("-")[0] for arm in transfer.arms} == {
        "transfer_original",
        "transfer_aligned",
    }
    assert "commonsense_qa" not in {
        name for each in needed(CLAIMS["transfer_three_shot"], FULL) for name in each.subtasks
    }


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("unseen_benchmarks_hard", {}, "ood.benchmarks names no benchmark"),
        ("transfer_zero_shot", {}, "ood.transfer names no benchmark"),
        ("other_students_zero_shot", {}, "roles.unseen names no student"),
        ("preference_set_best", {}, "report.consistency_questions is 0"),
        ("margin_math", at("data.subtasks", ["web_of_lies"]), "nothing of BBH-Math is tested"),
        ("task_consistent", at("arms.task_consistent", None), "no arm task_consistent"),
        ("cost", {}, ""),
        ("contamination", {}, ""),
        ("length_correlation", at("data.subtasks", ["web_of_lies"]), "nothing of boolean_expre"),
        ("length_correlation", at("data.subtasks", ["boolean_expressions"]), ""),
        ("margin_math", {}, ""),
    ],
)
def test_why_a_run_cannot_test_a_claim(name, changes, reason):
    assert reason in lacking(CLAIMS[name], checked(merged(DEFAULT, changes)))
    if not reason:
        assert lacking(CLAIMS[name], checked(DEFAULT)) == ""


def test_claims_on_one_model_are_about_that_model():
    (larger,) = needed(CLAIMS["larger_student_zero_shot"], PAPER)
    assert larger.students == ["gemma_7b"]
    (others,) = needed(CLAIMS["other_students_zero_shot"], PAPER)
    assert others.students == ["qwen1_5_1_8b"]
    assert lacking(CLAIMS["larger_student_zero_shot"], FULL) == (
        "no student here is google/gemma-7b"
    )
