"""--sort-into and clipcls undo: where files go, and that no moment of interruption loses one."""
import hashlib
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import processes
import pytest
from conftest import one_line_error, rows_of

SHARK = Path(__file__).resolve().parents[3] / "models" / "everyday" / "shark.png"
LABELS = ("--label", "shark", "--label", "submarine", "--label", "bread")


@pytest.fixture()
def photos(tmp_path: Path) -> Path:
    """photos/: two sharks of one name, one of them with a sidecar, and a file that is no picture."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    shutil.copy(SHARK, folder / "shark.png")
    (folder / "shark.png.xmp").write_text("sidecar")
    (folder / "more" / "shark.png").write_bytes(SHARK.read_bytes() + b"another")  # what follows the end is not read
    (folder / "junk.png").write_text("no picture")
    return folder


def files(folder: Path) -> dict[str, str]:
    """Name under `folder` -> SHA-256, journals left out."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and "clipcls-journal" not in path.name}


def images(photos: Path) -> list[Path]:
    return [photos / "shark.png", photos / "more" / "shark.png", photos / "junk.png"]


def journal_of(folder: Path) -> Path:
    return next(folder.glob("clipcls-journal-*.jsonl"))


@pytest.mark.parametrize("flag, stays", [("--copy", True), ("--move", False), ("--link", True), ("--symlink", True),
                                         (None, True)])
def test_sorts_and_takes_back(run_clipcls, photos: Path, tmp_path: Path, flag: str | None, stays: bool):
    before = files(photos)
    result = run_clipcls(*images(photos), *LABELS, "-f", "jsonl", "--sort-into", tmp_path / "out" / "{label}",
                         *([flag] if flag else []))
    assert result.returncode == 1  # the junk
    out = tmp_path / "out"
    assert set(files(out)) == {"shark/shark.png", "shark/shark.png.xmp", "shark/shark-2.png"}
    assert (out / "shark" / "shark.png.xmp").read_text() == "sidecar"
    assert (out / "shark" / "shark.png").is_symlink() == (flag == "--symlink")
    assert os.path.samefile(out / "shark" / "shark.png", photos / "shark.png") == (
        flag in ("--link", "--symlink")) if stays else True
    assert (files(photos) == before) == stays
    assert (photos / "junk.png").exists()
    assert [row.get("sorted_into") for row in rows_of(result.stdout)] == [
        str(out / "shark" / "shark.png"), str(out / "shark" / "shark-2.png"), None]

    command = result.stderr.strip().split("clipcls undo ")[1]
    assert Path(command) == journal_of(out)
    undone = run_clipcls("undo", command)
    assert undone.returncode == 0 and "3 files taken back" in undone.stderr
    assert files(photos) == before and not out.exists()


def test_dry_run_says_and_does_nothing(run_clipcls, photos: Path, tmp_path: Path):
    before = files(tmp_path)
    result = run_clipcls(*images(photos), *LABELS, "--sort-into", tmp_path / "out" / "{label}", "--move", "--dry-run")
    assert f"would move {photos}/more/shark.png to {tmp_path}/out/shark/shark-2.png" in result.stderr
    assert "2 images would be moved" in result.stderr
    assert files(tmp_path) == before and not (tmp_path / "out").exists()


def test_labels_below_the_least_score_stay(run_clipcls, photos: Path, tmp_path: Path):
    arguments = (photos / "shark.png", *LABELS, "--sort-into", tmp_path / "out" / "{label}", "--move")
    result = run_clipcls(*arguments, "--min-score", 1)
    assert result.returncode == 0 and "0 images moved, 1 image below the minimum score" in result.stderr
    assert (photos / "shark.png").exists() and not (tmp_path / "out").exists()
    assert run_clipcls(*arguments, "--min-score", 0.5).returncode == 0
    assert (tmp_path / "out" / "shark" / "shark.png").exists()


