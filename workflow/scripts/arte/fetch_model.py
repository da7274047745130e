"""Download a model from the Hugging Face hub at a pinned revision, without any code or pickle.

python -m arte.fetch_model --cfg JSON --output DIR
"""

import argparse
import json
import sys

from huggingface_hub import snapshot_download

from arte.errors import ArteError, cli
from arte.models import write_fingerprint

FILES = ["*.safetensors", "*.json", "*.model", "*.txt", "*.jinja"]
"""Weights, configurations, tokenizer files and chat template; `.bin` and `.py` stay behind."""


@cli
def main() -> None:
    """Fetch cfg["id"] at cfg["revision"] (40 hex digits) and write the fingerprint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cfg", type=json.loads, required=True, help="keys: id, revision")
    parser.add_argument("--output", required=True, help="the model directory")
    args = parser.parse_args()
    name, revision = args.cfg["id"], args.cfg["revision"]
    try:
        snapshot_download(name, revision=revision, local_dir=args.output, allow_patterns=FILES)
    except OSError as error:
        raise ArteError(
            expected=f"{name} at revision {revision} on the hub",
            found=str(error).splitlines()[0],
            where="config block models",
            remedy="mend id or revision, accept the model's terms, set HF_TOKEN, or try again",
        ) from error
    write_fingerprint(args.output)
    print(f"fetched {name} at {revision}", file=sys.stderr)


if __name__ == "__main__":
    main()
