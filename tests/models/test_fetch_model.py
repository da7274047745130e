"""arte.models.fetch_model: what a failed download tells the user to do."""

import httpx2
import pytest
from huggingface_hub.errors import (
    GatedRepoError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from arte.models.fetch_model import refusal

CFG = {"id": "org/model", "revision": "0" * 40, "license": "gemma"}
PAGE = "https://huggingface.co/org/model"


def answered(kind: type, status: int) -> OSError:
    """An error as the hub's client raises it."""
    request = httpx2.Request("GET", PAGE)
    return kind("no\nmore lines", response=httpx2.Response(status, request=request))


@pytest.mark.parametrize(
    ("kind", "status"), [(GatedRepoError, 403), (RepositoryNotFoundError, 401)]
)
def test_a_gated_model_names_page_license_and_token(kind, status):
    error = refusal(answered(kind, status), CFG)
    assert f"{PAGE}, accept its terms (license: gemma)" in error.remedy
    assert "export HF_TOKEN=" in error.remedy
    assert error.found == f"{kind.__name__}: no"


def test_an_unknown_revision_names_the_list_of_commits():
    error = refusal(answered(RevisionNotFoundError, 404), CFG)
    assert f"{PAGE}/commits/main" in error.remedy
    assert "HF_TOKEN" not in error.remedy


def test_without_network_nothing_is_said_about_terms():
    assert "HF_TOKEN" not in refusal(OfflineModeIsEnabled("offline"), CFG).remedy
