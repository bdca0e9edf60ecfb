#!/usr/bin/env python3
"""Exports every architecture of open_clip that reads CLIP's tokens, and imports every SigLIP, with seeded random weights;
classifies a picture with the real program, compares the answer with open_clip's, and writes models/ZOO.md.

    scripts/zoo/sweep.py                             all that this machine's memory holds, small ones first
    scripts/zoo/sweep.py --max-gigabytes 12          leaves out what needs more
    scripts/zoo/sweep.py --only RN50 convnext_base   runs these again
    scripts/zoo/sweep.py --redo-failed

Results are kept in models/zoo.json: a second run continues. Exit code 0: all that was run passes; 1: some do not.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from export.open_clip_import import open_clip  # noqa: E402
from zoo.architectures import count_parameters, list_architectures, needed_gigabytes, stand_in_tokenizer  # noqa: E402
from zoo.export_one import LABELS  # noqa: E402
from zoo.table import Row, format_table  # noqa: E402

SEED = 0
# Both sides compute in float32 and sum in different orders, which moves a similarity by some 1e-7 to 1e-6. With a
# logit scale of 100 a difference of 4e-6 moves a percentage by 0.01 points at most: see tests/cli/models/test_parity.py.
MAX_SIMILARITY_ERROR = 4e-6
MAX_PERCENTAGE_ERROR = 0.01
MIN_SPREAD = 1000 * MAX_SIMILARITY_ERROR  # between the labels; under it the check is worth nothing
MIN_MOVED = 100 * MAX_SIMILARITY_ERROR    # by another picture
TIMEOUT_SECONDS = 3600

State = dict[str, dict[str, Any]]  # what is known of each architecture


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Exports and checks open_clip's architectures; writes models/ZOO.md.")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/clipcls", metavar="FILE")
    parser.add_argument("--state", type=Path, default=ROOT / "models/zoo.json", metavar="FILE")
    parser.add_argument("--table", type=Path, default=ROOT / "models/ZOO.md", metavar="FILE")
    parser.add_argument("--max-gigabytes", type=float, metavar="N", help="of memory; default: what the machine has")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of each process; default 1")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these, also if they were run before")
    parser.add_argument("--redo-failed", action="store_true", help="run those again that did not pass")
    parser.add_argument("--table-only", action="store_true", help="run nothing, write the table of what is known")
    return parser.parse_args()


def machine_gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def run(command: list[object], threads: int) -> tuple[int, str, str, float]:
    """Exit code, standard output, the last line of standard error, and the peak of memory in gigabytes."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "PYTHONWARNINGS": "ignore"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, env=environment,
                                   stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        try:
            while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
                if time.monotonic() > deadline:
                    process.kill()
                time.sleep(0.1)
        except BaseException:  # the sweep is stopped: its child with it
            process.kill()
            raise
        _, status, usage = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        lines = err.read().decode("utf-8", "replace").strip().splitlines() or [""]
        return process.returncode, out.read().decode("utf-8"), lines[-1], usage.ru_maxrss * 1024 / 1e9


def compare(answer: dict[str, Any], predictions: list[dict[str, Any]]) -> dict[str, Any]:
    """The row of an architecture: open_clip's answer and the program's."""
    expected = dict(zip(LABELS, zip(answer["similarity"], answer["score"], strict=True), strict=True))
    assert len(predictions) == len(expected)
    similarity_error = max(abs(row["similarity"] - expected[row["label"]][0]) for row in predictions)
    percentage_error = max(abs(100 * (row["score"] - expected[row["label"]][1])) for row in predictions)
    if answer["spread"] < MIN_SPREAD or answer["moved"] < MIN_MOVED:
        result = "fails: random weights tell nothing apart"
    elif not (similarity_error <= MAX_SIMILARITY_ERROR and percentage_error <= MAX_PERCENTAGE_ERROR):
        result = "fails: differs from open_clip"
    else:
        result = "passes"
    return {"result": result, "similarity_error": similarity_error, "percentage_error": percentage_error,
            "spread": answer["spread"], "moved": answer["moved"]} | {key: answer[key] for key in ("cosine",) if key in answer}


