"""No command replaces what is not its own: pictures above all. What it does replace keeps its mode and its place."""
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from conftest import one_line_error
from output_commands import COMMANDS, LABELS, Inputs, inputs  # noqa: F401: a fixture

every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())


@every_command
def test_a_picture_stays_unless_overwritten(run_clipcls, inputs, tmp_path, command):
    output = tmp_path / "b.png"
    shutil.copy(inputs.picture, output)
    one_line_error(run_clipcls(*command(inputs, output)), str(output), "so it stays; --overwrite replaces it")
    assert output.read_bytes() == inputs.picture.read_bytes() and os.listdir(tmp_path) == ["b.png"]
    result = run_clipcls(*command(inputs, output), "--overwrite")
    assert result.returncode == 0, result.stderr
    assert output.read_bytes() != inputs.picture.read_bytes() and os.listdir(tmp_path) == ["b.png"]


@every_command
def test_its_own_output_is_replaced_where_it_is_and_as_it_is(run_clipcls, inputs, tmp_path, command):
    """Through a symbolic link, with its mode; the first run makes the file, the second replaces an empty one."""
    (tmp_path / "share").mkdir()
    file, link = tmp_path / "share" / "file", tmp_path / "link"
    link.symlink_to("share/file")
    assert run_clipcls(*command(inputs, link)).returncode == 0
    first = file.read_bytes()
    assert first != b"" and link.is_symlink()
    file.chmod(0o640)
    assert run_clipcls(*command(inputs, link)).returncode == 0
    assert file.read_bytes() == first and stat.S_IMODE(file.stat().st_mode) == 0o640
    assert link.is_symlink() and sorted(os.listdir(tmp_path / "share")) == ["file"]
    file.write_bytes(b"")
    assert run_clipcls(*command(inputs, link)).returncode == 0
    assert file.read_bytes() == first and stat.S_IMODE(file.stat().st_mode) == 0o640


@every_command
def test_a_file_that_may_not_be_written_stays(run_clipcls, inputs, tmp_path, command):
    output = tmp_path / "results"
    output.write_bytes(b"")
    output.chmod(0o444)
    one_line_error(run_clipcls(*command(inputs, output), "--overwrite"), str(output), "may not be written (its mode is 0444)")
    assert output.read_bytes() == b"" and os.listdir(tmp_path) == ["results"]


@every_command
def test_an_output_of_another_command_stays(run_clipcls, inputs, tmp_path, command):
    output = tmp_path / "x"
    other = '{"format": "clipcls-labels", "labels": []}' if command is COMMANDS["calibrate"] else '{"format": "clipcls-calibration"}'
    output.write_text(other)
    one_line_error(run_clipcls(*command(inputs, output)), "so it stays")
    assert output.read_text() == other


@every_command
def test_a_folder_is_no_file(run_clipcls, inputs, tmp_path, command):
    one_line_error(run_clipcls(*command(inputs, tmp_path), "--overwrite"), f"{tmp_path}: is a folder")


@every_command
def test_a_device_is_written_to(run_clipcls, inputs, command):
    assert run_clipcls(*command(inputs, "/dev/null")).returncode == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@every_command
def test_standard_output_by_any_name(run_clipcls, inputs, tmp_path, command):
    if command is COMMANDS["save labels"]:
        command = lambda inputs, output: (*COMMANDS["save labels"](inputs, output), "-o", "/dev/null")  # noqa: E731
    file = tmp_path / "file"
    assert run_clipcls(*command(inputs, file)).returncode == 0
    content = file.read_text()
    if content.startswith("<!DOCTYPE"):
        content = content[:500]  # its links depend on the folder that it lies in
    result = run_clipcls(*command(inputs, "-"))
    assert result.returncode == 0 and result.stdout.startswith(content), result.stderr
    if command is COMMANDS["calibrate"]:
        assert result.stdout == content  # no summary
    result = run_clipcls(*command(inputs, "/dev/stdout"))
    assert result.returncode == 0 and content in result.stdout and os.path.islink("/dev/stdout")
    assert not Path("-").exists()


def test_an_open_file_is_written_to_at_its_end(clipcls_binary, inputs, tmp_path):
    log = tmp_path / "log"
    log.write_text("mine\n")
    with open(log, "a") as file:
        subprocess.run([clipcls_binary, inputs.picture, *LABELS, "-q", "-f", "jsonl", "-o", f"/dev/fd/{file.fileno()}"],
                       pass_fds=[file.fileno()], check=True, timeout=120)
    assert log.read_text().startswith('mine\n{"image":') and os.listdir(tmp_path) == ["log"]


