"""Ask a server once which model answers, and make the folder that stands for that model.

python -m arte.engine.name_endpoint --cfg JSON --output DIR
"""

from pathlib import Path

from arte.core import job
from arte.core.errors import cli
from arte.engine.backends import load_engine
from arte.models.endpoint import write_identity


@cli
def main() -> None:
    """Write the fingerprint of model cfg["model"], as the server names what answers."""
    args = job.parse(__doc__, "--cfg", "--output")
    folder, model = Path(args.output), args.cfg["model"]
    reported = load_engine(folder, {"backend": "endpoint"}).reported()
    fingerprint = write_identity(folder, model, reported)
    job.log(f"{model}: the server says that {reported!r} answers; fingerprint {fingerprint}")


if __name__ == "__main__":
    main()
