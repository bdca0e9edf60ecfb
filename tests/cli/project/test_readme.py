"""The commands of every README are run.

```console: what follows `$ ` is run in the repository and must print the lines below it. Numbers may differ by 0.02 (two decimals
of a percentage, on a processor that sums in another order); all else is equal.
```sh: the block is run in a folder that has the files it names, with small models in place of those for photographs, and must
succeed. "How to test it alone": the tests that are named exist. What cannot be run here says so, and why, and is counted below.
"""
import fnmatch
import os
import re
import shutil
import socket
from functools import cache
from pathlib import Path

import processes
import pytest
from readmes import ROOT, Block, blocks, code_spans, readmes

NUMBER = re.compile(r"\d+\.\d+")
TOLERANCE = 0.02
SHARK = ROOT / "models" / "everyday" / "shark.png"
GTEST = "build/release/tests/"
PYTEST = ".venv/bin/python -m pytest "

# README: its blocks that no test runs. Each has a line that says why.
LEFT_OUT = {
    "README.md": 3,  # builds from a clone; packages; the network
    "models/README.md": 3,  # the network; files of a real model, twice
    "scripts/README.md": 3,  # what runs the tests; a torch and a libtorch from the net
    "scripts/packaging/README.md": 3,  # packages; Docker; /usr/local
    "scripts/ray_cluster/README.md": 1,  # a cluster
    "src/cli/README.md": 1,  # Slurm
    "src/model/README.md": 1,  # a GPU
    "src/pipeline/README.md": 1,  # never ends
    "tests/bench/README.md": 1,  # hours
    "tests/fuzz/README.md": 1,  # half an hour a target
}

BLOCKS = [block for readme in readmes() for block in blocks(readme)]
SHELL = [block for block in BLOCKS if block.language == "sh"]


def are_tests(block: Block) -> bool:
    return all(line.startswith((GTEST, PYTEST)) for line in block.text.splitlines())


def ids(block: Block) -> str:
    return f"{block.readme}: {block.text[:50]}"


def console_commands() -> list[tuple[str, str]]:
    """(command, expected output) of every console block, each once."""
    commands = {}
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:] if block.language == "console" else ():
            command, _, output = part.partition("\n")
            assert commands.setdefault(command, output) == output, f"{block.readme} says otherwise than another README: {command}"
    return list(commands.items())


def run_in_shell(binary: Path, script: str, folder: Path, **variables: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CLIPCLS_")} | variables
    environment["PATH"] = f"{binary.parent}{os.pathsep}{environment['PATH']}"
    result = processes.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment, capture_output=True,
                           text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_blocks_are_of_a_known_kind():
    assert {block.language for block in BLOCKS} <= {"console", "sh", "text", "json", "cmake", "cpp"}
    for readme in readmes():
        assert "\n    build/" not in readme.read_text("utf-8"), f"{readme}: a command in no fence"


def test_the_program_in_cpp_is_that_of_the_header():
    """tests/cli/packaging/test_find_package.py compiles and runs that one."""
    (program,) = [block.text for block in BLOCKS if block.language == "cpp"]
    header = (ROOT / "include/clipcls/clipcls.h").read_text("utf-8")
    assert "".join(f"//     {line}".rstrip() + "\n" for line in program.splitlines()) in header


def test_no_block_is_left_out_but_those_that_are_counted():
    counts: dict[str, int] = {}
    for block in SHELL:
        if block.is_left_out():
            counts[block.readme] = counts.get(block.readme, 0) + 1
    assert counts == LEFT_OUT


@pytest.mark.parametrize("command, expected", console_commands(), ids=lambda value: value[:60])
def test_console_block(command, expected, clipcls_binary):
    printed = run_in_shell(clipcls_binary, command, ROOT)
    assert NUMBER.sub("#", printed).strip() == NUMBER.sub("#", expected).strip()
    for actual, number in zip(NUMBER.findall(printed), NUMBER.findall(expected), strict=True):
        assert float(actual) == pytest.approx(float(number), abs=TOLERANCE)


@pytest.fixture()
def place(tmp_path: Path, test_models: Path) -> Path:
    """A folder with the files that the READMEs name. A small model without knowledge has the name of OpenAI's."""
    for path in ("photo.jpg", "photos/1.png", "photos/2024/2.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHARK, tmp_path / path)
    (tmp_path / "lists").mkdir()
    for path in ("my_labels.txt", "lists/food.txt"):
        (tmp_path / path).write_text("a shark\nbread\n", "utf-8")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "ViT-B-32").symlink_to(test_models / "tiny")
    (tmp_path / "ViT-B-32.pt").symlink_to(test_models / "openai" / "vit.pt")
    return tmp_path


@pytest.mark.parametrize("block", [block for block in SHELL if not block.is_left_out() and not are_tests(block)], ids=ids)
def test_shell_block(block: Block, clipcls_binary: Path, place: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        free_port = str(server.getsockname()[1])
    end_servers = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
    run_in_shell(clipcls_binary, end_servers + block.text.replace("8080", free_port), place, HOME=str(place),
                 CLIPCLS_MODEL_PATH=f"{place}/models:{ROOT}/models")


@cache
def names_of_unit_tests() -> set[str]:
    return {".".join(name) for path in (ROOT / "tests").rglob("*.cpp")
            for name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", path.read_text("utf-8"), re.MULTILINE)}


@pytest.mark.parametrize("block", [block for block in SHELL if are_tests(block)], ids=ids)
def test_tests_of_a_room_exist(block: Block):
    for line in block.text.splitlines():
        if line.startswith(PYTEST):
            assert all((ROOT / path).exists() for path in line.removeprefix(PYTEST).split()), line
            continue
        (patterns,) = re.findall(r"--gtest_filter='(.*)'$", line)
        for pattern in patterns.split(":"):
            assert fnmatch.filter(names_of_unit_tests(), pattern if "." in pattern else pattern + ".*"), f"no test is a {pattern}"


def test_commands_and_flags_in_running_text_exist(clipcls_binary: Path):
    """The program's flags are in its manual page, those of scripts in the scripts."""
    manual = run_in_shell(clipcls_binary, "clipcls man", ROOT).replace("\\-", "-")
    scripts = [path.read_text("utf-8", "replace") for path in (ROOT / "scripts").rglob("*")
               if path.is_file() and path.suffix in ("", ".py") and "node_modules" not in path.parts]
    flags = set(re.findall(r"--[a-z][a-z-]+", "\n".join([manual, *scripts]))) | {"--sshlogin", "--install", "--workflow", "--unix-socket"}
    commands = set(re.findall(r"^\.SS (clipcls .*)$", manual, re.MULTILINE))
    unknown = []
    for readme in readmes():
        for span in code_spans(readme):
            unknown += [f"{readme}: {flag}" for flag in re.findall(r"(?:^|[ (])(--[a-z][a-z-]+)", span) if flag not in flags]
            command = re.match(r"clipcls [a-z]+(?: [a-z]+)?(?![\w.:/-])", span)
            if command and not any(f"{name} ".startswith(f"{command[0]} ") or command[0].startswith(f"{name} ") for name in commands):
                unknown.append(f"{readme}: {span}")
    assert not unknown