@pytest.fixture()
def work(tmp_path, inputs) -> Path:
    """A folder of inputs that a test may destroy."""
    work = tmp_path / "work"
    shutil.copytree(inputs.pictures, work / "pictures")
    shutil.copytree(inputs.labelled, work / "labelled")
    shutil.copytree(inputs.features, work / "features")
    shutil.copytree(Path(__file__).resolve().parents[3] / "models" / "everyday", work / "model")
    (work / "list.txt").write_text(f"{work}/pictures/a.png\n")
    (work / "list.nul").write_bytes(f"{work}/pictures/a.png\0".encode())
    (work / "list.csv").write_text("path,label\n" + "".join(f"labelled/{name},{name.split('/')[0]}\n" for name in (
        "shark/0.png", "cat/1.png", "shark/2.png", "cat/3.png")))
    (work / "labels.txt").write_text("shark\ncat\n")
    (work / "templates.txt").write_text("a {}\n")
    return work


IN_USE = [
    (("pictures/a.png", "-l", "labels.txt", "-T", "list.txt", "--templates", "templates.txt", "-m", "model"),
     ("pictures/a.png", "labels.txt", "list.txt", "templates.txt", "model/config.json", "model/image_encoder.pt")),
    (("pictures", "-l", "labels.txt"), ("pictures/a.png",)),
    (("-T", "list.txt", "-l", "labels.txt"), ("pictures/a.png",)),
    (("-T", "list.nul", "-0", "-l", "labels.txt", "-f", "csv"), ("pictures/a.png", "list.nul")),
    (("--image-features", "features", "-l", "labels.txt"), ("features/paths.nul", "features/embedding.json", "labels.txt")),
    (("eval", "list.csv", "-f", "text"), ("list.csv", "labelled/shark/0.png")),
    (("eval", "labelled", "-l", "labels.txt", "-m", "model"), ("labels.txt", "labelled/cat/7.png", "model/reference.json")),
    (("eval", "labelled", "--compare", "x:templates=templates.txt,model=model"), ("templates.txt", "model/config.json")),
    (("calibrate", "labelled", "-l", "labels.txt"), ("labels.txt", "labelled/cat/7.png")),
]


@pytest.mark.parametrize("arguments, outputs", IN_USE, ids=lambda value: " ".join(value))
def test_an_input_stays_even_if_overwritten(clipcls_binary, work, arguments, outputs):
    for number, output in enumerate(outputs):
        before = (work / output).read_bytes()
        name = (output, f"soft{number}", f"hard{number}", f"../work/{output}")[number % 4]
        if name.startswith("soft"):
            (work / name).symlink_to(output)
        if name.startswith("hard"):
            os.link(work / output, work / name)
        result = subprocess.run([clipcls_binary, *arguments, "-q", "-o", name, "--overwrite"], cwd=work, capture_output=True,
                                text=True, timeout=120, check=False)
        one_line_error(result, name, "would replace the input")
        assert (work / output).read_bytes() == before


REDIRECTED = [
    (("-", *LABELS), "pictures/a.png"),
    (("pictures/a.png", "-l", "-"), "labels.txt"),
    (("-T", "-", "-l", "labels.txt"), "list.txt"),
    (("eval", "-", "-f", "json"), "list.csv"),
    (("calibrate", "-", "-l", "labels.txt", "-f", "json"), "list.csv"),
]


@pytest.mark.parametrize("arguments, name", REDIRECTED, ids=lambda value: value if isinstance(value, str) else " ".join(value))
def test_an_input_that_is_redirected_stays(clipcls_binary, work, arguments, name):
    before = (work / name).read_bytes()
    with (work / name).open("rb") as file:
        result = subprocess.run([clipcls_binary, *arguments, "-q", "-o", name, "--overwrite"], cwd=work, stdin=file,
                                capture_output=True, text=True, timeout=120, check=False)
    one_line_error(result, name, "would replace the input")
    assert (work / name).read_bytes() == before


def test_a_list_stays_that_lies_in_the_features_to_be_replaced(run_clipcls, clipcls_binary, inputs, tmp_path):
    features = tmp_path / "features"
    assert run_clipcls("embed", inputs.labelled, "-r", "-q", "-o", features).returncode == 0
    before = (features / "paths.nul").read_bytes()
    result = run_clipcls("embed", "-T", features / "paths.nul", "-0", "--shard", "1/3", "-q", "-o", features, "--overwrite")
    one_line_error(result, "paths.nul: lies in the folder", "would be replaced")
    with (features / "paths.nul").open("rb") as file:
        result = subprocess.run([clipcls_binary, "embed", "-T", "-", "-0", "--shard", "1/3", "-q", "-o", features, "--overwrite"],
                                stdin=file, capture_output=True, text=True, timeout=120, check=False)
    one_line_error(result, "/dev/stdin: lies in the folder", "would be replaced")
    assert (features / "paths.nul").read_bytes() == before


