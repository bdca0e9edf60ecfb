"""What a Ray Data actor does with a block of paths."""
import json
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

from ray_cluster.clipcls_process import ClipclsProcess

NUM_DOWNLOADS = 8  # at a time

PREDICTION = pa.struct([("label", pa.string()), ("score", pa.float64()), ("similarity", pa.float32())])
SCHEMA = pa.schema([("place", pa.int64()), ("image", pa.string()), ("predictions", pa.list_(PREDICTION)),
                    ("error", pa.struct([("kind", pa.string()), ("message", pa.string())]))])


def download(address: bytes, target: Path) -> None:
    filesystem, path = fs.FileSystem.from_uri(address.decode())
    with filesystem.open_input_stream(path) as source, open(target, "wb") as file:
        while block := source.read(1 << 20):
            file.write(block)


class Worker:
    """Turns a table of place and path into one of rows: `is_typed`, with the columns of SCHEMA; else with the JSON of each
    row as clipcls wrote it."""

    def __init__(self, command: list[str], is_typed: bool):
        self.clipcls = ClipclsProcess(command)
        self.is_typed = is_typed

    def __call__(self, block: pa.Table) -> pa.Table:
        paths = block["path"].to_pylist()
        rows = self.classify(paths)
        if not self.is_typed:
            return pa.table({"place": block["place"], "row": pa.array(rows, pa.binary())})
        parsed = ({"place": place} | json.loads(row) for place, row in zip(block["place"].to_pylist(), rows, strict=True))
        return pa.Table.from_pylist([{name: row.get(name) for name in SCHEMA.names} for row in parsed], SCHEMA)

    def classify(self, paths: list[bytes]) -> list[bytes]:
        if not any(b"://" in path for path in paths):
            return self.clipcls.classify(paths)
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(NUM_DOWNLOADS) as pool:
            targets = [Path(folder) / str(number) for number in range(len(paths))]
            local = list(pool.map(self.fetch, paths, targets))
            rows = self.clipcls.classify([str(target).encode() for target in targets])
        return list(self.named(paths, local, rows))

    @staticmethod
    def fetch(path: bytes, target: Path) -> str | None:
        """Why it could not be fetched; none: it lies at `target`."""
        try:
            if b"://" in path:
                download(path, target)
            else:
                target.symlink_to(path.decode("utf-8", "surrogateescape"))
        except (OSError, ValueError) as error:
            return str(error).splitlines()[0]
        return None

    @staticmethod
    def named(paths: list[bytes], problems: list[str | None], rows: list[bytes]) -> Iterable[bytes]:
        """The rows of downloaded files under the addresses that they came from."""
        for path, problem, row in zip(paths, problems, rows, strict=True):
            named = json.loads(row) | {"image": path.decode("utf-8", "replace")}
            if problem is not None:
                named["error"] = {"kind": "unreadable", "message": problem}
            yield json.dumps(named, ensure_ascii=False, separators=(",", ":")).encode()
