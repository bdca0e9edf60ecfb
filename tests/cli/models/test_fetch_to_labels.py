"""From a hub's name to ranked labels: fetched in pieces, imported, found by its name, verified, used."""
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import processes
import pytest
from make_checkpoints import Checkpoint, transformers_sharded
from misbehaving_server import Break, MisbehavingServer

SHARK = Path(__file__).resolve().parents[3] / "models/everyday/shark.png"
NAME = "hf:someone/clip-sharded"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return transformers_sharded(tmp_path_factory.mktemp("published"))


@pytest.fixture
def server(checkpoint: Checkpoint) -> Iterator[MisbehavingServer]:
    """The checkpoint as a repository of the hub, each file of which breaks off once."""
    server = MisbehavingServer()
    for file in checkpoint.source.iterdir():
        server.add(f"/someone/clip-sharded/resolve/main/{file.name}", file.read_bytes(), [Break(1000)])
    yield server
    server.close()


def test_fetch_list_verify_classify(server: MisbehavingServer, clipcls_binary: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("CLIPCLS_") and not name.lower().endswith("_proxy") and name != "HF_TOKEN"}
    environment |= {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*arguments: object) -> str:
        result = processes.run([str(clipcls_binary), *map(str, arguments)], env=environment, capture_output=True,
                               encoding="utf-8", stdin=subprocess.DEVNULL, timeout=120, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    folder = Path(run("model", "fetch", NAME, "--mirror", server.url).strip())
    assert folder.is_relative_to(tmp_path / "data") and (folder / "reference.json").is_file()
    assert str(folder.name) in run("model", "list")
    config = json.loads(run("model", "info", NAME, "--format", "json"))
    assert config["name"] == NAME and "someone/clip-sharded" in config["source"]
    assert run("model", "verify", NAME).startswith(f"{NAME}, against the reference computed by clipcls ")
    [row] = json.loads(run(SHARK, "--model", NAME, "--labels", "cifar100", "--format", "json"))
    assert len(row["predictions"]) == 5
