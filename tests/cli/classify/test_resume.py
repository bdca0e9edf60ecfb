"""--resume: after any interruption every image has one row, and nothing is torn."""
import csv
import io
import json
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import processes
import pytest
from conftest import default_signals, messages, not_with_thread_sanitizer

LABELS = ("--label", "cat", "--label", "dog", "--label", "shark")
FORMATS = [("jsonl",), ("csv", "--long", "--escape-formulas"), ("tsv",)]  # report_rows_test.cpp cuts all of them at every byte


def rows_of(path: Path, format: str = "jsonl") -> list[list[str | float]]:
    text = path.read_bytes().decode()
    if format == "jsonl":
        assert text == "" or text.endswith("\n")
        rows = [json.loads(line) for line in text.split("\n")[:-1]]
        return [[row["image"], row.get("error", {}).get("kind", ""), *(p[key] for p in row.get("predictions", []) for key in
                                                                   ("label", "score", "similarity"))] for row in rows]
    assert text.endswith("\r\n" if format == "csv" else "\n")
    reader = csv.reader(io.StringIO(text, newline="")) if format == "csv" else (line.split("\t") for line in text.split("\n")[:-1])
    return [[float(cell) if re.fullmatch(r"-?[\d.e-]+", cell) else cell for cell in row] for row in reader]


def assert_same_rows(path: Path, whole: Path, format: str = "jsonl") -> None:
    """Images that are encoded in another batch differ in the last digits."""
    rows, expected = rows_of(path, format), rows_of(whole, format)
    assert [row[0] for row in rows] == [row[0] for row in expected]
    for row, other in zip(rows, expected, strict=True):
        assert row == [pytest.approx(cell, abs=1e-4) if isinstance(cell, float) else cell for cell in other]


