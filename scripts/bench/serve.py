"""clipcls serve under load: wrk on the same machine posts JPEGs over 1, 8 and 64 connections, against a batch run of the
same program over the same pictures. wrk's own work is a part of the machine's."""
import json
import shutil
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.folders import make_photographs, speed

CONNECTIONS = (1, 8, 64)
PRECISIONS = ("fp32", "bf16", "int8")
NUM_PICTURES = 100

# Posts one picture after the other; prints what wrk has counted as JSON.
SCRIPT = """
local bodies, next_body = {}, 0
function init(arguments)
  for _, path in ipairs(arguments) do
    local file = assert(io.open(path, "rb"))
    bodies[#bodies + 1] = file:read("*a")
    file:close()
  end
end
function request()
  next_body = next_body % #bodies + 1
  return wrk.format("POST", "/classify", {["Content-Type"] = "image/jpeg"}, bodies[next_body])
end
function done(summary, latency, requests)
  io.write(string.format('\\n{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


@contextmanager
def running_server(binary: Path, model: Path, precision: str) -> Iterator[str]:
    """The address of a server that is ready."""
    with subprocess.Popen([binary, "serve", "--port", "0", "--model", model, "--labels", "cifar100", "--precision", precision,
                           "--quiet"], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            try:
                code = process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()  # else the end of `with` would wait for it
                raise
            if code != 0:
                raise RuntimeError("the server did not end in peace")


def require_same_answer(url: str, binary: Path, model: Path, precision: str, picture: Path) -> None:
    request = urllib.request.Request(f"{url}/classify", picture.read_bytes(), {"Content-Type": "image/jpeg"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    many_images = 24 * [picture]  # in float32 one alone is encoded otherwise, for another last digit
    rows = subprocess.run([binary, *many_images, "--batch-size", "1", "--model", model, "--labels", "cifar100", "--precision",
                           precision, "--format", "jsonl", "--quiet"], capture_output=True, check=True, timeout=600).stdout
    expected = json.loads(rows.splitlines()[0])["predictions"]
    if precision != "bf16":
        is_same = answer["predictions"] == expected
    else:  # with AMX another number of rows and threads takes another kernel, which rounds in another order
        scores = [{p["label"]: p["score"] for p in predictions} for predictions in (answer["predictions"], expected)]
        is_same = scores[0].keys() == scores[1].keys() and all(abs(scores[0][label] - scores[1][label]) < 0.002 for label in scores[0])
    if not is_same:
        raise RuntimeError(f"{picture}: the server's answer is not that of the command line")


def mean_batch_size(url: str) -> tuple[float, float]:
    """Images and batches that were encoded so far."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as response:
        lines = dict(line.rsplit(" ", 1) for line in response.read().decode().splitlines() if not line.startswith("#"))
    return float(lines["clipcls_batch_size_sum"]), float(lines["clipcls_batch_size_count"])


def load(url: str, connections: int, seconds: float, script: Path, pictures: list[Path]) -> dict[str, float]:
    images_before, batches_before = mean_batch_size(url)
    output = subprocess.run(["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s",
                             "--timeout", "60s", "--script", script, url, "--", *pictures],
                            capture_output=True, text=True, check=True, timeout=seconds + 120).stdout
    counted = json.loads(output.splitlines()[-1])
    if counted["failed"] > 0:
        raise RuntimeError(f"{counted['failed']} requests failed")
    images, batches = mean_batch_size(url)
    return {"images_per_second": counted["requests"] / counted["seconds"], "p50_seconds": counted["p50"],
            "p99_seconds": counted["p99"], "mean_batch_size": (images - images_before) / (batches - batches_before)}


def bench_serve(folder: Path, binary: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """Medians over `rounds`, in each of which the batch run and every number of connections runs once."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed; scripts/setup bench installs it")
    model, pictures = folder / "clipcls", folder.parent / "jpeg_640x480"
    make_photographs(pictures, 1000, 640, 480, 100)
    paths = sorted(pictures.iterdir())[:NUM_PICTURES]
    script = folder / "post_pictures.lua"
    script.write_text(SCRIPT, "utf-8")
    result: dict[str, Any] = {"seconds": seconds, "rounds": rounds, "entries": {}}
    for precision in PRECISIONS:
        batch_rates: list[float] = []
        loads: dict[int, list[dict[str, float]]] = {connections: [] for connections in CONNECTIONS}
        for _ in range(rounds):
            batch_rates.append(speed(binary, model, pictures, precision)[0])
            with running_server(binary, model, precision) as url:
                require_same_answer(url, binary, model, precision, paths[0])
                for connections in CONNECTIONS:
                    loads[connections].append(load(url, connections, seconds, script, paths))
                    time.sleep(0.5)
        batch_rate = statistics.median(batch_rates)
        entries = {}
        for connections, measured in loads.items():
            entry = {name: statistics.median(one[name] for one in measured) for name in measured[0]}
            entry["share_of_batch_run"] = statistics.median(
                one["images_per_second"] / rate for one, rate in zip(measured, batch_rates))
            entries[str(connections)] = entry
        result["entries"][precision] = {"batch_run": batch_rate, "connections": entries}
        print(f"  {precision}: batch run {batch_rate:.1f}, served "
              + ", ".join(f"{entry['images_per_second']:.1f} over {name}" for name, entry in entries.items()), flush=True)
    return result
