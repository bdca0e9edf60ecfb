"""Limits of the process (ulimit): the program works with what it gets, or says in one line what it lacks."""
import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, messages, not_with_address_sanitizer, not_with_thread_sanitizer
from every_command import COMMANDS, LABELS, Command, Place, ends_well_or_in_one_line, named, place

MEGABYTE = 1 << 20
CLASSIFY = ("{place}/1.png", "{place}/classes/cat/2.png", *LABELS, "-f", "jsonl", "--no-cache")


def classified(result: "subprocess.CompletedProcess[str]") -> bool:
    """Whether both pictures were; otherwise one line says why not."""
    ends_well_or_in_one_line(result)
    if result.returncode == 2:
        return False
    assert [json.loads(line)["predictions"][0]["label"] for line in result.stdout.splitlines()] == ["shark", "shark"]
    return True


def own_user() -> dict[str, int]:
    """Of a user that has no other process, where the tests may run one."""
    return {"user": 60000 + os.getpid() % 5000, "group": 60000} if os.geteuid() == 0 else {}


def num_processes() -> int:
    """Threads of this user, which the limit counts."""
    if os.geteuid() == 0:
        return 0
    status = subprocess.run(["ps", "-L", "-u", str(os.getuid()), "--no-headers"], capture_output=True, text=True, timeout=60,
                            check=True)
    return status.stdout.count("\n")


