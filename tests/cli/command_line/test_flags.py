"""Every flag of every command: that it is there on purpose, has a value, and stands where it is read."""
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from conftest import one_line_error

IMAGES = "--files-from --null --recursive --shard --allow-empty --exclude --raw-pairs --no-raw"
DECODING = "--no-exif-rotation --max-megapixels --background --draft --16-bit --accept-truncated --page --decode-sandbox --resize-mode"
MODEL = "--model --threads --precision --device"
RUN = "--batch-size --fail-fast --progress --no-progress --quiet --verbose"
PROMPTS = "--label --template --templates"
SCORES = "--score --none --threshold --calibration"
CACHE = "--cache-dir --cache-size --no-cache"
LABELLED = f"--image-features --raw-pairs --no-raw {DECODING} --batch-size --fail-fast {MODEL} --quiet --verbose --labels {PROMPTS} {CACHE} --format --output --overwrite"

# A new flag is a decision for each command: it has an effect there, or it is not declared.
FLAGS = {
    "": f"--version {IMAGES} {DECODING} --image-features {MODEL} {RUN} --labels {PROMPTS} {SCORES} --multi-label --negative --top-k --format "
        f"--output --overwrite --resume --long --escape-formulas --timings {CACHE} --sort-into --copy --move --link --symlink --write-xmp --xmp-name "
        "--xmp-labels --min-score --dry-run --no-companions --color --hyperlink --retry-errors --update --bom --via --via-or-here",
    "serve": f"--host --port --socket --labels {PROMPTS} {SCORES} --multi-label --negative --top-k {DECODING} --batch-size {MODEL} --quiet --verbose {CACHE} "
             "--max-body --max-waiting --max-connections --max-labels --timeout --batch-window",
    "embed": f"{IMAGES} {DECODING} {MODEL} {RUN} --output --overwrite --via --via-or-here",
    "tokenize": "--model --no-truncate",
    "eval": f"{LABELLED} {SCORES} --compare --few-shot --few-shot-method --blend --probe-c --save-labels --seed --worst",
    "calibrate": LABELLED,
    "labels check": f"{MODEL} --verbose --template --templates --max-similarity --format {CACHE}",
    "labels list": "--format",
    "labels show": "--format",
    "model verify": "",
    "model import": "--output --config --precision --license --force",
    "model info": "--format",
    "model list": "--available --format",
    "model fetch": "--output --mirror --timeout --precision --no-import --force --quiet",
    "cache info": "--cache-dir --cache-size --format",
    "cache clear": "--cache-dir",
    "undo": "--dry-run --quiet",
    "formats": "--format",
    "doctor": "--model --cache-dir --format",
    "completion": "",
    "man": "",
    "help": "",
    "version": "",
}

for command, flags in FLAGS.items():
    if command not in ("completion", "man", "help", "version"):
        FLAGS[command] = f"{flags} --no-config"

# One run that declares them all is enough: these say what a flag may be given without the model.
ARGUMENTS = {"tokenize": ["x"], "eval": ["d"], "calibrate": ["d"], "labels check": ["l"], "labels show": ["cifar10"], "model import": ["s"], "model fetch": ["n"], "undo": ["j"],
             "completion": ["bash"], "": ["x.png"], "embed": ["x.png"]}


class Flag:
    def __init__(self, short: str, long: str, takes_value: bool):
        self.short, self.long, self.takes_value = short, long, takes_value


def read_help(run_clipcls, command: str) -> "tuple[list[Flag], list[str]]":
    """The flags that `clipcls COMMAND --help` declares, and the commands under it."""
    text = run_clipcls(*command.split(), "--help").stdout
    flags = [Flag(short or "", long, rest != "" and not rest.endswith(":")) for short, long, rest in
             re.findall(r"^  (?:(-\w), |    )(--[a-z0-9][a-z0-9-]*)((?: \S+)?)", text, re.MULTILINE)]
    below = re.split(r"^Commands:\n", text, maxsplit=1, flags=re.MULTILINE)
    commands = re.findall(r"^  ([a-z]+) ", below[1], re.MULTILINE) if len(below) > 1 else []
    return [flag for flag in flags if flag.long != "--help"], commands


@pytest.fixture(scope="session")
def flags_of(run_clipcls) -> "dict[str, list[Flag]]":
    """All commands by their names, and their flags, from the program's own help."""
    found: dict[str, list[Flag]] = {}

    def look(command: str) -> None:
        flags, below = read_help(run_clipcls, command)
        if command == "" or not below:
            found[command] = flags
        for name in below:
            look(f"{command} {name}".strip())
    look("")
    return found


def test_the_flags_of_every_command_are_known(flags_of):
    assert {command: sorted(flag.long for flag in flags) for command, flags in flags_of.items()} == \
        {command: sorted(flags.split()) for command, flags in FLAGS.items()}


def words(command: str) -> list[str]:
    return [*command.split(), *ARGUMENTS.get(command, [])]


