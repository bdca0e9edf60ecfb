"""`clipcls model fetch` with a user's folders of its own, and a server with a small repository. A module of tests imports
`start_server` and `fetching`."""
import hashlib
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import processes
import pytest
from misbehaving_server import MisbehavingServer

REPOSITORY = "someone/clip-tiny"
CONFIG = b'{"model_type": "clip"}\n'
WEIGHTS = random.Random(7).randbytes(300_000)
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
MERGES = b"#version: 0.2\ni n\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
VIT_B_32 = ("/clip/models/40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt",
            "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af")


def path_of(file: str, revision: str = "main") -> str:
    return f"/{REPOSITORY}/resolve/{revision}/{file}"


WEIGHTS_PATH = path_of("model.safetensors")


class Fetching:
    """The program with a user's data folder of its own and no proxy, and a server with a small repository."""

    def __init__(self, binary: Path, server: MisbehavingServer, folder: Path) -> None:
        self.binary, self.server, self.folder = binary, server, folder
        self.data = folder / "data"
        self.output = folder / "published"
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("CLIPCLS_") and not name.lower().endswith("_proxy") and name != "HF_TOKEN"}
        self.environment = kept | {"XDG_DATA_HOME": str(self.data)}
        server.add(path_of("config.json"), CONFIG)
        server.add(path_of("merges.txt"), MERGES)
        self.serve_weights()

    def serve_weights(self, *behaviours: object, content: bytes = WEIGHTS, sha256: str = SHA256, **more: object) -> None:
        self.server.add(WEIGHTS_PATH, content, list(behaviours), X_Linked_Etag=f'"{sha256}"',
                        X_Linked_Size=str(len(WEIGHTS)), **more)

    def command(self, *arguments: object, mirror: str | None = None, timeout: int = 1) -> list[str]:
        return [str(self.binary), "model", "fetch", *map(str, arguments), "--mirror", mirror or self.server.url,
                "--timeout", str(timeout)]

    def run(self, *arguments: object, mirror: str | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
        return processes.run(self.command(*arguments, mirror=mirror), env=self.environment | environment, timeout=60,
                             capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, check=False)

    def fetch(self, *arguments: object, **more: str) -> "subprocess.CompletedProcess[str]":
        """The published files of the repository, without the import."""
        return self.run(f"hf:{REPOSITORY}", "--no-import", "--output", self.output, *arguments, **more)

    def check_fetched(self, result: "subprocess.CompletedProcess[str]", weights: bytes = WEIGHTS) -> None:
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"{self.output}\n"
        assert {path.name: path.read_bytes() for path in self.output.iterdir()} == {
            "config.json": CONFIG, "merges.txt": MERGES, "model.safetensors": weights}
        assert [path.name for path in (self.data / "clipcls" / "downloads").iterdir()] == ["someone--clip-tiny.lock"]

    def check_refused(self, result: "subprocess.CompletedProcess[str]", *parts: str) -> None:
        """Exit code 2, nothing made, one line that is no remark."""
        assert result.returncode == 2, result.stderr
        assert result.stdout == "" and not self.output.exists()
        lines = [line for line in result.stderr.splitlines()
                 if not line.startswith(("clipcls: fetching ", "clipcls: warning: "))]
        assert len(lines) == 1 and lines[0].startswith("clipcls: "), result.stderr
        for part in parts:
            assert part in lines[0]

    def partial(self) -> Path:
        return self.data / "clipcls" / "downloads" / "someone--clip-tiny" / "model.safetensors.partial"


@pytest.fixture()
def start_server() -> Iterator[Callable[..., MisbehavingServer]]:
    servers: list[MisbehavingServer] = []

    def start(certificate: Path | None = None) -> MisbehavingServer:
        servers.append(MisbehavingServer(certificate))
        return servers[-1]
    yield start
    for server in servers:
        server.close()


@pytest.fixture()
def fetching(clipcls_binary: Path, tmp_path: Path, start_server: Callable[..., MisbehavingServer]) -> Fetching:
    return Fetching(clipcls_binary, start_server(), tmp_path)
