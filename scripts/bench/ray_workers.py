"""Two workers of scripts/ray_classify on this machine, a thread each, against one clipcls with two threads."""
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from bench.folders import make_photographs, speed

HERE = Path(__file__).resolve().parent
WORKERS = 2


def ray_seconds(binary: Path, model: Path, paths: list[Path], output: Path) -> float:
    """Of a whole run, which is to leave a row for each path."""
    shutil.rmtree(output, ignore_errors=True)
    listing = output.with_suffix(".list")
    listing.write_text("".join(f"{path}\n" for path in paths), "utf-8")
    start = time.perf_counter()
    subprocess.run([HERE.parent / "ray_classify", listing, "--output", output, "--format", "jsonl", "--workers", str(WORKERS),
                    "--clipcls", binary, "--", "--model", model, "--labels", "cifar100"],
                   check=True, capture_output=True, timeout=3600)
    seconds = time.perf_counter() - start
    rows = "".join(shard.read_text("utf-8") for shard in output.iterdir()).splitlines()
    if len(rows) != len(paths) or any('"error"' in row for row in rows):
        raise RuntimeError("a row is missing or an error")
    return seconds


def bench_ray(folder: Path, binary: Path, rounds: int) -> dict[str, Any]:
    """Images a second without the start, for both: the difference between many pictures and few."""
    model, pictures, output = folder / "clipcls", folder.parent / "jpeg_640x480", folder / "ray_rows"
    make_photographs(pictures, 1000, 640, 480, 100)
    # Blocks of 256, the default: each costs about a second of a core, in Ray's writers, whatever its size.
    paths = sorted(pictures.iterdir()) * 3
    few = 512
    rates: list[tuple[float, float]] = []
    starts = []
    for _ in range(rounds):
        short, whole = ray_seconds(binary, model, paths[:few], output), ray_seconds(binary, model, paths, output)
        rate = (len(paths) - few) / (whole - short)
        starts.append(short - few / rate)
        rates.append((rate, speed(binary, model, pictures, "fp32", "--threads", WORKERS)[0]))
    result = {"images_per_second": statistics.median(ours for ours, _ in rates),
              "one_program": statistics.median(program for _, program in rates),
              "share_of_one_program": statistics.median(ours / program for ours, program in rates),
              "start_seconds": statistics.median(starts), "workers": WORKERS}
    print(f"  {result['images_per_second']:.1f} images/s on Ray, {result['one_program']:.1f} by one program", flush=True)
    return result