def make_model(name: str, folder: Path, binary: Path, threads: int) -> tuple[int, str, float]:
    """Exports or imports it; exit code, the last line of standard error, the peak of memory in gigabytes."""
    if stand_in_tokenizer(name) is None:
        code, _, error, peak = run([sys.executable, ROOT / "scripts/zoo/export_one.py", name, SEED, folder], threads)
        return code, error, peak
    code, _, error, peak = run([sys.executable, ROOT / "scripts/zoo/import_one.py", name, folder], threads)
    if code != 0:
        return code, error, peak
    code, _, error, import_peak = run([binary, "model", "import", folder / "published", "--output", folder / "model"], threads)
    shutil.rmtree(folder / "published")  # the disk need not hold both
    return code, error, max(peak, import_peak)


def check_architecture(name: str, binary: Path, threads: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="clipcls-zoo-"))
    started = time.monotonic()
    try:
        code, error, export_peak = make_model(name, folder, binary, threads)
        program_peak = 0.0
        if code != 0:
            reason = error if code > 0 else f"{error} (signal {-code})".strip()
            row: dict[str, Any] = {"result": f"fails: {reason[:200]}"}
        else:
            answer = json.loads((folder / "answer.json").read_text("utf-8"))
            template = ["--template", answer["template"]] if "template" in answer else []
            code, out, error, program_peak = run(
                [binary, folder / "picture.png", "--model", folder / "model", "--labels", folder / "labels.txt",
                 "--format", "jsonl", "--top-k", len(LABELS), *template], threads)
            if code != 0:
                row = {"result": f"fails: clipcls says: {error[:200]}"}
            else:
                row = compare(answer, json.loads(out)["predictions"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return row | {"seconds": round(time.monotonic() - started, 1), "export_gigabytes": round(export_peak, 2),
                  "program_gigabytes": round(program_peak, 2)}


def save(state: State, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(state, indent=1), "utf-8")
    partial.rename(path)


def make_rows(state: State, reasons: dict[str, str | None], max_gigabytes: float) -> list[Row]:
    rows = []
    for name, reason in reasons.items():
        known = state.get(name, {})
        parameters = known.get("parameters")
        if reason:
            rows.append(Row(name, None, f"no: {reason}"))
        elif "result" in known:
            rows.append(Row(name, parameters, *(known.get(key) for key in (
                "result", "similarity_error", "percentage_error", "spread", "moved")), stand_in_tokenizer(name)))
        else:
            gigabytes = needed_gigabytes(parameters)
            rows.append(Row(name, parameters, "not run yet" if gigabytes <= max_gigabytes else
                            f"not run: needs about {gigabytes:.0f} GB of memory"))
    return rows


def main() -> int:
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that temporary folders are deleted
    max_gigabytes = options.max_gigabytes or machine_gigabytes()
    reasons = list_architectures()
    state: State = json.loads(options.state.read_text("utf-8")) if options.state.exists() else {}
    for name, reason in reasons.items():
        if reason is None and name not in state:
            state[name] = {"parameters": count_parameters(name)}
    save(state, options.state)

    def is_due(name: str) -> bool:
        known = state[name]
        if options.only:
            return name in options.only
        if "result" in known and not (options.redo_failed and known["result"] != "passes"):
            return False
        return needed_gigabytes(known["parameters"]) <= max_gigabytes

    unknown = [name for name in options.only or [] if name not in state]
    if unknown:
        print(f"zoo/sweep.py: not in the sweep: {', '.join(unknown)}", file=sys.stderr)
        return 2
    due = [] if options.table_only else sorted(filter(is_due, state), key=lambda name: state[name]["parameters"])
    for index, name in enumerate(due):
        print(f"{index + 1}/{len(due)} {name}: ", end="", flush=True)
        row = check_architecture(name, options.binary, options.threads)
        state[name] = {"parameters": state[name]["parameters"]} | row
        print(f"{row['result']}, {row['seconds']:.0f} s, {row['export_gigabytes']:.1f} GB", flush=True)
        save(state, options.state)
    rows = make_rows(state, reasons, max_gigabytes)
    options.table.write_text(format_table(
        rows, version=open_clip.__version__, num_labels=len(LABELS), max_similarity=MAX_SIMILARITY_ERROR,
        max_percentage=MAX_PERCENTAGE_ERROR, min_spread=MIN_SPREAD, min_moved=MIN_MOVED), "utf-8")
    return 0 if all(row.result == "passes" or row.result.startswith(("no:", "not run")) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
