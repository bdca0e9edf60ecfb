"""scripts/ray_classify: one row for each path, whoever is killed. The cluster is two workers on this machine; its tests run
where scripts/ray_classify has made build/ray-venv (as scripts/test does)."""
import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import processes
import pytest
from ray_cluster.clipcls_process import MAX_DEATHS, ClipclsProcess

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "ray_classify"
OPTIONS = ("--label", "cat", "--label", "dog", "-k", "1")
HAS_RAY = (ROOT / "build/ray-venv/installed-requirements-ray.txt").exists()

# Takes a path at a time, slowly, so that there is a middle to be killed in; says that it has started.
SLOW = """#!/bin/bash
echo $$ >> "$STARTS"
while IFS= read -r -d '' path; do
  printf '%s\\0' "$path"
  sleep 0.05
done | (trap '' PIPE; exec "$REAL" "$@")
"""


def command_of(program: object) -> list[str]:
    return [str(program), "-T", "-", "-0", "-f", "jsonl", "-q", "--threads", "1", *OPTIONS]


@pytest.fixture()
def slow(tmp_path: Path, clipcls_binary: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clipcls that takes 0.05 s for an image at least; starts.txt beside it has a line for each start."""
    program = tmp_path / "slow_clipcls"
    program.write_text(SLOW)
    program.chmod(0o755)
    monkeypatch.setenv("STARTS", str(tmp_path / "starts.txt"))
    monkeypatch.setenv("REAL", str(clipcls_binary))
    return program


def paths_of(album: Path, last: int) -> list[bytes]:
    return [os.fsencode(album / f"{number}.png") for number in range(1, last + 1)]


def images_of(rows: list[bytes]) -> list[str]:
    return [json.loads(row)["image"] for row in rows]


@contextmanager
def running(command: list[str]) -> Iterator[ClipclsProcess]:
    """It is closed in the end, or killed when the test fails."""
    process = ClipclsProcess(command)
    try:
        yield process
        process.close()
    finally:
        if process.process is not None:
            process.process.kill()


def test_a_process_answers_every_path(clipcls_binary, album):
    with running(command_of(clipcls_binary)) as process:
        paths = paths_of(album, 60)
        for block in (paths[:40], paths[40:], [b"/no such file", album.as_posix().encode() + b"/1.png"]):
            assert images_of(process.classify(block)) == [path.decode() for path in block]
        assert process.num_starts == 1


def test_a_process_that_is_killed_is_started_again(clipcls_binary, album):
    with running(command_of(clipcls_binary)) as process:
        paths = 5 * paths_of(album, 200)
        process.classify(paths[:1])
        timer = threading.Timer(0.2, process.process.kill)
        timer.daemon = True
        timer.start()
        rows = process.classify(paths)
        timer.join(60)
        assert images_of(rows) == [path.decode() for path in paths]
        assert [index for index, row in enumerate(rows) if b'"error"' in row] == [49, 249, 449, 649, 849]
        assert process.num_starts == 2


def test_an_image_that_kills_has_a_row_of_its_own(tmp_path, clipcls_binary, album):
    """The program dies whenever it is given poison.png, whatever it has read beside it."""
    program = tmp_path / "mortal_clipcls"
    program.write_text(f"""#!/usr/bin/env python3
import os, subprocess, sys
real = subprocess.Popen([{str(clipcls_binary)!r}, *sys.argv[1:]], stdin=subprocess.PIPE)
while data := os.read(0, 65536):
    if b"poison.png" in data:
        real.kill()
        os.kill(os.getpid(), 9)
    os.write(real.stdin.fileno(), data)
real.stdin.close()
real.wait()
""")
    program.chmod(0o755)
    with running(command_of(program)) as process:
        paths = [*paths_of(album, 3), b"/poison.png", *paths_of(album, 5)]
        rows = process.classify(paths)
        assert images_of(rows) == [path.decode() for path in paths]
        assert [index for index, row in enumerate(rows) if "error" in json.loads(row)] == [3]
        assert json.loads(rows[3])["error"] == {"kind": "worker_died", "message": f"clipcls died {MAX_DEATHS} times at this image"}


def test_options_that_clipcls_refuses_end_the_run(clipcls_binary, album):
    with running([*command_of(clipcls_binary), "--colour"]) as process:
        with pytest.raises(RuntimeError, match="--colour"):
            process.classify(paths_of(album, 2))


def run_on_ray(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
    return processes.run([SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300, **options)


def workers() -> set[int]:
    """The processes of Ray's actors that have a Worker."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "cmdline").read_bytes().startswith(b"ray::MapWorker(MapBatches(Worker))"):
                found.add(int(folder.name))
        except OSError:
            pass
    return found


@pytest.mark.skipif(not HAS_RAY, reason="scripts/ray_classify was never run here: no build/ray-venv")
def test_a_worker_that_is_killed_loses_nothing(slow, album, tmp_path):
    paths = [path.decode() for path in paths_of(album, 200)]
    (tmp_path / "list").write_text("\n".join([*paths, "/no such file"]))
    output = tmp_path / "rows"
    others = workers()
    killed = []

    def kill_one() -> None:
        """When both workers have a block behind them."""
        while not killed:
            starts = tmp_path / "starts.txt"
            if starts.exists() and len(starts.read_text().split()) >= 3:  # the first is that of the labels
                time.sleep(1.5)
                victim = min(workers() - others)
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
            time.sleep(0.1)
    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    result = run_on_ray(tmp_path / "list", "--output", output, "--format", "jsonl", "--block", 10, "--clipcls", slow, "--", *OPTIONS)
    assert result.returncode == 0, result.stderr
    killer.join(timeout=10)
    assert killed and len((tmp_path / "starts.txt").read_text().split()) >= 4  # labels, two workers, the killed one's successor
    rows = [json.loads(line) for shard in sorted(output.iterdir()) for line in shard.read_text().splitlines()]
    assert Counter(row["image"] for row in rows) == Counter([*paths, "/no such file"])
    failed = {row["image"]: row["error"]["kind"] for row in rows if "error" in row}
    assert failed == {f"{album}/50.png": "not_an_image", "/no such file": "not_found"}


@pytest.mark.skipif(not HAS_RAY, reason="scripts/ray_classify was never run here: no build/ray-venv")
def test_a_bucket_to_parquet(clipcls_binary, album, tmp_path):
    """file:// stands for s3://: the same code lists and downloads both."""
    output = tmp_path / "rows"
    bucket = tmp_path / "bucket" / "photos"
    bucket.mkdir(parents=True)
    for number in (1, 2, 50):
        (bucket / f"{number}.png").write_bytes((album / f"{number}.png").read_bytes())
    (bucket / "notes.txt").write_text("no image")
    result = run_on_ray(f"file://{bucket.parent}", "--output", output, "--clipcls", clipcls_binary, "--", *OPTIONS)
    assert result.returncode == 0, result.stderr
    table = json.loads(processes.run([ROOT / "build/ray-venv/bin/python", "-c", "import json, sys; import pyarrow.parquet as p; "
                                      "print(json.dumps(p.read_table(sys.argv[1]).to_pylist()))", output],
                                     capture_output=True, check=True).stdout)
    assert [row["place"] for row in table] == [0, 1, 2]
    assert [row["image"] for row in table] == [f"file://{bucket}/{number}.png" for number in (1, 2, 50)]
    assert table[0]["predictions"][0]["label"] in ("cat", "dog") and table[0]["error"] is None
    assert table[2]["predictions"] is None and table[2]["error"]["kind"] == "not_an_image"


@pytest.mark.skipif(not HAS_RAY, reason="scripts/ray_classify was never run here: no build/ray-venv")
def test_mistakes_are_found_before_the_cluster_is_used(clipcls_binary, album, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    for arguments, words in (((album, "--output", tmp_path / "rows", "--clipcls", clipcls_binary, "--", "-l", "nothing"), "nothing"),
                             ((album, "--output", tmp_path / "rows", "--", "-l", "cifar100", "--format=csv"), "--format=csv"),
                             ((album, "--output", tmp_path / "full", "--", "-l", "cifar100"), "is there already")):
        result = run_on_ray(*arguments)
        assert result.returncode == 2 and words in result.stderr
        assert not (tmp_path / "rows").exists()
