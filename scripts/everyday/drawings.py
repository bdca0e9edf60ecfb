"""Batches of drawings, with augmentation."""

import numpy as np
import torch
import torch.nn.functional as F

from . import art

MEAN, STD = 0.5, 0.25
MARGIN = 0.04
NO_FLIP = ("arrow", "left", "right", "clock", "keycap", "button", "flag", "bubble")


def content_boxes(pixels):
    """float32 [n, 3]: centre x, centre y and side of the square round each drawing, in -1..1 of the picture."""
    size = pixels.shape[1]
    boxes = np.zeros((len(pixels), 3), np.float32)
    for n, picture in enumerate(pixels):
        drawn = (picture < 240).any(2)
        columns, rows = np.flatnonzero(drawn.any(0)), np.flatnonzero(drawn.any(1))
        if len(columns) == 0:
            boxes[n] = 0, 0, 1
            continue
        left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
        boxes[n] = (left + right) / size - 1, (top + bottom) / size - 1, max(right - left, bottom - top) / size
    return boxes


class Pictures:
    """The rendered training pictures, drawn class by class."""

    def __init__(self, pixels, targets, weights, classes, emoji, cifar_codes, icon_share=0.1, margins=0.0):
        """margins: up to the exponential of this as much room round a drawing as its box takes."""
        self.margins = margins
        kept = pixels.reshape(len(pixels), -1).any(1)
        self.pixels = torch.from_numpy(pixels)
        self.boxes = torch.from_numpy(content_boxes(pixels))
        self.targets = torch.tensor(targets)
        weight = torch.tensor(weights, dtype=torch.float64) * torch.from_numpy(kept)
        per_class = torch.zeros(len(classes), dtype=torch.float64).index_add_(0, self.targets, weight)
        wanted = torch.zeros(len(classes), dtype=torch.float64)
        flips = torch.zeros(len(classes), dtype=torch.bool)
        colour_freedom = torch.ones(len(classes))
        for n, key in enumerate(classes):
            if key in emoji:
                group = emoji[key]["group"]
                wanted[n] = art.GROUP_WEIGHTS.get(group, 1.0) * (art.CIFAR_WEIGHT if key in cifar_codes else 1.0)
                if group == 9:
                    colour_freedom[n] = 0.25  # a flag is its colours
                flips[n] = group not in (8, 9) and not any(word in emoji[key]["name"] for word in NO_FLIP)
        num_emoji = len(emoji)
        wanted[:num_emoji] *= (1 - icon_share) / wanted[:num_emoji].sum()
        wanted[num_emoji:] = icon_share / max(1, len(classes) - num_emoji)
        self.probability = (weight / per_class.clamp(min=1e-9)[self.targets] * wanted[self.targets]).numpy()
        self.probability /= self.probability.sum()
        self.cumulative = np.cumsum(self.probability)
        self.flips, self.colour_freedom = flips, colour_freedom

    def sample(self, count, size, generator):
        """(pictures [count, 3, size, size] normalised, class of each)."""
        chosen = np.searchsorted(self.cumulative, generator.random(count) * self.cumulative[-1])
        chosen = torch.from_numpy(np.minimum(chosen, len(self.targets) - 1))
        targets = self.targets[chosen]
        uniform = lambda low, high, *shape: torch.from_numpy(generator.uniform(low, high, (count, *shape)).astype(np.float32))
        clean = uniform(0, 1) < 0.15
        calm = lambda amount: torch.where(clean.view(-1, *[1] * (amount.dim() - 1)), torch.zeros_like(amount), amount)
        boxes = self.boxes[chosen]
        side = boxes[:, 2] * (1 + 2 * MARGIN)
        if self.margins > 0:
            side = side * torch.exp(uniform(0, self.margins))
        scale_x = side * torch.exp(calm(uniform(-0.1, 0.22) + uniform(-0.1, 0.1)))
        scale_y = side * torch.exp(calm(uniform(-0.1, 0.22) + uniform(-0.1, 0.1)))
        angle = calm(uniform(-0.22, 0.22))
        shear = calm(uniform(-0.15, 0.15))
        flip = torch.where((uniform(0, 1) < 0.5) & self.flips[targets], -1.0, 1.0)
        shift = calm(uniform(-0.09, 0.09, 2)) * side.view(-1, 1)
        cos, sin = torch.cos(angle), torch.sin(angle)
        theta = torch.stack(
            [
                scale_x * cos * flip, scale_y * (shear - sin), boxes[:, 0] + shift[:, 0],
                scale_x * sin * flip, scale_y * cos, boxes[:, 1] + shift[:, 1],
            ],
            1,
        ).view(count, 2, 3)
        # White is made 0 first, since grid_sample fills the outside with 0.
        x = self.pixels[chosen].permute(0, 3, 1, 2).float().div_(255).sub_(1)
        fine = size * 2 if size <= 40 else size
        grid = F.affine_grid(theta, [count, 3, fine, fine], align_corners=False)
        x = F.grid_sample(x, grid, align_corners=False)
        if fine != size:
            x = F.avg_pool2d(x, 2)
        freedom = self.colour_freedom[targets]
        calm_colour = lambda amount: calm(amount) * freedom.view(-1, *[1] * (amount.dim() - 1))
        x = self.recolour(x, generator, calm_colour, uniform) + 1
        return ((x - MEAN) / STD).contiguous(memory_format=torch.channels_last), targets

    @staticmethod
    def recolour(x, generator, calm, uniform):
        """Hue, saturation, brightness; white stays white, since x is 0 there."""
        count = len(x)
        grey_axis = torch.full((3, 3), 1 / 3)
        angle = calm(torch.where(uniform(0, 1) < 0.15, uniform(-3.1, 3.1), uniform(-0.25, 0.25))).view(-1, 1, 1)
        cross = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / 3**0.5
        turn = grey_axis + (torch.eye(3) - grey_axis) * torch.cos(angle) + cross * torch.sin(angle)
        saturation = torch.where(uniform(0, 1) < 0.08, uniform(-1, -0.9), uniform(-0.4, 0.4))
        saturation = 1 + calm(saturation).view(-1, 1, 1)
        mix = (grey_axis + (torch.eye(3) - grey_axis) * saturation) @ turn
        gain = torch.exp(calm(uniform(-0.25, 0.2, 3)))
        mix = mix * gain.view(-1, 3, 1)
        y = torch.einsum("nij,njhw->nihw", mix, x).clamp_(-1, 0)
        # A missing piece, at times.
        if x.shape[2] >= 32:
            size = x.shape[2]
            for n in generator.choice(count, count // 6, replace=False):
                edge = int(generator.integers(size // 8, size // 3))
                row, column = generator.integers(0, size - edge, 2)
                y[n, :, row : row + edge, column : column + edge] = float(generator.uniform(-1, 0))
        return y
