"""Completions in the real shells, and the manual page: both come from the declarations of --help."""
import fcntl
import os
import pty
import re
import select
import termios
import time
from pathlib import Path

import processes
import pytest


@pytest.fixture(scope="module")
def scripts(clipcls_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three scripts, and an image with a blank in its name."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        script = processes.run([clipcls_binary, "completion", shell], capture_output=True, check=True).stdout
        (folder / f"clipcls.{shell}").write_bytes(script)
    (folder / "sky blue.jpg").touch()
    (folder / "shark.png").touch()
    return folder


@pytest.fixture(autouse=True)
def program_in_path(clipcls_binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts ask it for the models that are here."""
    monkeypatch.setenv("PATH", f"{clipcls_binary.parent}{os.pathsep}{os.environ['PATH']}")


def complete_in_bash(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last word; `complete` has registered the function that is called."""
    command = ('source ./clipcls.bash; compopt() { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
               'eval "$(complete -p clipcls | sed \'s/.*-F \\([^ ]*\\) .*/\\1/\')"; printf "%s\\n" "${COMPREPLY[@]}"')
    result = processes.run(["bash", "-u", "-c", command, "bash", *words], cwd=folder, capture_output=True, text=True,
                           check=False)
    assert result.returncode == 0 and result.stderr == "", result.stderr
    return result.stdout.split("\n")[:-1]


@pytest.mark.parametrize("words, expected", [
    (("--for",), ["--format"]),
    (("--format", ""), ["csv", "html", "json", "jsonl", "text", "tsv"]),
    (("--format", "js"), ["json", "jsonl"]),
    (("--format", "=", "js"), ["json", "jsonl"]),
    (("photo.jpg", "-f", "h"), ["html"]),
    (("mod",), ["model"]),
    (("ser",), ["serve"]),
    (("serve", "--max-w"), ["--max-waiting"]),
    (("model", ""), ["fetch", "import", "info", "list", "verify"]),
    (("model", "fetch", "--prec"), ["--precision"]),
    (("model", "fetch", "--precision", ""), ["fp16", "fp32"]),
    (("completion", ""), ["bash", "fish", "zsh"]),
    (("--label", ""), [""]),
    (("--labels", "sha"), ["shark.png"]),
    (("sky",), ["sky blue.jpg"]),
    (("undo", "sha"), ["shark.png"]),
    (("sky.jpg", "mod"), [""]),  # a command is the first word
    (("sky.jpg", "model", "--form"), ["--format"]),
    (("tokenize", "model", "--for"), [""]),
    (("-l", "food"), ["food101"]),
    (("-l", "sha"), ["shark.png"]),
    (("eval", "d", "--labels", "imagen"), ["imagenet"]),
    (("serve", "-l", "resis"), ["resisc45"]),
    (("labels", "check", "cifar100-"), ["cifar100-openai"]),
    (("labels", "check", "sha"), ["shark.png"]),
    (("labels", "show", "pet"), ["pets"]),
    (("--templates", "sim"), ["simple"]),
    (("--device", "a"), ["auto"]),
    (("-m", "every"), ["everyday"]),
    (("model", "info", "every"), ["everyday"]),
    (("model", "fetch", "RN50x"), ["RN50x4", "RN50x16", "RN50x64"]),
    (("model", "fetch", "sha"), [""]),
    (("tokenize", "sha"), [""]),
    (("--sort-into", "sha"), [""]),
    (("help", "ev"), ["eval"]),
])
def test_bash(scripts: Path, words: tuple[str, ...], expected: list[str]):
    offered = complete_in_bash(scripts, "clipcls", *words)
    assert set(offered) <= set(expected) and offered, offered
    assert set(expected) - set(offered) <= {"csv", "tsv"}  # formats that this build may not have


def test_every_flag_of_help_is_offered(scripts: Path, run_clipcls):
    for command in ((), ("model", "fetch"), ("undo",), ("embed",)):
        flags = set(re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", run_clipcls(*command, "--help").stdout, re.MULTILINE))
        assert len(flags) >= 3
        assert flags <= set(complete_in_bash(scripts, "clipcls", *command, "--"))


@pytest.mark.parametrize("line, expected", [
    ("clipcls --form", {"--format"}),
    ("clipcls --format js", {"json", "jsonl"}),
    ("clipcls model ", {"fetch", "import", "info", "list", "verify"}),
    ("clipcls model fetch --precision ", {"fp16", "fp32"}),
    ("clipcls completion ", {"bash", "fish", "zsh"}),
    ("clipcls sha", {"shark.png"}),
    ("clipcls undo --dr", {"--dry-run"}),
    ("clipcls sky.jpg mod", set()),
    ("clipcls sky.jpg model --form", {"--format"}),
    ("clipcls --quiet mod", set()),
    ("clipcls -l food", {"food101"}),
    ("clipcls -l sha", {"shark.png"}),
    ("clipcls labels check resis", {"resisc45"}),
    ("clipcls labels check sha", {"shark.png"}),
    ("clipcls labels show sha", {"shark.png"}),
    ("clipcls --templates sim", {"simple"}),
    ("clipcls --device a", {"auto"}),
    ("clipcls -m every", {"everyday"}),
    ("clipcls model info every", {"everyday"}),
    ("clipcls model fetch RN50x", {"RN50x4", "RN50x16", "RN50x64"}),
    ("clipcls model fetch sha", set()),
    ("clipcls tokenize sha", set()),
    ("clipcls help ev", {"eval"}),
])
def test_fish(scripts: Path, line: str, expected: set[str]):
    result = processes.run(["fish", "--no-config", "-c", f"source clipcls.fish; complete -C '{line}'"], cwd=scripts,
                           capture_output=True, text=True, check=False)
    assert result.returncode == 0 and result.stderr == "", result.stderr
    assert {offer.split("\t")[0] for offer in result.stdout.splitlines()} == expected


def test_zsh(scripts: Path):
    """At a terminal, since zsh completes nowhere else: keys go in, the screen comes out."""
    terminal, inside = pty.openpty()

    def type_keys(keys: str, until: str) -> None:
        os.write(terminal, keys.encode())
        screen, end = "", time.monotonic() + 60
        while not re.search(until, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x07", "", screen)):
            assert time.monotonic() < end, (keys, until, screen)
            if select.select([terminal], [], [], 0.1)[0]:
                screen += os.read(terminal, 65536).decode(errors="replace")
    def control_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    with processes.launch(["zsh", "-f", "-i"], cwd=scripts, env={**os.environ, "TERM": "xterm"}, stdin=inside, stdout=inside, stderr=inside,
                          preexec_fn=control_terminal) as zsh:
        os.close(inside)
        type_keys("PS1='> '; autoload -Uz compinit; compinit -D -u; source ./clipcls.zsh; print rea''dy\n", "ready")
        type_keys("clipcls --form\t", "--format")
        type_keys("\x15clipcls --format \t\t", r"html\s+json\s+jsonl\s+text")
        type_keys("\x15clipcls mod\t", "clipcls model")
        type_keys("\x15clipcls model \t\t", r"(?s)fetch.*import.*info.*list.*verify")
        type_keys("\x15clipcls model fetch --precision \t\t", r"fp16\s+fp32")
        type_keys("\x15clipcls sha\t", r"shark\.png")
        type_keys("\x15clipcls -l resis\t", "resisc45")
        type_keys("\x15clipcls -l sha\t", r"-l shark\.png")
        type_keys("\x15clipcls --device c\t\t", r"cuda:0\s+cuda:all")
        type_keys("\x15clipcls -m every\t", "everyday")
        type_keys("\x15clipcls model info every\t", "everyday")
        type_keys("\x15clipcls model fetch RN50x6\t", "RN50x64")
        type_keys("\x15clipcls labels check cifar100-\t", "cifar100-openai")
        type_keys("\x15clipcls help ev\t", "eval")
        zsh.kill()
    os.close(terminal)


def test_descriptions_are_whole(scripts: Path):
    for line, whole in (("clipcls --dra", "faster, with slightly different scores"), ("clipcls --xmp-na", "(replace: Adobe, Capture One)")):
        offered = processes.run(["fish", "--no-config", "-c", f"source clipcls.fish; complete -C '{line}'"], cwd=scripts, capture_output=True,
                                text=True, check=True).stdout
        assert whole in offered
        assert whole in (scripts / "clipcls.zsh").read_text().replace("\\", "")


def test_scripts_are_clean_for_their_shells(scripts: Path):
    for shell, flags in (("bash", ["-n"]), ("zsh", ["-f", "-n"]), ("fish", ["--no-config", "-n"])):
        result = processes.run([shell, *flags, scripts / f"clipcls.{shell}"], capture_output=True, text=True, check=False)
        assert result.returncode == 0 and result.stdout + result.stderr == ""


def test_man_page(run_clipcls, tmp_path: Path):
    page = tmp_path / "clipcls.1"
    page.write_text(run_clipcls("man").stdout, "utf-8")
    lint = processes.run(["mandoc", "-Tlint", page], capture_output=True, text=True, check=False)
    assert lint.returncode == 0 and lint.stdout == "", lint.stdout
    shown = processes.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True,
                          env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C.UTF-8"}, check=False)
    assert shown.returncode == 0 and shown.stderr == "", shown.stderr
    text = re.sub(r".\x08", "", shown.stdout)
    for part in ("NAME", "SYNOPSIS", "OPTIONS", "-l, --labels FILE|NAME", "clipcls model fetch [OPTIONS] NAME",
                 "--sort-into DIR/{label}", "EXIT STATUS", "CLIPCLS_MODEL", "OpenAI's .pt file", "EXAMPLES", "FILES"):
        assert part in text, part
    for flag in re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", run_clipcls("--help").stdout, re.MULTILINE):
        assert flag in text, flag
