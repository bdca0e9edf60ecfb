"""Text encoders: 1000 labels in one template, against transformers in batches of 32."""
import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.whole_process import Run, run_process
from export.open_clip_import import open_clip
from families import FAMILIES, PublishedModel
from families.compare import MAX_SIMILARITY_ERROR
from families.pictures import save_pictures

THREADS = 2
NUM_LABELS = 1000
BATCH = 32
IMPORT_SECONDS = 600


def bench_texts(name: str, root: Path, binary: Path, rounds: int) -> dict[str, Any]:
    """name: of scripts/compare_families. Both sides in turns: tokens and features of the labels, as --timings tells them of clipcls.
    The start and the loading of the model do not count; clipcls's whole process, which has one picture, is told besides."""
    torch.set_num_threads(THREADS)
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "published").mkdir(parents=True)
    pictures = save_pictures(folder)[:1]
    published = FAMILIES[name].make(folder / "published", pictures, False, None)
    subprocess.run([binary, "model", "import", folder / "published", "--output", folder / "clipcls"], check=True, timeout=IMPORT_SECONDS)
    labels = open_clip.IMAGENET_CLASSNAMES[:NUM_LABELS]
    # A name that is there twice is one label of clipcls's.
    labels = list(dict.fromkeys(labels))
    (folder / "labels.txt").write_text("\n".join(labels) + "\n", "utf-8")
    command = [binary, pictures[0], "--model", folder / "clipcls", "--labels", folder / "labels.txt", "--template", published.template,
               "--no-cache", "--quiet", "--timings", "--top-k", len(labels), "--format", "json", "--threads", THREADS]
    difference = largest_difference(json.loads(run_process(command).output), published, pictures, labels)
    runs, python_seconds = measure(lambda: run_process(command), lambda: encode(published, labels), rounds)
    seconds = [label_seconds(run) for run in runs]
    result = {"library": FAMILIES[name].library, "num_labels": len(labels), "batch": BATCH, "similarity_error": difference,
              "seconds": statistics.median(seconds), "whole_process_seconds": statistics.median(run.seconds for run in runs),
              "python_seconds": statistics.median(python_seconds),
              "python_times": statistics.median(python / own for own, python in zip(seconds, python_seconds, strict=True))}
    print(f"  {len(labels)} labels: {result['seconds']:.1f} s (whole process {result['whole_process_seconds']:.1f} s), "
          f"{result['library']} {result['python_seconds']:.1f} s, {result['python_times']:.2f} x", flush=True)
    shutil.rmtree(folder)
    return result


@torch.inference_mode()
def encode(published: PublishedModel, labels: list[str]) -> float:
    """Seconds. Tokens are filled up as the library fills up a batch."""
    start = time.perf_counter()
    prompts = published.prompts(labels)
    for begin in range(0, len(prompts), BATCH):
        published.text_features(published.token_ids(prompts[begin:begin + BATCH]))
    return time.perf_counter() - start


def label_seconds(run: Run) -> float:
    lines = [line for line in run.messages.splitlines() if line.startswith("label embeddings")]
    if len(lines) != 1:
        raise RuntimeError(f"--timings tells nothing of the labels: {run.messages!r}")
    return float(lines[0].split()[-1])


def measure(own: Callable[[], Run], python: Callable[[], float], rounds: int) -> tuple[list[Run], list[float]]:
    """In turns, after one round that does not count."""
    pairs = [(own(), python()) for _ in range(rounds + 1)][1:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def largest_difference(rows: list[dict[str, Any]], published: PublishedModel, pictures: list[Path], labels: list[str]) -> float:
    """Of a similarity. Raises RuntimeError where the answer is another one."""
    expected = dict(zip(labels, published.similarities(pictures, labels)[0], strict=True))
    found = {row["label"]: row["similarity"] for row in rows[0]["predictions"]}
    difference = float(np.max([abs(found[label] - expected[label]) for label in labels]))
    if not difference <= MAX_SIMILARITY_ERROR:
        raise RuntimeError(f"a similarity differs from the library's by {difference:.2g}, more than {MAX_SIMILARITY_ERROR}")
    return difference