def test_hostile_labels_stay_below_the_folder(run_clipcls, photos: Path, tmp_path: Path):
    out = tmp_path / "deep" / "out"
    result = run_clipcls(photos / "shark.png", "--label", "../../escaped", "--sort-into", out / "{label}")
    assert result.returncode == 0, result.stderr
    assert (out / "_._.._escaped" / "shark.png").exists() and not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("labels", [("a/b", "a:b"), ("Cat", "cat"), ("Caf\u00e9", "Cafe\u0301"), ("dog", "dog.")])
@pytest.mark.parametrize("flags", [(), ("--dry-run",), ("-q", "--move")])
def test_labels_that_would_share_a_folder_are_refused(run_clipcls, photos: Path, tmp_path: Path, labels: tuple[str, str],
                                                      flags: tuple[str, ...]):
    result = run_clipcls(photos / "shark.png", "--label", "x", *(word for label in labels for word in ("--label", label)),
                         "-m", "/nonexistent", "--sort-into", tmp_path / "out" / "{label}", *flags)
    one_line_error(result, *(f'"{label}"' for label in labels))
    assert (photos / "shark.png").exists() and not (tmp_path / "out").exists()


def test_devices_of_windows_get_other_names(run_clipcls, photos: Path, tmp_path: Path):
    for label, folder in (("CON", "CON_"), ("aux.txt", "aux_.txt"), ("lpt1", "lpt1_")):
        result = run_clipcls(photos / "shark.png", "--label", label, "-q", "--sort-into", tmp_path / "out" / "{label}")
        assert result.returncode == 0 and (tmp_path / "out" / folder / "shark.png").exists()


def test_a_second_run_does_nothing_twice(run_clipcls, photos: Path, tmp_path: Path):
    arguments = (*images(photos)[:2], *LABELS, "--sort-into", tmp_path / "out" / "{label}")
    assert run_clipcls(*arguments).returncode == 0
    twin = tmp_path / "photos" / "twin" / "shark.png"
    twin.parent.mkdir()
    shutil.copy(SHARK, twin)
    after_one = files(tmp_path)
    result = run_clipcls(*arguments, twin)  # a photo that is there byte for byte is not copied once more
    assert result.returncode == 0 and "0 images copied, 3 there already" in result.stderr
    assert files(tmp_path) == after_one and len(list((tmp_path / "out").glob("clipcls-journal-*"))) == 1


