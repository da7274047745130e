"""What a model must write in its first calls, or the run stops."""

from arte.config.blocks.base import Block, Integer, Number, key


class Gates(Block):
    """Limits on the first calls of every job that drafts, tailors or scores."""

    calls: Integer = key(
        "first calls of a subtask that are judged: question calls, questions with all their "
        "rationales, questions whose drafts are scored; 0: no gates",
        ge=0,
    )
    questions: Number = key(
        "least share of usable questions among those asked for, in every subtask", ge=0, le=1
    )
    tagged: Number = key(
        "least share of rationales with a tagged answer of the right form, in every subtask",
        ge=0,
        le=1,
    )
    cut_off: Number = key(
        "highest share of rationales that the token limit cut off, in every subtask", ge=0, le=1
    )
    answers: Number = key(
        "least share of tagged answers of the right form among the student's, over the subtasks "
        "of a job",
        ge=0,
        le=1,
    )
    distinct_scores: Integer = key(
        "least number of different scores among the drafts judged, over the subtasks of a job",
        ge=0,
    )
