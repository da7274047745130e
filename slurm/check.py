"""Ask Slurm whether it would take the jobs of this site's names, before anything is submitted.

python slurm/check.py [SITE.yaml]        make slurm-check
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).parent


def read(site: Path) -> dict:
    """What a site file says, and the example where it is silent."""
    known = yaml.safe_load((HERE / "site.example.yaml").read_text())
    given = (yaml.safe_load(site.read_text()) or {}) if site.exists() else {}
    if unknown := sorted(set(given) - set(known)):
        sys.exit(f"error: {site}: {unknown}: known are {sorted(known)}")
    return {**known, **given}


def requests(site: dict) -> dict[str, list[str]]:
    """Sbatch's flags for the longest job without and with a GPU, by what they are for."""
    common = [f"--time={site['max_runtime']}"]
    if site["slurm_account"]:
        common.append(f"--account={site['slurm_account']}")
    partition = [f"--partition={site['slurm_partition']}"] if site["slurm_partition"] else []
    asked = {"jobs without a GPU": common + partition}
    if site["gpu_partition"] or site["gpu_model"]:
        name = site["gpu_partition"] or site["slurm_partition"]
        gpu = f"--gres=gpu:{site['gpu_model']}:1" if site["gpu_model"] else "--gres=gpu:1"
        asked["jobs with a GPU"] = [*common, *([f"--partition={name}"] if name else []), gpu]
    return asked


def refused(flags: list[str]) -> str:
    """What sbatch has against a job with these flags; empty if nothing. Nothing is submitted."""
    done = subprocess.run(
        ["sbatch", "--test-only", *flags, "--wrap=true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip() or f"exit status {done.returncode}"


def main() -> None:
    """Check every kind of job; exit with status 1 where Slurm would refuse one."""
    if shutil.which("sbatch") is None:
        sys.exit("error: sbatch is not found: run this on a login node of the cluster")
    own = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ARTE_SITE", HERE / "site.yaml")
    wrong = False
    for what, flags in requests(read(Path(own))).items():
        reason = refused(flags)
        wrong |= bool(reason)
        print(f"{what} ({' '.join(flags)}): {reason or 'accepted'}")
    if wrong:
        sys.exit(f"error: Slurm would refuse jobs; correct the names in {own}")


if __name__ == "__main__":
    main()
