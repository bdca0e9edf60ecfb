"""One peer: a process that loads its model, shows its answer, and then works when it is told to.

The processes of a comparison live side by side and run in rounds: in each every one runs for a few seconds, while
the others are stopped, so that a change of the machine's speed hits all of them alike.
"""
import statistics
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.worker import Worker


@dataclass(frozen=True)
class Entry:
    """A way to compute the features: `command` follows the protocol of peer_encoder.py."""
    name: str            # such as "OpenVINO bf16"
    variant: str         # such as "batch 16, 2 streams"
    command: tuple[str, ...]
    min_cosine: float    # of a picture's features with the reference; under it the entry is refused


@dataclass
class Peer:
    entry: Entry
    features: Path
    rates: list[float] = field(default_factory=list)  # images a second, one a round
    worker: Worker | None = None
    cosine: float = 0.0

    def start(self, expected: np.ndarray) -> None:
        """Loads the model and checks the answer. Raises RuntimeError where it fails or differs."""
        name = f"{self.entry.name} ({self.entry.variant})"
        command = [part.format(features=self.features) for part in self.entry.command]
        self.worker = Worker(name, command)
        self.worker.wait_until_ready()
        self.cosine = smallest_cosine(np.load(self.features), expected)
        if not self.cosine >= self.entry.min_cosine:
            self.stop()
            raise RuntimeError(f"{name}: another answer, smallest cosine {self.cosine:.5f}, needed {self.entry.min_cosine}")

    def run(self, seconds: float) -> float:
        """Images a second."""
        rate = self.worker.run(seconds)
        self.rates.append(rate)
        return rate

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.stop()
            self.worker = None

    @property
    def median(self) -> float:
        return statistics.median(self.rates)


def smallest_cosine(features: np.ndarray, expected: np.ndarray) -> float:
    """[n, embed_dim] each; -1 where the shapes differ."""
    if features.shape != expected.shape:
        return -1.0
    a, b = features.astype(np.float64), expected.astype(np.float64)
    return float(np.min((a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))))


def best_variant(entries: list[Entry], expected: np.ndarray, folder: Path, seconds: float) -> tuple[Peer, dict]:
    """Runs every variant for a moment and starts the fastest again; also the rate of each. Raises RuntimeError where none
    gives the answer."""
    rates: dict[str, float] = {}
    problem = "no variant"
    by_variant = {}
    for entry in entries:
        peer = Peer(entry, folder / "features.npy")
        try:
            peer.start(expected)
            peer.run(seconds / 2)  # warm
            rates[entry.variant] = peer.run(seconds)
            by_variant[entry.variant] = entry
        except RuntimeError as error:
            problem = str(error)
        finally:
            peer.stop()
    if not rates:
        raise RuntimeError(problem)
    best = Peer(by_variant[max(rates, key=rates.get)], folder / "features.npy")
    best.start(expected)
    return best, rates


def ratio(a: Peer, b: Peer) -> float:
    """Median of a / b, round by round."""
    return statistics.median(x / y for x, y in zip(a.rates, b.rates, strict=True))
