"""--write-xmp, read back with exiftool."""
import json
import shutil
from pathlib import Path

import processes
import pytest

SHARK = Path(__file__).resolve().parents[3] / "models" / "everyday" / "shark.png"
LABELS = ("--label", "shark", "--label", "submarine", "--label", "Crème & <b>")


@pytest.fixture()
def photo(tmp_path: Path) -> Path:
    return Path(shutil.copy(SHARK, tmp_path / "photo.png"))


def exiftool(*arguments: object) -> None:
    processes.run(["exiftool", "-q", "-q", *map(str, arguments)], check=True)


def tags_of(sidecar: Path) -> dict:
    output = processes.run(["exiftool", "-j", "-G1", "-struct", sidecar], capture_output=True, text=True, check=True).stdout
    return {key: value for key, value in json.loads(output)[0].items()
            if key.startswith("XMP") and key != "XMP-x:XMPToolkit"}


def subjects_of(sidecar: Path) -> list[str]:
    return tags_of(sidecar)["XMP-dc:Subject"]


def test_a_new_sidecar(run_clipcls, photo: Path):
    before = photo.read_bytes()
    result = run_clipcls(photo, *LABELS, "--write-xmp")
    assert result.returncode == 0 and "1 sidecar written" in result.stderr
    sidecar = photo.with_name("photo.png.xmp")
    assert tags_of(sidecar) == {"XMP-dc:Subject": ["shark"]}
    assert photo.read_bytes() == before and set(photo.parent.iterdir()) == {photo, sidecar}
    written = sidecar.read_bytes()
    again = run_clipcls(photo, *LABELS, "--write-xmp")
    assert again.returncode == 0 and "0 sidecars written" in again.stderr and sidecar.read_bytes() == written


def test_the_name_that_adobe_expects(run_clipcls, photo: Path):
    assert run_clipcls(photo, *LABELS, "--write-xmp", "--xmp-name", "replace").returncode == 0
    assert subjects_of(photo.with_suffix(".xmp")) == ["shark"]


def test_several_labels(run_clipcls, photo: Path):
    result = run_clipcls(photo, *LABELS, "--write-xmp", "--xmp-labels", 3, "-f", "jsonl")
    order = [prediction["label"] for prediction in json.loads(result.stdout)["predictions"]]
    sidecar = photo.with_name("photo.png.xmp")
    assert subjects_of(sidecar) == order and "Crème & <b>" in order
    sidecar.unlink()
    run_clipcls(photo, *LABELS, "--write-xmp", "--xmp-labels", 3, "--min-score", 0.5)
    assert subjects_of(sidecar) == ["shark"]


def test_merges_with_what_other_programs_wrote(run_clipcls, photo: Path):
    sidecar = photo.with_name("photo.png.xmp")
    exiftool("-XMP-dc:Subject=holiday", "-XMP-dc:Subject=Crete", "-XMP-xmp:Rating=4", "-XMP-dc:Title=A title",
             "-XMP-dc:Title-de=Ein Titel", "-XMP-digiKam:TagsList=Places/Crete", "-XMP-lr:HierarchicalSubject=Places|Crete",
             "-XMP-crs:Exposure2012=+0.50", "-XMP-exif:GPSLatitude=35.3", "-XMP-tiff:Orientation#=6",
             "-XMP-mwg-rs:RegionInfo={RegionList=[{Name=Ann,Type=Face}]}", sidecar)
    before = tags_of(sidecar)
    assert len(before) >= 10
    assert run_clipcls(photo, *LABELS, "--write-xmp").returncode == 0
    after = tags_of(sidecar)
    assert after.pop("XMP-dc:Subject") == ["holiday", "Crete", "shark"]
    assert after.pop("XMP-digiKam:TagsList") == ["Places/Crete", "shark"]
    assert after.pop("XMP-lr:HierarchicalSubject") == ["Places|Crete", "shark"]
    for merged in ("XMP-dc:Subject", "XMP-digiKam:TagsList", "XMP-lr:HierarchicalSubject"):
        del before[merged]
    assert after == before


def test_a_file_that_is_no_sidecar_is_kept_and_the_run_goes_on(run_clipcls, photo: Path):
    sidecar = photo.with_name("photo.png.xmp")
    sidecar.write_text("<my><notes/></my>")
    second = Path(shutil.copy(SHARK, photo.with_name("second.png")))
    result = run_clipcls(photo, second, *LABELS, "--write-xmp", "-f", "jsonl")
    assert result.returncode == 1 and f"{sidecar}: is not an XMP sidecar, and stays as it is" in result.stderr
    assert result.stderr.count("stays as it is") == 1 and "1 failed" in result.stderr
    assert ["predictions" in json.loads(line) for line in result.stdout.splitlines()] == [True, True]
    assert sidecar.read_text() == "<my><notes/></my>"
    assert subjects_of(second.with_name("second.png.xmp")) == ["shark"]


def test_dry_run(run_clipcls, photo: Path):
    result = run_clipcls(photo, *LABELS, "--write-xmp", "--dry-run")
    assert f'would write "shark" into {photo}.xmp' in result.stderr and "would be written" in result.stderr
    assert list(photo.parent.iterdir()) == [photo]


def test_a_failed_image_gets_no_sidecar(run_clipcls, tmp_path: Path):
    junk = tmp_path / "junk.jpg"
    junk.write_text("junk")
    assert run_clipcls(junk, *LABELS, "--write-xmp").returncode == 1
    assert list(tmp_path.iterdir()) == [junk]


def test_keywords_go_along_when_the_photo_is_sorted(run_clipcls, photo: Path, tmp_path: Path):
    assert run_clipcls(photo, *LABELS, "--write-xmp", "--move", "--sort-into", tmp_path / "{label}").returncode == 0
    assert subjects_of(tmp_path / "shark" / "photo.png.xmp") == ["shark"] and not photo.exists()
