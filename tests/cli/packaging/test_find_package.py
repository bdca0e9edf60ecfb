"""find_package(clipcls): the programs of tests/package are built against the installed library, outside of the source tree,
and print what the command line prints."""
import json
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import processes
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
HEADERS = {"classifier.h", "clipcls.h", "error.h", "image.h", "labels.h", "model.h"}
SHARK = ROOT / "models/everyday/shark.png"


class Installation(NamedTuple):
    prefix: Path
    programs: Path  # those of tests/package


def twelve_lines() -> str:
    """The program at the top of clipcls/clipcls.h."""
    header = (ROOT / "include/clipcls/clipcls.h").read_text("utf-8")
    lines = re.findall(r"^//(?:     (.*))?$", header.split("clipcls::torch.\n")[1].split("// That is what")[0], re.MULTILINE)
    return "\n".join(lines).strip() + "\n"


@pytest.fixture(scope="module")
def installation(release_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("find_package")
    prefix = folder / "prefix"
    for component in ("development", "libtorch", "program"):
        processes.run(["cmake", "--install", str(release_binary.parent), "--component", component, "--prefix", str(prefix)],
                      check=True, capture_output=True)
    source = shutil.copytree(ROOT / "tests/package", folder / "source")
    (source / "twelve_lines.cpp").write_text(twelve_lines(), "utf-8")
    # The tests' own Python environment has a libtorch; the installed one must do.
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "CMAKE_PREFIX_PATH")}
    for command in (["cmake", "-S", source, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
                     "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror"],
                    ["cmake", "--build", folder / "build"]):
        done = processes.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return Installation(prefix, folder / "build")


def run(*command: object, **options: object) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CLIPCLS_")}
    result = processes.run([str(part) for part in command], env=environment, capture_output=True, text=True, check=False, **options)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_example_has_twelve_lines():
    assert len(twelve_lines().splitlines()) == 12


def test_exactly_six_headers_are_installed_and_show_nothing_of_others(installation: Installation):
    installed = [path for path in (installation.prefix / "include").rglob("*") if path.is_file()]
    assert {str(path.relative_to(installation.prefix / "include/clipcls")) for path in installed} == HEADERS
    for path in installed:
        included = set(re.findall(r'#include [<"]([^">]+)', path.read_text("utf-8")))
        # The standard library's have neither a folder nor an ending.
        assert {name for name in included if "/" in name or "." in name} <= {f"clipcls/{header}" for header in HEADERS}


def test_programs_load_the_installed_libtorch(installation: Installation):
    loaded = run("ldd", installation.programs / "twelve_lines")
    assert f"{installation.prefix}/lib/clipcls/libtorch_cpu.so" in loaded


@pytest.mark.parametrize("model", ["everyday", "tiny-sigmoid", "openai/vit.pt", "openai/resnet.pt"])
def test_twelve_lines_print_what_the_command_line_prints(installation: Installation, run_clipcls, test_models: Path, model: str,
                                                         tmp_path: Path):
    """No template, no precision, no score is given to either: the model says all of it."""
    place = ROOT / "models" / model if model == "everyday" else test_models / model
    (tmp_path / "ViT-B").mkdir()
    (tmp_path / "ViT-B/32").symlink_to(place)  # the example's model, its labels are built in
    shutil.copy(SHARK, tmp_path / "photo.jpg")
    printed = [line.rsplit(" ", 1) for line in run(installation.programs / "twelve_lines", cwd=tmp_path).splitlines()]
    ours = run_clipcls(tmp_path / "photo.jpg", "--model", place, "--labels", "cifar100", "--format", "json")
    expected = json.loads(ours.stdout)[0]["predictions"]
    assert len(expected) == 5
    assert [label for label, _ in printed] == [prediction["label"] for prediction in expected]
    assert [float(score) for _, score in printed] == pytest.approx([prediction["score"] for prediction in expected], rel=1e-4, abs=1e-6)


def test_twelve_lines_say_what_is_wrong(installation: Installation, tmp_path: Path):
    environment = {**os.environ, "CLIPCLS_MODEL_PATH": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    result = processes.run([str(installation.programs / "twelve_lines")], cwd=tmp_path, env=environment, capture_output=True,
                           text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("ViT-B/32: no such model") and result.stderr.count("\n") == 1
    # The installation's own models are known to a program that lies elsewhere.
    assert f"{installation.prefix}/share/clipcls/models" in result.stderr or "model fetch ViT-B/32" in result.stderr


def test_a_thousand_pictures_on_several_threads_are_the_rows_of_the_command_line(installation: Installation, run_clipcls,
                                                                                 tmp_path: Path):
    shark = Image.open(SHARK).convert("RGB").resize((48, 48))
    files = []
    for number in range(1000):
        files.append(tmp_path / f"{number:03}.png")
        shark.rotate(number % 360).crop((number % 7, number % 5, 48, 48)).save(files[-1])
    files[500].write_text("no picture")
    rows = [line.split("\t") for line in run(installation.programs / "classify_many", "everyday", "cifar100", 4, *files).splitlines()]
    ours = run_clipcls(*files, "--labels", "cifar100", "--format", "jsonl", "--top-k", 1)
    expected = [json.loads(line) for line in ours.stdout.splitlines()]
    assert [row[0] for row in rows] == [row["image"] for row in expected] == list(map(str, files))
    assert rows[500][1] == expected[500]["error"]["kind"] == "not_an_image"
    assert expected[500]["error"]["message"] in rows[500][2]
    for row, ours_row in zip(rows, expected):
        if "error" not in ours_row:
            (best,) = ours_row["predictions"]
            assert row[1] == best["label"]
            assert float(row[2]) == pytest.approx(best["score"], abs=1e-4)
