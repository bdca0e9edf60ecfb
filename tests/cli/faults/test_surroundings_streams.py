"""Standard streams that are closed, full or read by nobody: for every command, and no file is taken for one of them."""
import hashlib
import os
import subprocess
from itertools import combinations
from pathlib import Path

import pytest
from conftest import ROOT
from every_command import COMMANDS, LABELS, Command, Place, named, place

PRINTING = [command for command in COMMANDS if command.has_results]
SOME = [command for command in PRINTING if not command.needs_encoder or command.name in ("rank features", "classify")]
STREAMS = [streams for count in (1, 2, 3) for streams in combinations((0, 1, 2), count)]
LOST = "standard output: writing failed"


def one_line(result: "subprocess.CompletedProcess[str]", part: str) -> None:
    assert result.returncode == 2, result.stderr
    assert part in result.stderr and result.stderr.splitlines()[-1].startswith("clipcls: "), result.stderr
    assert "internal error" not in result.stderr


@pytest.mark.parametrize("command", named(PRINTING))
def test_results_that_nobody_gets_are_an_error(place: Place, command: Command):
    one_line(place.run(command.arguments, closed=[1]), LOST)


@pytest.mark.parametrize("command", named(PRINTING))
def test_a_full_standard_output(place: Place, command: Command):
    with open("/dev/full", "w") as full:
        one_line(place.run(command.arguments, stdout=full, stderr=subprocess.PIPE), LOST)


@pytest.mark.parametrize("command", named(SOME))
def test_a_reader_that_is_gone_ends_it_quietly(place: Place, command: Command):
    """Also where whoever started it ignores SIGPIPE, as Python does."""
    reader, writer = os.pipe()
    os.close(reader)
    result = place.run(command.arguments, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert result.returncode == -13 and "clipcls: " not in result.stderr.replace("clipcls: 1 image", "")


@pytest.mark.parametrize("command", named(SOME))
@pytest.mark.parametrize("error", ["closed", "full"])
def test_messages_that_nobody_gets_change_nothing(place: Place, command: Command, error: str):
    arguments = [place.folder if word == "{new}" else word for word in command.arguments]
    expected = place.run(arguments)
    with open("/dev/full", "w") as full:
        result = place.run(arguments, closed=[2] if error == "closed" else [], stdout=subprocess.PIPE,
                           stderr=full if error == "full" else subprocess.PIPE)
    assert (result.returncode, result.stdout) == (0, expected.stdout)


def state_of(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("streams", STREAMS, ids=lambda streams: "".join(map(str, streams)))
def test_no_file_becomes_a_standard_stream(place: Place, streams: tuple[int, ...]):
    """The first file that is opened gets the lowest number that is free: messages and rows must not go there."""
    model = ROOT / "models" / "everyday"
    output = place.folder / ("rows" + "".join(map(str, streams)))
    before = state_of(model), state_of(place.folder / "classes")
    arguments = (place.folder / "1.png", "/nonexistent.png", *LABELS, "-f", "jsonl", "-v", "--progress")
    expected = place.run(arguments)
    assert expected.returncode == 1 and expected.stdout.count("\n") == 2
    result = place.run((*arguments, "-o", output), closed=streams)
    assert result.returncode == 1 and output.read_text() == expected.stdout
    assert (state_of(model), state_of(place.folder / "classes")) == before


def test_standard_input_that_is_closed(place: Place):
    for arguments in (("-", *LABELS, "-f", "jsonl"), ("-T", "-", *LABELS, "-f", "jsonl")):
        result = place.run(arguments, closed=[0])
        assert result.returncode == 1 and "Bad file descriptor" in result.stderr and '"unreadable"' in result.stdout
    assert place.run(("tokenize", "-"), closed=[0]).returncode == 2
