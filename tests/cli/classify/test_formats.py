"""Pictures of other formats than JPEG and PNG, as rows of the program."""
from pathlib import Path

import pytest
from conftest import ROOT, RunClipcls, messages, rows_of
from PIL import Image

LABELS = ("--label", "shark", "--label", "tree", "-f", "jsonl")


@pytest.fixture(scope="module")
def shark() -> Image.Image:
    return Image.open(ROOT / "models" / "everyday" / "shark.png").convert("RGB").resize((48, 40))


def save(picture: Image.Image, path: Path, **options: object) -> Path:
    picture.save(path, **options)
    return path


def test_a_tiff_is_classified_as_the_same_pixels_in_a_png(run_clipcls: RunClipcls, tmp_path: Path, shark: Image.Image):
    files = [save(shark, tmp_path / "a.png"), save(shark, tmp_path / "b.tif"), save(shark, tmp_path / "c.tiff", compression="tiff_lzw"),
             save(shark, tmp_path / "named_wrongly.jpg", format="TIFF")]
    result = run_clipcls(*files, *LABELS)
    assert result.returncode == 0, result.stderr
    rows = rows_of(result.stdout)
    assert [Path(row["image"]).name for row in rows] == [file.name for file in files]
    assert all(row["predictions"] == rows[0]["predictions"] for row in rows)
    assert [Path(row["image"]).name for row in rows_of(run_clipcls(tmp_path, *LABELS).stdout)] == [file.name for file in files]


def test_a_tiff_without_libtiff_names_the_package(run_clipcls: RunClipcls, tmp_path: Path, shark: Image.Image, monkeypatch: pytest.MonkeyPatch):
    files = [save(shark, tmp_path / "a.png"), save(shark, tmp_path / "b.tif")]
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for name in ("libtiff.so.5", "libtiff.so.6"):
        (libraries / name).write_bytes(b"")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(libraries))
    result = run_clipcls(*files, *LABELS)
    assert result.returncode == 1
    good, bad = rows_of(result.stdout)
    assert "predictions" in good and bad["error"]["kind"] == "unsupported_format"
    assert "reading TIFF pictures needs libtiff.so." in bad["error"]["message"] and "(Debian package libtiff" in bad["error"]["message"]
    assert len(messages(result.stderr)) == 1


def test_a_cut_tiff_is_broken(run_clipcls: RunClipcls, tmp_path: Path, shark: Image.Image):
    whole = save(shark, tmp_path / "whole.tif")
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[:3000])
    result = run_clipcls(whole, cut, *LABELS)
    assert result.returncode == 1
    assert [row["error"]["kind"] if "error" in row else "" for row in rows_of(result.stdout)] == ["", "broken_image"]
