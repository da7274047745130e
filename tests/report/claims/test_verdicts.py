"""Verdicts follow from the tables' intervals and from nothing else."""

import json
import sys

import polars as pl
import pytest
from predicted import PUBLISHED, PUBLISHED_FILE, predictions

from arte.report import render, tables
from arte.report.bbh import table2
from arte.report.claims import claim as command
from arte.report.claims.listed import Claim, read
from arte.report.claims.measured import Part, parts
from arte.report.claims.verdicts import judge

BASE = {"section": "§4.2", "statement": "s"}
TABLE2 = BASE | {"table": "table2", "arms": ["arte"], "columns": ["BBH"], "shots": 0}


def claim(**keys):
    return Claim.model_validate(TABLE2 | {"against": ["original_teacher"]} | keys)


def part(low, high, mde=None):
    return Part("a − b, BBH", value=(low + high) / 2, low=low, high=high, mde=mde)


@pytest.mark.parametrize(
    ("keys", "low", "high", "verdict"),
    [
        ({"above": 0}, 0.1, 4.0, "supported"),
        ({"above": 0}, 0.0, 4.0, "not decided"),  # the bound itself is inside the interval
        ({"above": 0}, -4.0, -0.1, "contradicted"),
        ({"above": 0}, -4.0, 0.0, "not decided"),
        ({"above": -2}, -1.9, 3.0, "supported"),  # not worse by more than two points
        ({"above": -2}, -9.0, -2.1, "contradicted"),
        ({"below": 1}, -3.0, 0.9, "supported"),
        ({"below": 1}, 1.1, 2.0, "contradicted"),
        ({"below": 1}, 0.5, 2.0, "not decided"),
        ({"within": 1}, -0.9, 0.9, "supported"),
        ({"within": 1}, -0.9, 1.1, "not decided"),  # wide: no proof of likeness
        ({"within": 1}, 1.1, 5.0, "contradicted"),
        ({"within": 1}, -5.0, -1.1, "contradicted"),
    ],
)
def test_one_difference(keys, low, high, verdict):
    assert judge(claim(**keys), [part(low, high)]).verdict == verdict


def test_all_differences_of_a_claim_must_hold():
    above = claim(above=0)
    yes, no, open_, absent = part(1, 2), part(-2, -1), part(-1, 1, mde=2.8), Part("c", missing="x")
    cases = {
        "supported": [[yes, yes]],
        "contradicted": [[yes, no], [no, absent], [open_, no]],
        "not decided": [[yes, open_], [yes, absent]],
        "not testable here": [[absent, absent]],
    }
    for verdict, lists in cases.items():
        for each in lists:
            assert judge(above, each).verdict == verdict
    assert "less than 2.8 points may stay unseen" in judge(above, [yes, open_]).why
    assert "1 of 2 are not testable here: x" in judge(above, [yes, absent]).why
    assert judge(above, [absent, absent]).why == "x"


SIMULATED = predictions(seeds=(0, 1), sizes={"web_of_lies": 12, "hyperbaton": 9})


@pytest.fixture(scope="module")
def table():
    """Table 2 of simulated predictions."""
    return table2(SIMULATED, PUBLISHED, {"student": "nano"})


def test_numbers_are_those_of_the_table(table):
    frame = table.differences
    (found,) = parts(claim(above=0), {"table2": frame}, {"nano": ""})
    row = frame.filter(
        shots=0, arm="arte", reference="original_teacher", column="BBH", average="micro"
    ).row(0, named=True)
    for name, column in (("value", "difference"), ("low", "low"), ("high", "high"), ("mde", "mde")):
        assert getattr(found, name) == row[column]
    assert found.printed == pytest.approx(41.96 - 37.55)


@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        ({"shots": 5, "above": 0}, "evaluate.shots has no 5"),
        ({"columns": ["BBH-Math"], "above": 0}, "nothing of BBH-Math is tested here"),
        ({"against": ["rationale_only"], "above": 0}, "this run has no arm rationale_only"),
        ({"arms": ["tulu_v2"], "above": 0}, "this run has no arm tulu_v2"),
    ],
)
def test_what_is_missing_is_named(table, keys, missing):
    (found,) = parts(claim(**keys), {"table2": table.differences}, {"nano": ""})
    assert found.missing == missing
    assert judge(claim(**keys), [found]).verdict == "not testable here"


def test_a_claim_that_no_run_tests_says_why():
    untested = Claim.model_validate(BASE | {"untested": "no scale for it"})
    judged = judge(untested, parts(untested, {}, {}))
    assert (judged.verdict, judged.why) == ("not testable here", "no scale for it")


