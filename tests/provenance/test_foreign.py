"""What is asked of a folder that other code made ends with an error that says what to do."""

import json
from base64 import urlsafe_b64encode

import manifests
import pytest
from checkout import ROOT
from predicted import predictions

from arte.core import io
from arte.core.errors import ArteError
from arte.core.forms import Form
from arte.core.prompts import Prompts
from arte.data.tables import ITEMS
from arte.evaluate.tables import PREDICTIONS
from arte.explain import origins
from arte.explain.evidence import Evidence
from arte.explain.examples import examples
from arte.explain.explain import Explainer
from arte.provenance.records import KNOWN, Places, jobs, recorded
from arte.provenance.reread import answer_forms, reread
from arte.provenance.rescore import changes, rescore
from arte.provenance.rules import strict

WHOLE = manifests.manifest(
    {"a": manifests.job(outputs=["tables/a.csv"])},
    files={"tables/a.csv": {"sha256": "", "bytes": 0, "job": "a"}},
)
CLAIMS = "python -m arte.report.claims.claim --claims config/claims.yaml"
PARTS = {
    "": WHOLE,
    "code": WHOLE["code"],
    "machine": WHOLE["machine"],
    "jobs/a": WHOLE["jobs"]["a"],
    "files/tables/a.csv": WHOLE["files"]["tables/a.csv"],
}


@pytest.mark.parametrize(("part", "key"), [(part, key) for part in PARTS for key in PARTS[part]])
def test_a_manifest_without_any_of_its_keys_is_refused(part, key, tmp_path):
    found = json.loads(json.dumps(WHOLE))
    at = found
    kind, _, name = part.partition("/")
    for step in filter(None, (kind, name)):
        at = at[step]
    del at[key]
    manifests.write(tmp_path, found)
    with pytest.raises(ArteError, match=r"(?s)version 1.*snakemake --cores 1 manifest"):
        recorded(tmp_path)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"version": 2}, "version 2"),
        ({"jobs": {}}, "no job"),
        ({"jobs": {"b": manifests.job()}}, "no job a, which made tables/a.csv"),
    ],
)
def test_another_kind_of_manifest_is_refused(changed, found, tmp_path):
    manifests.write(tmp_path, WHOLE)
    assert recorded(tmp_path)["jobs"].keys() == {"a"}
    manifests.write(tmp_path, WHOLE | changed)
    with pytest.raises(ArteError, match=found):
        recorded(tmp_path)


@pytest.fixture
def run(tmp_path):
    """A run with a data report, whose table a config of other code made."""
    run = tmp_path / "results/own"
    io.write_json({"answers": {}}, run / "data/report.json")
    return run


def made_by(run, command):
    """Leave the manifest of a run whose only table a command made."""
    outputs = ["tables/consistency.csv"]
    found = manifests.job(outputs=outputs, command=command, inputs={"data/report.json": ""})
    manifests.write(run, manifests.manifest({"check_consistency": found}))


@pytest.mark.parametrize(
    ("command", "found"),
    [
        # what this code wants of the config: claims
        (
            f"{CLAIMS} --cfg {{}} --tables --output tables/consistency.csv 2>log",
            "KeyError: 'claims'",
        ),
        ("python -m arte.report.agreement --output tables/consistency.csv", "No module named"),
        ("python -m arte.provenance.rules", "has no attribute 'main'"),
        (f"{CLAIMS} --unheard-of", "exit status 2"),
        ("false", "exit status 1"),
        ("true", "it made no tables/consistency.csv"),
    ],
)
def test_commands_of_other_code_are_told_from_faults_of_ours(command, found, run, monkeypatch):
    made_by(run, command)
    monkeypatch.setattr("sys.argv", ["rescore"])
    with pytest.raises(ArteError) as caught:
        rescore(run, ROOT, "strict")
    assert found in caught.value.found
    assert "the code of the commit" in caught.value.remedy
    assert caught.value.where.startswith(command[:20])


def test_tables_of_other_columns_are_told_apart(tmp_path):
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("arm,strict\na,1.0\n")
    new.write_text("arm,share\na,1.0\n")
    assert changes(old, new) == "other columns: share, strict"
    assert changes(tmp_path / "gone.csv", new) == "the run has it no more"


def test_answers_without_data_behind_them_name_the_folder(run):
    io.write_json({}, run / "data/report.json")
    with pytest.raises(ArteError, match="the key answers"):
        answer_forms(run)
    io.write_json({"answers": {"navigate": "riddle"}}, run / "data/report.json")
    with pytest.raises(ArteError, match=r"(?s)riddle.*report.json"):
        answer_forms(run)
    rows = prediction().select("subtask", "item_id", "output")
    (key,) = rows.select("subtask", "item_id").rows()
    for gold, forms in ({}, {"web_of_lies": Form("yesno")}), ({key: "Yes"}, {}):
        with pytest.raises(ArteError, match="subtask web_of_lies"):
            reread(rows, gold, forms, strict)


def prediction():
    return predictions(arms=("arte",), shots=(0,), sizes={"web_of_lies": 1})


def test_what_stands_behind_a_number_is_asked_of_the_manifest_of_today(run):
    made_by(run, "true")
    with pytest.raises(ArteError, match=r"no job that read student\.md"):
        Explainer(run)
    read = {str(ROOT / "resources/prompts/student.md"): ""}
    manifests.write(run, manifests.manifest({"a": manifests.job(inputs=read)}))
    with pytest.raises(ArteError, match=r"(?s)no job that made tables/t.csv.*cores 1 manifest"):
        list(Explainer(run).explain("tables/t.csv", {}, None))
    io.write_json({"files": {}}, run / "models/m/fingerprint.json")
    found = manifests.manifest({"a": manifests.job(inputs={"models/m/fingerprint.json": ""})})
    with pytest.raises(ArteError, match="the key fingerprint"):
        origins.models(run, found, ["a"])
    io.write_table(ITEMS.frame([]), run / "data/web_of_lies/items.parquet", ITEMS, {})
    evidence = Evidence(PREDICTIONS.name, prediction(), [])
    with pytest.raises(ArteError, match="no item"):
        examples(run, Prompts(str(ROOT / "resources/prompts")), evidence, None)


def test_metadata_of_another_snakemake_is_refused(run):
    here = run.parents[1]
    whole = dict.fromkeys(KNOWN) | {"rule": "r", "starttime": 1.0, "endtime": 2.0}
    file = (
        here / ".snakemake/metadata" / urlsafe_b64encode(b"results/own/data/report.json").decode()
    )
    io.write_json(whole, file)
    assert jobs(Places(run, here, here)).keys() == {"r"}
    for key in KNOWN:
        io.write_json({name: each for name, each in whole.items() if name != key}, file)
        with pytest.raises(ArteError, match=f"a record without {key}"):
            jobs(Places(run, here, here))
