"""Figure 1 from the DOT that Snakemake prints."""

import io as text_io
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arte.core.errors import ArteError
from arte.report import figure1 as rulegraph
from arte.report import figure1_drawing as rulegraph_figure

FOLDER = Path(__file__).parents[2] / "workflow/rules"
RULES = {str(path): path.read_text() for path in FOLDER.rglob("*.smk")}

DOT = """digraph snakemake_dag {
    node[shape=box, style=rounded];
    edge[penwidth=2, color=grey];
\t0[label = "all", color = "0.03 0.6 0.85", style="rounded"];
\t1[label = "plot_figure2", color = "0.43 0.6 0.85", style="rounded"];
\t2[label = "score_rationales_0", color = "0.48 0.6 0.85", style="rounded"];
\t3[label = "score_rationales_1", color = "0.51 0.6 0.85", style="rounded"];
\t4[label = "draft_rationales_0", color = "0.19 0.6 0.85", style="rounded"];
\t5[label = "generate_bbh", color = "0.19 0.6 0.85", style="rounded"];
\t1 -> 0
\t2 -> 1
\t3 -> 1
\t4 -> 2
\t4 -> 3
\t4 -> 1
\t5 -> 4
\t5 -> 1
}
"""

EDGES = {
    ("generate_bbh", "draft_rationales"),
    ("generate_bbh", "plot_figure2"),
    ("draft_rationales", "score_rationales"),
    ("draft_rationales", "plot_figure2"),
    ("score_rationales", "plot_figure2"),
}
CHAIN = EDGES - {("generate_bbh", "plot_figure2"), ("draft_rationales", "plot_figure2")}


def test_shards_are_one_rule_and_the_target_is_none():
    names, edges = rulegraph.parse(DOT, "here")
    assert "score_rationales_1" in names
    assert rulegraph.merged(edges) == EDGES


def test_implied_arrows_are_left_out():
    assert rulegraph.reduced(EDGES) == CHAIN


@settings(deadline=None)  # cores may be shared
@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda e: e[0] < e[1])))
def test_leaving_arrows_out_keeps_what_comes_after_what(numbers):
    edges = {(str(a), str(b)) for a, b in numbers}
    kept = rulegraph.reduced(edges)
    assert kept <= edges
    assert {r: s for r, s in rulegraph.reachable(edges).items() if s} == {
        r: s for r, s in rulegraph.reachable(kept).items() if s
    }


def test_a_cycle_keeps_its_arrows():
    edges = {("a", "b"), ("b", "c"), ("c", "a")}
    assert rulegraph.reduced(edges) == edges


def test_arrows_back_from_a_further_round_are_not_drawn():
    stage = {"draft": "elicit", "score": "prefer", "align": "align", "finetune": "finetune"}
    round1 = {("draft", "score"), ("score", "align"), ("align", "finetune")}
    round2 = {("align", "draft"), ("finetune", "score")}
    assert rulegraph.onward(round1 | round2, stage) == round1
    assert rulegraph.onward(round1, stage) == round1


def test_stages_come_from_the_rule_files():
    patterns = rulegraph.stages(RULES)
    stages = {
        "generate_bbh": "data",
        "train_nano_student": "nano",
        "draft_questions_0": "elicit",
        "collect_responses_3": "prefer",
        "score_rationales_12": "prefer",
        "align_teacher": "align",
        "tailor_rationales_1": "tailor",
        "finetune_student": "finetune",
        "evaluate_student_0": "evaluate",
        "make_table": "report",
        "plot_figure1": "report",
    }
    assert {rule: rulegraph.stage_of(rule, patterns) for rule in stages} == stages


def test_a_rule_of_no_file_is_an_error():
    with pytest.raises(ArteError, match="rule draft_questions"):
        rulegraph.stage_of("draft_questions", rulegraph.stages({"data/x.smk": "rule draft:"}))


