"""Standard error: how far the run is on a terminal, a summary at the end, and nothing of it on standard output."""
import json
import os
import pty
import re
import subprocess
import tempfile

import processes
import pytest
from conftest import SUMMARY, messages

LABELS = ("-m", "everyday", "--label", "cat", "--label", "dog")  # by its name: a model that nobody chose introduces itself
CLEAR = "\r\x1b[K"


def on_a_terminal(command, environment: dict[str, str] | None = None, stdin: str = "") -> tuple[str, str]:
    """(standard output, what a terminal at standard error got)"""
    parent, child = pty.openpty()
    base = {"TERM": "xterm", **{key: value for key, value in os.environ.items() if key not in ("TERM", "NO_COLOR")}}
    seen = b""
    with tempfile.TemporaryFile("w+") as output:
        with processes.launch(list(map(str, command)), stdin=subprocess.PIPE, stdout=output, stderr=child, text=True,
                              env={**base, **(environment or {})}) as process:
            os.close(child)
            process.stdin.write(stdin)
            process.stdin.close()
            try:
                while block := os.read(parent, 65536):
                    seen += block
            except OSError:  # Linux says so at the end of a terminal
                pass
        output.seek(0)
        rows = output.read()
    os.close(parent)
    return rows, seen.decode().replace("\r\n", "\n")


def screen(seen: str) -> list[str]:
    """What is left to see at the end."""
    return [line.rsplit(CLEAR, 1)[-1] for line in seen.split("\n")]


@pytest.fixture(scope="module")
def command(clipcls_binary, album):
    return [clipcls_binary, *[album] * 3, *LABELS, "-f", "jsonl", "--batch-size", "4"]


def test_progress_on_a_terminal(command, album):
    output, seen = on_a_terminal(command)
    assert len([json.loads(line) for line in output.splitlines()]) == 600
    drawn = [part.split(CLEAR)[0] for line in seen.split("\n") for part in line.split(CLEAR) if " images" in part.split(CLEAR)[0]]
    lines = [re.sub(r"^\[[█▏▎▍▌▋▊▉ ]{10}\]  ", "", line) for line in drawn if not line.startswith("clipcls")]
    assert any(line.startswith("[") for line in drawn)
    pattern = r"\d+ / 600 images  \d+%(  [\d.]+ images/s  \d+:\d\d left)?  [0-3] failed"
    assert lines and [line for line in lines if re.fullmatch(pattern, line)], seen[:2000]
    assert any("images/s" in line for line in lines) or len(lines) < 6
    done = [int(line.split()[0]) for line in lines]
    assert done == sorted(done)
    *errors, summary, end = screen(seen)
    assert end == "" and len(errors) == 3 and all("50.png" in line for line in errors)
    assert SUMMARY.match(summary) and "600 images, 597 classified, 3 failed" in summary


@pytest.mark.parametrize("command_word", ["classify", "embed"])
def test_the_line_stays_while_results_go_to_a_file(clipcls_binary, album, tmp_path, command_word):
    """It is taken away once, at the end: whatever else is written, the next line stands in the same write."""
    words = ["embed", "-m", "everyday"] if command_word == "embed" else LABELS
    _, seen = on_a_terminal([clipcls_binary, *words, *[album] * 3, "--batch-size", "4", "-o", tmp_path / "rows.csv"])
    assert seen.count(CLEAR) > 5
    gone = [part for part in seen.split(CLEAR)[1:] if not part or part.startswith("\n")]
    assert len(gone) == 0 and seen.split(CLEAR)[-1].startswith("clipcls: 600 images"), seen[-500:]


def test_a_list_of_unknown_length(command, clipcls_binary, album):
    names = "".join(f"{album}/{number}.png\n" for number in range(1, 201))
    _, seen = on_a_terminal([clipcls_binary, "-T", "-", *LABELS, "-f", "jsonl"], stdin=names)
    drawn = [line for line in re.split(r"\r\x1b\[K|\n", seen) if re.match(r"\d+ images  ", line)]
    assert drawn and "/ " not in drawn[-1] and "left" not in drawn[-1]


def test_a_model_that_nobody_chose_introduces_itself(clipcls_binary, album):
    def introductions(*flags: object, **variables: str) -> int:
        _, seen = on_a_terminal([clipcls_binary, album / "1.png", "-l", "cat,dog", *flags], variables)
        return seen.count("the bundled model, everyday, knows 110 kinds of everyday things")
    assert introductions() == 1
    assert introductions("-q") == introductions("-m", "everyday") == introductions(CLIPCLS_MODEL="everyday") == 0


def test_not_where_nobody_looks(command, run_clipcls, album):
    result = run_clipcls(*command[1:])
    assert "\r" not in result.stderr and "\x1b" not in result.stderr + result.stdout
    assert len(messages(result.stderr)) == 3
    for flags in (("--no-progress",), ("--quiet",)):
        _, seen = on_a_terminal([*command, *flags])
        assert "\r" not in seen.replace("\r\n", "\n")
        assert SUMMARY.match(seen.splitlines()[-1]) if flags == ("--no-progress",) else len(seen.splitlines()) == 3
    assert "\x1b[K" in run_clipcls(*command[1:], "--progress").stderr


def test_colours(clipcls_binary, album, tmp_path):
    command = [clipcls_binary, album / "50.png", tmp_path, *LABELS, "--no-progress"]
    red, yellow = "\x1b[31mclipcls:\x1b[0m ", "\x1b[33mwarning:\x1b[0m "
    _, seen = on_a_terminal(command)
    assert red + f"{album}/50.png: " in seen and f"clipcls: {yellow}{tmp_path}: no images" in seen
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
        assert "\x1b" not in on_a_terminal(command, environment)[1]
    assert red in on_a_terminal(command, {"NO_COLOR": ""})[1]  # no-color.org: empty does not count
    assert red in on_a_terminal([clipcls_binary, "--nonsense"])[1]


def test_names_cannot_steer_the_terminal(clipcls_binary, tmp_path):
    names = [tmp_path / "\x1b]0;title\x07.png", tmp_path / "a\rb.png", tmp_path / "c\x9b31m.png"]
    for path in names:
        path.write_text("no picture")
    _, seen = on_a_terminal([clipcls_binary, *names, *LABELS], {"NO_COLOR": "1"})
    text = seen.replace(CLEAR, "")
    assert len(text.splitlines()) == 4 and not [c for c in text if (ord(c) < 32 or 127 <= ord(c) < 160) and c != "\n"]


def test_the_summary(run_clipcls, album):
    two = run_clipcls(album / "1.png", album / "2.png", *LABELS)
    assert re.fullmatch(r"clipcls: 2 images, 2 classified, 0 failed, [\d.]+ s, [\d.]+ images/s\n", two.stderr)
    assert run_clipcls(album / "1.png", *LABELS).stderr == run_clipcls(album / "1.png", album / "2.png", *LABELS, "-q").stderr == ""
    assert "clipcls: 1 image, 1 classified" in run_clipcls(album / "1.png", *LABELS, "-v").stderr
    failed = run_clipcls(album / "50.png", *LABELS, "-q")
    assert failed.returncode == 1 and failed.stderr.count("\n") == 1
