"""Pictures of 12 megapixels in every format that Pillow and pillow-heif write: from the file to the model's size, on one thread, beside them."""
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image

from bench.models import make_picture

HERE = Path(__file__).resolve().parent
LIMIT = 600  # seconds of a process
SIZE = 224
COUNT = 4  # of a run
# Ending, and how it is written.
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "JPEG": ("jpg", {"quality": 90}),
    "PNG": ("png", {"compress_level": 1}),
    "WebP": ("webp", {"quality": 80, "method": 0}),
    "TIFF, LZW": ("tif", {"compression": "tiff_lzw"}),
    "HEIC": ("heic", {"quality": 80}),
    "AVIF": ("avif", {"quality": 80, "speed": 10}),
    "JPEG 2000": ("jp2", {"quality_mode": "rates", "quality_layers": [10]}),
}


def run(command: list[object]) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip().splitlines()[-1]}")
    return done


def similarities(output: str) -> dict[str, float]:
    (row,) = map(json.loads, output.splitlines())
    return {prediction["label"]: prediction["similarity"] for prediction in row["predictions"]}


def bench_pictures(folder: Path, binary: Path, rounds: int) -> dict[str, Any]:
    pillow_heif.register_heif_opener()
    work = folder.parent / "pictures"
    work.mkdir(exist_ok=True)
    picture = make_picture(3, 4000).crop((0, 0, 4000, 3000))

    def own(*paths: Path) -> "subprocess.CompletedProcess[str]":
        return run([binary, *paths, "--model", folder / "clipcls", "--labels", "cifar100", "-f", "jsonl", "-k", 100, "--threads", 1, "--timings"])

    def own_seconds(path: Path) -> float:
        found = re.search(r"images read, decoded, resized +([\d.]+)", own(*COUNT * [path]).stderr)
        assert found
        return float(found[1]) / COUNT

    def python_seconds(path: Path) -> float:
        return json.loads(run([sys.executable, HERE / "python_pictures.py", SIZE, *COUNT * [path]]).stdout)["seconds"] / COUNT

    entries = {}
    for name, (ending, options) in FORMATS.items():
        path, decoded = work / f"picture.{ending}", work / f"{ending}.png"
        picture.save(path, **options)
        Image.open(path).convert("RGB").save(decoded, compress_level=1)
        # The answer first: that of the pixels which Pillow reads.
        a, b = (similarities(own(file).stdout) for file in (path, decoded))
        if max(abs(a[label] - b[label]) for label in b) > 0.002:
            raise RuntimeError(f"{path}: another answer than of Pillow's pixels")
        pairs = [(own_seconds(path), python_seconds(path)) for _ in range(rounds)]
        entries[name] = {"megabytes": path.stat().st_size / 1e6, "seconds": statistics.median(seconds for seconds, _ in pairs),
                         "python_seconds": statistics.median(seconds for _, seconds in pairs),
                         "python_times": statistics.median(theirs / ours for ours, theirs in pairs)}
        print(f"  {name}: {entries[name]['python_times']:.2f} x", flush=True)
    return {"model": folder.name, "entries": entries}
