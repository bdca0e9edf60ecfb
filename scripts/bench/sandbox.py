#!/usr/bin/env python3
"""Times --decode-sandbox: what reading, decoding and resizing a picture of 12 megapixels costs in the program and in a worker, in turns,
the best of several rounds; and what a worker's start costs a run over one small picture. Nothing else should run meanwhile."""
import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PICTURES = 8  # in a run: the first of them fills memory that the others find
SAVED = {"tiff (bare)": ("bare.tif", {}), "tiff (lzw)": ("lzw.tif", {"compression": "tiff_lzw"}),
         "tiff (deflate)": ("deflate.tif", {"compression": "tiff_adobe_deflate"}), "tiff (jpeg)": ("jpeg.tif", {"compression": "jpeg"}),
         "avif": ("a.avif", {"quality": 70, "speed": 9}), "jpeg 2000": ("a.jp2", {"quality_mode": "rates", "quality_layers": [10]}),
         "jpeg": ("a.jpg", {"quality": 90}), "png": ("a.png", {"compress_level": 1}), "webp": ("a.webp", {"quality": 85}),
         "pnm": ("a.ppm", {}), "bmp": ("a.bmp", {})}
CODED = {"heic": ("a.heic", ["heif-enc", "-q", "70", "a.jpg", "-o", "a.heic"]),
         "jpeg xl": ("a.jxl", ["cjxl", "a.png", "a.jxl", "-q", "90", "-e", "3"])}


def make_pictures(folder: Path, kinds: list[str]) -> dict[str, Path]:
    photo = Image.open(ROOT / "models" / "everyday" / "rocket.jpg").convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(1).normal(0, 4, (3000, 4000, 3))
    photo = Image.fromarray((np.asarray(photo) + noise).clip(0, 255).astype(np.uint8))
    for kind, (name, options) in SAVED.items():
        if kind in kinds or kind in ("jpeg", "png"):  # which the tools below read
            photo.save(folder / name, **options)
    for kind, (_, command) in CODED.items():
        if kind in kinds:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=600)
    return {kind: folder / name for kind, (name, _) in (SAVED | CODED).items() if kind in kinds}


def run(program: Path, images: list[Path], how: str) -> tuple[float, float]:
    """Seconds of the process, and those of them that reading, decoding and resizing took."""
    start = time.perf_counter()
    result = subprocess.run([program, *images, "-l", "cifar100", "-q", "--threads", "1", "--timings", "--decode-sandbox", how],
                            check=True, capture_output=True, text=True, timeout=600)
    return time.perf_counter() - start, float(re.search(r"read, decoded, resized +([0-9.]+)", result.stderr)[1])


def best(program: Path, images: list[Path], rounds: int, which: int) -> dict[str, float]:
    times = {"off": [], "on": []}
    for _ in range(rounds):
        for how, found in times.items():
            found.append(run(program, images, how)[which])
    return {how: 1000 * min(found) for how, found in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, default=ROOT / "build" / "release" / "clipcls")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("kinds", nargs="*", help="some of: " + ", ".join(SAVED | CODED))
    arguments = parser.parse_args()
    print(f"{'a picture of 12 megapixels':28}{'in the program':>16}{'in a worker':>16}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, picture in make_pictures(Path(folder), arguments.kinds or list(SAVED | CODED)).items():
            time_of = best(arguments.program, PICTURES * [picture], arguments.rounds, 1)
            here, there = (time_of[how] / PICTURES for how in ("off", "on"))
            print(f"{kind:28}{here:13.1f} ms{there:13.1f} ms  {100 * (there / here - 1):+6.1f} %", flush=True)
    for name in ("grid.heic", "lossy.jxl", "10bit_420.avif"):
        time_of = best(arguments.program, [ROOT / "tests" / "data" / "images" / "coded" / name], 3 * arguments.rounds, 0)
        print(f"{'a run over ' + name:28}{time_of['off']:13.1f} ms{time_of['on']:13.1f} ms  {time_of['on'] - time_of['off']:+6.1f} ms", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