def test_rows_are_no_sidecar(run_clipcls, inputs, tmp_path):
    sidecar = tmp_path / "a.png.xmp"
    shutil.copy(inputs.picture, tmp_path / "a.png")
    sidecar.write_text("<x/>")
    result = run_clipcls(tmp_path / "a.png", *LABELS, "--write-xmp", "-o", sidecar, "--overwrite")
    one_line_error(result, str(sidecar), "may be a sidecar")
    assert sidecar.read_text() == "<x/>"


def test_outputs_that_are_still_to_be_made_are_compared(clipcls_binary, inputs, tmp_path):
    (tmp_path / "link").symlink_to("y.json")
    for other in ("./y.json", str(tmp_path / "y.json"), "link", f"../{tmp_path.name}/y.json"):
        result = subprocess.run([clipcls_binary, "eval", inputs.labelled, "-q", "--few-shot", "1", "--save-labels", other, "-o", "y.json",
                                 "-f", "json"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        one_line_error(result, "two outputs of this run are this file")
    assert os.listdir(tmp_path) == ["link"]


def test_two_outputs_of_a_run_are_two_files(run_clipcls, inputs, tmp_path):
    common = ("eval", inputs.labelled, "-q", "--few-shot", 1)
    one_line_error(run_clipcls(*common, "-o", tmp_path / "x", "--save-labels", tmp_path / "." / "x"), "two outputs of this run are this file")
    one_line_error(run_clipcls(*common, "--save-labels", "-"), "two outputs", "standard output")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["results.partial", "results.resume", "results.partial.resume"])
@pytest.mark.parametrize("flags", [(), ("--resume",)])
def test_what_lies_beside_rows_stays(run_clipcls, inputs, tmp_path, name, flags):
    (tmp_path / name).write_text("a download of mine")
    one_line_error(run_clipcls(inputs.picture, *LABELS, "-f", "jsonl", "-o", tmp_path / "results", *flags), name, "so it stays")
    assert os.listdir(tmp_path) == [name] and (tmp_path / name).read_text() == "a download of mine"


def test_rows_are_gone_on_with_through_a_link(run_clipcls, inputs, tmp_path):
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to("share/rows")
    command = (inputs.picture, *LABELS, "-q", "-f", "jsonl", "-o", tmp_path / "link", "--resume")
    assert run_clipcls(*command).returncode == 0
    rows = (tmp_path / "share" / "rows").read_bytes()
    assert run_clipcls(*command).returncode == 0
    assert (tmp_path / "share" / "rows").read_bytes() == rows and (tmp_path / "link").is_symlink()
    assert sorted(os.listdir(tmp_path / "share")) == ["rows", "rows.resume"]


def test_features_replace_features_alone(run_clipcls, inputs, tmp_path):
    features = tmp_path / "features"
    command = ("embed", inputs.picture, "-q", "-o", features)
    assert run_clipcls(*command).returncode == 0
    one_line_error(run_clipcls(*command), f"{features}: exists already; --overwrite replaces it")
    assert run_clipcls("embed", inputs.labelled, "-r", "-q", "-o", features, "--overwrite").returncode == 0
    assert (features / "paths.nul").read_bytes().count(b"\0") == 8 and os.listdir(tmp_path) == ["features"]
    shutil.copy(inputs.picture, features)
    for flags in ((), ("--overwrite",)):
        one_line_error(run_clipcls(*command, *flags), f"{features}: exists already", "so it stays")
    assert (features / "a.png").exists() and (features / "paths.nul").read_bytes().count(b"\0") == 8
    photo = tmp_path / "photo.png"
    shutil.copy(inputs.picture, photo)
    one_line_error(run_clipcls("embed", inputs.picture, "-o", photo, "--overwrite"), "so it stays")
    assert photo.read_bytes() == inputs.picture.read_bytes()
    one_line_error(run_clipcls("embed", inputs.picture, "-o", "-"), "standard output")


def test_the_faults_that_were_found(clipcls_binary, inputs, tmp_path):
    """A wrong glob, a folder and a list that hold the output."""
    for name in ("a.png", "b.png"):
        shutil.copy(inputs.picture, tmp_path / name)
    program = f"{clipcls_binary} {' '.join(LABELS)} -f csv -q"
    for command in (f"{program} -o *.png", f"{program} . -o b.png", f"ls *.png | {program} -T - -o b.png"):
        result = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert result.returncode == 2 and result.stderr.count("\n") == 1, (command, result.stderr)
        assert {path.read_bytes() for path in tmp_path.iterdir()} == {inputs.picture.read_bytes()}