def test_names_of_any_bytes(run_clipcls, clipcls_binary: Path, tmp_path: Path):
    folder = os.fsencode(tmp_path / "photos")
    os.mkdir(folder)
    names = [b"new\nline.png", b"\xff\xfe.png", b"100%.png", b"-f.png", b"a b'c\".png"]
    for name in names:
        shutil.copy(os.fsencode(SHARK), os.path.join(folder, name))
    out = tmp_path / "it's sorted"
    result = processes.run([clipcls_binary, *(os.path.join(folder, name) for name in names), *LABELS, "--move",
                            "--sort-into", out / "{label}", "-f", "jsonl"], capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    assert sorted(os.listdir(os.fsencode(out / "shark"))) == sorted(names) and os.listdir(folder) == []
    command = result.stderr.decode().strip().split("take it back: ")[1]
    undone = processes.run(command.replace("clipcls", str(clipcls_binary), 1), shell=True, check=False)
    assert undone.returncode == 0 and sorted(os.listdir(folder)) == sorted(names)


def test_a_file_that_cannot_be_moved_is_reported_and_the_run_goes_on(run_clipcls, photos: Path, tmp_path: Path):
    link = photos / "link.png"
    link.symlink_to("shark.png")
    result = run_clipcls(link, photos / "shark.png", photos / "shark.png", *LABELS, "--move", "-f", "jsonl",
                         "--sort-into", tmp_path / "out" / "{label}")
    assert result.returncode == 1
    assert f"{link}: is a symbolic link" in result.stderr and "is not there any more; was it given twice?" in result.stderr
    rows = rows_of(result.stdout)
    assert [row["predictions"][0]["label"] for row in rows] == ["shark"] * 3
    assert ["sorted_into" in row for row in rows] == [False, True, False]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same file system", "another file system"])
def test_killed_at_any_moment_journal_and_files_agree(run_clipcls, clipcls_binary: Path, tmp_path: Path, elsewhere: bool):
    out = tmp_path / "out"
    if elsewhere:
        if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == tmp_path.stat().st_dev:
            pytest.skip("/dev/shm is no other file system")
        out = Path("/dev/shm") / f"clipcls-test-{os.getpid()}"
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(120):
        shutil.copy(SHARK, photos / f"{number:03}.png")
        (photos / f"{number:03}.png.xmp").write_text(f"sidecar {number}")
    before = files(photos)
    moments = random.Random(7)
    num_interrupted = 0
    try:
        for _ in range(4):
            with processes.launch([clipcls_binary, *sorted(photos.glob("*.png")), *LABELS, "--move", "-q",
                                   "--batch-size", "4", "--sort-into", out / "{label}"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                while not list(out.glob("clipcls-journal-*")) and process.poll() is None:
                    time.sleep(0.001)
                time.sleep(moments.uniform(0, 0.15))
                process.send_signal(signal.SIGKILL)
            left = files(photos)
            num_interrupted += 0 < len(left) < len(before)
            # Every photo is in one of the two places, whole; in both only while a copy is being moved.
            there = {name.split("/")[-1]: digest for name, digest in files(out).items() if "partial" not in name}
            assert {**there, **left} == before
            assert len(set(there) & set(left)) <= 1
            result = run_clipcls("undo", journal_of(out))
            assert result.returncode == 0, result.stderr
            assert files(photos) == before and not out.exists()
    finally:
        shutil.rmtree(out, ignore_errors=True)
    assert num_interrupted > 0


@pytest.mark.parametrize("flags, part", [
    (("--sort-into", "out"), "has no {label}"),
    (("--sort-into", ""), "--sort-into"),
    (("--sort-into", "{year}/{label}"), "{year}"),
    (("--sort-into", "o/{label}", "--move", "--link"), "--move and --link exclude each other"),
    (("--sort-into", "o/{label}", "--copy", "--symlink"), "--copy and --symlink exclude each other"),
    (("--move",), "--sort-into"),
    (("--dry-run",), "neither is given"),
    (("--min-score", "0.5"), "neither is given"),
    (("--no-companions",), "--sort-into, which is not given"),
    (("--sort-into", "o/{label}", "--move", "--no-companions", "--write-xmp"), "--no-companions and --move"),
    (("--sort-into", "o/{label}", "--min-score", "2"), "--min-score"),
    (("--sort-into", "/dev/null/{label}"), "is not a folder"),
    (("--sort-into", "/proc/{label}/x"), "/proc"),
    (("--xmp-labels", "2"), "--write-xmp"),
    (("--xmp-name", "append"), "--write-xmp"),
    (("--write-xmp", "--xmp-labels", "6"), "--top-k 5"),
    (("--sort-into", "o/{label}", "--move", "--resume", "-f", "jsonl", "-o", "r.jsonl"), "--resume and --move"),
])
def test_bad_flags_are_found_before_the_model_is_loaded(run_clipcls, flags: tuple[str, ...], part: str):
    if flags[-1].startswith("/proc") and os.geteuid() == 0 and os.access("/proc", os.W_OK):
        pytest.skip("root may write anywhere")
    result = run_clipcls("x.png", *LABELS, "-m", "/nonexistent", *flags)
    assert result.returncode == 2 and result.stdout == "" and result.stderr.count("\n") == 1
    assert part in result.stderr and "nonexistent" not in result.stderr


@pytest.mark.parametrize("action", [("--sort-into", "o/{label}"), ("--write-xmp",)])
def test_actions_need_files(run_clipcls, action: tuple[str, ...]):
    for inputs in (("-",), ("--image-features", "features")):
        result = run_clipcls(*inputs, *LABELS, "-m", "/nonexistent", *action)
        assert result.returncode == 2 and action[0] in result.stderr and "nonexistent" not in result.stderr
