"""Where images come from: files, folders, lists that are still being written. One row an image, in order."""
import base64
import json
import os
import subprocess
import tempfile
from pathlib import Path

import processes
import pytest
from conftest import default_signals, messages, not_with_address_sanitizer, rows_of

LABELS = ("--label", "cat", "--label", "dog")


@pytest.fixture()
def make(tmp_path, png):
    def make(*names: str | bytes) -> Path:
        for name in names:
            path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), os.fsencode(name))))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png)
        return tmp_path
    return make


def images_of(result, root: Path) -> list[str]:
    return [os.path.relpath(row["image"], root) for row in rows_of(result.stdout)]


def test_a_folder_is_its_images_in_natural_order(run_clipcls, make):
    root = make("img10.png", "img2.png", "img1.JPG", "._img1.png", ".hidden.png", ".git/x.png", "@eaDir/x.png", "Thumbs.db",
                "notes.txt", "sub/b.png", "sub/10/x.png", "sub/9/x.png")
    flat = run_clipcls(root, *LABELS, "-f", "jsonl")
    assert flat.returncode == 0 and messages(flat.stderr) == []
    assert images_of(flat, root) == ["img1.JPG", "img2.png", "img10.png"]
    deep = run_clipcls("-r", root, *LABELS, "-f", "jsonl")
    assert images_of(deep, root) == ["img1.JPG", "img2.png", "img10.png", "sub/b.png", "sub/9/x.png", "sub/10/x.png"]


def test_what_is_named_is_tried_and_what_is_named_twice_comes_twice(run_clipcls, make):
    root = make("a.dat", ".hidden.png", "folder/b.png")
    result = run_clipcls(root / "a.dat", root / "folder", root / ".hidden.png", root / "a.dat", root / "folder", *LABELS, "-f", "jsonl")
    assert result.returncode == 0
    assert images_of(result, root) == ["a.dat", "folder/b.png", ".hidden.png", "a.dat", "folder/b.png"]


def test_text_names_the_image_of_a_folder_or_list(run_clipcls, make):
    root = make("folder/a.png")
    (root / "list").write_text(f"{root}/folder/a.png\n")
    alone = run_clipcls(root / "folder" / "a.png", *LABELS).stdout
    assert alone.startswith("Top predictions:\n\n")
    for arguments in ((root / "folder",), ("-T", root / "list")):
        assert run_clipcls(*arguments, *LABELS).stdout == f"{root}/folder/a.png:\n{alone}"


def test_links_are_followed_and_circles_are_not(run_clipcls, make):
    root = make("album/a/1.png", "elsewhere/2.png") / "album"
    (root / "a" / "up").symlink_to("..")
    (root / "self").symlink_to(root)
    (root / "again").symlink_to("a")
    (root / "first.png").symlink_to("a/1.png")
    (root / "other").symlink_to("../elsewhere")
    (root.parent / "elsewhere" / "back").symlink_to(root)
    (root / "gone.png").symlink_to("nowhere.png")
    result = run_clipcls("-r", root, *LABELS, "-f", "jsonl")
    assert result.returncode == 1
    assert images_of(result, root) == ["gone.png", "a/1.png", "other/2.png"]
    assert rows_of(result.stdout)[0]["error"]["kind"] == "not_found"


def test_folders_without_images(run_clipcls, make):
    root = make("folder/sub/a.png")
    (root / "empty").mkdir()
    (root / "phone").mkdir()
    (root / "phone" / "a.3FR").write_text("x")
    result = run_clipcls(root / "empty", root / "folder", root / "phone", *LABELS, "-f", "json", "--allow-empty")
    assert (result.returncode, result.stdout) == (0, "[]\n")
    assert messages(result.stderr) == [
        f"clipcls: warning: {root}/empty: no images in this folder",
        f"clipcls: warning: {root}/folder: no images in this folder; --recursive takes those of the folders in it",
        f"clipcls: warning: {root}/phone: 1 file left out, whose format is not read from folders (.3FR)"]
    assert run_clipcls(root / "empty", *LABELS, "-q", "--allow-empty").stderr == ""


def test_a_folder_that_may_not_be_listed_is_a_row(clipcls_binary, png):
    nobody = {"user": 65534} if os.geteuid() == 0 else {}  # root may list everything
    if processes.run([clipcls_binary, "--version"], capture_output=True, check=False, **nobody).returncode != 0:
        pytest.skip("the program lies where an ordinary user may not run it")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("a/1.png", "b/2.png", "c/3.png"):
            (Path(folder) / name).parent.mkdir()
            (Path(folder) / name).write_bytes(png)
        (Path(folder) / "b").chmod(0)
        result = processes.run([clipcls_binary, "-r", folder, *LABELS, "-f", "jsonl"], capture_output=True, text=True,
                               check=False, **nobody)
    assert result.returncode == 1
    rows = rows_of(result.stdout)
    assert [os.path.relpath(row["image"], folder) for row in rows] == ["a/1.png", "b", "c/3.png"]
    assert rows[1]["error"]["kind"] == "unreadable" and "cannot be listed" in rows[1]["error"]["message"]


def test_every_name_comes_back(run_clipcls, make, tmp_path):
    names = [b"new\nline.png", b"\xff\xfe.png", b"tab\t.png", b"\x1b[31m.png", b'"quoted", comma.png', "犬.png".encode(), b"-.png",
             b"back\\slash.png", b" .png", b"c1\xc2\x9b.png"]
    make(*names)
    result = run_clipcls(tmp_path, *LABELS, "-f", "jsonl")
    assert result.returncode == 0
    seen = [base64.b64decode(row["image_bytes"]) if "image_bytes" in row else row["image"].encode() for row in rows_of(result.stdout)]
    assert sorted(os.path.basename(path) for path in seen) == sorted(names)
    assert not [c for c in result.stdout + result.stderr if ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160]


