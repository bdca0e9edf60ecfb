"""--decode-sandbox: pictures are decoded by workers, which have no rights and end with the program."""
import ctypes
import json
import os
import platform
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import processes
import pytest
from conftest import ROOT, RunClipcls, default_signals, messages, not_with_address_sanitizer, one_line_error, rows_of
from running_server import SHARK, Server, Start, start  # noqa: F401

CODED = ROOT / "tests" / "data" / "images" / "coded"
LABELS = ("-l", "cifar100", "-k", "1")
OPENED = sorted(path for path in CODED.iterdir() if path.suffix in (".heic", ".avif", ".jxl", ".j2k"))
HEIC, AVIF = CODED / "grid.heic", CODED / "10bit_420.avif"
real_lock = pytest.mark.skipif(bool(os.environ.get("CLIPCLS_SANITIZE")), reason="sanitizers need other system calls: the worker is not locked")


def workers_of(process: int) -> dict[str, int]:
    """The workers that `process` has started: kind -> number."""
    found = {}
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            parent = int((path / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            words = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == process and words[0] == b"clipcls-decoder":
            found[words[1].decode()] = int(path.name)
    return found


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "not within 30 s"
        time.sleep(0.01)


class Classifier:
    """A program that classifies what it is told to, picture by picture."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def classify(self, image: Path) -> dict:
        print(image, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def workers(self) -> dict[str, int]:
        return workers_of(self.process.pid)


@contextmanager
def running(binary: Path, *arguments: object) -> Iterator[Classifier]:
    with processes.launch([binary, "-T", "-", *LABELS, "-f", "jsonl", "-q", "--threads", "1", *map(str, arguments)], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=default_signals) as process:
        yield Classifier(process)
        process.stdin.close()


def deny_seccomp() -> None:
    """For preexec_fn: the system calls that lock a process fail, as on systems that lack them."""
    number, architecture = {"x86_64": (317, 0xC000003E), "aarch64": (277, 0xC00000B7)}[platform.machine()]

    class Instruction(ctypes.Structure):
        _fields_ = [("code", ctypes.c_ushort), ("if_true", ctypes.c_ubyte), ("if_false", ctypes.c_ubyte), ("value", ctypes.c_uint)]

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.POINTER(Instruction))]
    code = (Instruction * 6)((0x20, 0, 0, 4), (0x15, 0, 3, architecture), (0x20, 0, 0, 0), (0x15, 0, 1, number),
                             (0x06, 0, 0, 0x00050000 | 22), (0x06, 0, 0, 0x7FFF0000))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(38, 1, 0, 0, 0) != 0 or library.prctl(22, 2, ctypes.byref(Filter(6, code))) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def run_without_seccomp(binary: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return processes.run([binary, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, preexec_fn=deny_seccomp)


def test_rows_are_the_same(run_clipcls: RunClipcls, tmp_path: Path):
    broken = tmp_path / "cut.avif"
    broken.write_bytes(AVIF.read_bytes()[:300])
    images = [*OPENED, broken, SHARK, *sorted((CODED.parent / "decode").glob("*.tif"))[:8]]
    rows = {how: run_clipcls(*images, *LABELS, "-f", "jsonl", "--decode-sandbox", how) for how in ("off", "auto", "on")}
    assert len(rows_of(rows["off"].stdout)) == len(images)
    assert "cut.avif" in rows["off"].stdout and "broken_image" in rows["off"].stdout
    for result in rows.values():
        assert (result.returncode, result.stdout) == (1, rows["off"].stdout)
        assert messages(result.stderr) == messages(rows["off"].stderr)


def test_which_formats_have_workers(clipcls_binary: Path):
    with running(clipcls_binary) as program:
        assert "predictions" in program.classify(SHARK) and program.workers() == {}
        assert "predictions" in program.classify(HEIC) and set(program.workers()) == {"HEIC"}
        heic = program.workers()["HEIC"]
        for image in (AVIF, HEIC):
            assert "predictions" in program.classify(image)
        assert set(program.workers()) == {"HEIC", "AVIF"} and program.workers()["HEIC"] == heic
    with running(clipcls_binary, "--decode-sandbox", "on") as program:
        assert "predictions" in program.classify(SHARK) and set(program.workers()) == {"others"}
    with running(clipcls_binary, "--decode-sandbox", "off") as program:
        assert "predictions" in program.classify(HEIC) and program.workers() == {}


@real_lock
def test_a_worker_has_no_rights(clipcls_binary: Path, monkeypatch: pytest.MonkeyPatch):
    """What a lock allows is the subject of core's HostileWorker; here it is looked for in the program itself."""
    monkeypatch.setenv("SECRET_OF_THE_PROGRAM", "x")
    with running(clipcls_binary) as program:
        program.classify(HEIC)
        worker = Path("/proc") / str(program.workers()["HEIC"])
        assert (worker / "comm").read_text() == "clipcls-decoder\n"
        for thread in (worker / "task").iterdir():
            status = dict(line.split(":\t", 1) for line in (thread / "status").read_text().splitlines())
            assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
        limits = {line[:26].strip(): line[26:].split()[0] for line in (worker / "limits").read_text().splitlines()}
        assert (limits["Max open files"], limits["Max core file size"], limits["Max file size"]) == ("1", "0", "0")
        assert int(limits["Max address space"]) < 20e9 and int(limits["Max cpu time"]) < 500
        if os.geteuid() == 0:  # nobody else may look
            assert sorted(int(path.name) for path in (worker / "fd").iterdir()) == [0, 1, 2, 3, 4]
            assert {os.readlink(worker / "fd" / str(stream)) for stream in range(3)} == {"/dev/null"}
            assert b"SECRET" not in (worker / "environ").read_bytes()
        else:
            with pytest.raises(PermissionError):
                (worker / "environ").read_bytes()


def test_a_worker_that_was_killed_costs_nothing(clipcls_binary: Path):
    with running(clipcls_binary) as program:
        expected = program.classify(HEIC)
        for _ in range(5):
            killed = program.workers()["HEIC"]
            os.kill(killed, signal.SIGKILL)
            assert program.classify(HEIC) == expected
            assert program.workers()["HEIC"] != killed


def test_a_worker_that_is_killed_again_and_again_is_a_broken_image(clipcls_binary: Path):
    with running(clipcls_binary) as program:
        expected = program.classify(HEIC)
        first = program.workers()["HEIC"]
        os.kill(first, signal.SIGSTOP)
        print(HEIC, file=program.process.stdin, flush=True)
        time.sleep(0.3)  # it is asked, and cannot answer
        os.kill(first, signal.SIGKILL)
        # What replaces it is seldom caught in the middle of its picture: either is right, and nothing else.
        for _ in range(2000):
            for worker in program.workers().values():
                if worker != first:
                    os.kill(worker, signal.SIGKILL)
        row = json.loads(program.process.stdout.readline())
        assert row == expected or (row["error"]["kind"] == "broken_image" and "signal 9" in row["error"]["message"]) or \
            row["error"]["kind"] == "unreadable"
        assert program.classify(HEIC) == expected


@not_with_address_sanitizer
def test_too_little_memory_is_a_row(clipcls_binary: Path):
    with running(clipcls_binary) as program:
        expected = program.classify(HEIC)
        worker = program.workers()["HEIC"]
        processes.run(["prlimit", "--pid", str(worker), "--as=1000000"], check=True)
        row = program.classify(HEIC)
        assert row == expected or row["error"]["kind"] in ("too_large", "broken_image")
        assert "predictions" in program.classify(AVIF)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV])
