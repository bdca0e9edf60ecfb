"""find_package(clipcls): tests/package is built against the installed library, outside of the source tree, and classifies."""
import json
import os
import shutil
from pathlib import Path

import processes
import pytest

ROOT = Path(__file__).resolve().parents[3]
LABELS = ["shark", "hot dog", "submarine"]


def test_program_that_links_the_installed_library_gives_our_scores(release_binary: Path, run_clipcls, tmp_path: Path):
    prefix = tmp_path / "prefix"
    for component in ("development", "libtorch", "program"):
        processes.run(["cmake", "--install", str(release_binary.parent), "--component", component, "--prefix", str(prefix)],
                      check=True, capture_output=True)
    source = shutil.copytree(ROOT / "tests/package", tmp_path / "source")
    # The tests' own Python environment has a libtorch; the installed one must do.
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "CMAKE_PREFIX_PATH")}
    for command in (["cmake", "-S", source, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}"],
                    ["cmake", "--build", tmp_path / "build"]):
        done = processes.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    program = tmp_path / "build/classify_one"
    loaded = processes.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    assert f"{prefix}/lib/clipcls/libtorch_cpu.so" in loaded

    model = prefix / "share/clipcls/models/pictogram"
    result = processes.run([program, model, model / "shark.png", *LABELS], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    scores = dict(line.rsplit(" ", 1) for line in result.stdout.splitlines())
    ours = run_clipcls(model / "shark.png", "--template", "a photo of a {}.", *(f"--label={label}" for label in LABELS), "--format",
                       "json", "--precision", "fp32")
    expected = json.loads(ours.stdout)[0]["predictions"]
    assert list(scores) == [prediction["label"] for prediction in expected]
    assert [float(score) for score in scores.values()] == pytest.approx([p["score"] for p in expected], abs=1e-4)
