"""Runs of the program over a collection: one that is measured, one that is killed again and again, and what they wrote."""
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soak_run.collection import Collection

Row = dict[str, Any]
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Sample:
    num_rows: int
    resident_kb: int
    cpu_seconds: float


class RowCounter:
    """Counts the lines of a file that grows, reading each byte once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = self.num_rows = 0

    def count(self) -> int:
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                content = file.read()
        except FileNotFoundError:
            return self.num_rows
        self.offset += len(content)
        self.num_rows += content.count(b"\n")
        return self.num_rows


def command(binary: Path, collection: Collection, output: Path, *flags: str) -> list[str]:
    return [str(binary), "--files-from", str(collection.list_file), "--labels", "cifar100", "--format", "jsonl", "--output", str(output),
            "--quiet", *flags]


@contextmanager
def start(arguments: list[str]) -> "Iterator[subprocess.Popen[bytes]]":
    """A run, which is waited for in the end, or killed when the block is left by an exception."""
    with subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def take_sample(process_id: int, num_rows: int) -> Sample | None:
    """None: the process has ended."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    resident = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    if not resident:
        return None
    ticks = int(fields[11]) + int(fields[12])  # utime, stime
    return Sample(num_rows, int(resident[0]), ticks / os.sysconf("SC_CLK_TCK"))


def measured_run(binary: Path, collection: Collection, output: Path) -> list[Sample]:
    """One sample whenever rows were added. The exit code must be 1: some of the images are damaged."""
    rows = RowCounter(Path(f"{output}.partial"))
    samples: list[Sample] = []
    with start(command(binary, collection, output)) as process:
        while process.poll() is None:
            before = rows.num_rows
            sample = take_sample(process.pid, rows.count())
            if sample and sample.num_rows > before:
                samples.append(sample)
            time.sleep(POLL_SECONDS)
    if process.returncode != 1:
        raise RuntimeError(f"the run ended with exit code {process.returncode}, expected 1")
    return samples


def killed_run(binary: Path, collection: Collection, output: Path, num_kills: int, seed: int) -> list[int]:
    """Kills the run at random numbers of rows, resumes it with --resume, and lets it end. Returns the rows there were at each kill."""
    generator = random.Random(seed)
    # Below the number of images: the run must not end before it is killed.
    moments = sorted(generator.sample(range(1, len(collection.expected) * 9 // 10), num_kills))
    partial = Path(f"{output}.partial")
    arguments = command(binary, collection, output, "--resume")
    num_rows = []
    for moment in moments:
        with start(arguments) as process:
            rows = RowCounter(partial)
            while rows.count() < moment:
                if process.poll() is not None:
                    raise RuntimeError(f"the run ended by itself with exit code {process.returncode} after {rows.num_rows} rows")
                time.sleep(POLL_SECONDS / 10)
            time.sleep(generator.random() * POLL_SECONDS)
            process.send_signal(signal.SIGKILL)
        if output.exists():
            raise RuntimeError("a run that was killed left a file under the name of a whole one")
        num_rows.append(RowCounter(partial).count())
    with start(arguments) as process:
        pass
    if process.returncode != 1:
        raise RuntimeError(f"the last run ended with exit code {process.returncode}, expected 1")
    return num_rows


def read_rows(output: Path) -> list[Row]:
    return [json.loads(line) for line in output.read_text().splitlines()]


def answer_of(row: Row) -> str:
    return str(row["error"]["kind"]) if "error" in row else ""


def unaccounted(collection: Collection, rows: list[Row]) -> list[str]:
    """What is wrong with the rows of a run: a path that has none, or two, or another place, or an answer that it should not have."""
    problems = []
    if [row["image"] for row in rows] != list(collection.expected):
        problems.append(f"{len(rows)} rows are not the {len(collection.expected)} paths of the list in their order")
    for row in rows:
        path, answer = row["image"], answer_of(row)
        if answer not in collection.expected.get(path, ()):
            problems.append(f"{path} ({collection.damage.get(path, 'whole')}): {answer or 'classified'}")
    return problems


def is_same_row(row: Row, other: Row, tolerance: float) -> bool:
    """Equal, but for `tolerance` in the similarities, and so for the order of labels that are as near to each other as that."""
    if row["image"] != other["image"] or row.get("error") != other.get("error"):
        return False
    ranked = [{prediction["label"]: prediction["similarity"] for prediction in each.get("predictions", [])} for each in (row, other)]
    if len(ranked[0]) != len(ranked[1]):
        return False
    # A label that one of them lacks is at most as good as its last.
    return all(abs(ranked[0].get(label, min(ranked[0].values())) - ranked[1].get(label, min(ranked[1].values()))) <= tolerance
               for label in ranked[0] | ranked[1])
