"""What stands where a file is expected: pipes are read like files, devices and sockets end in one line, and nothing waits for ever."""
import json
import os
import socket
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path

import processes
import pytest
from conftest import rows_of
from every_command import LABELS, SHARK, Place, ends_well_or_in_one_line, place

ROWS = ("-f", "jsonl", "-q")


@pytest.fixture()
def pipe(tmp_path: Path):
    """pipe(content, name): a named pipe that something writes `content` to, once."""
    writers = ExitStack()

    def make(content: bytes, name: str = "pipe") -> Path:
        path = tmp_path / name
        os.mkfifo(path)
        writer = writers.enter_context(processes.launch(["sh", "-c", 'cat > "$0"', str(path)], stdin=subprocess.PIPE, limit=60))
        writers.callback(writer.kill)
        threading.Thread(target=writer.communicate, args=(content,), daemon=True).start()
        return path
    with writers:
        yield make


def test_an_image_in_a_named_pipe(place: Place, pipe):
    row, = rows_of(place.run((pipe(SHARK.read_bytes()), *LABELS, *ROWS)).stdout)
    assert row["predictions"][0]["label"] == "shark"


def test_images_of_other_programs(place: Place):
    """clipcls <(command) <(command)"""
    command = [str(place.binary), *LABELS, *ROWS]
    script = '"$@" <(cat "$0") <(sleep 0.3; cat "$0") <(true)'
    result = subprocess.run(["bash", "-c", script, str(SHARK), *command], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    rows = rows_of(result.stdout)
    assert [row["predictions"][0]["label"] for row in rows[:2]] == ["shark", "shark"] and rows[2]["error"]["kind"] == "not_an_image"


@pytest.mark.parametrize("given", ["file", "pipe", "socket"])
def test_an_image_on_standard_input(place: Place, given: str):
    image = SHARK.read_bytes()
    for name in ("-", "/dev/stdin"):
        if given == "file":
            with open(SHARK, "rb") as stdin:
                result = place.run((name, *LABELS, *ROWS), stdin=stdin)
        elif given == "pipe":
            result = subprocess.run(["bash", "-c", 'cat "$0" | "$@"', str(SHARK), str(place.binary), name, *LABELS, *ROWS],
                                    capture_output=True, text=True, timeout=60, check=False)
        else:
            ours, theirs = socket.socketpair()
            threading.Thread(target=lambda end=ours: (end.sendall(image), end.close()), daemon=True).start()
            with theirs:
                result = place.run((name, *LABELS, *ROWS), stdin=theirs)
        row, = rows_of(result.stdout)
        if (name, given) == ("/dev/stdin", "socket"):  # which Linux opens for nobody
            assert "'-' reads one image from standard input" in row["error"]["message"]
        else:
            assert row["predictions"][0]["label"] == "shark", (name, row)


@pytest.mark.parametrize("option, content", [
    ("-T", "{place}/1.png\n"), ("-l", "shark\ncat\n"), ("--templates", "a photo of a {}.\n")])
def test_a_text_in_a_pipe(place: Place, pipe, option: str, content: str):
    file = pipe(content.format("{}", place=place.folder).encode())
    arguments = {"-T": ("-T", file, *LABELS), "-l": ("{place}/1.png", "-l", file),
                 "--templates": ("{place}/1.png", "--templates", file, *LABELS)}[option]
    row, = rows_of(place.run((*arguments, *ROWS)).stdout)
    assert {prediction["label"] for prediction in row["predictions"]} == {"shark", "cat"}


def test_a_table_in_a_pipe(place: Place, pipe):
    table = f"path,label\n{place.folder}/1.png,shark\n{place.folder}/classes/cat/2.png,cat\n"
    result = place.run(("eval", pipe(table.encode()), "-f", "json"))
    assert result.returncode == 0 and json.loads(result.stdout)["num_images"] == 2, result.stderr


def test_a_calibration_in_a_pipe(place: Place, pipe, tmp_path: Path):
    """Also where the rows go to a file, which names it for --resume."""
    file = tmp_path / "calibration.json"
    assert place.run(("calibrate", "{place}/classes", "-o", file)).returncode == 0
    result = place.run(("{place}/1.png", "--label", "cat", "--label", "shark", "--calibration", pipe(file.read_bytes()), *ROWS, "-o", "{new}"))
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/full", "/proc/self/mem", "/proc/self/status", "/proc/version", "socket", "/"])
def test_what_is_no_image(place: Place, tmp_path: Path, path: str):
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(tmp_path / "s"))
        path = str(tmp_path / "s") if path == "socket" else path
        result = place.run((path, "{place}/1.png", *LABELS, *ROWS))
    *others, last = rows_of(result.stdout)
    assert last["predictions"][0]["label"] == "shark" and len(others) == (path != "/")
    assert [row["error"]["kind"] for row in others] == ["not_an_image" if "/proc/" in path and "mem" not in path else "unreadable"] * len(others)


WANTED = {"labels": ("{place}/1.png", "-l", "{path}"), "templates": ("{place}/1.png", *LABELS, "--templates", "{path}"),
          "list": ("-T", "{path}", *LABELS), "calibration": ("{place}/1.png", *LABELS, "--calibration", "{path}"), "eval": ("eval", "{path}"),
          "model": ("{place}/1.png", *LABELS, "-m", "{path}"), "features": ("--image-features", "{path}", *LABELS),
          "import": ("model", "import", "{path}", "-o", "{new}")}


@pytest.mark.parametrize("path", ["/dev/null", "/", "/proc/version", "socket"])
@pytest.mark.parametrize("name", WANTED)
def test_what_is_no_such_file(place: Place, tmp_path: Path, name: str, path: str):
    # `undo` is left to the tests of journals: what it takes for one, it may remove.
    if (name, path) in (("eval", "/"), ("eval", "/proc/version"), ("list", "/dev/null"), ("list", "/proc/version")):
        return
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(tmp_path / "s"))
        path = str(tmp_path / "s") if path == "socket" else path
        result = place.run([word if word != "{path}" else path for word in WANTED[name]], timeout=60)
    ends_well_or_in_one_line(result)
    if (name, path) not in (("labels", "/proc/version"), ("templates", "/proc/version")):  # a text of one line
        assert result.returncode == 2 and path in result.stderr
