"""Twelve pictures of many kinds, all made from the reference pictures' formula."""
from pathlib import Path

import numpy as np
from export.reference_inputs import make_picture
from PIL import Image


def save_pictures(folder: Path) -> list[Path]:
    large, small, square = make_picture(1), make_picture(2), make_picture(0)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (150, 333, 3), dtype=np.uint8))
    coarse = Image.fromarray(np.random.default_rng(1).integers(0, 256, (6, 9, 3), dtype=np.uint8)).resize((480, 320), Image.Resampling.NEAREST)
    pictures = {
        "large.png": large, "small.png": small, "square.png": square, "noise.png": noise, "coarse.png": coarse,
        "grey.png": large.convert("L"), "palette.png": large.quantize(64), "photo.jpg": large, "wide.jpg": noise.resize((900, 90)),
        "tall.png": coarse.crop((0, 0, 40, 320)), "red.png": Image.new("RGB", (64, 48), (200, 20, 10)),
        "turned.jpg": coarse.transpose(Image.Transpose.ROTATE_90),
    }
    for name, picture in pictures.items():
        picture.save(folder / name)
    return [folder / name for name in pictures]
