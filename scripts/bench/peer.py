"""One peer: a process that loads its model, shows its answer, and then works when it is told to.

The processes of a comparison live side by side and run in rounds: in each every one runs for a few seconds, while
the others are stopped, so that a change of the machine's speed hits all of them alike.
"""
import os
import signal
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


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
    process: "subprocess.Popen[str] | None" = None
    cosine: float = 0.0

    def start(self, expected: np.ndarray) -> None:
        """Loads the model and checks the answer. Raises RuntimeError where it fails or differs."""
        command = [part.format(features=self.features) for part in self.entry.command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONWARNINGS": "ignore"})
        line = self.process.stdout.readline().strip()
        while line and line != "ready":  # what a library prints while it loads
            line = self.process.stdout.readline().strip()
        if line != "ready":
            error = self.process.stderr.read().strip().splitlines() or ["ended without an error"]
            raise RuntimeError(f"{self.entry.name} ({self.entry.variant}): {error[-1]}")
        self.cosine = smallest_cosine(np.load(self.features), expected)
        if not self.cosine >= self.entry.min_cosine:
            self.stop()
            raise RuntimeError(f"{self.entry.name} ({self.entry.variant}): another answer, smallest cosine "
                               f"{self.cosine:.5f}, needed {self.entry.min_cosine}")
        self.process.send_signal(signal.SIGSTOP)

    def run(self, seconds: float) -> float:
        """Images a second."""
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        images, elapsed = self.process.stdout.readline().split()
        self.process.send_signal(signal.SIGSTOP)
        rate = int(images) / float(elapsed)
        self.rates.append(rate)
        return rate

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

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


def race(peers: list[Peer], rounds: int, seconds: float) -> None:
    for peer in peers:
        peer.rates.clear()
    for _ in range(rounds):
        for peer in peers:
            peer.run(seconds)


def ratio(a: Peer, b: Peer) -> float:
    """Median of a / b, round by round."""
    return statistics.median(x / y for x, y in zip(a.rates, b.rates, strict=True))
