"""Standard input, by all its names: one input of a command may be it, two are refused before anything is read."""
import itertools
import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import one_line_error, rows_of

ROOT = Path(__file__).resolve().parents[3]
PICTURE = ROOT / "models" / "everyday" / "shark.png"
NAMES = ("-", "/dev/stdin", "/proc/self/fd/0", "/dev/fd/0")
LABEL = ("--label", "cat")
# What each input of a command reads, and what the others need.
CLASSIFY = {"IMAGE": (), "--files-from": ("-T",), "--labels": ("-l",), "--templates": ("--templates",), "--calibration": ("--calibration",)}
EVAL = {"DIR": (), "--labels": ("-l",), "--templates": ("--templates",), "--calibration": ("--calibration",)}


@pytest.fixture()
def run(clipcls_binary, tmp_path):
    """run(*arguments, stdin=bytes) in a folder with a link to standard input, `link`. The model is one that cannot be loaded, which would
    be said first, unless the arguments name one."""
    (tmp_path / "link").symlink_to("/dev/stdin")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{}")

    def run(*arguments: object, stdin: bytes = b"", model: tuple = ("-m", "broken"), **options) -> "subprocess.CompletedProcess[str]":
        result = subprocess.run([clipcls_binary, *map(str, arguments), *model], input=stdin, capture_output=True, timeout=120, cwd=tmp_path,
                                check=False, **options)
        result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()
        return result
    return run


def pairs(inputs: dict) -> list:
    return list(itertools.combinations(inputs, 2))


@pytest.mark.parametrize("first, second", pairs(CLASSIFY))
def test_two_inputs_of_a_classification(run, first, second):
    image = () if {first, second} & {"IMAGE", "--files-from"} else ("a.png",)
    for one, other in itertools.product((*NAMES, "link"), repeat=2):
        one_line_error(run(*CLASSIFY[first], one, *CLASSIFY[second], other, *LABEL, *image), f"{first} {one} and {second} {other} are both standard input",
                       "only once")


@pytest.mark.parametrize("first, second", pairs(EVAL))
def test_two_inputs_of_an_evaluation(run, first, second):
    for one, other in ((NAMES[0], NAMES[1]), (NAMES[2], NAMES[0])):
        given = [*EVAL[first], one, *EVAL[second], other]
        source = () if "DIR" in (first, second) else (".",)
        for command in (("eval",), ("calibrate", "-o", "out")):
            if command == ("eval",) or "--calibration" not in (first, second):
                one_line_error(run(*command, *given, *source), one, other, "are both standard input")


@pytest.mark.parametrize("arguments", [
    ("-", "-", *LABEL), ("embed", "-", "-", "-o", "x"), ("embed", "-", "-T", "/dev/stdin", "-o", "x"),
    ("eval", ".", "-l", "-", "--compare", "x:labels=-"), ("eval", ".", "--templates", "-", "--compare", "x:templates=/dev/stdin"),
    ("labels", "check", "-", "--templates", "-"),
    ("serve", "--port", "0", "-l", "-", "-l", "food=-"), ("serve", "--port", "0", "-l", "food=/dev/stdin", "--templates", "-")])
def test_two_inputs_of_other_commands(run, arguments):
    one_line_error(run(*arguments), "standard input")


def test_two_texts(run):
    one_line_error(run("tokenize", "a", "-", "-", model=()), "'-' is given more than once")
    words = run("tokenize", "/dev/stdin", "/dev/stdin", model=())
    assert words.returncode == 0 and len(json.loads(words.stdout)) == 2  # texts, no files


def test_one_pipe_twice(run):
    reading, writing = os.pipe()
    try:
        result = run(PICTURE, "-l", f"/dev/fd/{reading}", "--templates", f"/proc/self/fd/{reading}", pass_fds=(reading,))
        one_line_error(result, "are both one pipe")
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("name", (*NAMES, "link"))
def test_each_input_alone_is_standard_input(run, tmp_path, name):
    def rows(*arguments: object, stdin: str | bytes) -> list:
        result = run(*arguments, "-f", "jsonl", "-q", stdin=stdin.encode() if isinstance(stdin, str) else stdin, model=())
        assert result.returncode == 0, result.stderr
        return [row["predictions"] for row in rows_of(result.stdout)]
    (tmp_path / "a.png").write_bytes(PICTURE.read_bytes())
    expected = rows("a.png", "--label", "shark", "--label", "cat", "-t", "a {}", stdin="")
    assert rows("a.png", "-l", name, "-t", "a {}", stdin="shark\ncat\n") == expected
    assert rows("a.png", "--label", "shark", "--label", "cat", "--templates", name, stdin="a {}\n") == expected
    assert rows("-T", name, "--label", "shark", "--label", "cat", "-t", "a {}", stdin="a.png\n") == expected
    if name == "-":
        assert rows(name, "--label", "shark", "--label", "cat", "-t", "a {}", stdin=PICTURE.read_bytes()) == expected


def test_inputs_that_can_be_read_twice(run, tmp_path):
    (tmp_path / "list").write_text("shark\n")
    (tmp_path / "a.png").write_bytes(PICTURE.read_bytes())
    assert run("a.png", "a.png", "-l", "list", "-l", "list", "-q", model=()).returncode == 0
    result = run("eval", "/dev/null", "-l", "/dev/null")
    assert "standard input" not in result.stderr


def test_a_file_called_dash(run, tmp_path):
    (tmp_path / "-").write_text("shark\ncat\n")
    (tmp_path / "a.png").write_bytes(PICTURE.read_bytes())
    result = run("a.png", "-l", "./-", "--templates", "-", "-f", "jsonl", "-q", stdin=b"a {}\n", model=())
    assert result.returncode == 0 and len(rows_of(result.stdout)[0]["predictions"]) == 2