def consistency(x, n):
    low, high = (0.5, 0.9)
    row = {"subtask": "total", "reference": "all items", "measure": "same_best", "x": x, "n": n}
    return pl.DataFrame(
        [row | {"share": x / n if n else None, "low": low, "high": high, "printed": 93.3}]
    )


def test_a_share_of_appendix_e_is_in_percent():
    keys = {"table": "consistency", "measure": "same_best"}
    least = {bound: Claim.model_validate(BASE | keys | {"above": bound}) for bound in (49, 60, 91)}
    found = parts(least[49], {"consistency": consistency(28, 40)}, {})
    assert (found[0].value, found[0].low, found[0].high) == (70, 50, 90)
    verdicts = [judge(each, found).verdict for each in least.values()]
    assert verdicts == ["supported", "not decided", "contradicted"]
    (none,) = parts(least[49], {"consistency": consistency(0, 0)}, {})
    assert none.missing == "no question has a pair"


def test_a_correlation_of_figure_2_is_one_of_its_subtask():
    keys = {"table": "figure2", "columns": ["boolean_expressions", "snarks"], "within": 0.2}
    asked = Claim.model_validate(BASE | keys)
    rows = [("boolean_expressions", 0.05, -0.05, 0.15), ("snarks", -0.31, -0.4, -0.21)]
    rows += [("navigate", None, None, None)]
    schema = ["subtask", "correlation", "low", "high"]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    found = parts(asked, {"figure2": frame}, {})
    assert [each.value for each in found] == [0.05, -0.31]
    judged = judge(asked, found)
    assert [verdict for _, verdict in judged.parts] == ["supported", "contradicted"]
    assert judged.verdict == "contradicted"
    text = render.markdown(command.document(command.frame({"mine": judged}, {"mine": asked})))
    assert "-0.31 [-0.40, -0.21]" in text
    others = Claim.model_validate(BASE | keys | {"columns": ["navigate", "hyperbaton"]})
    missing = [each.missing for each in parts(others, {"figure2": frame}, {})]
    assert missing == [
        "navigate has one question, length or score alone",
        "nothing of hyperbaton is tested here",
    ]


def test_a_table_of_the_arms_that_a_claim_needs_has_the_same_differences(table):
    """So that `claim_<id>`, which makes only these, gives the verdict of the whole run."""
    whole = table.differences
    some = SIMULATED.filter(pl.col("arm").is_in(["arte", "original_teacher"]))
    alone = table2(some, PUBLISHED, {"student": "nano"}).differences
    same = ["shots", "column", "average", "difference", "low", "high", "mde", "published"]
    pair = {"arm": "arte", "reference": "original_teacher", "holm_over": "arms"}
    assert alone.filter(**pair).select(same).equals(whole.filter(**pair).select(same))


def test_the_command_writes_one_row_per_comparison(table, monkeypatch, tmp_path):
    made = tmp_path / "table2_differences.csv"
    tables.write(table, [str(made)])
    file = tmp_path / "claims.yaml"
    file.write_text(PUBLISHED_FILE.with_name("claims.yaml").read_text())
    wanted = {"original_teacher_zero_shot": "", "ablations_zero_shot": "", "cost": ""}
    cfg = {"claims": wanted | {"transfer_zero_shot": "no benchmark"}, "students": {"nano": ""}}
    outputs = [tmp_path / "claims.csv", tmp_path / "claims.md"]
    argv = ["claim", "--cfg", json.dumps(cfg), "--claims", str(file), "--tables", str(made)]
    monkeypatch.setattr(sys, "argv", [*argv, "--output", *map(str, outputs)])
    command.main()
    rows = pl.read_csv(outputs[0])
    assert dict(rows.group_by("claim").len().rows()) == {
        "original_teacher_zero_shot": 1,
        "ablations_zero_shot": 2,
        "cost": 1,
        "transfer_zero_shot": 1,
    }
    order = rows["claim"].unique(maintain_order=True).to_list()
    assert order == [name for name in read(file) if name in order]  # not the alphabet's
    text = outputs[1].read_text()
    assert text.startswith("# The paper's claims: ")
    assert "2 not testable here" in text.splitlines()[0]
    assert "snakemake --cores 2 claim_<claim>" in " ".join(text.split())
    claims = read(file)
    for name in wanted:
        assert claims[name].statement in text.replace(r"\|", "|")


def test_an_empty_tables_list_is_enough_where_nothing_can_be_tested():
    claims = {"mine": claim(above=0)}
    judged = {"mine": judge(claims["mine"], parts(claims["mine"], {}, {}, "no arms"))}
    text = render.markdown(command.document(command.frame(judged, claims)))
    assert "not testable here" in text
    assert "## Comparisons" not in text
