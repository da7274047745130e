"""What scoring costs, as ratios measured in one run: a table on the terminal, and a csv file."""

import argparse
import csv
import importlib.util
import tempfile
from pathlib import Path

PARTS = ("speed", "order", "resume", "growth")


def main() -> None:
    """Run the parts asked for and show what they measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--model", choices=["nano", "gemma"], default="nano")
    parser.add_argument("--scale", type=float, default=0.5, help="of all token lengths")
    parser.add_argument("--questions", type=int, default=2)
    parser.add_argument("--items", type=int, default=40, help="test items per prefix")
    parser.add_argument("--batch-tokens", type=int, default=32768)
    parser.add_argument("--repetitions", type=int, default=3, help="of speed and growth")
    parser.add_argument("--csv", type=Path, required=True)
    arguments = parser.parse_args()
    rows = []
    for part in arguments.parts:
        for row in _measure(part, arguments):
            rows.append(row)
            print("{benchmark:14}{measure:32}{value}".format(**row), flush=True)
    with open(arguments.csv, "w", newline="") as file:
        writer = csv.DictWriter(file, ["benchmark", "measure", "value"])
        writer.writeheader()
        writer.writerows(rows)


def _measure(part: str, arguments: argparse.Namespace) -> list[dict]:
    from workload import scaled

    shape = scaled(arguments.scale, questions=arguments.questions, items=arguments.items)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if part == "speed":
            from speed import measure

            return measure(
                arguments.model,
                shape,
                folder,
                batch_tokens=arguments.batch_tokens,
                repetitions=arguments.repetitions,
            )
        if part == "order":
            if importlib.util.find_spec("vllm") is None:
                return [{"benchmark": "order", "measure": "skipped", "value": "no vLLM here"}]
            from order import measure

            return measure(arguments.model, folder)
        from runs import growth, resume

        if part == "resume":
            return resume(arguments.model, shape, folder)
        return growth(arguments.model, shape, folder, arguments.repetitions)


if __name__ == "__main__":
    main()
