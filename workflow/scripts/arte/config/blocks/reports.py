"""Evaluation, reports, and how work is spread over jobs."""

from typing import Annotated

from arte.config.blocks.base import Block, Distinct, Integer, Run, key
from arte.config.blocks.preferences import Shots


class Evaluate(Block):
    """Test of the students (§4.2)."""

    shots: Shots = key("numbers of exemplars in the test prompt", "0, 3", min_length=1)
    max_tokens: Integer = key("longest answer (tokens)", ge=1)


class Report(Block):
    """Tables and figures."""

    bin_words: Integer = key("width of a bin of Figure 2 (words)", "25", ge=1)
    consistency_questions: Integer = key(
        "questions per subtask whose drafts Appendix E scores on all validation items; 0 leaves "
        "it out",
        "10",
        ge=0,
    )
    teachers: Annotated[list[Run], Distinct] = key(
        "finished runs of this config with other `seeds.teacher`, pooled with this one in Tables 2 "
        "to 6: intervals then count the teacher's randomness, too"
    )


class Jobs(Block):
    """Over how many jobs a stage's subtasks are spread."""

    respond: Integer = key(
        "jobs per panel model; artifacts do not depend on this or the next four keys", ge=1
    )
    elicit: Integer = key(
        "jobs for draft questions and draft rationales; never more than subtasks", ge=1
    )
    score: Integer = key("jobs for preference scores", ge=1)
    tailor: Integer = key("jobs for tailored questions and rationales", ge=1)
    evaluate: Integer = key("jobs per student", ge=1)


class Plan(Block):
    """What `snakemake plan` assumes."""

    device: str = key(
        "the device that `snakemake plan` assumes, one of `config/throughput.yaml` "
        "([docs/plan.md](../docs/plan.md))",
        "8 × A100 80 GB",
    )
