"""Whole processes: wall time and peak memory, from outside."""
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STARTER = Path(__file__).with_name("starter.py")


@dataclass
class Run:
    seconds: float
    peak_megabytes: float
    output: str
    messages: str  # standard error


SECONDS_AT_MOST = 7200  # a thousand labels in Python take most of an hour


def run_process(command: list[object], environment: dict[str, str] | None = None, stdin: bytes = b"") -> Run:
    """Raises RuntimeError, with the last line of standard error, where the exit code is not 0."""
    starter = [sys.executable, "-S", "-E", STARTER]
    with (tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as into,
          tempfile.NamedTemporaryFile() as report):
        into.write(stdin)
        into.seek(0)
        process = subprocess.Popen([str(part) for part in (*starter, report.name, *command)], stdout=out, stderr=err, stdin=into,
                                   env=os.environ | {"CLIPCLS_CONFIG": ""} | (environment or {}), start_new_session=True)
        try:
            code = process.wait(SECONDS_AT_MOST)
        except BaseException as problem:  # the limit, or Ctrl-C: nothing is left behind that others wait for
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)
            if isinstance(problem, subprocess.TimeoutExpired):
                raise RuntimeError(f"{command[0]}: no end within {SECONDS_AT_MOST} s") from problem
            raise
        out.seek(0)
        err.seek(0)
        messages = err.read().decode("utf-8", "replace")
        if code != 0:
            lines = messages.strip().splitlines() or ["no message"]
            raise RuntimeError(f"{command[0]}: {lines[-1]}")
        took = json.load(report)
        return Run(took["seconds"], took["peak_bytes"] / 1e6, out.read().decode("utf-8"), messages)


def run_in_rounds(runs: dict[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Every command once a round, after one round that does not count."""
    results: dict[str, list[Run]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            result = run()
            if number > 0:
                results[name].append(result)
    return results


def median_ratio(a: list[Run], b: list[Run]) -> float:
    return statistics.median(x.seconds / y.seconds for x, y in zip(a, b, strict=True))


def summary(runs: list[Run]) -> dict[str, float]:
    return {"seconds": statistics.median(run.seconds for run in runs),
            "fastest": min(run.seconds for run in runs), "slowest": max(run.seconds for run in runs),
            "peak_megabytes": max(run.peak_megabytes for run in runs)}


def model_megabytes(folder: Path) -> float:
    """Of the two encoders, TorchScript or weights."""
    return sum(path.stat().st_size for path in folder.glob("*_encoder.*")) / 1e6
