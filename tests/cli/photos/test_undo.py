"""clipcls undo: what it takes back, and that it removes nothing but journals of its own."""
import fcntl
import os
import shutil
from pathlib import Path

import pytest
from conftest import one_line_error
from test_sort_into import LABELS, SHARK, files, images, journal_of, photos  # noqa: F401

HEADER = '{"format":"clipcls-journal","format_version":1}\n'


def test_undo_keeps_what_has_changed(run_clipcls, photos: Path, tmp_path: Path):
    run_clipcls(*images(photos), *LABELS, "--sort-into", tmp_path / "out" / "{label}")
    journal = journal_of(tmp_path / "out")
    (tmp_path / "out" / "shark" / "shark-2.png").write_text("edited")
    listed = run_clipcls("undo", journal, "--dry-run")
    assert listed.returncode == 0 and listed.stderr.count("would undo") == 3
    result = run_clipcls("undo", journal)
    assert result.returncode == 1 and "shark-2.png: stays" in result.stderr and "the journal is kept" in result.stderr
    assert set(files(tmp_path / "out")) == {"shark/shark-2.png"} and journal.exists()
    (tmp_path / "out" / "shark" / "shark-2.png").unlink()
    assert run_clipcls("undo", journal, "-q").returncode == 0 and not (tmp_path / "out").exists()


@pytest.mark.parametrize("content, part", [(None, "no such journal"), ("{}\n", "is not a journal of clipcls's"),
                                           ('{"format":"clipcls-journal","format_version":1}\nx\n', ":2: is damaged"),
                                           ('{"format":"clipcls-journal","format_version":1}\n{"action":"make_folder","target":""}\n',
                                            ":2: is damaged: target is empty, expected a path")])
def test_undo_of_no_journal(run_clipcls, tmp_path: Path, content: str | None, part: str):
    journal = tmp_path / "journal"
    if content is not None:
        journal.write_text(content)
    result = run_clipcls("undo", journal)
    assert result.returncode == 2 and part in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"a photo without a line end", HEADER[:-1].encode(), HEADER[:20].encode(),
                                     b" " + HEADER.encode(), b"\xff\xd8\xff\xe0 photo", bytes(3_000_000), HEADER.encode() + b"notes",
                                     HEADER.encode() + b"\n", HEADER.encode() + b'{"action":"make_folder","target":"/x", "a":1}\n'])
def test_a_file_that_is_no_journal_stays(run_clipcls, tmp_path: Path, content: bytes):
    file = tmp_path / "file"
    file.write_bytes(content)
    one_line_error(run_clipcls("undo", file), str(file), "nothing was touched")
    one_line_error(run_clipcls("undo", "--dry-run", file), str(file))
    assert file.read_bytes() == content


@pytest.mark.parametrize("name", ["folder", "pipe", "nothing", "/dev/null", ""])
def test_what_is_no_file_stays(run_clipcls, tmp_path: Path, name: str):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / name if name else ""
    result = run_clipcls("undo", path, timeout=60)
    assert result.returncode == 2 and result.stderr.count("\n") == 1, result.stderr
    assert sorted(os.listdir(tmp_path)) == ["folder", "pipe"]


def test_of_a_folder_the_one_journal_is_meant(run_clipcls, photos: Path, tmp_path: Path):  # noqa: F811
    before = files(photos)
    out = tmp_path / "out"
    arguments = (photos / "shark.png", *LABELS, "-q", "--move", "--sort-into", out / "{label}")
    assert run_clipcls(*arguments).returncode == 0
    one_line_error(run_clipcls("undo", out / "shark"), "is a folder without a journal")
    (out / "clipcls-journal-mine.jsonl").write_text("mine")
    (out / "clipcls-journal-empty.jsonl").touch()
    real = next(path for path in out.glob("clipcls-journal-2*"))
    second = out / "clipcls-journal-20000101-000000.jsonl"
    second.write_text(HEADER)
    one_line_error(run_clipcls("undo", out), "has 2 journals", f"{real.name}, {second.name}")
    assert run_clipcls("undo", second, "-q").returncode == 0 and not second.exists()
    result = run_clipcls("undo", out)
    assert result.returncode == 0 and "2 files taken back" in result.stderr
    assert files(photos) == before
    assert sorted(os.listdir(out)) == ["clipcls-journal-empty.jsonl", "clipcls-journal-mine.jsonl"]


@pytest.mark.parametrize("torn", ['{"action":"move","source":"/home/me/pho', "{", "\0" * 5000])
def test_a_torn_last_line_is_named_and_the_whole_ones_undone(run_clipcls, photos: Path, tmp_path: Path, torn: str):  # noqa: F811
    before = files(photos)
    run_clipcls(photos / "shark.png", *LABELS, "-q", "--move", "--sort-into", tmp_path / "out" / "{label}")
    journal = journal_of(tmp_path / "out")
    num_lines = journal.read_text().count("\n")
    with journal.open("a") as file:
        file.write(torn)
    result = run_clipcls("undo", journal)
    assert result.returncode == 0, result.stderr
    assert f"{journal}:{num_lines + 1}: is cut short" in result.stderr and "2 files taken back" in result.stderr
    assert files(photos) == before and not (tmp_path / "out").exists()


def test_a_journal_by_a_link(run_clipcls, photos: Path, tmp_path: Path):  # noqa: F811
    run_clipcls(photos / "shark.png", *LABELS, "-q", "--sort-into", tmp_path / "out" / "{label}")
    link = tmp_path / "link"
    link.symlink_to(journal_of(tmp_path / "out"))
    assert run_clipcls("undo", link, "-q").returncode == 0 and not (tmp_path / "out").exists()


def test_a_journal_that_is_being_written_is_left_alone(run_clipcls, photos: Path, tmp_path: Path):  # noqa: F811
    run_clipcls(photos / "shark.png", *LABELS, "-q", "--sort-into", tmp_path / "out" / "{label}")
    journal = journal_of(tmp_path / "out")
    with journal.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        one_line_error(run_clipcls("undo", journal), "another clipcls is writing it")
    assert (tmp_path / "out" / "shark" / "shark.png").exists()


def test_undo_never_removes_the_last_name_of_a_photo(run_clipcls, photos: Path, tmp_path: Path):  # noqa: F811
    """After a move the old folder becomes a link to the new one: both paths are one file."""
    run_clipcls(photos / "more" / "shark.png", *LABELS, "-q", "--link", "--sort-into", tmp_path / "out" / "{label}")
    shutil.rmtree(photos / "more")
    (photos / "more").symlink_to(tmp_path / "out" / "shark")
    result = run_clipcls("undo", journal_of(tmp_path / "out"))
    assert result.returncode == 1 and "by another path" in result.stderr
    assert (tmp_path / "out" / "shark" / "shark.png").read_bytes() == SHARK.read_bytes() + b"another"