@pytest.mark.parametrize("is_stopped", [False, True])
def test_workers_end_with_the_program(clipcls_binary: Path, how: signal.Signals, is_stopped: bool):
    with running(clipcls_binary) as program:
        program.classify(HEIC)
        program.classify(AVIF)
        workers = list(program.workers().values())
        assert len(workers) == 2 and all(map(is_running, workers))
        if is_stopped:  # it cannot even look
            os.kill(workers[0], signal.SIGSTOP)
        program.process.send_signal(how)
        program.process.stdin.close()
        program.process.wait(60)
        wait_until(lambda: not any(map(is_running, workers)))


def test_ctrl_c_on_a_terminal_reaches_no_worker(clipcls_binary: Path):
    """It is the program that is asked to end: a worker that ended at once would spoil the picture that is finished."""
    with running(clipcls_binary) as program:
        program.classify(HEIC)
        assert os.getpgid(program.workers()["HEIC"]) != os.getpgid(program.process.pid)


def test_auto_does_without_where_the_system_cannot(clipcls_binary: Path):
    quiet = run_without_seccomp(clipcls_binary, HEIC, AVIF, *LABELS, "-f", "jsonl")
    assert quiet.returncode == 0 and len(rows_of(quiet.stdout)) == 2 and "sandbox" not in quiet.stderr
    verbose = run_without_seccomp(clipcls_binary, HEIC, AVIF, *LABELS, "-f", "jsonl", "--verbose")
    if os.environ.get("CLIPCLS_SANITIZE"):
        return  # nothing is asked of the system there
    assert verbose.stdout == quiet.stdout
    assert verbose.stderr.count("images are decoded without a sandbox: ") == 1 and "seccomp" in verbose.stderr


