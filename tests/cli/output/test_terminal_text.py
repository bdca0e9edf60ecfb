"""The text format on a terminal: bars, colours, links, a line an image; in a pipe it is what it always was."""
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from terminals import on_one_terminal, screen

SHARK = ROOT / "models" / "everyday" / "shark.png"
ROCKET = ROOT / "models" / "everyday" / "rocket.jpg"
LABELS = ("-m", "everyday", "-l", "shark,rocket,bread")
BLOCK = re.compile(r"Top predictions:\n\n( +\w+: \d+\.\d\d%\n){3}")


@pytest.fixture()
def shown(clipcls_binary):
    def shown(*arguments: object, columns: int = 80, **environment: str) -> str:
        return on_one_terminal([clipcls_binary, *arguments, *LABELS], environment, columns)
    return shown


def test_a_block_with_bars_and_without_a_summary(shown):
    seen = shown(SHARK)
    assert screen(seen)[:2] == ["Top predictions:", ""] and "\x1b[1;32mshark\x1b[0m" in seen
    rows = screen(seen)[2:]
    assert len(rows) == 4 and rows[3] == "" and re.fullmatch(r"           shark: \d\d\.\d\d%  █+[▏▎▍▌▋▊▉]?", rows[0])
    assert len({row.index("%") for row in rows[:3]}) == 1  # the bars begin in one column


def test_names_are_links(shown):
    seen = shown(SHARK, ROCKET)
    for path in (SHARK, ROCKET):
        assert re.search(r"\x1b\]8;;file://[^/]*" + re.escape(str(path)) + r"\x1b\\", seen)
    assert screen(seen)[0] == f"{SHARK}:" and "Top predictions" not in seen
    assert "\x1b]8" not in shown(SHARK, ROCKET, "--hyperlink", "never") and "\x1b]8" not in shown(SHARK, ROCKET, TERM="linux")


def test_one_label_is_a_line_a_picture(shown):
    lines = screen(shown(SHARK, ROCKET, "-k", 1))
    assert [re.split(r"  +", line)[:2] for line in lines[:2]] == [[str(SHARK), "shark"], [str(ROCKET), "rocket"]]
    assert re.fullmatch(r"clipcls: 2 images, 2 classified, 0 failed, .*", lines[2])


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}])
def test_who_wants_no_colours_gets_none(shown, environment):
    seen = shown(SHARK, ROCKET, **environment)
    assert "\x1b[" not in seen.replace("\r\x1b[K", "")
    assert ("█" in seen) == ("TERM" not in environment)


def test_a_dumb_terminal_gets_what_a_pipe_gets(shown, run_clipcls):
    assert shown(SHARK, TERM="dumb") == run_clipcls(SHARK, *LABELS).stdout


def test_flags_decide(shown, run_clipcls):
    assert "\x1b[" not in shown(SHARK, "--color", "never").replace("\r\x1b[K", "") and "\x1b[1;32m" in shown(SHARK, "--color", "always", NO_COLOR="1")
    assert "\x1b[31m" not in shown("missing.png", "--color", "never") and "\x1b[31m" in shown("missing.png")
    piped = run_clipcls(SHARK, ROCKET, *LABELS, "--color", "always", "--hyperlink", "always").stdout
    assert "\x1b[1;32mshark" in piped and "\x1b]8;;file://" in piped and "█" not in piped


def test_pipes_and_files_get_the_block(run_clipcls, shown, tmp_path):
    one = run_clipcls(SHARK, *LABELS)
    assert BLOCK.fullmatch(one.stdout) and one.stderr == ""
    blocks = run_clipcls(SHARK, ROCKET, *LABELS, "-k", 1).stdout
    assert re.fullmatch(r"[^\n]+:\nTop predictions:\n\n +shark: .*%\n\n[^\n]+:\nTop predictions:\n\n +rocket: .*%\n", blocks)
    shown(SHARK, "-o", tmp_path / "rows.txt", "--color", "always")
    assert (tmp_path / "rows.txt").read_text() == one.stdout
    for format in ("json", "csv", "tsv"):
        assert "\x1b" not in shown(SHARK, "-f", format, "--color", "always").replace("\r\x1b[K", "")


def test_narrow_terminals_and_locales_without_block_characters(shown):
    assert all(len(line) < 40 for line in screen(shown(SHARK, columns=40)))
    assert "█" not in shown(SHARK, columns=30)
    seen = shown(SHARK, LC_ALL="C")
    assert "█" not in seen and "##" in seen


def test_sorting_shows_where_files_go(clipcls_binary, shown, tmp_path):
    for path in (SHARK, ROCKET):
        shutil.copy(path, tmp_path)
    names = [tmp_path / SHARK.name, tmp_path / ROCKET.name]
    lines = screen(shown(*names, "--sort-into", tmp_path / "sorted" / "{label}"))
    assert lines[:2] == [f"{names[0]} -> {tmp_path}/sorted/shark", f"{names[1]} -> {tmp_path}/sorted/rocket"]
    assert lines[-2].startswith("clipcls: 2 images copied; to take it back: clipcls undo ")
    stays = screen(shown(names[0], "--sort-into", tmp_path / "sorted" / "{label}", "--min-score", 1))
    assert re.fullmatch(re.escape(str(names[0])) + r" stays: shark \d+\.\d\d%", stays[0])


def test_names_steer_nothing(shown, tmp_path):
    odd: Path = tmp_path / "a\x1b]0;title\x07b.png"
    shutil.copy(SHARK, odd)
    seen = shown(odd, SHARK, "--color", "never", "--hyperlink", "never")
    assert "\x1b" not in seen.replace("\r\x1b[K", "") and "a\\x1B]0;title\\x07b.png" in seen
    assert "%1B%5D0%3Btitle%07b.png" in shown(odd, SHARK)
