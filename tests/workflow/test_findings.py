"""docs/findings.md: complete, counted right, and each test that it names is there."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/findings.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\S+(?: \d+)?) \| (.+) \| (fixed|refused|left) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)


def numbers(letter: str, last: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, last + 1)]


def test_every_finding_has_an_answer():
    method = [*numbers("B", 2), *numbers("M", 12), *numbers("minor ", 12)]
    users = [*numbers("B", 4), *numbers("M", 16), *numbers("m", 16)]
    assert [number for number, *_ in ROWS] == [*numbers("F", 25), *method, *users]


def test_the_counts_are_those_of_the_rows():
    found = Counter(answer for _, _, answer, _ in ROWS)
    total = [found[answer] for answer in ("fixed", "refused", "left")]
    assert f"| all | {' | '.join(map(str, total))} |" in PAGE


def test_every_test_that_the_page_names_exists():
    defined = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        defined |= set(re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", PAGE)) - {"test_"}
    assert len(named) > 50
    assert named <= defined
