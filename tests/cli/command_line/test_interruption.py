"""Signals: what is being encoded is finished, the output is whole rows, and the exit code is the shell's."""
import csv
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import processes
import pytest
from conftest import SUMMARY, default_signals

LABELS = ("--label", "cat", "--label", "dog")


def interrupted(binary: Path, album: Path, number: int, *arguments: object, rows_before: int = 3) -> "subprocess.CompletedProcess[str]":
    """A run over a list that never ends, which gets signal `number` when it has said that some images failed."""
    command = [binary, "-T", "-", *LABELS, *map(str, arguments)]
    with processes.launch(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=default_signals) as process:
        process.stdin.write("".join(f"{album}/{n}.png\n" for n in range(1, rows_before + 1)) + "/nonexistent.png\n")
        process.stdin.flush()
        error = process.stderr.readline()  # the row of the last one is next
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, stdout, error + stderr)


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_run_with_whole_rows(clipcls_binary, album, number, code):
    result = interrupted(clipcls_binary, album, number, "-f", "json")
    assert result.returncode == code
    rows = json.loads(result.stdout)
    assert [row["image"] for row in rows] == [f"{album}/{n}.png" for n in (1, 2, 3)] + ["/nonexistent.png"]
    summary = result.stderr.splitlines()[-1]
    assert SUMMARY.match(summary) and summary.startswith("clipcls: interrupted; 4 images, 3 classified, 1 failed")


@pytest.mark.parametrize("format", ["json", "jsonl", "csv", "tsv", "text"])
def test_the_output_file_is_valid(clipcls_binary, album, tmp_path, format):
    output = tmp_path / "out"
    assert interrupted(clipcls_binary, album, signal.SIGINT, "-f", format, "-o", output).returncode == 130
    text = output.read_text()
    if format == "json":
        assert len(json.loads(text)) == 4
    elif format == "jsonl":
        assert len([json.loads(line) for line in text.splitlines()]) == 4
    elif format == "text":
        assert text.count("Top predictions:") == 3
    else:
        assert len(list(csv.DictReader(text.splitlines(), delimiter="," if format == "csv" else "\t"))) == 4
    assert not list(tmp_path.glob("*.partial*"))


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_an_earlier_file_is_not_given_up_for_nothing(clipcls_binary, tmp_path, format):
    output = tmp_path / "out"
    earlier = {"json": '[{"image": "earlier.png", "predictions": []}]\n', "jsonl": '{"image": "earlier.png", "predictions": []}\n'}[format]
    output.write_text(earlier)
    with processes.launch([clipcls_binary, "-T", "-", *LABELS, "-f", format, "-o", output, "--progress"], stdin=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=default_signals) as process:
        process.stderr.read(1)  # it waits for the first path
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert output.read_text() == earlier and list(tmp_path.iterdir()) == [output]


def test_a_run_that_ends_while_it_loads_leaves_nothing(clipcls_binary, tmp_path):
    """The label list is a pipe that nobody writes."""
    os.mkfifo(tmp_path / "labels")
    for format in ("json", "csv"):
        with processes.launch([clipcls_binary, "x.png", "-l", tmp_path / "labels", "-f", format, "-o", tmp_path / "out"],
                              preexec_fn=default_signals) as process:
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == -signal.SIGINT
        assert [path.name for path in tmp_path.iterdir()] == ["labels"]


def test_embed_keeps_what_it_has(clipcls_binary, run_clipcls, album, tmp_path):
    with processes.launch([clipcls_binary, "embed", "-T", "-", "-o", tmp_path / "features"], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, preexec_fn=default_signals) as process:
        process.stdin.write(f"{album}/1.png\n{album}/50.png\n")
        process.stdin.flush()
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    ranked = run_clipcls("--image-features", tmp_path / "features", *LABELS, "-f", "jsonl")
    assert ranked.returncode == 0 and [json.loads(line)["image"] for line in ranked.stdout.splitlines()] == [f"{album}/1.png"]


