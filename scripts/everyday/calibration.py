"""The temperature: the multiplier of cosines under which scores are probabilities."""

import json

import numpy as np
import torch
import torch.nn.functional as F

from .names import TowerNames
from .photos import held_out
from .report import features


def fit_logit_scale(data, tower):
    """Minimises the cross-entropy of held-out training pictures of CIFAR-100 under its 100 labels."""
    pixels, targets = held_out(data)
    is_first = targets < 100
    labels = TowerNames(data).features(json.loads((data / "photo_names.json").read_text())[:100])
    cosines = features(tower, pixels[is_first]) @ labels.T
    wanted = torch.from_numpy(targets[is_first])
    scales = np.exp(np.linspace(np.log(5), np.log(150), 400))
    losses = [float(F.cross_entropy(float(scale) * cosines, wanted)) for scale in scales]
    best = int(np.argmin(losses))
    right = (cosines.argmax(1) == wanted).float().mean()
    print(f"logit scale {scales[best]:.2f}: cross-entropy {losses[best]:.4f}, {right * 100:.1f} % of {len(wanted)} held-out pictures right")
    return float(scales[best])
