"""Image encoders alone: images a second of every peer at its best batch size, and the peak of the processor."""
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.peer import Peer, Entry, best_variant, race, ratio

HERE = Path(__file__).resolve().parent
THREADS = 2
BATCHES = (4, 8, 16, 32)
# Of a picture's features with open_clip's in float32. What is further off is not timed.
MIN_COSINE = {"fp32": 0.99999, "bf16": 0.999, "int8": 0.99}
PEERS = (("open_clip", "fp32"), ("onnxruntime", "fp32"), ("onnxruntime", "int8"), ("OpenVINO", "fp32"),
         ("OpenVINO", "bf16"), ("OpenVINO", "int8"))


def own_entries(binary: Path, folder: Path, precision: str, batches: tuple[int, ...]) -> list[Entry]:
    """What the program does in a folder's run: as many single-threaded encoders as threads."""
    return [Entry(f"clipcls {precision}", f"batch {batch}", (
        str(binary), str(folder / "clipcls"), precision, str(batch), str(THREADS), str(THREADS),
        str(folder / "inputs.npy"), "{features}"), MIN_COSINE[precision]) for batch in batches]


def peer_entries(peer: str, folder: Path, precision: str, batches: tuple[int, ...]) -> list[Entry]:
    """One encoder on all threads, and one a thread; open_clip as its users run it."""
    streams = (1,) if peer == "open_clip" else (1, THREADS)
    return [Entry(f"{peer} {precision}", f"batch {batch}, {count} at once", (
        sys.executable, str(HERE / "peer_encoder.py"), peer, precision, str(folder), str(batch), str(count),
        str(THREADS), "{features}"), MIN_COSINE[precision]) for batch in batches for count in streams]


def linear_shapes(visual: Any) -> list[tuple[int, int, int]]:
    """(tokens, in_features, out_features) of a vision transformer's linear layers, each as often as it is computed for
    one image."""
    blocks = visual.transformer.resblocks
    width, hidden = visual.transformer.width, blocks[0].mlp.c_fc.out_features
    tokens = visual.positional_embedding.shape[0]
    patch = visual.conv1.weight[0].numel()
    return [(tokens - 1, patch, width), *[(tokens, width, 3 * width), (tokens, width, width), (tokens, width, hidden),
                                          (tokens, hidden, width)] * len(blocks), (1, width, visual.proj.shape[1])]


def attention_flops(visual: Any) -> int:
    tokens, width = visual.positional_embedding.shape[0], visual.transformer.width
    return len(visual.transformer.resblocks) * 4 * tokens * tokens * width


def make_product(precision: str, rows: int, inner: int, outer: int) -> Any:
    """The fastest product of [rows, inner] by [inner, outer] that torch's oneDNN has: a function without arguments."""
    import torch
    ops = torch.ops
    if precision == "int8":
        x = torch.randint(0, 255, (rows, inner), dtype=torch.uint8)
        weight = ops.onednn.qlinear_prepack(torch.randint(-127, 127, (outer, inner), dtype=torch.int8), [rows, inner])
        scales, zeros = torch.ones(outer), torch.zeros(outer, dtype=torch.int32)
        return lambda: ops.onednn.qlinear_pointwise(x, 1.0, 0, weight, scales, zeros, None, 1.0, 0, torch.bfloat16,
                                                    "none", [], "")
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    x, weight = torch.randn(rows, inner, dtype=dtype), torch.randn(outer, inner, dtype=dtype)
    packed = ops.mkldnn._reorder_linear_weight(weight, rows)
    return lambda: ops.mkldnn._linear_pointwise(x, packed, None, "none", [], "")


def measure_peak(precision: str, visual: Any, batch: int, seconds: float) -> float:
    """GFLOP/s of the plain products of all linear layers on all cores, each core on its own."""
    import torch
    torch.set_num_threads(1)
    shapes = [(tokens * batch, inner, outer) for tokens, inner, outer in linear_shapes(visual)]
    rates = [0.0] * THREADS
    barrier = threading.Barrier(THREADS)

    def run(index: int) -> None:
        torch.set_num_threads(1)
        with torch.inference_mode():
            products = {shape: make_product(precision, *shape) for shape in set(shapes)}
            for product in products.values():
                product()
            barrier.wait()
            flops, start = 0, time.perf_counter()
            while time.perf_counter() - start < seconds:
                for shape in shapes:
                    products[shape]()
                    flops += 2 * shape[0] * shape[1] * shape[2]
            rates[index] = flops / (time.perf_counter() - start) / 1e9
    threads = [threading.Thread(target=run, args=(index,)) for index in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(rates)


def bench_encoders(folder: Path, binary: Path, rounds: int, seconds: float,
                   batches: tuple[int, ...] = BATCHES) -> dict[str, Any]:
    """folder: of bench.models.make_all. Returns a dict for the JSON file."""
    from bench.models import create_model
    visual = create_model(folder.name, None, 0)[0].visual
    expected = np.load(folder / "expected.npy")
    peers: list[Peer] = []
    result: dict[str, Any] = {"model": folder.name, "entries": {}, "refused": []}
    entry_lists = [own_entries(binary, folder, precision, batches) for precision in MIN_COSINE]
    entry_lists += [peer_entries(peer, folder, precision, batches) for peer, precision in PEERS]
    try:
        for index, entries in enumerate(entry_lists):
            own_folder = folder / f"peer-{index}"
            own_folder.mkdir(exist_ok=True)
            try:
                peer, rates = best_variant(entries, expected, own_folder, seconds)
            except RuntimeError as error:
                result["refused"].append(str(error))
                print(f"  not timed: {error}", flush=True)
                continue
            peers.append(peer)
            result["entries"][peer.entry.name] = {
                "variant": peer.entry.variant, "cosine": peer.cosine, "by_variant": rates}
        race(peers, 1, seconds / 2)
        peaks: dict[str, list[float]] = {precision: [] for precision in MIN_COSINE}
        for peer in peers:
            peer.rates.clear()
        for _ in range(rounds):  # the peak is measured in each, as the peers are
            for peer in peers:
                peer.run(seconds)
            for precision, values in peaks.items():
                values.append(measure_peak(precision, visual, 8, seconds))
        gflop = (sum(2 * t * i * o for t, i, o in linear_shapes(visual)) + attention_flops(visual)) / 1e9
        by_name = {peer.entry.name: peer for peer in peers}
        for name, peer in by_name.items():
            peak = peaks[name.split()[-1]]
            entry = result["entries"][name]
            entry["images_per_second"] = peer.median
            entry["rounds"] = peer.rates
            entry["share_of_peak"] = statistics.median(
                rate * gflop / value for rate, value in zip(peer.rates, peak, strict=True))
            entry["ratio_to"] = {other: ratio(peer, by_name[other]) for other in by_name if other != name}
        result["peak_gflops"] = {precision: statistics.median(values) for precision, values in peaks.items()}
        result["gflop_per_image"] = gflop
    finally:
        for peer in peers:
            peer.stop()
    return result
