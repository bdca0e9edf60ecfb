"""No image at all, as where a disk is not mounted: exit code 2, and the results of yesterday stay. And lists that are no lists of paths."""
import shutil
import subprocess

import processes
import pytest
from conftest import one_line_error
from output_commands import LABELS, inputs  # noqa: F401: a fixture

COMMANDS = {"classify": (*LABELS, "-f", "json"), "classify rows": (*LABELS, "-f", "csv"), "embed": ("embed",)}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())


@pytest.fixture()
def empty(tmp_path):
    """Inputs without an image."""
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder" / "notes.txt").write_text("x")
    (tmp_path / "list").write_text("")
    (tmp_path / "blank").write_text("\n\r\n\n")
    return tmp_path


NOTHING = [("folder",), ("-r", "folder"), ("-T", "list"), ("-T", "blank"), ("-T", "-"), ("folder", "-T", "list", "--shard", "2/3")]


@every_command
@pytest.mark.parametrize("images", NOTHING, ids=" ".join)
def test_no_image_is_an_error_and_the_output_stays(clipcls_binary, inputs, empty, command, images):
    output = empty / "out"
    arguments = [clipcls_binary, *command, "-q"]
    assert subprocess.run([*arguments, inputs.picture, "-o", output], timeout=120, check=False).returncode == 0
    before = sorted((path, path.read_bytes()) for path in empty.rglob("*") if path.is_file())
    overwrite = ("--overwrite",) if command[0] == "embed" else ()
    result = subprocess.run([*arguments, *images, "-o", output, *overwrite], cwd=empty, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=120, check=False)
    one_line_error(result, "no image in ", images[-1] if "--shard" not in images and images[-1] != "-" else "", "--allow-empty")
    assert sorted((path, path.read_bytes()) for path in empty.rglob("*") if path.is_file()) == before


@pytest.mark.parametrize("format", ["text", "json", "jsonl", "csv", "tsv", "html"])
def test_nothing_is_printed_either(run_clipcls, empty, format):
    one_line_error(run_clipcls(empty / "folder", *LABELS, "-q", "-f", format), "no image in ")


@every_command
def test_those_who_mean_it(clipcls_binary, inputs, empty, command):
    output = empty / "out"
    result = subprocess.run([clipcls_binary, *command, "-q", "folder", "--allow-empty", "-o", output], cwd=empty, capture_output=True,
                            text=True, timeout=120, check=False)
    assert result.returncode == 0 and output.exists(), result.stderr


def test_a_list_that_ends_late_without_an_image(clipcls_binary, tmp_path):
    """The model is loaded by then; the list comes by a pipe."""
    with processes.launch([clipcls_binary, "-T", "-", *LABELS, "-q", "-f", "csv", "-o", tmp_path / "out"], stdin=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        process.stdin.write("\n")
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 2 and "no image in " in error and list(tmp_path.iterdir()) == []


def test_an_empty_shard_and_a_run_with_nothing_left_are_no_errors(run_clipcls, inputs, tmp_path):
    output = tmp_path / "rows.csv"
    shard = (inputs.picture, *LABELS, "-q", "-o", output, "--shard", "2/2")
    assert run_clipcls(*shard).returncode == 0 and output.read_text().count("\n") == 1
    resumed = (inputs.picture, *LABELS, "-q", "-o", tmp_path / "r.jsonl", "--resume")
    assert run_clipcls(*resumed).returncode == run_clipcls(*resumed).returncode == 0
    assert run_clipcls("embed", inputs.picture, "-q", "-o", tmp_path / "features", "--shard", "2/2").returncode == 0


@pytest.mark.parametrize("source", ["empty folder", "empty class", "empty csv"])
@pytest.mark.parametrize("command", ["eval", "calibrate"])
def test_labelled_pictures_are_needed_too(run_clipcls, tmp_path, command, source):
    pictures = tmp_path / "pictures"
    if source == "empty csv":
        pictures.write_text("path,label\n")
    else:
        (pictures / ("cat" if source == "empty class" else "")).mkdir(parents=True)
    one_line_error(run_clipcls(command, pictures, "-o", tmp_path / "out"), str(pictures))
    assert not (tmp_path / "out").exists()


@every_command
def test_a_list_separated_by_nul_bytes_without_0(clipcls_binary, inputs, tmp_path, command):
    for name in ("1.png", "2.png"):
        shutil.copy(inputs.picture, tmp_path / name)
    listing = b"./1.png\0./2.png\0"
    arguments = [clipcls_binary, *command, "-q", "-T", "-", "-o", "out"]
    result = subprocess.run(arguments, cwd=tmp_path, input=listing, capture_output=True, timeout=120, check=False)
    assert result.returncode == 2 and b"line 1 holds a NUL byte" in result.stderr and b"did you mean -0?" in result.stderr
    assert result.stderr.count(b"\n") == 1 and sorted(path.name for path in tmp_path.iterdir()) == ["1.png", "2.png"]
    assert subprocess.run([*arguments, "-0"], cwd=tmp_path, input=listing, timeout=120, check=False).returncode == 0


def test_nothing_is_sorted_by_a_list_with_nul_bytes(clipcls_binary, inputs, tmp_path):
    for name in ("1.png", "2.png"):
        shutil.copy(inputs.picture, tmp_path / name)
    result = subprocess.run([clipcls_binary, "-T", "-", *LABELS, "--move", "--sort-into", "o/{label}"], cwd=tmp_path,
                            input=b"./1.png\0./2.png\0", capture_output=True, timeout=120, check=False)
    assert result.returncode == 2 and sorted(path.name for path in tmp_path.iterdir()) == ["1.png", "2.png"]


@pytest.mark.parametrize("flags, path", [((), "line 2"), (("-0",), "path 2")])
def test_what_is_no_list_takes_no_memory(clipcls_binary, tmp_path, flags, path):
    """A file that would fill the memory is refused after its first bytes."""
    separator = b"\0" if flags else b"\n"
    with processes.launch([clipcls_binary, "-T", "-", *LABELS, *flags], stdin=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        with pytest.raises(BrokenPipeError):
            process.stdin.write(b"a.png" + separator)
            for _ in range(100):
                process.stdin.write(b"x" * 1_000_000)
        error = process.stderr.read().decode()
        assert process.wait(timeout=60) == 2 and f"{path} is longer than 65536 bytes" in error and error.count("\n") == 1


@pytest.mark.parametrize("command", ["eval", "calibrate"])
def test_a_csv_with_a_nul_byte(run_clipcls, inputs, tmp_path, command):
    (tmp_path / "list.csv").write_bytes(f"path,label\n{inputs.picture},shark\n{inputs.picture}\0.png,cat\n".encode())
    one_line_error(run_clipcls(command, tmp_path / "list.csv", "-o", tmp_path / "out"), "list.csv:3: holds a NUL byte")
