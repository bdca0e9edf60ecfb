"""Fixtures of the tests that run the real program.

CLIPCLS_BINARY: the program, default build/release/clipcls.
CLIPCLS_TEST_MODELS: folder of the test models, default build/test_models; made when missing or stale.
"""
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "support")]

RunClipcls = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_configure(config: pytest.Config) -> None:
    # TorchScript is in maintenance upstream, and torch says so at each call.
    config.addinivalue_line("filterwarnings", "ignore:.*torch.jit.*:DeprecationWarning")
    config.addinivalue_line("filterwarnings", "ignore:.*torch.jit.*:FutureWarning")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No run of the program, however it is started, reads or writes the cache of whoever runs the tests."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache_home"))
    os.environ.pop("CLIPCLS_CACHE_DIR", None)


@pytest.fixture(scope="session")
def clipcls_binary() -> Path:
    binary = Path(os.environ.get("CLIPCLS_BINARY", ROOT / "build" / "release" / "clipcls"))
    if not binary.is_file():
        pytest.fail(f"{binary} does not exist; build it, or set CLIPCLS_BINARY", pytrace=False)
    return binary


@pytest.fixture(scope="session")
def run_clipcls(clipcls_binary: Path) -> RunClipcls:
    """run_clipcls(*arguments) runs the program to its end; output is read as UTF-8."""
    def run(*arguments: object, timeout: float = 300) -> "subprocess.CompletedProcess[str]":
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CLIPCLS_")}
        return subprocess.run([str(clipcls_binary), *map(str, arguments)], capture_output=True, encoding="utf-8",
                              timeout=timeout, env=environment, stdin=subprocess.DEVNULL, check=False)
    return run


@pytest.fixture(scope="session")
def test_models() -> Path:
    folder = Path(os.environ.get("CLIPCLS_TEST_MODELS", ROOT / "build" / "test_models"))
    script = ROOT / "tests" / "support" / "make_test_models.py"
    made = subprocess.run([sys.executable, "-W", "ignore", str(script), "--output", str(folder)],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.fail(f"{script.name} failed:\n{made.stdout}{made.stderr}", pytrace=False)
    return folder
