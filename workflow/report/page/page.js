"use strict";
const filters = ["kind", "task", "arm", "outcome"];
const selects = Object.fromEntries(filters.map((name) => [name, document.getElementById(name)]));
const samples = Array.from(document.querySelectorAll(".sample"));

function show() {
  const want = Object.fromEntries(filters.map((name) => [name, selects[name].value]));
  const fits = (given, wanted) => wanted === "" || given === wanted;
  let shown = 0;
  for (const sample of samples) {
    let cells = 0;
    for (const cell of sample.querySelectorAll(".cell")) {
      const keep = fits(cell.dataset.arm, want.arm) && fits(cell.dataset.outcome, want.outcome);
      cell.hidden = !keep;
      cells += keep ? 1 : 0;
    }
    const keep = cells > 0 && fits(sample.dataset.kind, want.kind) && fits(sample.dataset.task, want.task);
    sample.hidden = !keep;
    shown += keep ? 1 : 0;
  }
  document.getElementById("count").textContent = `${shown} of ${samples.length} samples`;
}

// #samples?kind=pairs&task=web_of_lies names a choice, so that it can be linked to.
function choose() {
  const [place, query] = location.hash.split("?");
  if (place !== "#samples" || query === undefined) return;
  for (const [name, value] of new URLSearchParams(query)) {
    const known = selects[name] && Array.from(selects[name].options).some((each) => each.value === value);
    if (known) selects[name].value = value;
  }
  show();
  document.getElementById("samples").scrollIntoView();
}

function open() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target && target.tagName === "DETAILS") target.open = true;
}

for (const select of Object.values(selects)) {
  select.addEventListener("change", () => {
    const query = new URLSearchParams(filters.map((name) => [name, selects[name].value]));
    history.replaceState(null, "", `#samples?${query}`);
    show();
  });
}
document.getElementById("filters").hidden = false;

const theme = document.getElementById("theme");
theme.hidden = false;
theme.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = root.dataset.theme || (dark ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
});

addEventListener("hashchange", () => { choose(); open(); });
show();
choose();
open();