@pytest.fixture()
def command(clipcls_binary, album):
    def command(format: tuple[str, ...], output: Path, *arguments: object) -> list[str]:
        return [str(clipcls_binary), str(album), *LABELS, "-f", *format, "-o", str(output), "-k", "2", *map(str, arguments)]
    return command


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return processes.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("format", FORMATS, ids=" ".join)
def test_killed_at_random_moments(command, tmp_path, format):
    """Over a list, so that the run cannot end before it is killed."""
    album = command(format, tmp_path)[1]
    names = [f"{album}/{number}.png" for number in range(1, 201)]
    (tmp_path / "list").write_text("\n".join(names) + "\n")
    whole, output = tmp_path / "whole", tmp_path / "resumed"
    binary, *flags = [part for part in command(format, whole) if part != album]
    assert run([binary, "-T", str(tmp_path / "list"), *flags]).returncode == 1
    flags[flags.index(str(whole))] = str(output)

    generator = random.Random(" ".join(format))
    partial = Path(f"{output}.partial")
    for number_named in (20, 90, 150):
        with processes.launch([binary, "-T", "-", *flags, "--resume", "--batch-size", "2"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, text=True) as process:
            process.stdin.write("\n".join(names[:number_named]) + "\n")
            process.stdin.flush()
            size = partial.stat().st_size if partial.exists() else 0
            wait_until(lambda: partial.exists() and partial.stat().st_size > size + generator.randrange(3000))
            time.sleep(generator.random() / 20)
            process.send_signal(signal.SIGKILL)
        assert partial.exists() and not output.exists()
        with open(partial, "ab") as file:  # as a machine that went down in the middle of a write would leave it
            file.write((b'{"image":"torn', b'"torn, ', b"torn\\", b"")[generator.randrange(4)])
    result = run([binary, "-T", str(tmp_path / "list"), *flags, "--resume"])
    assert result.returncode == 1, result.stderr
    kept = int(result.stderr.split(" images (")[1].split(" of them kept")[0])
    assert 0 < kept < 200
    assert_same_rows(output, whole, format[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list", "resumed", "resumed.resume", "whole"]


def wait_until(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("format", FORMATS, ids=" ".join)
def test_cut_anywhere(command, tmp_path, format):
    def some(output: Path, *flags: str) -> list[str]:
        binary, album, *rest = command(format, output, *flags)
        return [binary, *(f"{album}/{number}.png" for number in range(40, 60)), *rest]
    whole, output = tmp_path / "whole", tmp_path / "resumed"
    assert run(some(whole)).returncode == 1
    content = whole.read_bytes()
    generator = random.Random(1)
    for size in (0, 1, len(content) - 1, len(content), generator.randrange(len(content))):
        output.write_bytes(content[:size])
        assert run(some(output, "--resume")).returncode == 1
        assert_same_rows(output, whole, format[0])


def test_what_is_there_is_not_computed_again_and_what_is_new_is_added(command, tmp_path, album):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in (2, 10, 50):
        shutil.copy(album / f"{number}.png", pictures)
    output = tmp_path / "out.jsonl"
    def resumed() -> "subprocess.CompletedProcess[str]":
        return run([str(pictures) if part == str(album) else part for part in command(("jsonl",), output, "--resume")])
    first = resumed()
    assert first.returncode == 1 and messages(first.stderr)[0].startswith(f"clipcls: {pictures}/50.png: ")
    before = output.read_bytes()
    again = resumed()
    assert again.returncode == 1 and messages(again.stderr) == [] and "3 images (3 of them kept from before), 2 classified, 1 failed" in again.stderr
    assert output.read_bytes() == before
    shutil.copy(album / "3.png", pictures)
    assert resumed().returncode == 1
    assert output.read_bytes().startswith(before)
    assert [Path(row[0]).name for row in rows_of(output)] == ["2.png", "10.png", "50.png", "3.png"]


def test_an_image_that_is_named_twice_has_two_rows(clipcls_binary, album, tmp_path):
    output = tmp_path / "out.csv"
    command = [clipcls_binary, album / "1.png", album / "1.png", album / "2.png", album / "1.png", *LABELS, "-f", "csv", "-o", output, "--resume"]
    assert run(command).returncode == 0
    lines = output.read_bytes().splitlines(keepends=True)
    output.write_bytes(b"".join(lines[:3]))
    assert run(command).returncode == 0
    assert [line.split(b",")[0] for line in output.read_bytes().splitlines()] == [line.split(b",")[0] for line in lines]
    assert len(lines) == 5


@pytest.mark.parametrize("flags, words", [
    (("-k", "3"), ("--top-k", "2, now 3")),
    (("--label", "bird"), ("label list", "4 labels")),
    (("-t", "a {}"), ("list of templates",)),
    (("--score", "cosine"), ("--score", "now cosine")),
    (("--precision", "int8"), ("--precision", "fp32, now int8")),
    (("--no-exif-rotation",), ("--no-exif-rotation",)),
    (("--max-megapixels", "1"), ("--max-megapixels", "179.000000, now 1.000000")),
    (("--min-score", "0.9", "--sort-into", "sorted/{label}"), ("--sort-into", "none, now sorted/{label}")),
    (("--write-xmp",), ("--write-xmp", "no, now yes")),
])
def test_rows_of_other_options_are_refused(command, tmp_path, flags, words):
    output = tmp_path / "out.jsonl"
    assert run(command(("jsonl",), output, "--resume")).returncode == 1
    before = output.read_bytes()
    arguments = [part for part in command(("jsonl",), output, "--resume") if part not in ("-k", "2") or "-k" not in flags]
    result = run([*arguments, *flags])
    assert result.returncode == 2 and result.stderr.count("\n") == 1, result.stderr
    for word in (str(output), *words):
        assert word in result.stderr
    assert output.read_bytes() == before and not Path(f"{output}.partial").exists()


DECIDE_NO_ROWS = {"--version", "--files-from", "--null", "--recursive", "--image-features", "--output", "--resume", "--batch-size", "--threads",
                  "--fail-fast", "--via", "--via-or-here", "--no-cache", "--cache-dir", "--cache-size", "--progress", "--no-progress", "--quiet", "--verbose", "--timings",
                   "--overwrite", "--allow-empty", "--format", "--color", "--hyperlink",
                   "--exclude", "--raw-pairs", "--no-raw", "--retry-errors", "--update", "--bom", "--no-config", "--decode-sandbox"}
BY_CONTENT = {"--labels", "--label", "--template", "--templates", "--model"}


def test_every_flag_decides_rows_unless_it_is_known_not_to(command, run_clipcls, tmp_path):
    """A new flag is compared without anybody having thought of it."""
    output = tmp_path / "out.jsonl"
    assert run(command(("jsonl",), output, "--resume")).returncode == 1
    flags = set(re.findall(r"^  (?:-\w, |    )(--[a-z0-9][a-z0-9-]*)", run_clipcls("--help").stdout, re.MULTILINE))
    compared = {name for name in json.loads(Path(f"{output}.resume").read_text()) if name.startswith("--")}
    assert compared == flags - {"--help"} - DECIDE_NO_ROWS - BY_CONTENT and len(compared) > 15


def test_a_default_given_explicitly_is_no_other_setting(command, tmp_path):
    output = tmp_path / "out.jsonl"
    first = [part for part in command(("jsonl",), output, "--resume") if part not in ("-k", "2")]
    assert run(first).returncode == 1
    before = output.read_bytes()
    result = run([*first, "--top-k", "5", "--precision", "fp32", "--device", "cpu", "--shard", "1/1", "--score", "softmax"])
    assert result.returncode == 1 and "200 of them kept" in result.stderr, result.stderr
    assert output.read_bytes() == before


def test_rows_of_an_earlier_version_are_gone_on_with(command, tmp_path):
    """Its settings name fewer flags; what both name is compared."""
    output, settings = tmp_path / "out.jsonl", tmp_path / "out.jsonl.resume"
    assert run(command(("jsonl",), output, "--resume")).returncode == 1
    names = {"label list", "list of templates", "--none", "--negative", "--threshold", "--calibration", "--top-k", "--score", "--precision",
             "--no-exif-rotation", "--shard", "--draft", "--escape-formulas", "model", "logit_scale of the model", "logit_bias of the model",
             "activation of the model", "list of templates of the model"}
    known = {name: value for name, value in json.loads(settings.read_text()).items() if name in names}
    assert set(known) == names and (known["--threshold"], known["--score"], known["--shard"]) == ("none", "the model's own", "1/1")
    settings.write_text(json.dumps(known | {"--score": "softmax"}, indent=2))
    result = run(command(("jsonl",), output, "--resume", "--max-megapixels", "50"))
    assert result.returncode == 1 and "200 of them kept" in result.stderr, result.stderr
    settings.write_text(json.dumps(known | {"--threshold": "0.500000"}, indent=2))
    assert "another --threshold (0.500000, now none)" in run(command(("jsonl",), output, "--resume")).stderr
    assert run(command(("jsonl",), output, "--resume", "--threshold", "0.5")).returncode == 1


def test_rows_of_another_model_are_refused(command, tmp_path, test_models):
    output = tmp_path / "out.jsonl"
    assert run(command(("jsonl",), output, "--resume", "-m", test_models / "tiny")).returncode == 1
    before = output.read_bytes()
    result = run(command(("jsonl",), output, "--resume", "-m", test_models / "tiny-fp16"))
    assert result.returncode == 2 and "its rows were made with another model" in result.stderr
    assert output.read_bytes() == before and not Path(f"{output}.partial").exists()


@pytest.mark.parametrize("field, value, words", [("logit_scale", 50.0, "another logit_scale of the model (100.000008, now 50.000000)"),
                                                 ("prompt_templates", ["art of {}"], "another list of templates of the model (1 templates, ")])
def test_rows_of_another_scoring_are_refused(command, tmp_path, test_models, field, value, words):
    model = tmp_path / "model"
    shutil.copytree(test_models / "tiny", model)
    output = tmp_path / "out.jsonl"
    assert run(command(("jsonl",), output, "--resume", "-m", model)).returncode == 1
    before = output.read_bytes()
    config = json.loads((model / "config.json").read_text())
    assert field in config
    (model / "config.json").write_text(json.dumps(config | {field: value}))
    result = run(command(("jsonl",), output, "--resume", "-m", model))
    assert result.returncode == 2 and words in result.stderr and result.stderr.count("\n") == 1
    assert output.read_bytes() == before and not Path(f"{output}.partial").exists()


@pytest.mark.parametrize("format, content, words", [
    (("jsonl",), b"a\n", "line 1 is not a row"),
    (("jsonl",), b'{"image":"x","predictions":[]}\n[]\n{}\n', "line 2 is not a row"),
    (("csv",), b"a,b\n1,2\n", "line 1 is not the header"),
    (("csv", "--long"), b"image,label_1,score_1,similarity_1\r\n", "line 1 is not the header"),
])
def test_a_file_of_something_else_is_kept(command, tmp_path, format, content, words):
    output = tmp_path / "notes"
    output.write_bytes(content)
    result = run(command(format, output, "--resume"))
    assert result.returncode == 2 and f"{output}: {words}" in result.stderr
    assert output.read_bytes() == content and list(tmp_path.iterdir()) == [output]


def test_rows_of_unknown_options_are_kept_with_a_warning(command, tmp_path):
    """And never get the settings of a later run, which would be said to be those of all rows."""
    output = tmp_path / "out.jsonl"
    assert run(command(("jsonl",), output)).returncode == 1
    assert list(tmp_path.iterdir()) == [output]  # a run that came to its end leaves nothing else
    rows = output.read_bytes()
    for flags in ((), ("--background", "white"), ()):
        result = run(command(("jsonl",), output, "--resume", *flags))
        assert result.returncode == 1 and "out.jsonl.resume is missing" in messages(result.stderr)[0]
        assert output.read_bytes() == rows and not (tmp_path / "out.jsonl.resume").exists()
    assert "is missing" not in run(command(("jsonl",), output, "--resume", "--quiet")).stderr


def test_one_run_at_a_time(clipcls_binary, album, tmp_path):
    output = tmp_path / "out.jsonl"
    command = [clipcls_binary, "-T", "-", *LABELS, "-f", "jsonl", "-o", output]
    with processes.launch(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        process.stdin.write(f"{album}/1.png\n")
        process.stdin.flush()
        wait_until(lambda: Path(f"{output}.partial").exists() and Path(f"{output}.partial").stat().st_size > 0)
        for flags in ((), ("--resume",)):
            second = run([*command, *flags])
            assert second.returncode == 2 and f"{output}: another clipcls is writing it" in second.stderr
        process.stdin.close()
        assert process.wait() == 0
    assert len(rows_of(output)) == 1


def test_after_ctrl_c(clipcls_binary, command, album, tmp_path):
    whole, output = tmp_path / "whole", tmp_path / "out"
    assert run(command(("jsonl",), whole)).returncode == 1
    arguments = [part for part in command(("jsonl",), output) if part != str(album)]
    with processes.launch([*arguments, "-T", "-"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=default_signals) as process:
        process.stdin.write("".join(f"{album}/{number}.png\n" for number in range(1, 40)))
        process.stdin.flush()
        wait_until(lambda: Path(f"{output}.partial").exists() and Path(f"{output}.partial").stat().st_size > 0)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert 0 < len(rows_of(output)) < 200
    assert run(command(("jsonl",), output, "--resume")).returncode == 1
    assert_same_rows(output, whole)


@not_with_thread_sanitizer
def test_a_run_that_fails_keeps_its_rows(clipcls_binary, album, tmp_path, test_models):
    """A full disk, here a limit on the size of files."""
    import resource
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
    output = tmp_path / "out.csv"
    command = [clipcls_binary, album, *LABELS, "-f", "csv", "-o", output, "--no-cache", "--batch-size", "4"]
    result = processes.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    assert result.returncode == 2 and "writing failed" in result.stderr and "out.csv.partial: the rows so far; --resume" in result.stderr
    assert not output.exists()
    resumed = run([*command, "--resume"])
    assert resumed.returncode == 1 and "of them kept" in resumed.stderr
    assert len(rows_of(output, "csv")) == 201
