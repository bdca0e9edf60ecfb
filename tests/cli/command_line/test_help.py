"""-h, --help, help and version: what a newcomer reads first, at any width."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import processes
import pytest
from conftest import one_line_error

COMMANDS = ("", "serve", "embed", "tokenize", "eval", "calibrate", "labels", "labels check", "labels list", "labels show", "model",
            "model verify", "model import", "model info", "model list", "model fetch", "cache", "cache info", "cache clear", "undo",
            "formats", "doctor", "completion", "man", "help", "version")
GROUPS = ("Input", "Model", "Labels and prompts", "Scores", "Output", "Speed", "Cache", "Photo libraries", "General")


def help_of(run_clipcls, command: str, flag: str) -> list[str]:
    result = run_clipcls(*command.split(), flag)
    assert result.returncode == 0 and result.stderr == ""
    return result.stdout.splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_short_help_fits_on_a_screen(run_clipcls, command):
    lines = help_of(run_clipcls, command, "-h")
    assert len(lines) <= 40 and max(map(len, lines)) <= 80
    assert lines[0].startswith(f"Usage: {' '.join(['clipcls', *command.split()])} ")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_wrapped_and_every_command_has_examples_and_exit_codes(run_clipcls, command):
    lines = help_of(run_clipcls, command, "--help")
    assert max(map(len, lines)) <= 80
    if command in ("labels", "model", "cache"):
        return
    examples = lines[lines.index("Examples:") + 1:]
    examples = examples[:examples.index("")]
    assert len([line for line in examples if re.match(r"  \S", line)]) >= 2
    assert re.match(r"  0 +\S", lines[lines.index("Exit codes:") + 1])


def test_the_short_help_of_the_program_has_what_one_needs(run_clipcls):
    lines = help_of(run_clipcls, "", "-h")
    options = lines[lines.index("Options:") + 1:]
    options = options[:options.index("")]
    assert len([line for line in options if re.match(r"  (-\w, |    )--", line)]) == 10
    assert lines.index("Examples:") < lines.index("Options:")
    assert lines[-1] == "All options: clipcls --help"


def test_help_is_grouped_and_says_what_goes_together(run_clipcls):
    lines = help_of(run_clipcls, "", "--help")
    assert [line[:-1] for line in lines if line.removesuffix(":") in GROUPS] == list(GROUPS)
    text = re.sub(r"\s+", " ", " ".join(lines))
    assert "Not with --none or --score" in text and "Needs --multi-label" in text
    assert "Excludes" not in text and "--label TEXT ..." not in text


@pytest.mark.parametrize("columns, widest", [(60, 60), (93, 93), (200, 100)])
def test_help_is_as_wide_as_the_terminal(clipcls_binary, columns, widest):
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with processes.launch([clipcls_binary, "--help"], stdin=subprocess.DEVNULL, stdout=inside) as program:
        os.close(inside)
        text = b""
        try:
            while chunk := os.read(terminal, 65536):
                text += chunk
        except OSError:  # the other end is closed
            pass
        assert program.wait() == 0
    os.close(terminal)
    lines = text.decode().splitlines()
    longest = max(len(line) for line in lines if not re.match(r"  clipcls|  curl|       ?-|  -", line))
    assert widest - 12 < longest <= widest


@pytest.mark.parametrize("words", [("eval",), ("model", "import"), ("model",), ("help",)])
def test_help_of_a_command(run_clipcls, words):
    assert run_clipcls("help", *words).stdout == run_clipcls(*words, "--help").stdout != ""


def test_help_without_a_command_is_the_short_one(run_clipcls):
    assert run_clipcls("help").stdout == run_clipcls("-h").stdout


def test_help_of_no_command_names_the_nearest(run_clipcls):
    one_line_error(run_clipcls("help", "evla"), "clipcls has no command evla", "perhaps eval is meant")
    one_line_error(run_clipcls("help", "model", "fecth"), "clipcls model has no command fecth", "perhaps fetch is meant")


def test_version(run_clipcls):
    version = run_clipcls("--version").stdout
    assert re.match(r"clipcls \d+\.\d+\.\d+ \(libtorch ", version)
    assert run_clipcls("-V").stdout == run_clipcls("version").stdout == version


@pytest.mark.parametrize("arguments", [
    ("--label", "cat", "-k", "0", "-k", "2", "--threshold", "9", "--threshold", "0.1", "missing.png"),
    ("tokenize", "x", "-m", "/nonexistent", "-m", "everyday"),
    ("labels", "list", "-f", "text", "-f", "json"),
    ("cache", "info", "--cache-dir", "/dev/null", "--cache-dir", "/tmp/none", "--cache-size", "0", "--cache-size", "5"),
    ("model", "list", "-f", "json", "-f", "text"),
])
def test_the_last_value_of_a_flag_counts(run_clipcls, arguments):
    result = run_clipcls(*arguments)
    assert result.returncode == (1 if "missing.png" in arguments else 0), result.stderr
