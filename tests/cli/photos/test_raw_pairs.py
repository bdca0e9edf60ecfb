"""Cameras' raw files in folders, and pairs: a raw file and the JPEG of its name are one photograph."""
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from conftest import one_line_error, rows_of
from PIL import Image
from test_sort_into import SHARK, files
from test_write_xmp import subjects_of

ROCKET = SHARK.with_name("rocket.jpg")
LABELS = ("--label", "shark", "--label", "rocket", "-f", "jsonl")


def raw_of(jpeg: bytes) -> bytes:
    """The least of Fujifilm's raw files. The content decides, so that it may have the name of another camera's."""
    return b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 160, len(jpeg)) + bytes(160 - 92) + jpeg


@pytest.fixture()
def jpeg(tmp_path: Path) -> bytes:
    Image.open(SHARK).convert("RGB").save(tmp_path / "shark.jpg", quality=95)
    return (tmp_path / "shark.jpg").read_bytes()


@pytest.fixture()
def card(tmp_path: Path, jpeg: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card of two pairs, each with a sidecar, and a raw file alone."""
    folder = tmp_path / "card"
    folder.mkdir()
    for stem, ending in (("IMG_1", "ARW"), ("IMG_2", "raf")):
        (folder / f"{stem}.JPG").write_bytes(jpeg)
        (folder / f"{stem}.{ending}").write_bytes(raw_of(ROCKET.read_bytes()))
    (folder / "IMG_1.ARW.pp3").write_text("of the raw file")
    (folder / "IMG_2.JPG.pp3").write_text("of the JPEG")
    (folder / "IMG_3.nef").write_bytes(raw_of(ROCKET.read_bytes()))
    monkeypatch.chdir(tmp_path)
    return folder


def names(result: "subprocess.CompletedProcess[str]") -> list[str]:
    assert result.returncode == 0, result.stderr
    return [Path(row["image"]).name for row in rows_of(result.stdout)]


ONE = ["IMG_1.JPG", "IMG_2.JPG", "IMG_3.nef"]
BOTH = ["IMG_1.ARW", "IMG_1.JPG", "IMG_2.JPG", "IMG_2.raf", "IMG_3.nef"]
FLAGS = [((), ONE), (("--raw-pairs", "one"), ONE), (("--raw-pairs", "both"), BOTH), (("--no-raw",), ONE[:2]), (("--exclude", "*.JPG"), ["IMG_1.ARW", "IMG_2.raf", "IMG_3.nef"])]


@pytest.mark.parametrize("flags, expected", FLAGS)
def test_rows_of_a_folder(run_clipcls, card: Path, flags, expected):
    result = run_clipcls(card, *LABELS, *flags)
    assert names(result) == expected and "left out" not in result.stderr
    assert run_clipcls("embed", card, "-o", "features", *flags).returncode == 0
    assert [Path(path).name for path in Path("features/paths.nul").read_text().split("\0")[:-1]] == expected


@pytest.mark.parametrize("flags, expected", FLAGS[:4])
def test_labelled_folders(run_clipcls, card: Path, flags, expected):
    Path("classes").mkdir()
    card.rename("classes/rocket")
    result = run_clipcls("eval", "classes", "--label", "rocket", "--label", "shark", "-f", "json", *flags)
    assert result.returncode == 0 and f'"num_images":{len(expected)},' in result.stdout, result.stdout


def test_named_files_are_all_rows(run_clipcls, card: Path):
    assert names(run_clipcls(*sorted(card.glob("IMG_1.[AJ]*[WG]")), *LABELS)) == BOTH[:2]
    assert names(run_clipcls(*sorted(card.glob("IMG_1.[AJ]*[WG]")), *LABELS, "--no-raw")) == BOTH[:2]


@pytest.mark.parametrize("flags", [(), ("--no-raw",), ("--shard", "1/1")])
@pytest.mark.parametrize("action", ["--move", "--copy"])
def test_a_pair_goes_where_its_jpeg_goes(run_clipcls, card: Path, flags, action):
    before = files(card)
    result = run_clipcls("card", *LABELS, action, "--sort-into", "by/{label}", *flags)
    assert result.returncode == 0, result.stderr
    pairs = {name for name in before if not name.startswith("IMG_3")}
    assert set(files(Path("by"))) == {f"shark/{name}" for name in pairs} | ({"rocket/IMG_3.nef"} if "--no-raw" not in flags else set())
    assert (action == "--copy") == (files(card) == before)
    assert run_clipcls("undo", "by", "-q").returncode == 0 and files(card) == before


def test_a_part_of_a_run_parts_no_pair(run_clipcls, card: Path):
    for shard in ("1/3", "3/3"):
        assert run_clipcls("card", *LABELS, "--copy", "--sort-into", "by/{label}", "--shard", shard).returncode == 0
    assert set(files(Path("by"))) == {"shark/IMG_1.JPG", "shark/IMG_1.ARW", "shark/IMG_1.ARW.pp3", "rocket/IMG_3.nef"}


@pytest.mark.parametrize("named", [True, False])
def test_a_pair_of_two_rows_goes_together(run_clipcls, card: Path, named: bool):
    """Into the folder of the first of them, under one number."""
    for taken in ("rocket/IMG_1.JPG", "shark/IMG_2.raf"):
        (Path("by") / taken).parent.mkdir(parents=True)
        (Path("by") / taken).write_text("of somebody else")
    images = [str(card / name) for name in BOTH] if named else ["card", "--raw-pairs", "both"]
    result = run_clipcls(*images, *LABELS, "--move", "--sort-into", "by/{label}")
    assert names(result) == BOTH and [row["sorted_into"] for row in rows_of(result.stdout)] == [
        "by/rocket/IMG_1-2.ARW", "by/rocket/IMG_1-2.JPG", "by/shark/IMG_2-2.JPG", "by/shark/IMG_2-2.raf", "by/rocket/IMG_3.nef"]
    assert {"rocket/IMG_1-2.ARW.pp3", "shark/IMG_2-2.JPG.pp3"} < set(files(Path("by"))) and not files(card)
    assert run_clipcls("undo", "by", "-q").returncode == 0 and len(files(card)) == 7


def test_one_of_a_pair_that_is_unsure_goes_with_the_other(run_clipcls, card: Path, jpeg: bytes):
    rows = rows_of(run_clipcls(card / "IMG_1.ARW", card / "IMG_1.JPG", *LABELS).stdout)
    scores = sorted(row["predictions"][0]["score"] for row in rows)
    for unsure, sure in ((jpeg, ROCKET.read_bytes()), (ROCKET.read_bytes(), jpeg)):  # the unsure one comes second, or first
        shutil.rmtree(card)
        card.mkdir()
        (card / "a.ARW").write_bytes(raw_of(unsure))
        (card / "a.JPG").write_bytes(sure)
        result = run_clipcls("card", *LABELS, "--raw-pairs", "both", "--min-score", sum(scores) / 2, "--move", "--sort-into", "by/{label}")
        assert result.returncode == 0 and not files(card), result.stderr
        assert len({name.split("/")[0] for name in files(Path("by"))}) == 1 and len(files(Path("by"))) == 2
        assert run_clipcls("undo", "by", "-q").returncode == 0


def test_a_raw_file_that_cannot_be_read_goes_along(run_clipcls, card: Path):
    (card / "IMG_1.ARW").write_bytes(b"FUJIFILMCCD-RAW without a picture")
    result = run_clipcls("card", *LABELS, "--raw-pairs", "both", "--move", "--sort-into", "by/{label}")
    assert result.returncode == 1 and "error" in rows_of(result.stdout)[0]
    assert {"shark/IMG_1.JPG", "shark/IMG_1.ARW", "shark/IMG_1.ARW.pp3"} < set(files(Path("by"))) and not files(card)


def test_keywords_serve_both(run_clipcls, card: Path):
    result = run_clipcls("card", *LABELS, "--write-xmp", "--dry-run")
    assert result.returncode == 0 and 'would write "shark" into card/IMG_1.ARW.xmp\n' in result.stderr
    result = run_clipcls("card", *LABELS, "--write-xmp", "--move", "--sort-into", "by/{label}")
    assert "5 sidecars written" in result.stderr, result.stderr
    for name in ("shark/IMG_1.JPG", "shark/IMG_1.ARW", "shark/IMG_2.JPG", "shark/IMG_2.raf", "rocket/IMG_3.nef"):
        assert subjects_of(Path("by") / f"{name}.xmp") == [name.split("/")[0]]


def test_keywords_of_adobes_sidecar(run_clipcls, card: Path):
    result = run_clipcls("card", *LABELS, "--write-xmp", "--xmp-name", "replace")
    assert result.returncode == 0 and "3 sidecars written" in result.stderr, result.stderr
    assert subjects_of(card / "IMG_1.xmp") == ["shark"] and not (card / "IMG_1.ARW.xmp").exists()


def test_keywords_without_raw_files(run_clipcls, card: Path):
    assert "2 sidecars written" in run_clipcls("card", *LABELS, "--write-xmp", "--no-raw").stderr
    assert not (card / "IMG_1.ARW.xmp").exists()


def test_resumed_rows(run_clipcls, card: Path, jpeg: bytes):
    """A JPEG that comes later gets a row, and the raw file keeps its own."""
    command = ("card", *LABELS, "-o", "rows.jsonl", "--resume", "--update")
    assert run_clipcls(*command).returncode == 0
    (card / "IMG_3.JPG").write_bytes(jpeg)
    (card / "IMG_2.raf").write_bytes(raw_of(jpeg))  # has no row
    assert "(3 of them kept from before)" in run_clipcls(*command).stderr
    assert [Path(row["image"]).name for row in rows_of(Path("rows.jsonl").read_text())] == [*ONE, "IMG_3.JPG"]


def test_flags_that_do_not_go_together(run_clipcls, card: Path):
    one_line_error(run_clipcls("card", *LABELS, "--no-raw", "--raw-pairs", "both"), "--no-raw", "--raw-pairs")
    one_line_error(run_clipcls("card", *LABELS, "--raw-pairs", "three"), "--raw-pairs", "three", "one", "both")
    one_line_error(run_clipcls("card", *LABELS, "--raw-pairs", "both", "--shard", "1/2", "--sort-into", "by/{label}"), "--shard", "--raw-pairs both")
