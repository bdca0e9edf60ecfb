"""Labelled drawings, and `clipcls eval` of them. A module of tests of it imports `pictures`, `evaluate` and `document`."""
import json
from pathlib import Path

import numpy as np
import pytest
from draw_pictures import draw_pictures
from zero_shot_reference import SCALE, TextEncoder, image_features, softmax


class Pictures:
    """Sixty labelled drawings and what NumPy knows of them."""

    def __init__(self, run_clipcls, folder: Path) -> None:
        self.folder = folder / "pictures"
        self.files = draw_pictures(self.folder)
        self.labels = sorted(path.name for path in self.folder.iterdir())
        self.targets = np.array([self.labels.index(file.parent.name) for file in self.files])
        self.embedded = folder / "features"
        self.features = image_features(run_clipcls, self.files, self.embedded)
        self.texts = TextEncoder(run_clipcls)
        self.cosines = self.features @ self.texts(self.labels).T
        self.scores = softmax(SCALE * self.cosines)
        self.is_correct = self.scores.argmax(axis=1) == self.targets


@pytest.fixture(scope="module")
def pictures(run_clipcls, tmp_path_factory) -> Pictures:
    return Pictures(run_clipcls, tmp_path_factory.mktemp("eval"))


@pytest.fixture(scope="module")
def evaluate(run_clipcls, pictures):
    """evaluate(*flags) is the JSON document; features are not computed again."""
    def run(*flags: object) -> dict:
        result = run_clipcls("eval", pictures.folder, "--image-features", pictures.embedded, "-f", "json", *flags)
        assert (result.returncode, result.stderr) == (0, ""), result.stderr
        return json.loads(result.stdout)
    return run


@pytest.fixture(scope="module")
def document(evaluate) -> dict:
    return evaluate()


def calibration_error(scores: np.ndarray, targets: np.ndarray) -> float:
    confidence, is_correct = scores.max(axis=1), scores.argmax(axis=1) == targets
    edges = np.linspace(0, 1, 16)
    inside = [(confidence > low) & (confidence <= high) for low, high in zip(edges, edges[1:])]
    return sum(chosen.mean() * abs(is_correct[chosen].mean() - confidence[chosen].mean()) for chosen in inside if chosen.any())
