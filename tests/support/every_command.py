"""Every command of the program, ready to run, for tests of what it is started in: streams, limits, environment, working folder."""
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT, default_signals

SHARK = ROOT / "models" / "everyday" / "shark.png"
LABELS = ("--label", "shark", "--label", "cat")


@dataclass(frozen=True)
class Command:
    """`{place}` in an argument is the Place's folder, `{new}` a path that nothing has yet."""
    name: str
    arguments: tuple[str, ...]
    needs_encoder: bool = False
    has_results: bool = True  # on standard output


COMMANDS = (
    Command("version", ("--version",)),
    Command("help", ("--help",)),
    Command("tokenize", ("tokenize", "a cat")),
    Command("man", ("man",)),
    Command("completion", ("completion", "bash")),
    Command("cache_info", ("cache", "info")),
    Command("cache_clear", ("cache", "clear", "--cache-dir", "{new}")),
    Command("model_list", ("model", "list")),
    Command("model_info", ("model", "info")),
    Command("undo", ("undo", "--dry-run", "{place}/moved"), has_results=False),
    Command("rank features", ("--image-features", "{place}/features", *LABELS, "-f", "jsonl"), True),
    Command("classify", ("{place}/1.png", *LABELS, "-f", "jsonl"), True),
    Command("doctor", ("doctor",), True),
    Command("formats", ("formats",)),
    Command("labels_list", ("labels", "list")),
    Command("labels_show", ("labels", "show", "cifar10")),
    Command("labels_check", ("labels", "check", "{place}/labels.txt"), True),
    Command("eval", ("eval", "{place}/classes", "-f", "json"), True),
    Command("calibrate", ("calibrate", "{place}/classes", "-o", "{new}"), True),
    Command("embed", ("embed", "{place}/1.png", "-o", "{new}"), True, has_results=False),
)
QUICK = tuple(command for command in COMMANDS if not command.needs_encoder)


def named(commands: Iterable[Command]) -> list:
    """For pytest.mark.parametrize."""
    return [pytest.param(command, id=command.name) for command in commands]


class Place:
    """A folder with something for each command, and what it is started with."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.binary, self.folder = binary, folder
        self.num_new = 0
        folder.chmod(0o755)
        for path in ("1.png", "classes/shark/1.png", "classes/cat/2.png", "to_move/1.png"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SHARK, folder / path)
        (folder / "labels.txt").write_text("shark\ncat\n")
        for arguments in (("embed", "{place}/1.png", "-o", "{place}/features"),
                          ("{place}/to_move", *LABELS, "--copy", "--sort-into", "{place}/moved/{{label}}", "-q")):
            result = self.run(arguments)
            assert result.returncode == 0, result.stderr

    def words(self, arguments: Iterable[object]) -> list[str]:
        self.num_new += 1
        return [str(word).format(place=self.folder, new=self.folder / f"new-{self.num_new}") for word in arguments]

    def run(self, arguments: Iterable[object], *, closed: Iterable[int] = (), limits: dict[int, int] | None = None,
            environment: dict[str, str] | None = None, prepare: Callable[[], None] | None = None, timeout: float = 120,
            **settings) -> "subprocess.CompletedProcess[str]":
        """`closed`: streams that the program does not have. `limits`: of the module resource, soft and hard."""
        def set_up() -> None:
            default_signals()
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
            for limit, value in (limits or {}).items():
                resource.setrlimit(limit, (value, value))
            if prepare:
                prepare()
            for stream in closed:
                os.close(stream)
        own = {key: value for key, value in os.environ.items() if not key.startswith("CLIPCLS_")}
        return subprocess.run([str(self.binary), *self.words(arguments)], preexec_fn=set_up, timeout=timeout, check=False,
                              env=own if environment is None else environment,
                              **{"capture_output": "stdout" not in settings, "encoding": "utf-8", "errors": "replace",
                                 "stdin": subprocess.DEVNULL, **settings})


@pytest.fixture(scope="module")
def place(clipcls_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(clipcls_binary, tmp_path_factory.mktemp("place"))


def ends_well_or_in_one_line(result: "subprocess.CompletedProcess[str]") -> None:
    """It did what it was asked to, or says in one line why not: no signal, no error of the program's own."""
    assert result.returncode in (0, 2), (result.returncode, result.stderr)
    assert "internal error" not in result.stderr, result.stderr
    if result.returncode == 2:
        assert result.stderr.count("\n") == 1 and result.stderr.startswith("clipcls: "), result.stderr
