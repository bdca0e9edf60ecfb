"""Every broken model folder ends the program with exit code 2, nothing on stdout and one line on stderr."""
from pathlib import Path

import pytest
from PIL import Image

from broken_models import BROKEN_MODELS, BrokenModel
from broken_tensor_models import BROKEN_TENSOR_MODELS
from conftest import RunClipcls, messages
from make_test_models import OLD_MODEL

# What libtorch adds to its messages and nobody can act on.
TRACES = ("Exception raised from", "frame #", "Traceback", "c10::", "\t", ".cpp:", ".h:", ".cc:")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "grey.png"
    Image.new("RGB", (40, 30), (128, 128, 128)).save(path)
    return path


def error_line(stderr: str) -> str:
    """The one line that is no warning."""
    lines = [line for line in stderr.splitlines() if not line.startswith("clipcls: warning")]
    assert len(lines) == 1, stderr
    assert lines[0].startswith("clipcls: "), stderr
    return lines[0]


def check_error(run_clipcls: RunClipcls, folder: Path, picture: Path, expected_words: tuple[str, ...]) -> None:
    result = run_clipcls(picture, "--model", folder, "--label", "cat", "--label", "dog")
    assert result.returncode == 2, (result.returncode, result.stdout, result.stderr)
    assert result.stdout == ""
    line = error_line(result.stderr)
    message = line.replace(str(folder), "")  # the folder's own name must not satisfy the words
    assert [word for word in expected_words if word not in message] == [], line
    assert [trace for trace in TRACES if trace in message] == [], line
    assert str(folder) in line, "the error has to name the file"
    assert len(message) < 500, line


@pytest.mark.parametrize("broken", (*BROKEN_MODELS, *BROKEN_TENSOR_MODELS), ids=lambda broken: broken.name)
def test_broken_model(run_clipcls: RunClipcls, test_models: Path, picture: Path, broken: BrokenModel) -> None:
    check_error(run_clipcls, test_models / "broken" / broken.name, picture, broken.expected_words)


def test_the_models_they_are_made_from_work(run_clipcls: RunClipcls, test_models: Path, picture: Path) -> None:
    for model in (OLD_MODEL, test_models / "tiny-merges"):
        result = run_clipcls(picture, "--model", model, "--label", "cat", "--label", "dog")
        assert (result.returncode, messages(result.stderr)) == (0, [])
        assert "cat: " in result.stdout


def test_missing_folder(run_clipcls: RunClipcls, tmp_path: Path, picture: Path) -> None:
    check_error(run_clipcls, tmp_path / "absent", picture, ("no such model",))


def test_empty_folder(run_clipcls: RunClipcls, tmp_path: Path, picture: Path) -> None:
    check_error(run_clipcls, tmp_path, picture, ("config.json",))


def test_file_that_is_no_model(run_clipcls: RunClipcls, picture: Path) -> None:
    check_error(run_clipcls, picture, picture, ("model",))


def test_folder_in_place_of_a_file(run_clipcls: RunClipcls, test_models: Path, tmp_path: Path, picture: Path) -> None:
    for name in ("config.json", "image_encoder.safetensors", "merges.txt"):
        folder = tmp_path / name
        folder.mkdir()
        for file in (test_models / "tiny-merges").iterdir():
            (folder / file.name).symlink_to(file)
        (folder / name).unlink()
        (folder / name).mkdir()
        check_error(run_clipcls, folder, picture, (name,))
