"""Runs the fuzzers of build/fuzz in rounds until each has had its time, and adds their figures up; scripts/fuzz builds them first."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import processes  # noqa: E402

FUZZERS = ROOT / "build" / "fuzz" / "tests" / "fuzz"
CORPUS = ROOT / "build" / "fuzz_corpus"
FINDINGS = ROOT / "build" / "fuzz_findings"
RESULTS = ROOT / "tests" / "fuzz" / "results.json"
PICTURES = [ROOT / "tests" / "data" / "images" / folder for folder in ("decode", "coded", "pages")]
MORE_SEEDS = {f"decode_{kind}": PICTURES for kind in ("image", "avif", "heif", "jpeg2000", "jxl", "tiff")}

# The most that one allocation and the whole process may take, MB. Inputs are small, so that a decoder or parser that
# takes what a header asks for is found; libtorch needs more than that for itself.
LIMITS = {"weights_file": (512, 4096)}
USUAL_LIMITS = (64, 2048)


# A run that is cut off loses no more than this, and no target waits for long.
ROUND_SECONDS = 300


def run_measured(command: list, environment: dict, limit: float) -> tuple[str, int, float, float]:
    """Its output and exit status, the seconds that passed and those of the processor: fewer on a busy machine."""
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        with processes.launch(command, limit=limit, env=environment, stdout=output, stderr=subprocess.STDOUT) as process:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return output.read().decode(errors="replace"), process.returncode, seconds, usage.ru_utime + usage.ru_stime


def run(target: str, seconds: int, input_seconds: int) -> dict:
    """One run; its figures."""
    corpus = CORPUS / target
    corpus.mkdir(parents=True, exist_ok=True)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    seeds = [folder for folder in (ROOT / "tests" / "fuzz" / "corpus" / target, ROOT / "tests" / "fuzz" / "regressions" / target,
                                   *MORE_SEEDS.get(target, [])) if folder.is_dir()]
    environment = {**os.environ, "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-14"}
    if os.access("/dev/shm", os.W_OK):  # fuzzers of what reads files write one for each input
        environment["TMPDIR"] = "/dev/shm"
    malloc_limit, rss_limit = LIMITS.get(target, USUAL_LIMITS)
    fuzzer = [FUZZERS / f"fuzz_{target}", f"-timeout={input_seconds}", f"-malloc_limit_mb={malloc_limit}", f"-rss_limit_mb={rss_limit}"]
    command = [*fuzzer, f"-max_total_time={seconds}", f"-artifact_prefix={FINDINGS}/{target}-", "-print_final_stats=1", corpus, *seeds]
    text, exit_status, seconds_taken, cpu_taken = run_measured(command, environment, limit=seconds + 10 * input_seconds + 600)
    with open(FINDINGS.parent / f"fuzz_{target}.log", "a") as log:
        log.write(text)
    executions = re.findall(r"stat::number_of_executed_units:\s+(\d+)", text) or re.findall(r"^#(\d+)", text, re.M) or [0]
    covered = [int(edges) for edges in re.findall(r"\bcov: (\d+)", text)] or [0]
    findings = re.findall(r"Test unit written to (\S+)", text)
    if exit_status != 0 and not findings:
        raise RuntimeError(f"{target} cannot run:\n{text[-2000:]}")
    # A process that was stopped for a while takes its input for a slow one: what does not happen again is no finding.
    for finding in list(findings):
        if processes.run([*fuzzer, finding], timeout=10 * input_seconds + 600, env=environment, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL).returncode == 0:
            Path(finding).unlink()
            findings.remove(finding)
    return {"executions": int(executions[-1]), "seconds": round(seconds_taken), "cpu_seconds": round(cpu_taken), "edges": max(covered),
            "inputs": len(list(corpus.iterdir())), "findings": [Path(finding).name for finding in findings]}


def add(results: dict, target: str, figures: dict) -> None:
    known = results.setdefault(target, {"executions": 0, "seconds": 0, "cpu_seconds": 0, "findings": []})
    for figure in ("executions", "seconds", "cpu_seconds"):
        known[figure] += figures[figure]
    known["findings"] += figures["findings"]
    known["edges"] = max(known.get("edges", 0), figures["edges"])
    known["inputs"] = figures["inputs"]


def table(results: dict) -> str:
    rows = [("target", "minutes", "of CPU", "executions", "exec/s", "edges", "inputs", "findings")]
    total = {figure: sum(figures[figure] for figures in results.values()) for figure in ("seconds", "cpu_seconds", "executions", "edges", "inputs")}
    total["findings"] = [finding for figures in results.values() for finding in figures["findings"]]
    for target, figures in [*sorted(results.items()), ("total", total)]:
        rows.append((target, f"{figures['seconds'] / 60:.1f}", f"{figures['cpu_seconds'] / 60:.1f}", f"{figures['executions']:,}",
                     f"{figures['executions'] / max(figures['cpu_seconds'], 1):,.0f}",
                     str(figures["edges"]), str(figures["inputs"]), str(len(figures["findings"]))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths)))
                     for row in rows)


def read_results(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


class Rounds:
    """Which target is next: of those that have not had their time, and of which nothing was found, the one that had least."""

    def __init__(self, targets: list, seconds: int, input_seconds: int, results: Path) -> None:
        self.targets, self.seconds, self.input_seconds, self.results = targets, seconds, input_seconds, results
        self.running, self.stopped = set(), set()
        self.lock = threading.Lock()

    def next(self) -> tuple[str, int] | None:
        with self.lock:
            results = read_results(self.results)
            taken = {target: results.get(target, {}).get("cpu_seconds", 0) for target in self.targets}
            waiting = [target for target in self.targets
                       if taken[target] < self.seconds and target not in self.running and target not in self.stopped]
            if not waiting:
                return None
            target = min(waiting, key=taken.get)
            self.running.add(target)
            return target, min(ROUND_SECONDS, self.seconds - taken[target])

    def work(self) -> None:
        while (job := self.next()) is not None:
            target, seconds = job
            problems = []
            try:
                figures = run(target, seconds, self.input_seconds)
                problems = [f"found {FINDINGS / finding}" for finding in figures["findings"]]
            except (RuntimeError, OSError, AssertionError) as error:
                figures, problems = None, [str(error)]
            with self.lock:
                self.running.remove(target)
                if figures is not None:
                    results = read_results(self.results)
                    add(results, target, figures)
                    self.results.write_text(json.dumps(dict(sorted(results.items())), indent=2) + "\n")
                    print(f"fuzz: {target}: {results[target]['cpu_seconds']} of {self.seconds} s", flush=True)
                if problems:
                    self.stopped.add(target)
                    print("\n".join(f"fuzz: {target}: {problem}" for problem in problems), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=1800, help="of the processor, for each target, those of earlier runs included")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="targets that run at the same time, one a core by default")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where figures are added up")
    parser.add_argument("--input-seconds", type=int, default=10, help="an input that takes longer is a finding; more on a busy machine")
    parser.add_argument("targets", nargs="*", help="all by default")
    arguments = parser.parse_args()
    known = sorted(path.name.removeprefix("fuzz_") for path in FUZZERS.glob("fuzz_*") if os.access(path, os.X_OK) and path.is_file())
    for target in arguments.targets:
        if target not in known:
            parser.error(f"{target}: no such target; there are {', '.join(known)}")
    targets = arguments.targets or known
    rounds = Rounds(targets, arguments.seconds, arguments.input_seconds, arguments.results)
    workers = [threading.Thread(target=rounds.work, daemon=True) for _ in range(arguments.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        while worker.is_alive():
            worker.join(60)
    results = read_results(arguments.results)
    print(table({target: results[target] for target in targets if target in results}))
    return 1 if rounds.stopped else 0


if __name__ == "__main__":
    sys.exit(main())