@pytest.fixture(scope="module")
def may_run(clipcls_binary: Path) -> Iterator[Place]:
    """A place for any user: pytest's own folders are for one."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(clipcls_binary, Path(folder))
        place.folder.chmod(0o777)
        try:
            works = place.run(CLASSIFY, **own_user()).returncode == 0
        except PermissionError:
            works = False
        if not works:
            pytest.skip("the program lies where an ordinary user may not run it")
        yield place


@not_with_thread_sanitizer
@pytest.mark.parametrize("threads", [None, 64])
@pytest.mark.parametrize("more", [1, 2, 3, 9, 20])
def test_few_processes(may_run: Place, more: int, threads: int | None):
    arguments = CLASSIFY if threads is None else (*CLASSIFY, "--threads", threads)
    result = may_run.run(arguments, limits={resource.RLIMIT_NPROC: num_processes() + more}, **own_user())
    if not classified(result):
        assert "no thread can be started" in result.stderr and "ulimit -u" in result.stderr
        assert more < 3 or os.geteuid() != 0


@not_with_thread_sanitizer
@pytest.mark.parametrize("command", named(command for command in COMMANDS if command.needs_encoder))
@pytest.mark.parametrize("more", [1, 3])
def test_every_command_with_few_processes(may_run: Place, command: Command, more: int):
    result = may_run.run(command.arguments, limits={resource.RLIMIT_NPROC: num_processes() + more}, **own_user())
    ends_well_or_in_one_line(result)


@not_with_address_sanitizer
@not_with_thread_sanitizer
@pytest.mark.parametrize("limit", [resource.RLIMIT_AS, resource.RLIMIT_DATA], ids=["addresses", "data"])
@pytest.mark.parametrize("megabytes", [500, 600, 700, 1500, 4000])
@pytest.mark.parametrize("threads", [None, 1024])
def test_little_memory(place: Place, limit: int, megabytes: int, threads: int | None):
    arguments = CLASSIFY if threads is None else (*CLASSIFY, "--threads", threads)
    assert classified(place.run(arguments, limits={limit: megabytes * MEGABYTE})) or megabytes < 4000


@pytest.mark.parametrize("descriptors", [4, 5, 8, 10, 16])
def test_few_open_files(place: Place, descriptors: int):
    result = place.run(CLASSIFY, limits={resource.RLIMIT_NOFILE: descriptors})
    if result.returncode == 1:  # two threads each open a picture, and there is a descriptor for one
        assert descriptors < 8
        errors = [row["error"]["message"] for row in map(json.loads, result.stdout.splitlines()) if "error" in row]
        assert errors and all("Too many open files" in error for error in errors), result.stdout
    else:
        assert classified(result) or descriptors < 16


@pytest.mark.parametrize("descriptors", [4, 5, 6, 7, 8])
@pytest.mark.parametrize("arguments", [(*CLASSIFY, "-o", "{new}"), ("embed", "{place}/1.png", "-o", "{new}")], ids=["classify", "embed"])
def test_too_few_open_files_are_the_reason_that_is_told(place: Place, arguments: tuple[str | Path, ...], descriptors: int):
    result = place.run(arguments, limits={resource.RLIMIT_NOFILE: descriptors})
    if result.returncode != 1:  # 1: a picture could not be opened, as above
        ends_well_or_in_one_line(result)
        assert result.returncode == 0 or "Too many open files" in result.stderr


@pytest.mark.parametrize("kilobytes", [128, 512, 2048, None])
@pytest.mark.parametrize("is_hard", [False, True], ids=["soft", "hard"])
def test_a_stack_of_any_size(place: Place, kilobytes: int | None, is_hard: bool):
    size = resource.RLIM_INFINITY if kilobytes is None else kilobytes * 1024
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    if is_hard or hard == resource.RLIM_INFINITY or 0 <= size <= hard:
        result = place.run(CLASSIFY, prepare=lambda: resource.setrlimit(resource.RLIMIT_STACK, (size, size if is_hard else hard)))
        assert classified(result)


def test_no_core_and_no_locked_memory(place: Place):
    assert classified(place.run(CLASSIFY, limits={resource.RLIMIT_CORE: 0, resource.RLIMIT_MEMLOCK: 0, resource.RLIMIT_MSGQUEUE: 0,
                                                  resource.RLIMIT_SIGPENDING: 0}))


@not_with_thread_sanitizer
@pytest.mark.parametrize("format", ["jsonl", "csv", "json", "text", "html"])
def test_files_may_not_grow(place: Place, album: Path, format: str):
    """No signal ends it; the rows that were written are whole, and --resume adds the others."""
    output = place.folder / f"rows.{format}"
    arguments = (album, *LABELS, "-f", format, "-o", output, "--no-cache")
    result = place.run(arguments, limits={resource.RLIMIT_FSIZE: 3000})
    assert result.returncode == 2 and not output.exists()
    assert f"{output}: writing failed" in result.stderr and "internal error" not in result.stderr
    partial = Path(f"{output}.partial")
    if format not in ("jsonl", "csv"):
        assert not list(place.folder.glob("*.partial*"))
        return
    kept = partial.read_text().rpartition("\n")[0].splitlines()
    assert len(kept) > 5
    assert place.run((*arguments, "--resume")).returncode == 1  # one of the album is no picture
    lines = output.read_text().splitlines()
    assert lines[:len(kept)] == kept and len(lines) == 200 + (format == "csv")
    partial.unlink(missing_ok=True)


@not_with_thread_sanitizer
@pytest.mark.parametrize("command", named(command for command in COMMANDS if "{new}" in command.arguments))
def test_no_file_may_be_written(place: Place, command: Command):
    before = set(place.folder.rglob("*"))
    result = place.run(command.arguments, limits={resource.RLIMIT_FSIZE: 0})
    if command.name == "cache_clear":
        assert result.returncode == 0
        return
    assert result.returncode == 2 and result.stderr.splitlines()[-1].startswith("clipcls: "), result.stderr
    assert "internal error" not in result.stderr and set(place.folder.rglob("*")) == before


def test_a_cache_that_may_not_be_written_is_no_error(place: Place, tmp_path: Path):
    arguments = [word for word in CLASSIFY if word != "--no-cache"]
    assert classified(place.run((*arguments, "--cache-dir", tmp_path), limits={resource.RLIMIT_FSIZE: 0}))


# Pictures that workers decode, of more kinds than a low limit has room for.
CODED = ROOT / "tests" / "data" / "images"
DECODED_BY_WORKERS = [*(CODED / "coded" / name for name in ("grid.heic", "10bit_420.avif", "lossy.jxl", "420.j2k", "420_full.heic")),
                      CODED / "decode" / "big.tif", CODED / "decode" / "420_full.avif"] * 2
WORKERS = (*DECODED_BY_WORKERS, *LABELS, "-f", "csv", "--no-cache", "-q", "--threads", "6")


@pytest.fixture(scope="module")
def without_workers(place: Place) -> str:
    result = place.run((*WORKERS, "--decode-sandbox", "off"))
    assert result.returncode == 0, result.stderr
    return result.stdout


@not_with_address_sanitizer
@not_with_thread_sanitizer
@pytest.mark.parametrize("sandbox", ["auto", "on"])
@pytest.mark.parametrize("limit,value", [(resource.RLIMIT_NOFILE, 12), (resource.RLIMIT_NOFILE, 24), (resource.RLIMIT_AS, 700 * MEGABYTE),
                                         (resource.RLIMIT_AS, 1200 * MEGABYTE), (resource.RLIMIT_STACK, 4000 * MEGABYTE)])
def test_workers_cost_no_picture(place: Place, without_workers: str, limit: int, value: int, sandbox: str):
    """What is enough without workers is enough with them."""
    result = place.run((*WORKERS, "--decode-sandbox", sandbox), limits={limit: value})
    assert (result.returncode, result.stdout) == (0, without_workers), result.stderr


@not_with_address_sanitizer
@not_with_thread_sanitizer
@pytest.mark.parametrize("more", [9, 14, 20, 40])
def test_workers_with_few_processes(may_run: Place, without_workers: str, more: int):
    result = may_run.run(WORKERS, limits={resource.RLIMIT_NPROC: num_processes() + more}, **own_user())
    assert (result.returncode, result.stdout) == (0, without_workers), result.stderr


@not_with_address_sanitizer
@not_with_thread_sanitizer
@pytest.mark.parametrize("sandbox", ["auto", "off"])
@pytest.mark.parametrize("more", [2, 3, 4, 5])
def test_no_picture_waits_for_a_thread(may_run: Place, more: int, sandbox: str):
    """libde265 would, for ever."""
    result = may_run.run((*WORKERS, "--decode-sandbox", sandbox), limits={resource.RLIMIT_NPROC: num_processes() + more}, **own_user())
    assert result.returncode in (0, 1, 2)
    for line in messages(result.stderr):
        assert "thread can be started" in line or "the decoder's process" in line, line
