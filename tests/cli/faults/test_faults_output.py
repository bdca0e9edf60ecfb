"""Results that cannot be written: nothing that was there is lost, and the message says what is in the way.

test_resume.py has the rows that a full disk leaves behind, and one file for two runs; test_command_line.py a full standard output.
"""
import csv
import json
import resource
import signal
import subprocess
from contextlib import ExitStack
from pathlib import Path

import processes
import pytest
from conftest import default_signals

LABELS = ("--label", "cat", "--label", "dog", "--label", "shark")
FORMATS = ["text", "json", "jsonl", "csv", "tsv", "html"]


def run(*command: object) -> "subprocess.CompletedProcess[str]":
    return processes.run([*map(str, command)], capture_output=True, text=True, timeout=120, check=False)


def one_line(result: "subprocess.CompletedProcess[str]", part: str) -> None:
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.stderr
    assert part in result.stderr


def limit_file_size() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


@pytest.mark.parametrize("format", FORMATS)
def test_no_room_for_the_results_leaves_the_earlier_file(clipcls_binary, album, tmp_path, format):
    output = tmp_path / "results"
    earlier = "Top predictions:\n\n             cat: 99.00%\n"
    output.write_text(earlier)
    command = [clipcls_binary, album, *LABELS, "-f", format, "-o", output, "--no-cache"]
    result = processes.run(command, capture_output=True, text=True, preexec_fn=limit_file_size, timeout=120, check=False)
    assert result.returncode == 2 and f"{output}" in result.stderr and "writing failed; is the disk full" in result.stderr
    assert output.read_text() == earlier
    kept = {"results.partial", "results.partial.resume"} if format in ("jsonl", "csv", "tsv") else set()
    assert {path.name for path in tmp_path.iterdir()} == {"results", *kept}


@pytest.mark.parametrize("format", ["json", "csv", "html"])
def test_a_full_standard_output_ends_the_run(clipcls_binary, album, format):
    with open("/dev/full", "w") as full:
        result = processes.run([clipcls_binary, album, *LABELS, "-f", format], stdout=full, stderr=subprocess.PIPE, text=True,
                               timeout=120, check=False)
    assert result.returncode == 2 and "standard output: writing failed; is the disk full" in result.stderr


def test_a_full_disk_is_gone_on_with_when_there_is_room(clipcls_binary, album, mount_disk):
    disk = mount_disk("size=32k")
    output = disk / "results.jsonl"
    command = [clipcls_binary, album, *LABELS, "-f", "jsonl", "-o", output, "--no-cache"]
    result = run(*command)
    assert result.returncode == 2 and "is the disk full" in result.stderr and "--resume adds the others" in result.stderr
    assert not output.exists()
    kept = Path(f"{output}.partial").read_text().rpartition("\n")[0].splitlines()
    assert len(kept) > 10
    mount_disk("remount,size=4m")
    resumed = run(*command, "--resume")
    assert resumed.returncode == 1 and f"({len(kept)} of them kept" in resumed.stderr, resumed.stderr
    lines = output.read_text().splitlines()
    assert lines[:len(kept)] == kept and len(lines) == 200
    assert [Path(json.loads(line)["image"]).name for line in lines] == [f"{number}.png" for number in range(1, 201)]


@pytest.mark.parametrize("format", ["text", "jsonl"])
def test_an_output_on_a_read_only_disk(clipcls_binary, album, mount_disk, format):
    disk = mount_disk("size=1m")
    (disk / "results").write_text("of an earlier run\n")
    mount_disk("remount,ro")
    result = run(clipcls_binary, album, *LABELS, "-f", format, "-o", disk / "results")
    one_line(result, f"{disk}/results: cannot be written: Read-only file system")
    assert (disk / "results").read_text() == "of an earlier run\n"


@pytest.mark.parametrize("output", ["/proc/results", "/dev/null/results", "/nonexistent/results"])
@pytest.mark.parametrize("format", ["text", "jsonl"])
def test_where_not_even_root_may_write(run_clipcls, tmp_path, output, format):
    """Found before the model is loaded, which would fail."""
    (tmp_path / "config.json").write_text("{}")
    result = run_clipcls("x.png", *LABELS, "-f", format, "-o", output, "-m", tmp_path)
    one_line(result, f"{output}: cannot be written")


def test_features_on_a_full_disk(clipcls_binary, album, mount_disk):
    disk = mount_disk("size=64k")
    result = run(clipcls_binary, "embed", album, "-o", disk / "features")
    assert result.returncode == 2 and "features" in result.stderr and "full" in result.stderr, result.stderr
    assert not (disk / "features").exists()


def test_pictures_are_not_lost_when_the_disk_they_are_moved_to_is_full(clipcls_binary, album, mount_disk, tmp_path):
    disk = mount_disk("size=128k")
    source = tmp_path / "photos"
    source.mkdir()
    contents = {}
    for number in range(1, 41):
        content = (album / f"{number % 40 + 100}.png").read_bytes()
        (source / f"{number}.png").write_bytes(content)
        contents[f"{number}.png"] = content
    result = run(clipcls_binary, source, *LABELS, "--move", "--sort-into", f"{disk}/{{label}}", "-f", "jsonl")
    assert result.returncode in (1, 2) and result.stderr != ""
    there = {path.name: path.read_bytes() for folder in (source, disk) for path in folder.rglob("*.png")}
    assert there == contents


def test_two_runs_into_one_file(clipcls_binary, album, tmp_path):
    """Of two at the same time the file is that of one, and whole."""
    output = tmp_path / "results.json"
    alone = run(clipcls_binary, album, *LABELS, "-f", "json").stdout
    command = [clipcls_binary, album, *LABELS, "-f", "json", "-o", output]
    with ExitStack() as stack:
        runs = [stack.enter_context(processes.launch(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                                     preexec_fn=default_signals)) for _ in range(3)]
        assert [run.wait() for run in runs] == [1, 1, 1]
    assert output.read_text() == alone and list(tmp_path.iterdir()) == [output]


def test_two_runs_into_one_table(clipcls_binary, album, tmp_path):
    """One of them writes it; what comes too late is told so, before it has worked for nothing."""
    output = tmp_path / "results.csv"
    command = [clipcls_binary, album, *LABELS, "-f", "csv", "-o", output]
    with ExitStack() as stack:
        runs = [stack.enter_context(processes.launch(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                                     preexec_fn=default_signals)) for _ in range(3)]
        results = [(run.communicate()[1], run.returncode) for run in runs]
    assert 1 in [code for _, code in results]
    for message, code in results:
        assert code == 1 or (code == 2 and "another clipcls is writing it" in message), message
    with open(output, newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 201 and [Path(row[0]).name for row in rows[1:]] == [f"{number}.png" for number in range(1, 201)]
