#!/usr/bin/env python3
"""Times programs and model folders beside each other, in turns: one picture, a folder of pictures, and the peak of memory.

    scripts/bench/compare_models.py old=OLD/build/release/clipcls:models/ViT-B-32-old new=build/release/clipcls:models/ViT-B-32

Each argument is NAME=PROGRAM:MODEL. Every program runs once a round. Printed is the best of the rounds, as other work on the
machine only slows a run down. No label embeddings are kept, so that both encoders of a model run.
"""
import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]
from bench.whole_process import Run, run_in_rounds, run_process  # noqa: E402


def make_pictures(folder: Path, count: int) -> list[Path]:
    """JPEGs of 256 x 256 pixels, which are decoded in no time."""
    generator = np.random.default_rng(0)
    noise = generator.integers(0, 256, (16, 8, 8, 3), dtype=np.uint8)
    for index in range(count):
        path = folder / f"{index:05}.jpg"
        if index < len(noise):
            Image.fromarray(noise[index]).resize((256, 256), Image.Resampling.BICUBIC).save(path)
        else:
            shutil.copy(folder / f"{index % len(noise):05}.jpg", path)
    return sorted(folder.iterdir())


def classify(program: str, model: str, pictures: list[Path], precision: str) -> Run:
    return run_process([program, "-T", "-", "-m", model, "-l", "cifar100", "-f", "jsonl", "--precision", precision, "--no-cache", "--quiet"],
                       stdin="".join(f"{path}\n" for path in pictures).encode())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("entries", nargs="+", metavar="NAME=PROGRAM:MODEL")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pictures", type=int, default=320, help="of the folder")
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16", "int8"])
    options = parser.parse_args()
    entries = {name: rest.split(":", 1) for name, rest in (entry.split("=", 1) for entry in options.entries)}
    with tempfile.TemporaryDirectory() as folder:
        pictures = make_pictures(Path(folder), options.pictures)
        few = pictures[:64]  # enough for the encoders to be made ready
        print(f"{'':24}{'seconds, one picture':>22}{'MB':>8}{'images/s':>12}{'seconds, folder':>18}{'MB':>8}")
        for precision in options.precision:
            runs = {(name, count): (lambda program=program, model=model, paths=paths: classify(program, model, paths, precision))
                    for name, (program, model) in entries.items() for count, paths in ((1, pictures[:1]), (64, few), (0, pictures))}
            results = run_in_rounds(runs, options.rounds)
            for name in entries:
                best = {count: min(run.seconds for run in results[name, count]) for count in (1, 64, 0)}
                peak = {count: max(run.peak_megabytes for run in results[name, count]) for count in (1, 0)}
                rate = (len(pictures) - len(few)) / (best[0] - best[64])  # what starting costs cancels out
                print(f"{name + ' ' + precision:24}{best[1]:22.3f}{peak[1]:8.0f}{rate:12.1f}{best[0]:18.2f}{peak[0]:8.0f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
