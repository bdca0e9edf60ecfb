"""Environments and terminals of every kind: the answer is the same."""
import fcntl
import os
import pty
import struct
import subprocess
import tempfile
import termios

import pytest
from every_command import COMMANDS, LABELS, Command, Place, ends_well_or_in_one_line, named, place

ENVIRONMENTS = {
    "empty": {},
    "home_nowhere": {"HOME": "/dev/null/nowhere"},
    "home_a_file": {"HOME": "/etc/passwd"},
    "home_not_writable": {"HOME": "/proc"},
    "home_relative": {"HOME": "here"},
    "cache_relative": {"XDG_CACHE_HOME": "here", "HOME": "/dev/null/nowhere"},
    "cache_not_writable": {"XDG_CACHE_HOME": "/proc"},
    "cache_a_file": {"CLIPCLS_CACHE_DIR": "/etc/passwd"},
    "data_not_writable": {"XDG_DATA_HOME": "/proc"},
    "model_path_of_nothing": {"CLIPCLS_MODEL_PATH": "::/nonexistent:/etc/passwd:"},
    "empty_values": dict.fromkeys(("HOME", "PATH", "TERM", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "CLIPCLS_MODEL", "CLIPCLS_CACHE_DIR",
                                   "CLIPCLS_MODEL_PATH", "NO_COLOR", "TZ", "OMP_NUM_THREADS", "COLUMNS"), ""),
    "locale_unknown": {"LC_ALL": "xx_YY.UTF-8", "LANG": "xx"},
    "locale_c": {"LC_ALL": "C", "LANGUAGE": "tr"},
    "locale_turkish": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "locale_latin1": {"LC_ALL": "de_DE.ISO-8859-1", "LC_NUMERIC": "de_DE"},
    "time_zone": {"TZ": ":/nonexistent"},
    "temporary_folder": {"TMPDIR": "/nonexistent"},
    "bind_now": {"LD_BIND_NOW": "1"},
    "openmp_none": {"OMP_NUM_THREADS": "0"},
    "openmp_negative": {"OMP_NUM_THREADS": "-1"},
    "openmp_word": {"OMP_NUM_THREADS": "abc", "MKL_NUM_THREADS": "abc"},
    "openmp_huge": {"OMP_NUM_THREADS": "100000", "MKL_NUM_THREADS": "100000"},
    "openmp_levels": {"OMP_NUM_THREADS": "2,3,4", "OMP_NESTED": "true", "OMP_DYNAMIC": "true", "OMP_MAX_ACTIVE_LEVELS": "4"},
    "openmp_limit": {"OMP_THREAD_LIMIT": "1"},
    "openmp_stack": {"OMP_STACKSIZE": "1M", "OMP_WAIT_POLICY": "active", "OMP_PROC_BIND": "true"},
    "mkl": {"MKL_NUM_THREADS": "0", "MKL_DYNAMIC": "FALSE", "MKL_VERBOSE": "0", "MKL_CBWR": "COMPATIBLE"},
}


def predictions(result: "subprocess.CompletedProcess[str]") -> list[str]:
    """Scores differ in their last digit where MKL computes otherwise."""
    assert result.returncode == 0, result.stderr
    return [word for word in result.stdout.split('"') if word in ("shark", "cat")]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment(place: Place, name: str):
    result = place.run(("{place}/1.png", *LABELS, "-f", "jsonl"), environment=ENVIRONMENTS[name], cwd=place.folder)
    assert predictions(result) == ["shark", "cat"]
    ours = [line for line in result.stderr.splitlines() if line and not line.startswith("libgomp:")]
    assert not ours, result.stderr
    assert not (place.folder / "here").exists()


@pytest.mark.parametrize("command", named(COMMANDS))
def test_every_command_without_an_environment(place: Place, command: Command):
    result = place.run(command.arguments, environment={})
    ends_well_or_in_one_line(result)
    assert result.returncode == (2 if command.name == "cache_info" else 0), result.stderr  # there is no HOME


def on_a_terminal(place: Place, environment: dict[str, str], size: tuple[int, int]) -> str:
    """What a terminal of so many rows and columns shows of a run over three pictures, one of which fails."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    with tempfile.TemporaryFile("w+") as rows:
        result = place.run(("{place}/1.png", "{place}/classes/cat/2.png", "/nonexistent.png", *LABELS), environment=environment,
                           stdout=rows, stderr=child)
    os.close(child)
    seen = b""
    try:
        while block := os.read(parent, 65536):
            seen += block
    except OSError:  # Linux says so at the end of a terminal
        pass
    os.close(parent)
    assert result.returncode == 1
    return seen.decode()


@pytest.mark.parametrize("environment, size", [
    ({}, (24, 80)), ({"TERM": ""}, (24, 80)), ({"TERM": "dumb"}, (24, 80)), ({"TERM": "nothing-known"}, (1, 1)), ({"TERM": "xterm"}, (0, 0)),
    ({"TERM": "xterm", "COLUMNS": "abc"}, (65535, 65535)), ({"TERM": "xterm", "COLUMNS": "-1", "LINES": "0"}, (24, 80))], ids=str)
def test_a_terminal(place: Place, environment: dict[str, str], size: tuple[int, int]):
    seen = on_a_terminal(place, environment, size)
    assert "no such file" in seen and seen.endswith("images/s\r\n")
    if environment.get("TERM", "") in ("", "dumb"):
        assert "\x1b" not in seen and "\r" not in seen.replace("\r\n", "")
