#!/usr/bin/env python3
"""Classifies the images of a list, a folder or a bucket with clipcls on the workers of a Ray cluster.

    scripts/ray_classify photos --output rows -- --labels cifar100 --top-k 1
    scripts/ray_classify s3://bucket/photos --output rows --address auto --workers 40 --threads 8 -- --labels cifar100
    find . -name '*.jpg' | scripts/ray_classify - --output rows --format jsonl -- --labels cifar100

Ray Data hands out blocks of paths, a few ahead of each worker and no more. A worker keeps one clipcls running, which reads
paths on its standard input and answers with rows. The blocks of a worker that is killed are done again by another, and each
path has one row in the end: what a killed worker had made of a block is dropped with it. An image that fails is a row with an
error. Options behind -- are clipcls' own. Labels are embedded once, before the workers start, and shared by the cache: with
several machines, --cache-dir names a folder that all of them see, as the paths must be, unless they are addresses.
"""
import argparse
import itertools
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SCRIPTS))

import pyarrow as pa  # noqa: E402
import ray  # noqa: E402
from ray.data.block import BlockAccessor  # noqa: E402
from ray.data.datasource import BlockBasedFileDatasink  # noqa: E402

from ray_cluster.sources import list_images  # noqa: E402
from ray_cluster.worker import Worker  # noqa: E402

OURS = {"-f", "--format", "-o", "--output", "-T", "--files-from", "-0", "--null", "--resume", "--threads", "--shard",
        "--image-features", "--fail-fast", "--allow-empty"}
WINDOW = 1_000_000  # paths that are known to Ray at a time


def parse_options() -> argparse.Namespace:
    own, theirs = sys.argv[1:], []
    if "--" in own:
        theirs = own[own.index("--") + 1:]
        own = own[:own.index("--")]
    parser = argparse.ArgumentParser(description="Classifies images with clipcls on a Ray cluster.",
                                     usage="%(prog)s SOURCE --output DIR [options] -- CLIPCLS_OPTIONS")
    parser.add_argument("source", metavar="SOURCE", help="a list of paths ('-': standard input), a folder, or an address such as s3://bucket/photos")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new folder of shards, seen by all machines")
    parser.add_argument("--format", choices=("parquet", "jsonl"), default="parquet")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="clipcls processes; default: 2")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of each; default: 1")
    parser.add_argument("--block", type=int, default=256, metavar="N", help="paths that a worker is given at a time; default: 256")
    parser.add_argument("--address", metavar="ADDRESS", help="of a running cluster ('auto', ray://host:port); default: one on this machine")
    parser.add_argument("--clipcls", default=str(SCRIPTS.parent / "build/release/clipcls"), metavar="PROGRAM", help="on every machine")
    options = parser.parse_args(own)
    for name in ("workers", "threads", "block"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} is at least 1")
    ours = [option for option in theirs if option.split("=")[0] in OURS]
    if ours:
        parser.error(f"{ours[0]} behind -- is given to clipcls by this script itself")
    if options.output.exists() and (not options.output.is_dir() or any(options.output.iterdir())):
        parser.error(f"--output {options.output} is there already")
    options.command = [options.clipcls, "--files-from", "-", "--null", "--format", "jsonl", "--quiet", "--threads",
                       str(options.threads), "--allow-empty", *theirs]
    return options


def embed_labels(command: list[str]) -> None:
    """A run without images finds mistakes in the options before the cluster is used, and keeps the label embeddings."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        sys.stderr.buffer.write(result.stderr)
        sys.exit(2)


class JsonLines(BlockBasedFileDatasink):
    """A block's rows as clipcls wrote them."""

    def write_block_to_file(self, block: BlockAccessor, file: "pa.NativeFile") -> None:
        for row in block.to_arrow()["row"].to_pylist():
            file.write(row + b"\n")


def blocks_of(paths: Iterator[bytes], first_place: int, size: int) -> list[pa.Table]:
    blocks = []
    window = itertools.islice(paths, WINDOW)
    while block := list(itertools.islice(window, size)):
        places = pa.array(range(first_place, first_place + len(block)), pa.int64())
        blocks.append(pa.table({"place": places, "path": pa.array(block, pa.binary())}))
        first_place += len(block)
    return blocks


def start_ray(address: str | None) -> None:
    """Quietly: what goes wrong is an exception."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    warnings.filterwarnings("ignore", category=ray.util.annotations.RayDeprecationWarning)
    ray.init(address=address, log_to_driver=False, logging_level="ERROR", include_dashboard=False if address is None else None,
             runtime_env={"env_vars": {"PYTHONPATH": str(SCRIPTS)}})
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = sys.stderr.isatty()
    context.execution_options.preserve_order = True  # shards are in the order of the images


def classify(blocks: list[pa.Table], options: argparse.Namespace) -> None:
    rows = ray.data.from_arrow(blocks).map_batches(
        Worker, fn_constructor_args=(options.command, options.format == "parquet"), batch_size=None, batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=options.workers, max_tasks_in_flight_per_actor=2), num_cpus=options.threads)
    # Writing waits for no processor, else what all of them make would pile up.
    how_to_write = {"num_cpus": 0}
    if options.format == "parquet":
        rows.write_parquet(str(options.output), ray_remote_args=how_to_write)
    else:
        rows.write_datasink(JsonLines(str(options.output), file_format="jsonl"), ray_remote_args=how_to_write)


def main() -> int:
    options = parse_options()
    embed_labels(options.command)
    start_ray(options.address)
    options.output = options.output.resolve()
    options.output.mkdir(parents=True, exist_ok=True)
    paths = iter(list_images(options.source))
    num_images = 0
    while blocks := blocks_of(paths, num_images, options.block):
        classify(blocks, options)
        num_images += sum(len(block) for block in blocks)
    print(f"ray_classify: {num_images} images, rows in {options.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
