"""Accuracy while training goes on, in Python; the figures that count come from the program."""

import json

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from . import art, words
from .image_tower import IMAGE_SIZE
from .photos import MEAN, STD


def both_ways(tower, x):
    """The picture's features and its mirror image's."""
    return tower(x) + tower(x.flip(3))


@torch.no_grad()
def features(tower, pixels, size=IMAGE_SIZE):
    """pixels: uint8 [n, height, width, 3] -> float32 [n, embed_dim] of unit length"""
    parts = []
    for begin in range(0, len(pixels), 256):
        x = torch.from_numpy(pixels[begin : begin + 256]).permute(0, 3, 1, 2).float() / 255
        if x.shape[2] != size:
            x = F.interpolate(x, size=(size, size), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
        parts.append(both_ways(tower, ((x - MEAN) / STD).contiguous(memory_format=torch.channels_last)))
    return F.normalize(torch.cat(parts).float(), dim=1)


def read_photos(folder, names, size=96):
    """(uint8 [n, size, size, 3], class of each): shorter side to `size`, centre."""
    pixels, targets = [], []
    for path in sorted(folder.glob("*/*.jpg")):
        picture = Image.open(path).convert("RGB")
        scale = size / min(picture.size)
        picture = picture.resize((max(size, round(picture.width * scale)), max(size, round(picture.height * scale))), Image.BICUBIC)
        left, top = (picture.width - size) // 2, (picture.height - size) // 2
        pixels.append(np.asarray(picture.crop((left, top, left + size, top + size))))
        targets.append(names.index(path.parent.name))
    return np.stack(pixels), np.array(targets)


class Report:
    """Prints top-1 and top-5 of each set, and how many of the right pictures stay right under the withheld names."""

    def __init__(self, data, photos, names):
        drawings = data / "drawings"
        self.names = json.loads((data / "photo_names.json").read_text())
        pixels, targets = np.load(data / "photos_test.npy"), np.load(data / "photo_targets_test.npy")
        of_label = names.features(self.names)
        emoji = art.base_emoji()
        of_emoji = names.features([entry["name"] for entry in emoji.values()])
        order = {key: n for n, key in enumerate(emoji)}
        judged = json.loads((drawings / "openmoji.json").read_text())
        drawn = np.load(drawings / "openmoji.npy", mmap_mode="r")[::4], np.array([order[key] for key in judged])[::4]
        self.sets = {
            "cifar100": (pixels[:10000:5], targets[:10000:5], of_label[:100]),
            "cifar10": (pixels[10000::5], targets[10000::5] - 100, of_label[100:]),
            "drawings": (np.array(drawn[0]), drawn[1], of_emoji),
        }
        labelled = words.labels_of_drawings()
        asked = [n for n, key in enumerate(judged) if key in labelled]
        wanted = np.array([self.names.index(labelled[judged[n]]) for n in asked])
        self.sets["drawings100"] = (np.load(drawings / "openmoji.npy", mmap_mode="r")[asked], wanted, of_label[:100])
        if photos:
            self.sets["photos100"] = (*read_photos(photos / "cifar100", self.names[:100]), of_label[:100])
            self.sets["photos10"] = (*read_photos(photos / "cifar10", self.names[100:]), of_label[100:])
        self.pairs = [(self.names.index(first.replace(" ", "_")), names.features([second])[0])
                      for first, second in words.withheld_pairs()]

    def __call__(self, trainer):
        told, self.last = [], {}
        for name, (pixels, targets, labels) in self.sets.items():
            self.last[name] = pictures = features(trainer.ema.tower, pixels)
            hit = (pictures @ labels.T).topk(5, 1).indices == torch.from_numpy(targets)[:, None]
            told.append(f"{name} {hit[:, 0].float().mean() * 100:.1f}/{hit.any(1).float().mean() * 100:.1f}")
        told.append(f"other words {100 * self.stay_right():.1f}")
        print("REPORT " + "  ".join(told), flush=True)

    def stay_right(self):
        right = stayed = 0
        for label, other in self.pairs:
            name, number = ("cifar100", label) if label < 100 else ("cifar10", label - 100)
            _, targets, labels = self.sets[name]
            pictures = self.last[name][torch.from_numpy(targets == number)]
            renamed = labels.clone()
            renamed[number] = other
            was_right = (pictures @ labels.T).argmax(1) == number
            right += int(was_right.sum())
            stayed += int((was_right & ((pictures @ renamed.T).argmax(1) == number)).sum())
        return stayed / max(1, right)
