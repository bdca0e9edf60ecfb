"""Programs that the tests start. Each has a limit, and ends with all its children when the limit passes or the test fails.

subprocess alone can wait for ever: Popen, used in a with statement, waits for the program also when an assertion fails; a timeout
of subprocess.run() ends the program, but then waits for the children that hold its pipes; and no read of a pipe has a limit.
tests/support/check_processes.py sees to it that all tests use these.
"""
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LIMIT = 300  # seconds: many times what any program takes here, sanitizers and a slow machine included


def _session_of(process: Path) -> int | None:
    """The session of a process of /proc; None if it has ended."""
    try:
        state, _, _, session, *_ = (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else int(session)


def _end(process: "subprocess.Popen") -> None:
    """Ends a program that launch() started, and all that it started itself, in whatever process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for _ in range(10):  # what starts others while it is being ended
        found = [path for path in Path("/proc").iterdir() if path.name.isdigit() and _session_of(path) == process.pid]
        for path in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(path.name), signal.SIGKILL)
        if not found:
            break


@contextmanager
def launch(command: object, *, limit: float = LIMIT, **options: object) -> Iterator["subprocess.Popen"]:
    """As subprocess.Popen(command, **options), in a session of its own. When the block ends, its pipes are closed and it is
    waited for; when the block is left by an exception, or `limit` seconds after the start, it is ended with all its children.
    AssertionError: the limit has passed."""
    if options.pop("text", False):
        options.setdefault("encoding", "utf-8")  # and not what the locale of whoever runs the tests says
    process = subprocess.Popen(command, start_new_session=True, **options)
    is_late = threading.Event()

    def end_late() -> None:
        is_late.set()
        _end(process)
    timer = threading.Timer(limit, end_late)
    timer.daemon = True
    timer.start()
    try:
        yield process
        with process:  # closes the pipes and waits
            pass
    except BaseException as error:
        _end(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        process.wait()
        if is_late.is_set() and isinstance(error, Exception):
            raise AssertionError(f"was ended after {limit} s: {command}") from error
        raise
    finally:
        timer.cancel()
    if is_late.is_set():
        raise AssertionError(f"was ended after {limit} s: {command}")


def run(command: object, *, input: "str | bytes | None" = None, timeout: float = LIMIT, capture_output: bool = False, check: bool = False,
        **options: object) -> "subprocess.CompletedProcess":
    """As subprocess.run(), but no child keeps it waiting. AssertionError: the time is over."""
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with launch(command, limit=timeout, **options) as process:
        stdout, stderr = process.communicate(input)
    if check and process.returncode != 0:
        raise AssertionError(f"exit code {process.returncode}: {command}\n{stderr or ''}")
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
