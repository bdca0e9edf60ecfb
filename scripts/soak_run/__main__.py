"""Runs the program over a large collection of which one file in a hundred is damaged, measures it, kills it, and compares.

Exit code 1 and a line for each thing that is not as it should be: a file without its row, memory or time that grows, a row
that differs after kills and --resume.
"""
import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from soak_run.collection import make_collection
from soak_run.damage import DAMAGE
from soak_run.figures import answers, killed_figures, measured_figures, shortcomings, table
from soak_run.runs import killed_run, measured_run, read_rows, unaccounted

ROOT = Path(__file__).resolve().parents[2]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=100_000, metavar="N", help="default %(default)s")
    parser.add_argument("--kills", type=int, default=10, metavar="N", help="default %(default)s")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of pictures, damage and kills; default %(default)s")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/clipcls", metavar="FILE", help="default build/release/clipcls")
    parser.add_argument("--results", type=Path, metavar="FILE", help="writes the figures there, as JSON")
    parser.add_argument("--keep", action="store_true", help="leaves the collection and the rows where they are, and says where")
    return parser.parse_args()


def main() -> int:
    options = parse_arguments()
    folder = Path(tempfile.mkdtemp(prefix="clipcls-soak-"))
    try:
        print(f"soak: making {options.images} images in {folder}", flush=True)
        collection = make_collection(folder / "collection", options.images, options.seed)
        print("soak: a run from end to end", flush=True)
        start = time.monotonic()
        samples = measured_run(options.binary, collection, folder / "whole.jsonl")
        seconds = time.monotonic() - start
        print(f"soak: a run that is killed {options.kills} times", flush=True)
        rows_at_kills = killed_run(options.binary, collection, folder / "resumed.jsonl", options.kills, options.seed)
        whole, resumed = read_rows(folder / "whole.jsonl"), read_rows(folder / "resumed.jsonl")
        figures = {"num_images": options.images, "num_damaged": len(collection.damage), "num_ways": len(DAMAGE), "seed": options.seed,
                   "unaccounted": unaccounted(collection, whole), "run": measured_figures(samples, seconds),
                   "killed": killed_figures(whole, resumed, rows_at_kills), "answers": answers(collection, whole)}
    finally:
        if options.keep:
            print(f"soak: kept in {folder}")
        else:
            shutil.rmtree(folder)
    print(table(figures))
    if options.results:
        options.results.write_text(json.dumps(figures, indent=1) + "\n")
    problems = shortcomings(figures, options.images)
    for problem in problems[:20]:
        print(f"soak: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
