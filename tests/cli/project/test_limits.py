"""No test waits for ever: processes.py ends what it started, conftest.py a test, and check_processes.py finds what has no limit."""
import subprocess
import sys
import threading
import time
from pathlib import Path

import processes
import pytest
from check_processes import problems_of
from conftest import ROOT

# A program whose child, in a process group of its own, holds its standard output; it says the child's number.
PARENT = ["bash", "-m", "-c", "sleep 1000 & echo $!; wait"]


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def assert_ends(process_id: int) -> None:
    end = time.monotonic() + 60
    while is_running(process_id):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_test_that_fails_ends_what_it_started():
    with pytest.raises(ZeroDivisionError):
        with processes.launch(PARENT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
            child = int(process.stdout.readline())
            assert is_running(child) and process.poll() is None
            process.stdin.write("what nobody reads")
            raise ZeroDivisionError
    assert process.returncode == -9
    assert_ends(child)


@pytest.mark.parametrize("script", ["sleep 1000 & wait", "sleep 1000 & true"], ids=["waits", "has ended"])
def test_a_limit_ends_a_program_and_its_children(script):
    """A child that holds the pipe must not keep the test, whether its parent still runs or not."""
    with pytest.raises(AssertionError, match=r"was ended after 0\.5 s: .*sleep 1000"):
        processes.run(["bash", "-m", "-c", script], capture_output=True, timeout=0.5)


def test_a_limit_ends_a_read_of_a_pipe():
    with pytest.raises(AssertionError, match=r"was ended after 0\.5 s"):
        with processes.launch(["sleep", "1000"], limit=0.5, stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"x"  # the reason, which the failure names as well
    assert process.returncode == -9


def test_a_program_that_ends_in_time_is_as_with_subprocess():
    done = processes.run(["sh", "-c", "cat; echo no >&2; exit 3"], input="äx", capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "äx", "no\n")
    with pytest.raises(AssertionError, match="exit code 3: .*\nno"):
        processes.run(["sh", "-c", "echo no >&2; exit 3"], capture_output=True, text=True, check=True)
    with pytest.raises(FileNotFoundError):
        processes.run(["/nonexistent/program"])
    before = threading.active_count()
    assert processes.run(["true"]).returncode == 0 and threading.active_count() <= before + 1


HANGING = """
import conftest, processes
conftest.TEST_LIMIT = 0.5
def test_that_hangs(request):
    with processes.launch(["sleep", "1000"]) as process:
        print("started", process.pid)
        try:
            process.wait()
        except Exception:
            pass  # must not take the limit for an error that it expects
"""


def test_a_test_that_hangs_fails_by_name_and_ends_its_processes(tmp_path):
    (tmp_path / "test_hanging.py").write_text(HANGING)
    (tmp_path / "conftest.py").symlink_to(ROOT / "tests" / "cli" / "conftest.py")
    done = processes.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout
    assert "Failed: was still running after 0.5 s" in done.stdout and "test_that_hangs" in done.stdout
    assert_ends(int(done.stdout.split("started ")[1].split()[0]))


@pytest.mark.parametrize("source", [
    "subprocess.Popen(['true'])", "with subprocess.Popen(['true']) as process: pass", "subprocess.run(['true'])", "subprocess.check_output(['true'])",
    "os.system('true')", "pty.fork()", "from subprocess import Popen", "from subprocess import run", "import subprocess as s",
    "threading.Thread(target=f)", "thread.join()", "socket.create_connection(address)", "urllib.request.urlopen(url)"])
def test_the_check_finds_what_has_no_limit(source):
    assert list(problems_of(source))


@pytest.mark.parametrize("source", [
    "processes.launch(['true'])", "subprocess.run(['true'], timeout=5)", "x: subprocess.Popen", "', '.join(names)", "thread.join(5)",
    "threading.Thread(target=f, daemon=True)", "from subprocess import PIPE", "import os", "raise subprocess.CalledProcessError(1, 'x')"])
def test_the_check_lets_the_rest_pass(source):
    assert not list(problems_of(source))
