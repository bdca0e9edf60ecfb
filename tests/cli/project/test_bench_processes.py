"""scripts/bench/whole_process: what the table of memory in tests/bench/README.md rests on. Times are looked at by the bench alone."""
import sys

import pytest

from bench.whole_process import run_process

MEGABYTE = 1_000_000


def holding(megabytes: int) -> list[object]:
    return [sys.executable, "-c", f"held = bytearray(b'x') * {megabytes * MEGABYTE}"]


def test_peak_is_of_the_command_alone():
    mine = bytearray(b"x") * (400 * MEGABYTE)  # Linux would count it, had this process started the command
    small, large = run_process(["true"]), run_process(holding(200))
    assert 0 < small.peak_megabytes < 50
    assert 200 < large.peak_megabytes < 300
    assert len(mine) == 400 * MEGABYTE


def test_streams_and_environment_reach_the_command():
    assert run_process(["cat"], stdin="ä\n".encode()).output == "ä\n"
    assert run_process(["sh", "-c", "echo $WHO"], environment={"WHO": "bench"}).output == "bench\n"


def test_a_command_that_fails_is_no_result():
    with pytest.raises(RuntimeError, match="sh: no weights"):
        run_process(["sh", "-c", "echo loading >&2; echo no weights >&2; exit 3"])
    with pytest.raises(RuntimeError, match="sh: no message"):
        run_process(["sh", "-c", "kill -9 $$"])
    with pytest.raises(RuntimeError, match="No such file"):
        run_process(["/nonexistent/program"])