def test_auto_does_without_where_files_may_not_be_large(clipcls_binary: Path):
    """The shared memory is a file to the system: a user's limit must not cost them their pictures."""
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))
    result = processes.run([clipcls_binary, HEIC, *LABELS, "-f", "jsonl", "--verbose"], capture_output=True, text=True, preexec_fn=limit)
    assert result.returncode == 0 and "predictions" in rows_of(result.stdout)[0]
    assert "images are decoded without a sandbox: " in result.stderr and "ulimit -f" in result.stderr


@real_lock
def test_on_fails_where_the_system_cannot(clipcls_binary: Path):
    one_line_error(run_without_seccomp(clipcls_binary, SHARK, *LABELS, "--decode-sandbox", "on"), "--decode-sandbox", "seccomp")
    one_line_error(run_without_seccomp(clipcls_binary, "serve", "--port", 0, "-l", "cifar100", "--decode-sandbox", "on"), "--decode-sandbox")
    formats = run_without_seccomp(clipcls_binary, "formats", "-f", "json")
    assert {row["sandbox"] for row in json.loads(formats.stdout)} == {"none here"}


@real_lock
def test_serve_says_when_it_has_none(clipcls_binary: Path):
    with processes.launch([clipcls_binary, "serve", "--port", "0", "-l", "cifar100"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=lambda: (default_signals(), deny_seccomp())) as process:
        server = Server(process)
        assert server.classify(HEIC.read_bytes())[0] == 200
        code, error = server.stop()
        assert code == 0 and error.count("warning: images are decoded without a sandbox") == 1


def test_a_word_that_is_none_is_refused(run_clipcls: RunClipcls):
    one_line_error(run_clipcls(SHARK, *LABELS, "--decode-sandbox", "maybe"), "--decode-sandbox", "maybe", "auto")


def test_serve_decodes_everything_in_workers_and_survives_their_end(start: Start):  # noqa: F811
    server = start("-l", "cifar100")
    process = server.process.pid
    expected = {image: server.classify(image.read_bytes()) for image in (SHARK, HEIC, AVIF)}
    assert all(status == 200 for status, _ in expected.values())
    assert set(workers_of(process)) == {"others", "HEIC", "AVIF"}
    for _ in range(3):
        for worker in workers_of(process).values():
            os.kill(worker, signal.SIGKILL)
        for image, answer in expected.items():
            assert server.classify(image.read_bytes()) == answer
    assert server.classify(HEIC.read_bytes()[:2000])[0] == 400
    workers = list(workers_of(process).values())
    assert server.stop()[0] == 0
    wait_until(lambda: not any(map(is_running, workers)))


def test_embed_and_eval_have_the_flag(run_clipcls: RunClipcls, tmp_path: Path):
    (tmp_path / "pictures" / "cat").mkdir(parents=True)
    (tmp_path / "pictures" / "cat" / "a.heic").write_bytes(HEIC.read_bytes())
    for how in ("auto", "on", "off"):
        assert run_clipcls("embed", HEIC, "-o", tmp_path / how, "--decode-sandbox", how).returncode == 0
    assert (tmp_path / "on" / "image_features.npy").read_bytes() == (tmp_path / "off" / "image_features.npy").read_bytes()
    assert run_clipcls("eval", tmp_path / "pictures", "--decode-sandbox", "on").returncode == 0
