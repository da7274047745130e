"""The page holds what it shows, whatever models wrote."""

import re
from html.parser import HTMLParser

import pytest
from small_run import EVIL, SUBTASK, TECHNIQUES, written

from arte.report.page import documents, svg


class Elements(HTMLParser):
    """The start tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.text += " "

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    return written(tmp_path_factory.mktemp("run"), text=EVIL).read_text()


@pytest.fixture(scope="module")
def elements(html):
    return Elements(html)


def test_texts_of_models_stay_texts(elements):
    assert len(elements.all("script")) == 1
    assert not elements.all("img")
    assert elements.text.count(EVIL) >= 4 * 6  # answers, drafts, pairs, training data
    assert not [name for _, attributes in elements.tags for name in attributes if name[:2] == "on"]


def test_the_policy_allows_one_script_and_no_request(elements, html):
    (policy,) = [each["content"] for each in elements.all("meta") if "http-equiv" in each]
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "unsafe-eval" not in policy
    for tag, attributes in elements.tags:
        assert "src" not in attributes, tag
        link = attributes.get("href", "#")
        assert link.startswith(("#", "data:,")), link


def test_links_lead_somewhere_and_ids_are_unique(elements):
    ids = [attributes["id"] for _, attributes in elements.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in elements.tags:
        for name in ("href", "xlink:href", "aria-labelledby"):
            value = attributes.get(name, "")
            target = value if name == "aria-labelledby" else value.removeprefix("#")
            assert not target or value == "data:," or target in ids, (tag, value)


def test_what_scrolls_is_reached_by_the_keyboard_and_named(elements):
    scrolling = [each for each in elements.all("div") if "scroll" in each.get("class", "").split()]
    assert len(scrolling) > 10
    for each in scrolling:
        assert each["tabindex"] == "0"
        assert each["aria-label"]
    drawings = [each for each in elements.all("svg") if each.get("role") == "img"]
    assert len(drawings) == 8
    assert all(each["aria-label"] for each in drawings)
    assert all("scope" in each for each in elements.all("th"))
    assert {each["lang"] for each in elements.all("html")} == {"en"}
    assert len(elements.all("h1")) == 1


def test_every_part_is_there(elements):
    ids = {attributes.get("id") for _, attributes in elements.tags}
    drawings = "figure1 figure2 technique_shift histograms curves information alignment students"
    parts = "answer claims tables table2 technique_shift checks samples origins"
    assert {f"drawing-{name}" for name in drawings.split()} | set(parts.split()) <= ids
    text = " ".join(elements.text.split())
    for fact in ("0.02976 ± 0.0016 nats", "50.0 [25.0, 75.0]", "requests 7", "f" * 64, "41.96"):
        assert fact in text
    assert "test items: all 6 of each subtask" in text


def test_hours_are_those_of_the_benchmark_files(elements):
    text = " ".join(elements.text.split())
    assert "finetune_student 2 1.50 2.0" in text  # 1,800 s and 3,600 s; 2,048 MiB
    assert "all 3 1.51" in text


def test_samples_can_be_filtered_without_a_script_that_knows_their_texts(elements):
    articles = elements.all("article")
    assert {each["data-kind"] for each in articles} == {"answers", "drafts", "pairs", "tailored"}
    assert {each["data-task"] for each in articles} == {SUBTASK}
    cells = [each for each in elements.all("div") if each.get("class") == "cell"]
    assert {"arte", "vanilla", *TECHNIQUES} <= {each["data-arm"] for each in cells}
    assert {each["data-outcome"] for each in cells} == {"right", "wrong", ""}


def test_the_same_run_gives_the_same_bytes(tmp_path, html):
    assert written(tmp_path, text=EVIL).read_text() == html


def test_long_texts_are_cut_and_the_page_stays_small(tmp_path):
    path = written(tmp_path, text="word " * 4000, items=40)
    assert path.stat().st_size < 5_000_000
    text = path.read_text()
    assert "(18500 more characters)" in text
    assert "of 40 of each subtask" in text


def test_a_run_without_alignment_has_a_page_without_it(tmp_path):
    """The teacher of a server is not aligned."""
    html = written(tmp_path, without=("alignment", "technique_shift")).read_text()
    assert '<h2 id="training-title">' in html
    assert "DPO" not in html.partition('<h2 id="training-title">')[2].partition("</section>")[0]
    assert "technique_shift" not in html


def test_dark_colors_are_for_screens_alone(html):
    """Whoever reads in the dark still prints on white."""
    style = html.partition("<style>")[2].partition("</style>")[0]
    dark = [part.rpartition("@media")[2] for part in style.split("color-scheme: dark;")[:-1]]
    assert len(dark) == 2
    assert all(rule.startswith(" screen") for rule in dark)


def test_print_shows_what_scrolls_on_a_screen(html):
    style = html.partition("<style>")[2].partition("</style>")[0]
    screen, _, printed = style.partition("@media print")
    scrolling = re.findall(r"^(\.\w+) \{[^}]*overflow-[xy]: auto", screen, re.MULTILINE)
    assert {".scroll", ".given"} <= set(scrolling)
    for name in scrolling:
        assert re.search(rf"\{name} \{{[^}}]*(?:overflow: visible|max-height: none)", printed)


def test_a_drawing_keeps_its_ids_to_itself_and_follows_the_theme():
    text = '<?xml version="1.0"?><svg width="72pt" height="36pt"><path id="a"/>'
    text += '<use href="#a" clip-path="url(#a)" style="fill: #1f5f8b; stroke: #000000"/></svg>'
    drawn = str(svg.inline(text, "one", 'the "best" <b>'))
    assert 'id="one-a"' in drawn
    assert 'href="#one-a"' in drawn
    assert "url(#one-a)" in drawn
    assert "fill: var(--c1); stroke: currentColor" in drawn
    assert 'aria-label="the &#34;best&#34; &lt;b&gt;"' in drawn
    assert 'style="width:96px"' in drawn  # 72 points
    assert not drawn.startswith("<?xml")


def test_a_table_in_markdown_becomes_one_that_can_be_read_aloud():
    text = (
        "# Title\n\nFirst\nnote.\n\n## Caption & more\n\n| a | b |\n| - | -: |\n| x \\| <i> | 1 |\n"
    )
    shown = documents.read("name", text)
    assert (shown.title, shown.notes) == ("Title", ["First note."])
    ((caption, table),) = shown.blocks
    assert caption == "Caption & more"
    assert "<caption>Caption &amp; more</caption>" in table
    assert '<th scope="row">x | &lt;i&gt;</th>' in table
    assert table.count('scope="col"') == 2