def test_a_long_run_ends_soon(clipcls_binary, album):
    with processes.launch([clipcls_binary, *[album] * 500, *LABELS, "-f", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, preexec_fn=default_signals) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rows = [json.loads(line) for line in [first, *process.stdout]]
        assert process.wait() == 130
    assert [row["image"] for row in rows[:200]] == [f"{album}/{n}.png" for n in range(1, 201)][:len(rows)]
    assert len(rows) < 100_000


def test_a_second_signal_ends_it_at_once(clipcls_binary, album):
    """The run waits for an image on standard input that does not come."""
    with processes.launch([clipcls_binary, f"{album}/1.png", "-", *LABELS, "-f", "jsonl", "--batch-size", "1", "--threads", "2"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=default_signals) as process:
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == -signal.SIGINT


@contextmanager
def waiting_for_an_image(binary: Path, album: Path) -> Iterator[subprocess.Popen]:
    """A run that has its first row and waits for an image on standard input that does not come."""
    with processes.launch([binary, f"{album}/1.png", "-", *LABELS, "-f", "jsonl", "--batch-size", "1", "--threads", "2"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          preexec_fn=default_signals) as process:
        assert process.stdout.readline()
        yield process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_two_signals_at_once_are_one(clipcls_binary, album, number):
    """As `timeout -s INT` sends them: one to the process and one to its group."""
    with waiting_for_an_image(clipcls_binary, album) as process:
        for _ in range(3):
            process.send_signal(number)
        time.sleep(0.3)
        assert process.poll() is None
        _, stderr = process.communicate("no picture", timeout=60)
        assert process.returncode == 128 + number and SUMMARY.match(stderr.splitlines()[-1])


def test_signals_of_two_kinds_are_noted(clipcls_binary, album):
    with waiting_for_an_image(clipcls_binary, album) as process:
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert process.poll() is None
        process.communicate("no picture", timeout=60)
        assert process.returncode == 143


def test_processor_time_that_runs_out_is_an_interruption(clipcls_binary, album, tmp_path):
    """The system says so every second, until the hard limit."""
    def limit() -> None:
        default_signals()
        resource.setrlimit(resource.RLIMIT_CPU, (2, 60))
    output = tmp_path / "rows.jsonl"
    result = subprocess.run([clipcls_binary, *[album] * 500, *LABELS, "-f", "jsonl", "-o", output], preexec_fn=limit, capture_output=True,
                            text=True, timeout=120, check=False)
    assert result.returncode == 128 + signal.SIGXCPU and "clipcls: interrupted; " in result.stderr
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert 0 < len(rows) < 100_000 and rows[0]["image"] == f"{album}/1.png"


@pytest.mark.parametrize("arguments", [("serve", "--port", "0", "-l", "{pipe}"), ("eval", "{pipe}"), ("embed", "-T", "{pipe}", "-o", "{out}"),
                                       ("x.png", "-l", "{pipe}", "-f", "csv", "-o", "{out}"), ("calibrate", "{pipe}", "-o", "{out}")],
                         ids=lambda arguments: arguments[0])
def test_a_command_that_waits_for_its_input_ends_at_once(clipcls_binary, tmp_path, arguments):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = [word.format(pipe=pipe, out=tmp_path / "out") for word in arguments]
    with processes.launch([clipcls_binary, *words], preexec_fn=default_signals, stderr=subprocess.DEVNULL) as process:
        time.sleep(0.4)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == -signal.SIGTERM
    assert list(tmp_path.iterdir()) == [pipe]


def test_what_the_parent_ignores_stays_ignored(clipcls_binary, album):
    with processes.launch([clipcls_binary, "-T", "-", *LABELS, "-f", "jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) as process:
        process.stdin.write(f"{album}/1.png\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.stdin.write(f"{album}/2.png\n")
        process.stdin.close()
        assert process.stdout.readline() and process.wait() == 0


@pytest.mark.parametrize("restores", [True, False])
def test_a_reader_that_has_enough_ends_it_quietly(clipcls_binary, album, restores):
    """Also where the parent ignores SIGPIPE, as Python and some CI systems do."""
    with processes.launch([clipcls_binary, *[album] * 100, *LABELS, "-f", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          restore_signals=restores) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == -signal.SIGPIPE
        assert [line for line in process.stderr.read().splitlines() if "50.png" not in line] == []
