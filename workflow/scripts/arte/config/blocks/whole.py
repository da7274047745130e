"""The whole configuration."""

from arte.config.blocks.base import Block, Integer, Run, key
from arte.config.blocks.data import Data, Instructions, Ood
from arte.config.blocks.engine import Engine
from arte.config.blocks.gates import Gates
from arte.config.blocks.models import Licenses, Models, Roles
from arte.config.blocks.nano import Nano
from arte.config.blocks.preferences import Elicit, Pairs, Prefer
from arte.config.blocks.reports import Evaluate, Jobs, Plan, Report
from arte.config.blocks.training import Align, Arms, Finetune, Tailor


class Seeds(Block):
    """What is drawn at random; students have `finetune.seeds`."""

    data: Integer = key(
        "draws items, splits and instruction rows; seeds the IRT fit, the checks and the embedded "
        "models",
        ge=0,
    )
    teacher: Integer = key(
        "the teacher's own randomness: sampled drafts and tailored data, ties of pairs, DPO, "
        "`select: random`",
        ge=0,
    )


class Config(Block):
    """Configuration of the ARTE workflow; config/README.md explains every key."""

    run: Run = key("name of the run: results go to `results/<run>/`")
    seeds: Seeds
    rounds: Integer = key(
        "how often drafting, scoring and aligning are done; from the second time on with the "
        "aligned teacher and the student trained on its data; each later round adds its arm, "
        "`arte_round2` and so on",
        "1",
        ge=1,
    )
    prompts: str = key(
        "folder of the prompt files (`resources/prompts/README.md` says which); a copy of your own "
        "can lie beside it"
    )
    data: Data
    ood: Ood
    instructions: Instructions
    models: Models
    roles: Roles
    licenses: Licenses
    engine: Engine
    elicit: Elicit
    prefer: Prefer
    gates: Gates
    pairs: Pairs
    align: Align
    tailor: Tailor
    arms: Arms
    finetune: Finetune
    evaluate: Evaluate
    report: Report
    jobs: Jobs
    plan: Plan
    nano: Nano
