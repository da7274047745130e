"""The documents that users read first: true about the checkout, linked right, and easy to read."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
LINKED = [README, ROOT / "CONTRIBUTING.md", ROOT / "config/README.md", *DOCS]
PROSE = [README, ROOT / "CONTRIBUTING.md", *DOCS]
OTHERS = [ROOT / "resources/prompts/README.md", ROOT / "benchmarks/README.md"]
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ENTRY = re.compile(r"^( *)([\w./-]+)/  +\S", re.MULTILINE)
WORDS_AVOIDED = re.compile(
    r"\b(mend(s|ed|ing)?|reckon\w*|lest|\w*colour\w*|licence\w*|optimiser\w*|neighbour\w*"
    r"|behaviour\w*|grey|\w*(normal|token|quant|general|optim|serial|summar|recogn)is(e|ing|ation)\w*)\b",
    re.IGNORECASE,
)
MISSPELLED = ROOT / "workflow/scripts/arte/config/wrong.py"
"""It knows how users misspell keys."""
MADE = {"results"}
WRITTEN_BY_USERS = {
    "slurm/site.yaml",
    *("workflow/scripts/arte/prefer/scorers/brevity.py", "config/brevity.yaml", "config/arms.yaml"),
}


def name(path: Path) -> str:
    """A file as a reader would name it."""
    return str(path.relative_to(ROOT))


def tree() -> list[str]:
    """Folders of the README's tree, in full, from its indentation."""
    block = next(block for block in FENCE.findall(README.read_text()) if "\nworkflow/" in block)
    above: dict[int, str] = {}
    folders = []
    for indentation, folder in ENTRY.findall(block):
        depth = len(indentation)
        parent = max((level for level in above if level < depth), default=None)
        above = {level: path for level, path in above.items() if level < depth}
        above[depth] = folder if parent is None else f"{above[parent]}/{folder}"
        folders.append(above[depth])
    return folders


def test_every_folder_of_the_tree_exists_and_stands_there_once():
    folders = tree()
    assert len(folders) == len(set(folders)) > 30
    missing = {folder for folder in folders if not (ROOT / folder).is_dir()}
    assert missing <= MADE


@pytest.mark.parametrize("folder", [".", "workflow", "workflow/scripts/arte"])
def test_every_folder_is_in_the_tree(folder):
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).iterdir()
        if path.is_dir() and any(path.rglob("*.*")) and path.name[0] not in "._"
    }
    shown = set(tree()) | {"workflow/scripts"}
    assert found <= shown


def anchors(text: str) -> set[str]:
    """GitHub's anchors of the headings."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("document", LINKED, ids=name)
def test_relative_links_lead_somewhere(document):
    text = document.read_text()
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = document.parent / path if path else document
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text()), target


PARAGRAPH_STARTS = re.compile(r"^\s*([-*]|\d+[.]) ")


def paragraphs(text: str) -> list[str]:
    """Running text: no code, tables, headings or comments; each item of a list by itself."""
    text = re.sub(r"<!--.*?-->", "", FENCE.sub("", text), flags=re.DOTALL)
    found, inside = [""], False
    for line in text.splitlines():
        listed = PARAGRAPH_STARTS.match(line)
        inside = bool(listed) or (inside and line[:1] in (" ", ""))
        code = line.startswith("    ") and not inside
        if not line.strip() or line[0] in "#|!" or code:
            found.append("")
        elif listed:
            found.append(line[listed.end() :])
        else:
            found[-1] += " " + line.strip()
    return [paragraph for paragraph in found if paragraph.strip()]


SENTENCE_ENDS = re.compile(r"(?<!e\.g)(?<!i\.e)[.!?][)*”\"]*\s+(?=[\W_]*[A-Z0-9`])|:$")


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; a piece of code or a link counts as one word."""
    found = []
    for paragraph in paragraphs(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", paragraph)
        plain = re.sub(r"`[^`]+`", "Code", plain)
        for sentence in SENTENCE_ENDS.split(plain):
            words = [word for word in (sentence or "").split() if re.search(r"\w", word)]
            if words:
                found.append(words)
    return found


@pytest.mark.parametrize("document", [*LINKED, *OTHERS], ids=name)
def test_no_sentence_is_longer_than_40_words(document):
    assert [" ".join(words) for words in sentences(document.read_text()) if len(words) > 40] == []


@pytest.mark.parametrize("document", [README, ROOT / "CONTRIBUTING.md"], ids=name)
def test_sentences_have_at_most_20_words_on_average(document):
    lengths = [len(words) for words in sentences(document.read_text())]
    assert len(lengths) > 15
    assert sum(lengths) / len(lengths) <= 20


def test_sentences_are_counted_as_a_reader_would():
    text = "# Title\n\nOne two. `Three four` five: see\n[six](x.md), e.g. seven.\n\n    no code\n"
    text += "\n- a b\n  c\n- D.\n\n| no | table |\n\n```\nno\n```\nLast one.\n"
    assert list(map(len, sentences(text))) == [2, 6, 3, 1, 2]


CHECKED_WORDS = [
    *PROSE,
    *OTHERS,
    *sorted(path for path in (ROOT / "config").rglob("*") if path.suffix in {".md", ".yaml"}),
    *sorted((ROOT / "workflow").rglob("*.smk")),
    *sorted(set((ROOT / "workflow/scripts").rglob("*.py")) - {MISSPELLED}),
    *sorted(
        path for path in (ROOT / "workflow/report").rglob("*") if path.suffix in {".rst", ".html"}
    ),
]


@pytest.mark.parametrize("document", CHECKED_WORDS, ids=name)
def test_words_are_american_and_plain(document):
    assert [found.group() for found in WORDS_AVOIDED.finditer(document.read_text())] == []


@pytest.mark.parametrize(
    "document",
    [*LINKED, ROOT / "resources/prompts/README.md", ROOT / "benchmarks/README.md"],
    ids=name,
)
def test_files_that_a_document_names_exist(document):
    named = re.findall(
        r"(?<![\w/.-])((?:arte|config|docs|tests|workflow|resources|benchmarks|slurm|requirements)"
        r"/[\w/.-]*[\w-]+[.](?:py|md|smk|yaml|json|lock))\b",
        document.read_text(),
    )
    folders = (ROOT, ROOT / "workflow/scripts")
    missing = {file for file in named if not any((folder / file).exists() for folder in folders)}
    assert missing <= WRITTEN_BY_USERS


def test_commands_of_the_readme_name_files_and_targets_that_exist():
    text = README.read_text()
    for file in re.findall(r"config/presets/[\w-]+[.]yaml", text):
        assert (ROOT / file).is_file()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= set(targets)


def test_contributing_is_short():
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 60
