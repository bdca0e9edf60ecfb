"""--device on a machine without a GPU, or with a libtorch that knows of none; the choice itself is tests/model/device_test.cpp."""
import json
from pathlib import Path

import pytest
import torch
from conftest import ROOT, RunClipcls, messages

PICTURE = ROOT / "models" / "everyday" / "shark.png"
has_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
has_no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@has_no_gpu
@pytest.mark.parametrize("command", [(PICTURE, "--label", "cat"), ("embed", PICTURE, "--output", "features")])
def test_a_gpu_that_is_not_there_is_one_line(run_clipcls: RunClipcls, command: tuple[object, ...], tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run_clipcls(*command, "--device", "cuda")
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("clipcls: --device cuda: this libtorch (") and "--device auto takes the processor" in line
    assert list(tmp_path.iterdir()) == []


@has_no_gpu
def test_auto_takes_the_processor_where_there_is_no_gpu(run_clipcls: RunClipcls) -> None:
    on_cpu, automatic = (run_clipcls(PICTURE, "--labels", "cifar100", "--device", device) for device in ("cpu", "auto"))
    assert messages(automatic.stderr) == []
    assert automatic.stdout == on_cpu.stdout != ""


@pytest.mark.parametrize("word", ["gpu", "cuda:x", "cuda:-1"])
def test_another_word_is_refused(run_clipcls: RunClipcls, word: str) -> None:
    done = run_clipcls(PICTURE, "--label", "cat", "--device", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert f'--device "{word}" is not one of cpu, cuda, cuda:N, cuda:all, auto' in done.stderr


def test_half_precision_needs_a_gpu(run_clipcls: RunClipcls) -> None:
    done = run_clipcls(PICTURE, "--label", "cat", "--precision", "fp16")
    assert done.returncode == 2
    assert "fp16" in done.stderr and len(done.stderr.splitlines()) == 1


@has_gpu
@pytest.mark.parametrize(("precision", "tolerance"), [
    ("fp32", 1e-3),  # TF32 stays off; sums in another order
    ("fp16", 2e-2)])  # eleven bits in twelve layers
def test_the_gpu_gives_the_processors_answer(run_clipcls: RunClipcls, precision: str, tolerance: float) -> None:
    answers = [json.loads(run_clipcls(PICTURE, "--labels", "cifar100", "--format", "json", *device).stdout)[0]
               for device in ((), ("--device", "cuda", "--precision", precision, "--no-cache"))]
    expected, actual = ({p["label"]: p["similarity"] for p in answer["predictions"]} for answer in answers)
    assert max(abs(expected[label] - actual[label]) for label in expected) < tolerance
