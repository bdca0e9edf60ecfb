"""Batches of photographs: 32 x 32 pictures placed on a canvas as the object lies in a photograph."""

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

MEAN, STD = 0.5, 0.25


HELD_OUT = 40  # one in so many training pictures is kept for the temperature


def is_held_out(count):
    return np.arange(count) % HELD_OUT == HELD_OUT - 1


def held_out(data):
    """(uint8 [n, 32, 32, 3], class of each)"""
    targets = np.load(data / "photo_targets_train.npy")
    kept = is_held_out(len(targets))
    return np.load(data / "photos_train.npy", mmap_mode="r")[kept], targets[kept]


class Photographs:
    def __init__(self, data, left_out_classes=()):
        self.pixels = torch.from_numpy(np.load(data / "photos_train.npy"))
        targets = np.load(data / "photo_targets_train.npy")
        self.num_alike = np.bincount(targets)[targets]
        self.seen = ~np.isin(targets, left_out_classes) & ~is_held_out(len(targets))
        self.cumulative = {}
        self.targets = torch.from_numpy(targets)

    def cumulative_weights(self, evenness):
        if evenness not in self.cumulative:
            weights = self.seen / self.num_alike**evenness
            self.cumulative[evenness] = np.cumsum(weights / weights.sum())
        return self.cumulative[evenness]

    def sample(self, count, size, generator, evenness):
        """(pictures [count, 3, size, size] normalised, class of each); evenness 1: each class alike, though CIFAR-10's have ten times
        as many pictures; 0: each picture alike."""
        chosen = np.searchsorted(self.cumulative_weights(evenness), generator.random(count))
        chosen = np.minimum(chosen, len(self.targets) - 1)
        pixels = self.pixels[chosen]
        for n in generator.choice(count, count // 8, replace=False):
            pixels[n] = compressed(pixels[n], int(generator.integers(25, 80)))
        x = pixels.permute(0, 3, 1, 2).float().div_(255)
        return place(x, size, generator), self.targets[chosen]


def compressed(pixels, quality):
    """The picture after it was a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels.numpy()).save(buffer, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(buffer)))


def place(x, size, generator):
    """Draws each picture of x [n, 3, 32, 32], values 0 to 1, at a size and place of its own."""
    count = len(x)
    uniform = lambda low, high, *shape: torch.from_numpy(generator.uniform(low, high, (count, *shape)).astype(np.float32))
    whole = uniform(0, 1) < 0.35
    # How much of the canvas the picture covers: whole pictures, close-ups of them, and objects in a scene.
    cover = torch.where(whole, torch.exp(uniform(-0.05, 0.35)), torch.exp(uniform(-0.9, 0.25)))
    aspect = torch.exp(uniform(-0.12, 0.12))
    scale_x, scale_y = 1 / (cover * aspect), aspect / cover
    angle = uniform(-0.12, 0.12)
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    room = (1 / cover - 1).abs() + 0.08
    shift = uniform(-1, 1, 2) * room[:, None]
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.stack([scale_x * cos * flip, -scale_y * sin, shift[:, 0], scale_x * sin * flip, scale_y * cos, shift[:, 1]], 1)
    grid = F.affine_grid(theta.view(count, 2, 3), [count, 3, size, size], align_corners=False)
    inside = ((grid.abs() <= 1).all(3)).float()[:, None]
    # Around the picture: its own mirror image, or a plain colour, or a blurred other picture.
    mode = "bicubic" if generator.random() < 0.5 else "bilinear"
    mirrored = F.grid_sample(x, grid, mode=mode, padding_mode="reflection", align_corners=False).clamp_(0, 1)
    kind = uniform(0, 1)[:, None, None, None]
    plain = x.mean((2, 3), keepdim=True) * uniform(0.3, 1.5, 1, 1, 1) + uniform(-0.1, 0.1, 3, 1, 1)
    other = F.interpolate(F.avg_pool2d(x.flip(0), 4), size=(size, size), mode="bilinear", align_corners=False)
    around = torch.where(kind < 0.5, mirrored, torch.where(kind < 0.65, plain.clamp(0, 1).expand_as(mirrored), other))
    x = mirrored * inside + around * (1 - inside)
    x = recolour(x, uniform)
    x = rub_out(x, generator)
    return ((x - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def recolour(x, uniform):
    grey = x.mean(1, keepdim=True)
    saturation = torch.where(uniform(0, 1) < 0.04, torch.tensor(0.0), uniform(0.7, 1.3))[:, None, None, None]
    x = grey + (x - grey) * saturation
    middle = x.mean((1, 2, 3), keepdim=True)
    x = (x - middle) * torch.exp(uniform(-0.25, 0.25))[:, None, None, None] + middle
    gain = torch.exp(uniform(-0.25, 0.2)[:, None] + uniform(-0.08, 0.08, 3))
    return (x * gain[:, :, None, None]).clamp_(0, 1)


def rub_out(x, generator):
    """A grey square on a quarter of the pictures."""
    count, size = len(x), x.shape[2]
    for n in generator.choice(count, count // 4, replace=False):
        edge = int(generator.integers(size // 8, size // 3))
        row, column = generator.integers(0, size - edge, 2)
        x[n, :, row : row + edge, column : column + edge] = 0.5
    return x
