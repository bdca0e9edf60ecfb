"""A cache that cannot be kept never breaks a run, and never changes its answer. test_cache.py has places where
there can be no folder, files that are damaged as a whole, and eight processes at once."""
import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import processes
import pytest
from PIL import Image

LABELS = ("--label", "cat", "--label", "dog", "--label", "shark")
FOUND, KEPT, NOT_KEPT = "label embeddings: from the cache", "computed and cached", "computed, not cached"


@pytest.fixture(scope="module")
def picture(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "ramp.png"
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(path)
    return path


@pytest.fixture()
def classify(run_clipcls, picture):
    """classify(cache, …): the rows and what was said of the label embeddings; the rows must be those of a run without a cache."""
    expected = run_clipcls(picture, *LABELS, "-f", "jsonl", "--no-cache").stdout

    def run(cache: object, *labels: object) -> str:
        result = run_clipcls(picture, *LABELS, *labels, "-f", "jsonl", "-v", "--cache-dir", cache, timeout=60)
        assert result.returncode == 0, result.stderr
        assert labels or result.stdout == expected
        return next(line for line in result.stderr.splitlines() if NOT_KEPT in line or KEPT in line or FOUND in line)
    return run


def test_a_read_only_disk(classify, mount_disk):
    disk = mount_disk("size=1m")
    assert KEPT in classify(disk)
    mount_disk("remount,ro")
    assert FOUND in classify(disk)
    assert "Read-only file system" in classify(disk, "--label", "one more")


def test_a_full_disk_leaves_nothing_torn(classify, mount_disk):
    disk = mount_disk("size=8k")
    (disk / "rest").write_bytes(bytes(8192))
    assert "No space left" in classify(disk)
    assert [path.name for path in disk.iterdir()] == ["rest"]
    mount_disk("remount,size=1m")
    assert KEPT in classify(disk)
    assert FOUND in classify(disk)


def test_an_entry_of_another_version_or_damaged_in_any_field(classify, tmp_path):
    """Replaced by what is computed anew. Behind the fields, the checksum and the payload."""
    assert KEPT in classify(tmp_path / "cache")
    (entry,) = (tmp_path / "cache").iterdir()
    good = entry.read_bytes()
    for name, at, size in (("magic", 0, 8), ("version", 8, 4), ("size of a number", 12, 4), ("key", 16, 32), ("labels", 48, 8), ("embed_dim", 56, 8),
                           ("cut prompts", 64, 8), ("checksum", 72, 16), ("payload", 100, 1)):
        content = bytearray(good)
        content[at:at + size] = bytes(byte ^ 0xFF for byte in good[at:at + size])
        entry.write_bytes(content)
        assert KEPT in classify(tmp_path / "cache"), name
        assert entry.read_bytes() == good, name


@pytest.mark.parametrize("make", [lambda path: os.mkfifo(path), lambda path: path.mkdir(), lambda path: path.symlink_to("/dev/zero"),
                                  lambda path: path.symlink_to(path.name)], ids=["pipe", "folder", "device", "circle"])
def test_something_else_under_the_name_of_an_entry(classify, tmp_path, make):
    assert KEPT in classify(tmp_path / "cache")
    entry = next((tmp_path / "cache").iterdir())
    entry.unlink()
    make(entry)
    line = classify(tmp_path / "cache")
    assert KEPT in line or NOT_KEPT in line
    assert Path("/dev/zero").is_char_device()


def test_a_file_that_an_entry_links_to_is_not_touched(classify, tmp_path):
    assert KEPT in classify(tmp_path / "cache")
    entry = next((tmp_path / "cache").iterdir())
    entry.unlink()
    (tmp_path / "photo.jpg").write_text("precious")
    entry.symlink_to(tmp_path / "photo.jpg")
    assert KEPT in classify(tmp_path / "cache")
    assert (tmp_path / "photo.jpg").read_text() == "precious" and not entry.is_symlink()


def test_a_cache_that_is_removed_while_it_is_used(clipcls_binary, picture, tmp_path):
    cache = tmp_path / "cache"
    command = [clipcls_binary, picture, *LABELS, "-f", "jsonl", "--cache-dir", cache]
    with ExitStack() as stack:
        runs = [stack.enter_context(processes.launch(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)) for _ in range(4)]
        while any(run.poll() is None for run in runs):
            shutil.rmtree(cache, ignore_errors=True)
        results = [(run.communicate()[0], run.returncode) for run in runs]
    assert [code for _, code in results] == [0] * 4 and len({output for output, _ in results}) == 1
