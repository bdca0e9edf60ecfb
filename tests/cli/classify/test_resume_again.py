"""--resume of a file that is kept up to date: --retry-errors, --update, and what it says when it is stopped."""
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import processes
import pytest
from conftest import default_signals, one_line_error, rows_of

LABELS = ("-m", "everyday", "--label", "cat", "--label", "dog", "-k", "1")


@pytest.fixture()
def pictures(album, tmp_path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 2, 3, 50):
        shutil.copy2(album / f"{number}.png", folder)
    return folder


@pytest.fixture()
def again(run_clipcls, pictures, tmp_path):
    def again(*flags: object, format: str = "jsonl", images: "tuple[object, ...] | None" = None) -> "subprocess.CompletedProcess[str]":
        return run_clipcls(*(images or (pictures,)), *LABELS, "--resume", "-o", tmp_path / f"rows.{format}", *flags)
    return again


def rows(tmp_path: Path) -> "list[tuple[str, bool]]":
    """(name, whether it failed) of each row."""
    return [(Path(row["image"]).name, "error" in row) for row in rows_of((tmp_path / "rows.jsonl").read_text())]


@pytest.mark.parametrize("format, flags", [("jsonl", ()), ("csv", ()), ("csv", ("--long",)), ("tsv", ("--bom",))])
def test_errors_are_done_again(again, album, pictures, tmp_path, format, flags):
    file = tmp_path / f"rows.{format}"
    assert again(*flags, format=format).returncode == 1
    before = file.read_bytes()
    shutil.copy(album / "4.png", pictures / "50.png")
    assert again(*flags, format=format).returncode == 1 and file.read_bytes() == before
    result = again(*flags, "--retry-errors", format=format)
    assert result.returncode == 0 and "(3 of them kept from before), 4 classified, 0 failed" in result.stderr, result.stderr
    lines, old = file.read_bytes().splitlines(), before.splitlines()
    assert len(lines) == len(old) and set(old) - set(lines) == {line for line in old if b"/50.png" in line}
    assert b"/50.png" in lines[-1] and not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_only_those_of_this_run(again, album, pictures, tmp_path):
    """What is not among its images keeps its row, an error too."""
    assert again().returncode == 1
    shutil.copy(album / "4.png", pictures / "50.png")
    assert again("--retry-errors", images=(pictures / "1.png",)).returncode == 1
    assert rows(tmp_path) == [("1.png", False), ("2.png", False), ("3.png", False), ("50.png", True)]


def test_pictures_that_have_changed_are_done_again(again, album, pictures, tmp_path):
    assert again("--update").returncode == 1
    before = (tmp_path / "rows.jsonl").read_text()
    noted = (tmp_path / "rows.jsonl.pictures").read_text().splitlines()
    size, modified = (pictures / "2.png").stat().st_size, (pictures / "2.png").stat().st_mtime_ns
    assert noted[0] == "image\tbytes\tmodified_ns" and f"{pictures}/2.png\t{size}\t{modified}" in noted
    assert again("--update").returncode == 1 and (tmp_path / "rows.jsonl").read_text() == before

    shutil.copy2(album / "150.png", pictures / "2.png")  # another size
    os.utime(pictures / "2.png", ns=(modified, modified))
    os.utime(pictures / "3.png", ns=(1, 1))  # another, earlier, time
    (pictures / "1.png").unlink()
    result = again("--update")
    assert "(2 of them kept from before)" in result.stderr, result.stderr
    assert rows(tmp_path) == [("1.png", False), ("50.png", True), ("2.png", False), ("3.png", False)]
    assert again("--update").stderr.count("(4 of them kept from before)") == 1


def test_a_picture_that_is_gone_keeps_its_row(again, pictures, tmp_path):
    """Also where it is named: its disk may not be mounted. One that comes back is done."""
    names = tuple(pictures / f"{number}.png" for number in (1, 2, 7))
    again("--update", images=names)
    (pictures / "1.png").rename(pictures / "x.png")
    again("--update", images=names)
    assert rows(tmp_path) == [("1.png", False), ("2.png", False), ("7.png", True)]
    (pictures / "x.png").rename(pictures / "7.png")
    again("--update", images=names)
    assert rows(tmp_path) == [("1.png", False), ("2.png", False), ("7.png", False)]


def test_a_file_without_states_takes_its_own_time(again, pictures, tmp_path):
    again()
    assert not (tmp_path / "rows.jsonl.pictures").exists()
    later = (tmp_path / "rows.jsonl").stat().st_mtime_ns + 10**9
    os.utime(pictures / "2.png", ns=(later, later))
    result = again("--update")
    assert "rows.jsonl: of 4 images it is not known how large and how old they were" in result.stderr
    assert [name for name, _ in rows(tmp_path)] == ["1.png", "3.png", "50.png", "2.png"]
    os.utime(pictures / "3.png", ns=(1, 1))  # by now it is known
    assert "not known" not in (result := again("--update")).stderr and "(3 of them kept" in result.stderr
    again("--retry-errors")  # and stays known
    assert (tmp_path / "rows.jsonl.pictures").exists()


