"""The image tower of the kind `conv_net`, which no library has, in PyTorch's own layers: src/model/libtorch/conv_net.h."""
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNet(nn.Module):
    """pixel_values [n, 3, side, side] -> image_features [n, embed_dim]. Parameters have the names of the model folder."""

    def __init__(self, fields: dict[str, Any], embed_dim: int) -> None:
        super().__init__()
        widths = [fields["stem_width"], *fields["widths"]]
        self.stem = nn.Conv2d(3, widths[0], 5, padding=2)
        self.groups = nn.ModuleList(
            nn.ModuleList(nn.Conv2d(into if n == 0 else out, out, 3, padding=1) for n in range(fields["convolutions"]))
            for into, out in zip(widths, widths[1:]))
        self.proj = nn.Parameter(torch.empty(widths[-1], embed_dim))
        self.adds_mirror_image = fields["mirror_image"]

    def features(self, x: Tensor) -> Tensor:
        x = F.gelu(self.stem(x))
        for first, *others in self.groups:
            x = F.gelu(F.max_pool2d(first(x), 2))
            for n, conv in enumerate(others):
                x = F.gelu(conv(x) if n == 0 else x + conv(x))
        return x.amax((2, 3)) @ self.proj

    def forward(self, pixel_values: Tensor) -> Tensor:
        features = self.features(pixel_values)
        return features + self.features(pixel_values.flip(3)) if self.adds_mirror_image else features
