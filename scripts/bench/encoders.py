"""Image encoders alone: images a second of every peer at its best batch size, and the peak of the processor."""
import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench.machine import has_hardware
from bench.peak import MultiplyAddPeak, ProductPeak
from bench.peer import Entry, Peer, best_variant, ratio
from bench.work import attention_flops, linear_shapes

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


def make_peaks(machine: dict[str, Any], shapes: list[tuple[int, int, int]], peak_program: Path) -> dict[str, ProductPeak | MultiplyAddPeak]:
    """Of the precisions that the processor has."""
    peaks: dict[str, ProductPeak | MultiplyAddPeak] = {"fp32": MultiplyAddPeak(peak_program, THREADS)}
    for precision in ("bf16", "int8"):
        if has_hardware(machine, precision):
            peaks[precision] = ProductPeak(precision, shapes, THREADS)
    return peaks


def start_peers(entry_lists: list[list[Entry]], expected: np.ndarray, folder: Path, seconds: float,
                result: dict[str, Any]) -> list[Peer]:
    """Each in its best variant; what does not run, and why, goes into the result."""
    peers = []
    for index, entries in enumerate(entry_lists):
        own_folder = folder / f"peer-{index}"
        own_folder.mkdir(exist_ok=True)
        try:
            peer, rates = best_variant(entries, expected, own_folder, seconds)
        except RuntimeError as error:
            refuse(result, entries[0].name, str(error).partition(": ")[2])
            continue
        peers.append(peer)
        result["entries"][peer.entry.name] = {"variant": peer.entry.variant, "cosine": peer.cosine, "by_variant": rates}
    return peers


def refuse(result: dict[str, Any], name: str, reason: str) -> None:
    result["entries"].pop(name, None)
    result["refused"][name] = reason
    print(f"  not timed: {name}: {reason}", flush=True)


def run_rounds(peers: list[Peer], peaks: dict[str, Any], rounds: int, seconds: float, result: dict[str, Any]) -> dict[str, list[float]]:
    """All peers and peaks, once a round. A peer that fails is refused, and the others go on. Returns the peaks' GFLOP/s."""
    measured: dict[str, list[float]] = {precision: [] for precision in peaks}
    for peer in peers:
        peer.rates.clear()
    for _ in range(rounds):
        for peer in list(peers):
            try:
                peer.run(seconds)
            except RuntimeError as error:
                refuse(result, peer.entry.name, str(error).partition(": ")[2])
                peers.remove(peer)
        for precision, peak in peaks.items():
            measured[precision].append(peak.measure(seconds))
    return measured


def bench_encoders(folder: Path, programs: Path, machine: dict[str, Any], rounds: int, seconds: float,
                   batches: tuple[int, ...] = BATCHES) -> dict[str, Any]:
    """folder: of bench.models.make_all; programs: where the benchmarks' programs are. Returns a dict for the JSON file."""
    from bench.models import load_model
    visual = load_model(folder).visual
    expected = np.load(folder / "expected.npy")
    result: dict[str, Any] = {"model": folder.name, "entries": {}, "refused": {}}
    entry_lists = []
    for precision in MIN_COSINE:
        if precision == "bf16" and not has_hardware(machine, precision):
            refuse(result, "clipcls bf16", "this processor does not multiply bfloat16: computed in fp32")
        else:
            entry_lists.append(own_entries(programs / "encoder_throughput", folder, precision, batches))
    entry_lists += [peer_entries(peer, folder, precision, batches) for peer, precision in PEERS]
    shapes = [(tokens * 8, inner, outer) for tokens, inner, outer in linear_shapes(visual)]
    peers: list[Peer] = []
    peaks = make_peaks(machine, shapes, programs / "peak_flops")
    try:
        peers = start_peers(entry_lists, expected, folder, seconds, result)
        run_rounds(peers, {}, 1, seconds / 2, result)
        measured = run_rounds(peers, peaks, rounds, seconds, result)
        gflop = (sum(2 * t * i * o for t, i, o in linear_shapes(visual)) + attention_flops(visual)) / 1e9
        by_name = {peer.entry.name: peer for peer in peers}
        for name, peer in by_name.items():
            entry = result["entries"][name]
            entry["images_per_second"] = peer.median
            entry["rounds"] = peer.rates
            peak = measured.get(name.split()[-1])
            entry["share_of_peak"] = peak and statistics.median(
                rate * gflop / value for rate, value in zip(peer.rates, peak, strict=True))
            entry["ratio_to"] = {other: ratio(peer, by_name[other]) for other in by_name if other != name}
        result["peak_gflops"] = {precision: statistics.median(values) for precision, values in measured.items()}
        result["gflop_per_image"] = gflop
    finally:
        for stoppable in [*peers, *peaks.values()]:
            stoppable.stop()
    return result