def test_a_killed_update_loses_no_row(clipcls_binary, again, album, pictures, tmp_path):
    """Rows that are done again are taken from what the killed run left."""
    assert again("--update").returncode == 1
    shutil.move(tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.partial")
    shutil.move(tmp_path / "rows.jsonl.resume", tmp_path / "rows.jsonl.partial.resume")
    shutil.move(tmp_path / "rows.jsonl.pictures", tmp_path / "rows.jsonl.partial.pictures")
    shutil.copy(album / "9.png", pictures / "1.png")
    assert "(3 of them kept from before)" in again("--update").stderr
    assert [name for name, _ in rows(tmp_path)] == ["2.png", "3.png", "50.png", "1.png"]
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_a_list_on_standard_input(clipcls_binary, album, tmp_path):
    names = "".join(f"{album}/{number}.png\n" for number in (1, 50))
    command = [clipcls_binary, "-T", "-", *LABELS, "-o", tmp_path / "rows.jsonl", "--resume", "--retry-errors", "--update"]
    for kept in ("2 images, 1 classified", "(1 of them kept from before), 1 classified, 1 failed"):
        assert kept in processes.run(command, input=names, capture_output=True, text=True).stderr
    assert len(rows(tmp_path)) == 2


def test_flags_that_belong_together(run_clipcls, album, tmp_path):
    for flag in ("--retry-errors", "--update"):
        one_line_error(run_clipcls(album / "1.png", *LABELS, "-o", tmp_path / "r.csv", flag), flag, "--resume")
    one_line_error(run_clipcls(album / "1.png", *LABELS, "--bom", "-f", "jsonl"), "--bom", "csv")
    (tmp_path / "r.csv.pictures").write_text("my own notes")
    one_line_error(run_clipcls(album / "1.png", *LABELS, "-o", tmp_path / "r.csv", "--resume", "--update"), "r.csv.pictures")


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_a_byte_order_mark(run_clipcls, album, tmp_path, format):
    command = (album / "1.png", album / "2.png", *LABELS, "-o", tmp_path / f"r.{format}")
    assert run_clipcls(*command).returncode == 0
    plain = (tmp_path / f"r.{format}").read_bytes()
    assert run_clipcls(*command, "--bom").returncode == 0  # over the other one
    marked = (tmp_path / f"r.{format}").read_bytes()
    assert marked == b"\xef\xbb\xbf" + plain
    for flags in (("--bom",), ()):
        assert run_clipcls(*command, "--resume", *flags).returncode == 0 and (tmp_path / f"r.{format}").read_bytes() == marked


def test_exclude(run_clipcls, pictures):
    (pictures / "raw").mkdir()
    shutil.copy(pictures / "1.png", pictures / "raw" / "10.png")
    def names(*flags: object) -> list[str]:
        return [Path(json.loads(line)["image"]).name for line in run_clipcls("-r", pictures, *LABELS, "-f", "jsonl", *flags).stdout.splitlines()]
    assert names("--exclude", "5*.png") == ["1.png", "2.png", "3.png", "10.png"]
    assert names("--exclude", "raw/", "--exclude", "[12].png") == ["3.png", "50.png"]
    assert names("--exclude", "raw/*.png") == ["1.png", "2.png", "3.png", "50.png"]


def test_quiet_still_reports_images_that_fail(run_clipcls, album):
    result = run_clipcls(album / "50.png", album / "1.png", *LABELS, "-q")
    assert result.returncode == 1 and result.stderr.startswith(f"clipcls: {album}/50.png: ") and result.stderr.count("\n") == 1


def test_an_interruption_says_how_many_of_how_many_and_how_to_go_on(clipcls_binary, album, tmp_path):
    output = tmp_path / "rows.jsonl"
    command = [clipcls_binary, *[album] * 40, *LABELS, "-o", output, "--batch-size", "1", "--threads", "1"]
    with processes.launch(list(map(str, command)), stderr=subprocess.PIPE, text=True, preexec_fn=default_signals) as process:
        process.stderr.readline()  # the picture that is none: the fiftieth
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()
        assert process.returncode == 130
    summary, how = stderr.splitlines()[-2:]
    number = int(summary.split("interrupted; ")[1].split()[0])
    assert f"interrupted; {number} of 8000 images, " in summary and number == len(output.read_text().splitlines())
    resume = how.removeprefix("clipcls: to do the others: ")
    assert resume.startswith(f"{clipcls_binary} {album} ") and resume.endswith(" --resume")


def test_no_rate_of_nothing(run_clipcls, album, tmp_path):
    result = run_clipcls(album / "none.png", album / "50.png", *LABELS)
    assert result.stderr.splitlines()[-1].startswith("clipcls: 2 images, 0 classified, 2 failed, ") and "images/s" not in result.stderr
    command = (album / "1.png", album / "2.png", *LABELS, "-o", tmp_path / "r.csv", "--resume")
    assert "images/s" in run_clipcls(*command).stderr
    assert run_clipcls(*command).stderr.splitlines()[-1] == "clipcls: 2 images (2 of them kept from before), 2 classified, 0 failed"