@pytest.mark.parametrize("text", ["", "Nothing to be done.", '0[label = "a"]\n0 -> 1\n'])
def test_text_that_is_no_rule_graph_is_an_error(text):
    with pytest.raises(ArteError, match="snakemake --rulegraph dot"):
        rulegraph.parse(text, "here")


def test_a_rule_stands_below_those_of_its_stage_that_it_needs():
    edges = {("c", "b"), ("b", "a"), ("c", "d")}
    stage = dict.fromkeys("abcd", "prefer")
    ((name, rules),) = rulegraph.columns(list("abcd"), edges, stage)
    assert name == "prefer"
    assert all(rules.index(first) < rules.index(second) for first, second in edges)


def test_what_gathers_many_rules_of_its_stage_has_a_column_of_its_own():
    edges = {(part, "whole") for part in "abc"} | {("whole", "page")}
    stage = dict.fromkeys([*"abc", "whole", "page"], "report")
    placed = rulegraph.columns(list(stage), edges, stage)
    assert placed == [("report", ["a", "b", "c"]), ("report", ["whole", "page"])]


def test_long_arrows_pass_below_the_boxes_between_and_keep_apart():
    columns = [("data", ["a", "b"]), ("elicit", ["c", "d", "e"]), ("report", ["f", "g"])]
    at = rulegraph_figure.boxes(columns)
    found = rulegraph_figure.lanes([("a", "f"), ("b", "g"), ("c", "f")], at)
    assert set(found) == {("a", "f"), ("b", "g")}
    heights = sorted(found.values())
    assert heights[0] >= at["e"].y + rulegraph_figure.HEIGHT / 2 + rulegraph_figure.LANE
    assert heights[1] - heights[0] >= 0.99 * rulegraph_figure.LANE


def test_every_stage_has_a_head():
    assert set(rulegraph_figure.HEADS) == set(rulegraph.STAGES)


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("fit_irt", "fit irt"),
        ("assemble_training_set", "assemble\ntraining set"),
        ("averyverylongword", "averyverylongword"),
    ],
)
def test_long_names_have_two_lines(rule, lines):
    assert rulegraph_figure.wrapped(rule) == lines


def test_the_command_writes_the_same_bytes_each_time(tmp_path, monkeypatch):
    rules = [str(path) for path in FOLDER.rglob("*.smk")]
    written = []
    for run in ("first", "second"):
        outputs = [tmp_path / run / f"figure1.{suffix}" for suffix in ("pdf", "png", "csv")]
        monkeypatch.setattr(sys, "argv", ["r", "--rules", *rules, "--output", *map(str, outputs)])
        monkeypatch.setattr(sys, "stdin", text_io.StringIO(DOT))
        rulegraph.main()
        written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]
    lines = written[0][2].decode().splitlines()
    assert lines[0] == "from,from_stage,to,to_stage,drawn"
    assert "generate_bbh,data,plot_figure2,report,false" in lines
    assert len(lines) == 1 + len(EDGES)


@pytest.mark.parametrize("back", [True, False])
def test_a_further_round_is_told_below_the_figure(back, tmp_path, monkeypatch):
    dot = DOT.replace("}\n", '\t6[label = "align_teacher"];\n\t2 -> 6\n}\n')
    if back:
        dot = dot.replace("\t2 -> 6\n", "\t2 -> 6\n\t6 -> 4\n")
    told = []
    real = rulegraph_figure.figure
    monkeypatch.setattr(
        rulegraph_figure, "figure", lambda *a, **k: told.append(k["rounds"]) or real(*a, **k)
    )
    rules = [str(path) for path in FOLDER.rglob("*.smk")]
    output = tmp_path / "figure1.csv"
    picture = str(tmp_path / "figure1.png")
    monkeypatch.setattr(sys, "argv", ["r", "--rules", *rules, "--output", str(output), picture])
    monkeypatch.setattr(sys, "stdin", text_io.StringIO(dot))
    rulegraph.main()
    assert told == [back]
    lines = output.read_text().splitlines()
    assert ("align_teacher,align,draft_rationales,elicit,false" in lines) == back
