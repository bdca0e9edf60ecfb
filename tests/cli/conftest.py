"""Fixtures of the tests that run the real program.

CLIPCLS_BINARY: the program, default build/release/clipcls.
CLIPCLS_TEST_MODELS: folder of the test models, default build/test_models; made when missing or stale.
CLIPCLS_SANITIZE: the sanitizers that the program is built with, default none.
"""
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "support")]
import make_test_models  # noqa: E402
import processes  # noqa: E402

TEST_LIMIT = 2 * processes.LIMIT  # seconds, for the fixtures of a test, for the test, and for what comes behind it

RunClipcls = Callable[..., "subprocess.CompletedProcess[str]"]

SUMMARY = re.compile(r"^clipcls: .*\d+ images?.*, \d+ (classified|embedded), \d+ failed(, [0-9.]+ s)?(, [0-9.]+ images/s)?$")


# For tests that limit the size of the program's files.
not_with_thread_sanitizer = pytest.mark.skipif(
    "thread" in os.environ.get("CLIPCLS_SANITIZE", ""),
    reason="the runtime of the thread sanitizer maps a temporary file, which the limit on files' sizes cuts off")

not_with_address_sanitizer = pytest.mark.skipif(
    "address" in os.environ.get("CLIPCLS_SANITIZE", ""),
    reason="the runtime of the address sanitizer keeps freed memory, takes terabytes of addresses, and has to be the first library")


def messages(stderr: str) -> list[str]:
    """The lines on standard error without the summary at the end of a run over several images."""
    lines = stderr.splitlines()
    return lines[:-1] if lines and SUMMARY.match(lines[-1]) else lines


def one_line_error(result: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    """Exit code 2, nothing on stdout, one line on stderr that holds every part."""
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("clipcls: "), result.stderr
    for part in parts:
        assert part in result.stderr


def rows_of(stdout: str) -> list[dict]:
    """The objects of --format jsonl."""
    return [json.loads(line) for line in stdout.splitlines()]


def pytest_configure(config: pytest.Config) -> None:
    # TorchScript is in maintenance upstream, and torch says so at each call.
    config.addinivalue_line("filterwarnings", "ignore:.*torch.jit.*:DeprecationWarning")
    config.addinivalue_line("filterwarnings", "ignore:.*torch.jit.*:FutureWarning")


def pytest_collection_finish() -> None:
    """The models are small, and a second thread mostly waits for the first, at full speed."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def limited() -> Generator[None, object, object]:
    """A test that hangs fails, by name and with the line where it waits, and its processes are ended (see processes.py)."""
    def end(number: int, frame: object) -> None:
        pytest.fail(f"was still running after {TEST_LIMIT} s")
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, TEST_LIMIT, 30)  # and again, should the test take the first for a failure that it expects
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    return (yield from limited())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    return (yield from limited())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    return (yield from limited())


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No run of the program, however it is started, reads or writes the cache of whoever runs the tests, or takes their model or
    their configuration."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache_home"))
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config_home"))
    for name in ("CLIPCLS_CACHE_DIR", "CLIPCLS_CONFIG", "CLIPCLS_MODEL"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def clipcls_binary() -> Path:
    binary = Path(os.environ.get("CLIPCLS_BINARY", ROOT / "build" / "release" / "clipcls"))
    if not binary.is_file():
        pytest.fail(f"{binary} does not exist; build it, or set CLIPCLS_BINARY", pytrace=False)
    return binary


@pytest.fixture(scope="session")
def release_binary(clipcls_binary: Path) -> Path:
    """The program of a build as it is given away: optimised, without sanitizers. Other builds skip the test."""
    cache = (clipcls_binary.parent / "CMakeCache.txt").read_text("utf-8")
    if not re.search(r"^CMAKE_BUILD_TYPE:\w+=(Release|RelWithDebInfo|MinSizeRel)$", cache, re.MULTILINE) or \
            not re.search(r"^CLIPCLS_SANITIZE:\w+=$", cache, re.MULTILINE):
        pytest.skip("only optimised builds without sanitizers are hardened and packaged")
    return clipcls_binary


@pytest.fixture(scope="session")
def run_clipcls(clipcls_binary: Path) -> RunClipcls:
    """run_clipcls(*arguments) runs the program to its end; output is read as UTF-8."""
    def run(*arguments: object, timeout: float = processes.LIMIT) -> "subprocess.CompletedProcess[str]":
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CLIPCLS_")}
        return processes.run([str(clipcls_binary), *map(str, arguments)], capture_output=True, encoding="utf-8",
                             timeout=timeout, env=environment, stdin=subprocess.DEVNULL, check=False)
    return run


@pytest.fixture(scope="session")
def test_models() -> Path:
    folder = Path(os.environ.get("CLIPCLS_TEST_MODELS", ROOT / "build" / "test_models"))
    if make_test_models.is_up_to_date(folder):
        return folder
    script = Path(make_test_models.__file__)
    made = processes.run([sys.executable, "-W", "ignore", str(script), "--output", str(folder)],
                         timeout=1.5 * processes.LIMIT, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.fail(f"{script.name} failed:\n{made.stdout}{made.stderr}", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def png(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small picture."""
    path = tmp_path_factory.mktemp("png") / "x.png"
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(path)
    return path.read_bytes()


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 200 small pictures that differ, 1.png to 200.png; 50.png is none."""
    folder = tmp_path_factory.mktemp("album")
    shark = Image.open(ROOT / "models" / "everyday" / "shark.png").convert("RGB").resize((48, 48))
    for number in range(1, 201):
        shark.rotate(number).save(folder / f"{number}.png")
    (folder / "50.png").write_text("no picture")
    return folder


@pytest.fixture()
def mount_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """mount_disk(options): a disk of its own, a tmpfs with those mount options; mount_disk again with "remount,…" changes them."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        result = processes.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            pytest.skip(f"nothing may be mounted here: {result.stderr.strip()}")
        return folder
    yield mount
    processes.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def default_signals() -> None:
    """For preexec_fn: a shell that starts the tests in the background has them ignore SIGINT, and so their children."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
