"""Text features of names: by the distilled tower, or by the teacher itself, where the text tower is not there yet."""

import numpy as np
import torch
import torch.nn.functional as F

from . import bpe
from .text_tower import TextEncoder

CONTEXT_LENGTH, EMBED_DIM = 32, 256


def load_text_tower(data):
    state = torch.load(data / "text_tower.pt", weights_only=False)["model"]
    tower = TextEncoder(torch.zeros_like(state["token_table"]), CONTEXT_LENGTH, EMBED_DIM)
    tower.load_state_dict(state)
    return tower.eval().requires_grad_(False)


class TowerNames:
    def __init__(self, data):
        self.tower = load_text_tower(data)
        self.tokenizer = bpe.Tokenizer(bpe.load_merges(data / "merges.txt"))

    @torch.no_grad()
    def features(self, texts):
        """float32 [num_texts, embed_dim] of unit length"""
        parts = []
        for begin in range(0, len(texts), 256):
            rows = [self.tokenizer.encode(text, CONTEXT_LENGTH) for text in texts[begin : begin + 256]]
            length = max(map(len, rows))
            parts.append(self.tower(torch.tensor([row + [0] * (length - len(row)) for row in rows])))
        return F.normalize(torch.cat(parts), dim=1)


class TeacherNames:
    def __init__(self, data, folder):
        from .teacher import Teacher

        self.teacher = Teacher(str(folder))
        basis = np.load(data / "basis.npz")
        self.mean, self.basis = basis["mean"], basis["basis"]

    def features(self, texts):
        """The same, in the directions that the text tower learns."""
        features = self.teacher.features([text.replace("_", " ") for text in texts])
        return F.normalize(torch.from_numpy(((features - self.mean) @ self.basis).astype(np.float32)), dim=1)