def test_rows_come_while_the_list_is_written(clipcls_binary, make):
    root = make("1.png", "2.png", "3.png")
    command = [clipcls_binary, "-T", "-", *LABELS, "-f", "jsonl"]
    with processes.launch(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for name in ("1.png", "missing.png", "2.png", "3.png"):
            process.stdin.write(f"{root}/{name}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["image"] == f"{root}/{name}"  # before the next is named
        process.stdin.write(f"{root}/1.png\n{root}/2.pn")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["image"] == f"{root}/1.png"
        process.stdin.write("g")
        process.stdin.close()
        assert json.loads(process.stdout.readline())["image"] == f"{root}/2.png"
        assert process.stdout.read() == "" and process.wait() == 1


def test_lists_name_files_alone(run_clipcls, make):
    root = make("1.png", "sub/2.png")
    (root / "list").write_text(f"{root}/sub\n{root}/1.png\n\n-\n{root}/gone.png\n")
    result = run_clipcls("-T", root / "list", root / "1.png", *LABELS, "-f", "jsonl")
    rows = rows_of(result.stdout)
    assert [row["image"] for row in rows] == [f"{root}/1.png", f"{root}/sub", f"{root}/1.png", "-", f"{root}/gone.png"]
    assert [row["error"]["kind"] if "error" in row else "" for row in rows] == ["", "unreadable", "", "not_found", "not_found"]
    assert "is a folder" in rows[1]["error"]["message"]


@not_with_address_sanitizer
def test_memory_does_not_grow_with_the_list(clipcls_binary, tmp_path):
    def peak(count: int) -> int:
        with processes.launch([clipcls_binary, "-T", "-", *LABELS, "-f", "jsonl", "--batch-size", "4"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True) as process:
            for number in range(count):
                process.stdin.write(f"/nonexistent/{'folder/' * 20}picture{number}.jpg\n")
            process.stdin.close()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 1
        return usage.ru_maxrss
    assert peak(60_000) - peak(1_000) < 6_000  # kilobytes; the paths alone are 10,000


def test_embed_takes_the_same_sources(run_clipcls, make):
    root = make("album/img10.png", "album/img2.png", "album/sub/x.png")
    result = run_clipcls("embed", "-r", root / "album", "-o", root / "features")
    assert result.returncode == 0 and messages(result.stderr) == []
    assert (root / "features" / "paths.nul").read_bytes().split(b"\0") == [
        os.fsencode(root / "album" / name) for name in ("img2.png", "img10.png", "sub/x.png")] + [b""]


def test_fail_fast_ends_a_list_that_goes_on(clipcls_binary, make):
    root = make("1.png")
    with processes.launch([clipcls_binary, "-T", "-", *LABELS, "-f", "jsonl", "--fail-fast"], stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=default_signals) as process:
        process.stdin.write(f"{root}/1.png\n{root}/gone.png\n{root}/1.png\n")
        process.stdin.flush()
        assert process.wait(timeout=60) == 1  # and the list is still open
        assert [set(row) for row in rows_of(process.stdout.read())] == [{"image", "predictions"}, {"image", "error"}]


@pytest.mark.parametrize("arguments, parts", [
    (("",), ("path is empty",)),
    (("x.png", "--long"), ("--long", "csv")),
    (("x.png", "--long", "-f", "json"), ("--long", "csv")),
    (("x.png", "--escape-formulas", "-f", "jsonl"), ("--escape-formulas", "csv")),
    (("x.png", "--resume", "-f", "jsonl"), ("--resume", "--output")),
    (("x.png", "--resume", "-o", "out", "-f", "json"), ("--resume", "jsonl")),
    (("x.png", "--resume", "-o", "out"), ("--resume", "jsonl")),
    (("x.png", "--resume", "-o", "/dev/null", "-f", "jsonl"), ("/dev/null", "ordinary file")),
    (("--image-features", "x", "--resume", "-o", "out", "-f", "jsonl"), ("--resume",)),
    (("x.png", "--progress", "--no-progress"), ("--progress", "--no-progress")),
    (("x.png", "--progress", "-q"), ("--progress", "--quiet")),
    (("x.png", "-f", "csv", "-o", "/"), ("/: is a folder",)),
    (("x.png", "-f", "csv", "-o", "/nonexistent/x"), ("/nonexistent/x", "cannot be written")),
    (("x.png", "-o", "/nonexistent/x"), ("/nonexistent/x", "cannot be written")),
    (("embed", "x.png", "-o", "/nonexistent/x"), ("/nonexistent/x", "cannot be made")),
    (("embed", "x.png", "-o", "/"), ("exists already",)),
])
def test_found_before_the_model_is_loaded(run_clipcls, arguments, parts, tmp_path):
    """The model is one that cannot be loaded, which would be said first."""
    (tmp_path / "config.json").write_text("{}")
    labels = () if arguments[0] == "embed" else LABELS
    result = run_clipcls(*arguments, *labels, "-m", tmp_path)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.stderr
    for part in parts:
        assert part in result.stderr


def test_the_output_replaces_no_input(run_clipcls, make):
    root = make("1.png", "labels.txt")
    (root / "labels.txt").write_text("cat\n")
    (root / "list").write_text(f"{root}/1.png\n")
    for output, arguments in (("1.png", (root / "1.png",)), ("list", ("-T", root / "list")), ("labels.txt", (root / "1.png",))):
        before = (root / output).read_bytes()
        result = run_clipcls(*arguments, "-l", root / "labels.txt", "-o", root / output)
        assert result.returncode == 2 and f"{root / output} would replace the input" in result.stderr
        assert (root / output).read_bytes() == before
