"""--sort-into takes along what belongs to a photo, and --write-xmp writes no sidecar that two photos share."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import rows_of
from PIL import Image
from test_sort_into import LABELS, SHARK, files, journal_of

COMPANIONS = {"IMG_1.GPR", "IMG_1.MOV", "IMG_1.AAE", "IMG_1.png.json", "IMG_1.png.pp3", "IMG_1.xmp", "IMG_1.GPR.xmp"}


@pytest.fixture()
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    shutil.copy(SHARK, folder / "IMG_1.png")
    for name in COMPANIONS | {"IMG_10.GPR", "notes.txt"}:
        (folder / name).write_text(name)
    return folder


def sort(run_clipcls, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return run_clipcls(*arguments, *LABELS, "-f", "jsonl", "--sort-into", "out/{label}")


@pytest.fixture()
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "out"


@pytest.mark.parametrize("flag", ["--move", "--copy", "--link", "--symlink"])
def test_they_go_along_and_come_back(run_clipcls, album: Path, out: Path, flag: str):
    before = files(album)
    result = sort(run_clipcls, "album", flag)
    assert result.returncode == 0 and "with 7 companions" in result.stderr, result.stderr
    assert set(files(out)) == {f"shark/{name}" for name in COMPANIONS | {"IMG_1.png"}}
    assert set(files(album)) == ({"IMG_10.GPR", "notes.txt"} if flag == "--move" else set(before))
    assert (out / "shark" / "IMG_1.GPR").is_symlink() == (flag == "--symlink")
    undone = run_clipcls("undo", journal_of(out))
    assert undone.returncode == 0 and "8 files taken back" in undone.stderr
    assert files(album) == before and not out.exists()


def test_no_companions(run_clipcls, album: Path, out: Path):
    assert sort(run_clipcls, "album", "--move", "--no-companions").returncode == 0
    assert set(files(out)) == {"shark/IMG_1.png"} and COMPANIONS <= set(files(album))


def test_a_dry_run_shows_them(run_clipcls, album: Path, out: Path):
    before = files(album)
    result = sort(run_clipcls, "album", "--move", "--dry-run")
    for name in COMPANIONS | {"IMG_1.png"}:
        assert f"would move album/{name} to out/shark/{name}\n" in result.stderr
    assert "1 image would be moved, with 7 companions" in result.stderr
    assert files(album) == before and not out.exists()


@pytest.mark.parametrize("inputs", [("album",), ("album/IMG_1.jpg", "album/IMG_1.png"), ("album/IMG_1.png", "album/IMG_1.jpg")])
def test_pictures_of_the_run_are_no_companions(run_clipcls, album: Path, out: Path, inputs: tuple[str, ...]):
    Image.open(SHARK).convert("RGB").save(album / "IMG_1.jpg")
    (album / "IMG_1.jpg.json").write_text("of the jpg")
    result = sort(run_clipcls, *inputs, "--move")
    assert result.returncode == 0, result.stderr
    assert all("sorted_into" in row for row in rows_of(result.stdout))
    assert set(files(out)) == {f"shark/{name}" for name in COMPANIONS | {"IMG_1.png", "IMG_1.jpg", "IMG_1.jpg.json"}}


def test_a_picture_that_is_no_input_goes_along_and_one_that_stays_does_not(run_clipcls, album: Path, out: Path):
    Image.open(SHARK).convert("RGB").save(album / "IMG_1.jpg")
    assert sort(run_clipcls, "album/IMG_1.png", "--move").returncode == 0
    assert "shark/IMG_1.jpg" in files(out)
    assert run_clipcls("undo", out, "-q").returncode == 0
    (album / "IMG_1.jpg").write_text("broken")
    assert sort(run_clipcls, "album", "--move").returncode == 1
    assert "shark/IMG_1.jpg" not in files(out) and (album / "IMG_1.jpg").exists()


def test_everything_named_on_the_command_line(run_clipcls, album: Path, out: Path):
    """clipcls * : raw files and sidecars are no images, and go along nevertheless."""
    result = sort(run_clipcls, *sorted(map(str, album.iterdir())), "--move")
    assert result.returncode == 1  # they are no images
    assert set(files(out)) == {f"shark/{name}" for name in COMPANIONS | {"IMG_1.png"}}


def test_one_that_cannot_be_copied_is_reported_and_stays(run_clipcls, album: Path, out: Path):
    (album / "IMG_1.AAE").unlink()
    (album / "IMG_1.AAE").symlink_to("notes.txt")
    result = sort(run_clipcls, "album", "--move")
    assert result.returncode == 1 and f"{album}/IMG_1.AAE: is a symbolic link, and stays" in result.stderr
    assert rows_of(result.stdout)[0]["sorted_into"] == "out/shark/IMG_1.png"
    assert set(files(out)) == {f"shark/{name}" for name in (COMPANIONS | {"IMG_1.png"}) - {"IMG_1.AAE"}}
    assert (album / "IMG_1.AAE").is_symlink()


def test_a_full_disk_loses_nothing(run_clipcls, mount_disk, album: Path, out: Path):
    out = mount_disk("size=64k")
    (album / "IMG_1.GPR").write_bytes(bytes(200_000))
    before = files(album)
    arguments = ("album", *LABELS, "-q", "--move", "--sort-into", out / "{label}")
    result = run_clipcls(*arguments)
    assert result.returncode == 1 and "IMG_1.GPR" in result.stderr and "No space left" in result.stderr
    assert {name.split("/")[-1] for name in files(out)} | set(files(album)) == set(before)
    assert (album / "IMG_1.GPR").stat().st_size == 200_000
    assert not [name for name in files(out) if "partial" in name]
    assert run_clipcls("undo", out, "-q").returncode == 0 and files(album) == before


@pytest.mark.parametrize("separator", ["\0", "\0\0"])
def test_a_path_with_a_nul_byte_moves_nothing(clipcls_binary: Path, album: Path, out: Path, separator: str):
    shutil.copy(SHARK, album / "IMG_2.png")
    before = files(album)
    paths = separator.join(["album/IMG_1.png", "album/IMG_2.png", ""])
    result = subprocess.run([clipcls_binary, "-T", "-", *LABELS, "-q", "--move", "--sort-into", "out/{label}"], input=paths,
                            capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode in (1, 2) and "NUL" in result.stderr
    assert files(album) == before


@pytest.mark.parametrize("sorts", [False, True])
def test_pictures_that_share_a_sidecar_are_left_out(run_clipcls, tmp_path: Path, sorts: bool):
    Image.open(SHARK).convert("RGB").save(tmp_path / "a.jpg")
    shutil.copy(SHARK, tmp_path / "a.png")
    shutil.copy(SHARK, tmp_path / "b.png")
    (tmp_path / "b.GPR").write_text("raw")  # which shares b.xmp by custom
    result = run_clipcls(tmp_path, *LABELS, "-f", "jsonl", "--write-xmp", "--xmp-name", "replace",
                         *(("--move", "--sort-into", tmp_path / "out" / "{label}") if sorts else ()))
    assert result.returncode == 1
    for name, other in (("a.jpg", "a.png"), ("a.png", "a.jpg")):
        assert f"{tmp_path}/{name}: shares the sidecar a.xmp with {other}, and is left out" in result.stderr
    assert not (tmp_path / "a.xmp").exists() and (tmp_path / "a.png").exists() and (tmp_path / "a.jpg").exists()
    assert len(rows_of(result.stdout)) == 3
    place = tmp_path / "out" / "shark" if sorts else tmp_path
    assert (place / "b.xmp").exists() and os.path.exists(place / "b.GPR")


def test_files_of_the_run_stay(run_clipcls, clipcls_binary, tmp_path: Path, out: Path):
    """Labels, lists, a model and the rows themselves may be called like a photo."""
    folder = tmp_path / "album"
    folder.mkdir()
    shutil.copy(SHARK, folder / "shark.png")
    (folder / "shark.txt").write_text("shark\ncat\n")
    (folder / "shark.list").write_text("album/shark.png\n")
    (folder / "shark.tmpl").write_text("a {}\n")
    shutil.copytree(SHARK.parent, folder / "shark.model")
    command = ("-T", "album/shark.list", "-l", "album/shark.txt", "--templates", "album/shark.tmpl", "-m", "album/shark.model", "-f",
               "jsonl", "-o", "album/shark.jsonl", "--sort-into", "out/{label}", "-q")
    assert run_clipcls(*command).returncode == 0  # rows are there already
    shutil.rmtree(out)
    before = set(files(folder))
    result = run_clipcls(*command, "--move")
    assert result.returncode == 0 and result.stderr == "", result.stderr
    assert set(files(out)) == {"shark/shark.png"}
    assert set(files(folder)) == before - {"shark.png"}
    assert (folder / "shark.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize("name", ["shark.jsonl.partial", "shark.jsonl.partial.resume", "shark.jsonl.resume"])
def test_files_beside_rows_stay(run_clipcls, tmp_path: Path, out: Path, name: str):
    folder = tmp_path / "album"
    folder.mkdir()
    shutil.copy(SHARK, folder / "shark.png")
    (folder / name).write_text("")
    (folder / "shark.jsonl.md").write_text("a note of mine")  # of the photo, for all that is known
    command = ("album/shark.png", *LABELS, "-f", "jsonl", "-o", "album/shark.jsonl", "--sort-into", "out/{label}", "--move", "-q")
    assert run_clipcls(*command).returncode == 0
    assert "shark.jsonl" in files(folder) and not any(Path(file).name == name for file in files(out))
