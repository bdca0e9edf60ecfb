"""Where a run ends before its output is whole, nothing of ours lies beside it: whatever ended the run."""
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import processes
import pytest
from conftest import ROOT, default_signals

SHARK = ROOT / "models/everyday/shark.png"
LABELS = ("--label", "cat", "--label", "shark")
ENDS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])


def end_when(is_time: Callable[[], bool], number: int, *command: object, **options: object) -> int:
    """Starts a program and sends it a signal when `is_time`: its exit code."""
    with processes.launch([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=default_signals,
                          **options) as process:
        while not is_time():
            assert process.poll() is None
            time.sleep(0.002)
        time.sleep(0.05)  # from the name of a socket to what removes it
        process.send_signal(number)
        return process.wait(60)


@ENDS
def test_a_model_that_is_imported(clipcls_binary: Path, test_models: Path, tmp_path: Path, number: int):
    code = end_when(lambda: bool(os.listdir(tmp_path)), number,
                    clipcls_binary, "model", "import", test_models / "openai" / "vit.pt", "-o", tmp_path / "vit")
    assert (code, os.listdir(tmp_path)) in [(-number, []), (0, ["vit"])]  # 0: the machine is busy, and it was done before


@ENDS
def test_the_socket_of_a_server_that_loads_its_model(clipcls_binary: Path, tmp_path: Path, number: int):
    path = tmp_path / "clipcls.sock"
    code = end_when(path.exists, number, clipcls_binary, "serve", "--socket", path)
    assert code in (0, -number) and os.listdir(tmp_path) == []


def test_rows_whose_settings_cannot_be_written_down(run_clipcls, tmp_path: Path):
    """The name with .partial has 254 bytes, and with .partial.resume more than a name may have."""
    output = tmp_path / ("r" * 240 + ".jsonl")
    result = run_clipcls(SHARK, *LABELS, "-o", output)
    assert result.returncode == 2 and "File name too long" in result.stderr and result.stderr.count("\n") == 1
    assert os.listdir(tmp_path) == []
