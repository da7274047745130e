"""The page in a browser: nothing on the console, no request, and filters that work."""

import re
import shutil
import subprocess

import pytest
from small_run import EVIL, SUBTASK, written

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt install chromium")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


def opened(url, profile):
    """The page's elements after its script ran, and what the console said.

    A request that the policy of the page forbids, which are all, is said there too.
    """
    flags = [*FLAGS, f"--user-data-dir={profile}", "--enable-logging=stderr", "--v=0", "--dump-dom"]
    done = subprocess.run([CHROMIUM, *flags, url], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, re.findall(r"CONSOLE[:(].*", done.stderr)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return written(tmp_path_factory.mktemp("run"), text=EVIL)


def visible(dom):
    """(kind, task) of the samples that are shown, and arm and outcome of their cells."""
    samples, cells = [], set()
    for article in re.findall(r"<article .*?</article>", dom, re.DOTALL):
        head = article.partition(">")[0]
        if " hidden" in head:
            continue
        samples.append(tuple(re.findall(r'data-(?:kind|task)="([^"]*)"', head)))
        for cell in re.findall(r'<div class="cell"[^>]*>', article):
            if " hidden" not in cell:
                cells.add(tuple(re.findall(r'data-(?:arm|outcome)="([^"]*)"', cell)))
    return samples, cells


def test_nothing_is_said_on_the_console_and_answers_of_one_task_are_shown(page, tmp_path):
    dom, console = opened(page.as_uri(), tmp_path)
    assert console == []
    samples, _ = visible(dom)
    assert set(samples) == {("answers", SUBTASK)}
    assert f"{len(samples)} of" in dom


def test_a_link_to_a_choice_filters_by_kind_arm_and_outcome(page, tmp_path):
    query = "#samples?kind=answers&task=&arm=arte&outcome=right"
    dom, console = opened(page.as_uri() + query, tmp_path)
    assert console == []
    samples, cells = visible(dom)
    assert samples
    assert cells == {("arte", "right")}
    everything, _ = opened(page.as_uri() + "#samples?kind=&task=", tmp_path)
    kinds = {kind for kind, _ in visible(everything)[0]}
    assert kinds == {"answers", "drafts", "pairs", "tailored"}


def test_a_text_that_were_not_escaped_could_neither_run_nor_ask_anyone(page, tmp_path):
    """The same check finds what it looks for, and the policy holds even then."""
    broken = tmp_path / "broken.html"
    script = "<script>document.title = 'owned'</script>"
    broken.write_text(page.read_text().replace("<main>", f"<main>{EVIL}{script}", 1))
    dom, console = opened(broken.as_uri(), tmp_path / "profile")
    assert "<title>owned</title>" not in dom
    assert any("Content Security Policy" in line and "img-src" in line for line in console)
    assert any("Content Security Policy" in line and "script" in line for line in console)