@pytest.mark.parametrize("command", FLAGS)
def test_an_empty_value_is_refused(clipcls_binary, flags_of, tmp_path, command):
    """Of whatever flag, however it is written; what an empty variable left behind is never taken for the next word."""
    for flag in flags_of[command]:
        ways = [[f"{flag.long}="], [flag.long, ""]] + ([[flag.short, ""], [f"{flag.short}="]] if flag.short else []) if flag.takes_value else [[f"{flag.long}="]]
        if flag.takes_value:  # an unquoted variable leaves nothing, and the next flag is no value
            ways += [[flag.long], [flag.long, "--help"]]
        for way in ways:
            result = subprocess.run([clipcls_binary, *command.split(), *way, *(ARGUMENTS.get(command, []) if way != [flag.long] else [])],
                                    cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
            one_line_error(result, flag.long if way[0].startswith("--") else flag.short, f"see {' '.join(['clipcls', *command.split()])} --help")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", FLAGS)
def test_a_flag_without_a_value_takes_none(run_clipcls, flags_of, command):
    for flag in flags_of[command]:
        if not flag.takes_value:
            for value in ("true", "false", "0"):
                one_line_error(run_clipcls(*command.split(), f"{flag.long}={value}", *ARGUMENTS.get(command, [])), f"{flag.long} takes no value")


@pytest.mark.parametrize("command", FLAGS)
def test_a_flag_of_another_command_is_named(run_clipcls, flags_of, command):
    name = " ".join(["clipcls", *command.split()])
    one_line_error(run_clipcls(*words(command), "--lables", "x"), f"{name} has no flag --lables", f"see {name} --help")
    foreign = "--mirror" if command != "model fetch" else "--worst"
    one_line_error(run_clipcls(*words(command), foreign), f"{name} has no flag {foreign}; see {name} --help")


@pytest.mark.parametrize("arguments, message", [
    (("-m", "nonexistent", "tokenize", "hi"), "flags go behind the command: clipcls tokenize -m nonexistent hi"),
    (("--host", "::", "serve", "-l", "x"), "flags go behind the command: clipcls serve --host :: -l x"),
    (("photo.jpg", "serve", "-l", "x"), "serve: there is no such file, and a command is the first word: clipcls serve …; see clipcls serve --help"),
    (("photo.jpg", "embed", "-o", "d"), "a command is the first word: clipcls embed photo.jpg -o d"),
    (("-q", "model", "info"), "model: there is no such file, and a command is the first word: clipcls model info …; see clipcls model info --help"),
    (("-f", "json", "cache", "info"), "flags go behind the command: clipcls cache info -f json"),
    (("model", "-f", "json", "info", "x"), "flags go behind the command: clipcls model info -f json x"),
    (("model", "-q", "info", "x"), "-q is not a command of clipcls model; give verify, import, info, list or fetch; see clipcls model --help"),
    (("model", "delete"), "delete is not a command of clipcls model; give verify, import, info, list or fetch; see clipcls model --help"),
    (("evla", "x"), "evla: there is no such file, and no command of that name; perhaps eval is meant; see clipcls --help"),
    (("sever", "-l", "cifar100"), "sever: there is no such file, and no command of that name; perhaps serve is meant; see clipcls --help"),
    (("frobnicate",), "frobnicate: there is no such file, and no command of that name; see clipcls --help"),
    (("x.jpg", "--topk", "3"), "clipcls has no flag --topk; perhaps --top-k is meant; see clipcls --help"),
    (("x.jpg", "--lables", "3"), "clipcls has no flag --lables; perhaps --labels is meant; see clipcls --help"),
    (("x.jpg", "--json"), "clipcls has no flag --json; perhaps --format json is meant; see clipcls --help"),
    (("x.jpg", "--threshold", "50"), "--threshold 50: is not a number from -1 to 1; write 0.5"),
    (("x.jpg", "--threshold", "50%"), "--threshold 50%: is not a number from -1 to 1; write 0.5"),
    (("cache",), "clipcls cache needs a command: info or clear; see clipcls cache --help"),
    (("labels", "x"), "x is not a command of clipcls labels; give check, list or show; see clipcls labels --help"),
    (("photo.jpg", "--form", "json"), "clipcls has no flag --form; perhaps --format is meant; see clipcls --help"),
    (("cache", "clear", "x"), "clipcls cache clear takes no arguments, and x is one; see clipcls cache clear --help"),
    (("undo", "a", "b"), "clipcls undo takes one JOURNAL, and b is another; see clipcls undo --help"),
    (("serve", "photo.jpg", "-l", "x"), "clipcls serve takes no arguments, and photo.jpg is one; see clipcls serve --help"),
    (("photo.jpg", "-o=x"), "-o=x: '=' is for the long name; write -o VALUE or --output=VALUE; see clipcls --help"),
    (("photo.jpg", "-k"), "-k: its value is missing; see clipcls --help"),
    (("photo.jpg", "-l", "x", "-o", "-f", "csv"), "-o -f: its value is missing: -f is a flag; perhaps a variable of the shell is not set; as a value it is "
                                                 "written --output=-f; see clipcls --help"),
    (("",), "IMAGE: a path is empty; perhaps a variable of the shell is not set; see clipcls --help"),
    (("model", "info", ""), "MODEL: the path is empty; perhaps a variable of the shell is not set; see clipcls model info --help"),
    (("eval", "d", "--progress"), "clipcls eval has no flag --progress; see clipcls eval --help"),
    (("labels", "check", "l", "--batch-size", "3"), "clipcls labels check has no flag --batch-size; see clipcls labels check --help"),
])
def test_words_that_are_not_where_they_belong(clipcls_binary, tmp_path, arguments, message):
    result = subprocess.run([clipcls_binary, *arguments], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    one_line_error(result)
    assert result.stderr == f"clipcls: {message}\n"


def test_a_command_is_the_first_word_and_a_file_any_other(clipcls_binary, png, tmp_path):
    """A folder that is called like a command."""
    for folder in ("train", "eval", "tokenize"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.png").write_bytes(png)

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([clipcls_binary, *arguments], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)

    flags = ("--label", "cat", "--label", "dog", "-f", "jsonl")
    for words, images in ((("train", "eval", "tokenize"), ["train/x.png", "eval/x.png", "tokenize/x.png"]), (("./eval",), ["./eval/x.png"]),
                          (("train", "--", "eval"), ["train/x.png", "eval/x.png"])):
        result = run(*flags, *words)
        assert [json.loads(line)["image"] for line in result.stdout.splitlines()] == images, result.stderr
    one_line_error(run("eval", *flags[:-2]), "DIR is required", "clipcls eval --help")


def test_words_that_look_like_something_else(run_clipcls, png, tmp_path):
    """A folder or a text in brackets was taken apart at its commas, and the template of the bare label was dropped."""
    assert len(json.loads(run_clipcls("tokenize", "[a,b]", "--", "--label", "").stdout)) == 3
    for text in ("{}", "%%", "[a,b]"):
        assert len(json.loads(run_clipcls("tokenize", text).stdout)) == 1
    folder = tmp_path / "[2020,2021]"
    folder.mkdir()
    (folder / "x.png").write_bytes(png)
    result = run_clipcls(folder, "--label=-q", "--label", "[x,y]", "-f", "jsonl", "-qrk1")
    assert result.returncode == 0 and json.loads(result.stdout)["image"] == f"{folder}/x.png"
    assert result.stderr == "" and json.loads(result.stdout)["predictions"][0]["label"] in ("-q", "[x,y]")
    output = tmp_path / "out.jsonl"
    assert run_clipcls(folder, "--label", "cat", "-t", "{}", "-f", "jsonl", "-o", output, "--resume").returncode == 0
    assert json.loads(Path(f"{output}.resume").read_text())["list of templates"].startswith("1 templates")


@pytest.mark.parametrize("flag, low, high", [("--top-k", 1, 1000000000), ("--batch-size", 1, 4096), ("--threads", 1, 1024), ("--cache-size", 1, 1000000000)])
def test_whole_numbers(run_clipcls, flag, low, high):
    for value in ("5x", " 5", "5 ", "1e3", "0x10", "+5", "-3", "0.5", "nan", "inf", "99999999999999999999", "0", str(high + 1)):
        one_line_error(run_clipcls("x.png", "--label", "a", f"{flag}={value}"), f"{flag} {value}: is not a whole number from {low} to {high}")


@pytest.mark.parametrize("flag, low, high", [("--threshold", "-1", "1"), ("--max-megapixels", "1e-06", "100000")])
def test_numbers(run_clipcls, flag, low, high):
    for value in ("5x", " 0.5", "0x1", "+0.5", "nan", "inf", "-inf", "1e999", "-2", "0,5"):
        one_line_error(run_clipcls("x.png", "--label", "a", f"{flag}={value}"), f"{flag} {value}: is not a number from {low} to {high}")


def test_what_takes_the_place_of_images_has_no_flags_about_them(run_clipcls):
    for flag in ("--recursive", "--draft", "--fail-fast", "--batch-size=3", "--max-megapixels=3", "--no-exif-rotation", "--shard=1/2"):
        one_line_error(run_clipcls("--image-features", "x", "--label", "a", flag), f"{flag.split('=')[0]} cannot be used with --image-features")
    one_line_error(run_clipcls("eval", "d", "--image-features", "x", "--draft"), "--draft cannot be used with --image-features")
    one_line_error(run_clipcls("eval", "d", "--few-shot", "2", "--probe-c", "3"), "--few-shot-method probe")
    one_line_error(run_clipcls("model", "fetch", "x", "--no-import", "--precision", "fp16"), "--no-import")


def test_the_sentence_that_names_a_command_is_right(run_clipcls):
    """Its words, given to a shell, run that command."""
    message = run_clipcls("-m", "no such model", "tokenize", "it's").stderr
    right = shlex.split(message.split("behind the command: ")[1])
    one_line_error(run_clipcls(*right[1:]), "no such model: no such model")


def test_the_last_value_counts(run_clipcls, png, tmp_path):
    (tmp_path / "x.png").write_bytes(png)
    result = run_clipcls(Path(tmp_path) / "x.png", "-l", "cifar100", "-k", 3, "-k", 2, "-f", "csv", "-f", "jsonl")
    assert len(json.loads(result.stdout)["predictions"]) == 2
