"""Zero-shot classification in NumPy, for the bundled model: what the tests of scores and evaluations compare with."""
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

EVERYDAY = Path(__file__).resolve().parents[2] / "models" / "everyday"
CONFIG = json.loads((EVERYDAY / "config.json").read_text("utf-8"))
SCALE = CONFIG["logit_scale"]
TEMPLATE = "{}"  # the model's only one


def unit(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, dtype=np.float64)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


class TextEncoder:
    """The class embeddings of prompts, by the archive itself; the token ids are the program's, which other tests check."""

    def __init__(self, run_clipcls: Callable) -> None:
        self.run_clipcls = run_clipcls
        self.encoder = torch.jit.load(EVERYDAY / "text_encoder.pt").eval().float()

    def __call__(self, prompts: Sequence[str]) -> np.ndarray:
        """[n, embed_dim], unit rows"""
        ids = json.loads(self.run_clipcls("tokenize", "-m", EVERYDAY, *prompts).stdout)
        length = CONFIG["text"]["context_length"]
        assert max(map(len, ids)) <= length
        padded = torch.tensor([row + [CONFIG["text"]["pad_token_id"]] * (length - len(row)) for row in ids])
        with torch.inference_mode():
            return unit(self.encoder(padded).numpy())

    def label(self, *prompts: str) -> np.ndarray:
        """[embed_dim]: the unit mean of several prompts"""
        return unit(self(prompts).mean(axis=0))


def image_features(run_clipcls: Callable, files: Sequence[Path], folder: Path) -> np.ndarray:
    """[n, embed_dim], unit rows, by `clipcls embed`."""
    if not folder.exists():
        result = run_clipcls("embed", *files, "--output", folder)
        assert result.returncode == 0, result.stderr
    return unit(np.load(folder / "image_features.npy"))


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))
