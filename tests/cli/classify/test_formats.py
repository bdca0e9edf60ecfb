"""Pictures of other formats than JPEG and PNG, as rows of the program."""
import json
import shutil
from pathlib import Path

import processes
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


# A picture of each format whose library is opened only then: the file, the library's name, the Debian package.
OPENED = (("coded/420_full.heic", "libheif", "HEIC"), ("decode/420_full.avif", "libavif", "AVIF"), ("coded/lossless.jxl", "libjxl", "JPEG XL"),
          ("decode/rgb.jp2", "libopenjp2", "JPEG 2000"))


@pytest.mark.parametrize(("name", "library", "kind"), OPENED)
def test_a_format_whose_library_is_missing_names_the_package(run_clipcls: RunClipcls, tmp_path: Path, shark: Image.Image, monkeypatch: pytest.MonkeyPatch,
                                                             name: str, library: str, kind: str):
    package = next(row["package"] for row in json.loads(run_clipcls("formats", "-f", "json").stdout) if row["format"] == kind)
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    real = next(Path("/usr/lib").rglob(f"{library}.so.*"))
    for path in real.parent.glob(f"{library}.so.*"):
        (libraries / path.name).write_bytes(b"")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(libraries))
    result = run_clipcls(save(shark, tmp_path / "a.png"), PICTURES.parent / name, *LABELS)
    assert result.returncode == 1
    good, bad = rows_of(result.stdout)
    assert "predictions" in good and bad["error"]["kind"] == "unsupported_format"
    assert f"reading {kind} pictures needs {library}.so." in bad["error"]["message"] and f"(Debian package {package})" in bad["error"]["message"]
    assert len(messages(result.stderr)) == 1


@pytest.mark.parametrize("name", ["lab_lzw.tif", "lab.psd"])
def test_lab_colours_without_lcms2_name_the_package(run_clipcls: RunClipcls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    (tmp_path / "liblcms2.so.2").write_bytes(b"")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    result = run_clipcls(PICTURES / "rgb_raw.tif", PICTURES / name, *LABELS)
    good, bad = rows_of(result.stdout)
    assert result.returncode == 1 and "predictions" in good and bad["error"]["kind"] == "unsupported_format"
    assert "reading pictures in Lab colours needs liblcms2.so.2" in bad["error"]["message"] and "(Debian package liblcms2-2)" in bad["error"]["message"]


@pytest.mark.parametrize("name", ["coded/420_full.heic", "coded/grid.heic", "coded/turned_5.heic", "coded/lossless.jxl", "decode/420_full.avif",
                                  "decode/irot_3_imir_1.avif", "decode/rgb.jp2", "decode/rgb.j2k"])
def test_newer_formats_are_classified_as_the_same_pixels_in_a_png(run_clipcls: RunClipcls, tmp_path: Path, name: str):
    pixels = next(path for path in (PICTURES.parent / f"{name}.tool.ppm", PICTURES.parent / f"{name}.ppm") if path.exists())
    folder = tmp_path / "folder"
    folder.mkdir()
    save(Image.open(pixels), folder / "a.png")
    (folder / f"b{Path(name).suffix.upper()}").write_bytes((PICTURES.parent / name).read_bytes())
    (folder / "named_wrongly.jpg").write_bytes((PICTURES.parent / name).read_bytes())
    result = run_clipcls(folder, *LABELS)
    assert result.returncode == 0, result.stderr
    rows = rows_of(result.stdout)
    assert len(rows) == 3
    for row in rows[1:]:  # pictures of one batch and of two round in the last place otherwise
        assert [prediction["label"] for prediction in row["predictions"]] == [prediction["label"] for prediction in rows[0]["predictions"]]
        assert [prediction["similarity"] for prediction in row["predictions"]] == pytest.approx(
            [prediction["similarity"] for prediction in rows[0]["predictions"]], abs=2e-6)


def test_newer_formats_in_a_page_and_with_the_flags_of_decoding(run_clipcls: RunClipcls, tmp_path: Path):
    files = [PICTURES.parent / name for name in ("coded/rgba.heic", "decode/rgba.avif", "coded/rgba.jxl", "decode/rgba.jp2")]
    page = tmp_path / "report.html"
    assert run_clipcls(*files, *LABELS[:4], "-o", page).returncode == 0
    assert page.read_text().count("data:image/jpeg") >= len(files)
    plain = rows_of(run_clipcls(*files, *LABELS).stdout)
    white = rows_of(run_clipcls(*files, *LABELS, "--background", "white").stdout)
    assert all(a["predictions"] != b["predictions"] for a, b in zip(plain, white, strict=True))
    assert rows_of(run_clipcls(*files, *LABELS, "--draft").stdout) == plain  # of JPEGs alone
    turned = PICTURES / "irot_1_imir_0.avif"
    assert rows_of(run_clipcls(turned, *LABELS).stdout) != rows_of(run_clipcls(turned, *LABELS, "--no-exif-rotation").stdout)


def test_what_is_no_picture_says_what_it_is(run_clipcls: RunClipcls, tmp_path: Path):
    film, document, page = tmp_path / "film.heic", tmp_path / "scan.jpg", tmp_path / "saved.png"
    film.write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100_000))
    document.write_bytes(b"%PDF-1.7\n" + bytes(1000))
    page.write_text("<!doctype html><html><title>404</title></html>")
    result = run_clipcls(film, document, page, *LABELS)
    assert result.returncode == 1
    errors = [row["error"] for row in rows_of(result.stdout)]
    assert {error["kind"] for error in errors} == {"unsupported_format"}
    for error, kind in zip(errors, ("an MP4 video", "a PDF document", "an HTML page"), strict=True):
        assert error["message"].startswith(f"this is {kind}, which is not read here")


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


@pytest.mark.skipif(shutil.which("cjxl") is None, reason="needs cjxl; scripts/setup tests installs it")
def test_a_jpeg_xl_whose_profile_has_no_name_is_not_dark(run_clipcls: RunClipcls, tmp_path: Path):
    """libjxl gives such colours as linear light unless it is asked for others."""
    rocket = Image.open(ROOT / "models" / "everyday" / "rocket.jpg")
    png, jxl = tmp_path / "a.png", tmp_path / "a.jxl"
    rocket.save(png, icc_profile=rocket.info["icc_profile"])
    processes.run(["cjxl", png, jxl, "--quiet"], check=True, capture_output=True)
    first, second = rows_of(run_clipcls(png, jxl, "-l", "cifar100", "-f", "jsonl").stdout)
    best, other = first["predictions"][0], second["predictions"][0]
    # Lossy coding moves the similarity by a thousandth; linear light by a twentieth.
    assert other["label"] == best["label"] and abs(other["similarity"] - best["similarity"]) < 0.01
