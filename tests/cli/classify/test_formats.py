"""Pictures of other formats than JPEG and PNG, as rows of the program."""
from pathlib import Path

import pytest
from conftest import ROOT, RunClipcls, messages, rows_of
from PIL import Image

LABELS = ("--label", "shark", "--label", "tree", "-f", "jsonl")
PICTURES = ROOT / "tests" / "data" / "images" / "decode"


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


@pytest.mark.parametrize("name", ["raw.nef", "raw.dng", "raw.cr2", "raw.cr3", "raw.raf"])
def test_a_raw_file_is_classified_by_its_preview(run_clipcls: RunClipcls, tmp_path: Path, name: str):
    preview = save(Image.open(PICTURES / f"{name}.ppm"), tmp_path / "preview.png")
    result = run_clipcls(PICTURES / name, preview, *LABELS)
    assert result.returncode == 0, result.stderr
    raw, expected = rows_of(result.stdout)
    assert raw["predictions"] == expected["predictions"]


def test_a_raw_file_without_a_preview_says_so(run_clipcls: RunClipcls, tmp_path: Path):
    raw = tmp_path / "a.dng"
    # A directory of one entry: DNGVersion.
    raw.write_bytes(b"II*\0\x08\0\0\0" + b"\1\0" + b"\x12\xc6\1\0\4\0\0\0\1\4\0\0" + bytes(4))
    result = run_clipcls(raw, *LABELS)
    assert result.returncode == 1
    error = rows_of(result.stdout)[0]["error"]
    assert error["kind"] == "unsupported_format" and "a camera raw file without a JPEG preview" in error["message"]
