"""Download a model from the Hugging Face hub at a pinned revision, without any code or pickle.

python -m arte.models.fetch_model --cfg JSON --output DIR
"""

import argparse
import json
import sys

from huggingface_hub import snapshot_download
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

from arte.core.errors import ArteError, cli
from arte.models.folder import write_fingerprint

FILES = ["*.safetensors", "*.json", "*.model", "*.txt", "*.jinja"]
"""Weights, configurations, tokenizer files and chat template; `.bin` and `.py` stay behind."""


def refusal(error: OSError, cfg: dict[str, str]) -> ArteError:
    """What to do about a download that failed; a gated model answers as if it were not there."""
    page = f"https://huggingface.co/{cfg['id']}"
    if isinstance(error, RevisionNotFoundError):
        remedy = f"take a commit of {page}/commits/main, 40 hex digits"
    elif isinstance(error, RepositoryNotFoundError):
        remedy = (
            f"log in at {page}, accept its terms (license: {cfg['license']}), make a token with "
            "read access at https://huggingface.co/settings/tokens, export HF_TOKEN=<the token>, "
            "run again; if the page is missing, mend the id"
        )
    else:
        remedy = f"run again where {page} can be reached: what is downloaded by now is kept"
    return ArteError(
        expected=f"{cfg['id']} at revision {cfg['revision']} on the hub",
        found=f"{type(error).__name__}: {str(error).splitlines()[0]}",
        where="config block models",
        remedy=remedy,
    )


@cli
def main() -> None:
    """Fetch cfg["id"] at cfg["revision"] (40 hex digits) and write the fingerprint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cfg", type=json.loads, required=True, help="keys: id, revision, license")
    parser.add_argument("--output", required=True, help="the model directory")
    args = parser.parse_args()
    name, revision = args.cfg["id"], args.cfg["revision"]
    try:
        snapshot_download(name, revision=revision, local_dir=args.output, allow_patterns=FILES)
    except OSError as error:
        raise refusal(error, args.cfg) from error
    write_fingerprint(args.output)
    print(f"fetched {name} at {revision}", file=sys.stderr)


if __name__ == "__main__":
    main()
