"""Pictures of many kinds, and labels, that answers in Python and the program's are compared on."""
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from export.reference_inputs import make_picture

LABELS = ("cat", "dog", "shark", "dolphin", "aquarium_fish", "pickup_truck", "red apple", "hot-air balloon",
          "the Eiffel Tower", "crème brûlée", "猫", "собака", "T-shirt & jeans", "maple_tree", "violin", "1970s car")


def exif_of_orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = value
    return exif


def open_upright(path: Path) -> Image.Image:
    """The picture as a person sees it, RGB."""
    return ImageOps.exif_transpose(Image.open(path)).convert("RGB")


def save_pictures(folder: Path) -> list[Path]:
    """Pictures of many kinds, all made from the reference pictures' formula."""
    large, small = make_picture(1), make_picture(2)
    alpha = large.resize((320, 200))
    alpha.putalpha(Image.linear_gradient("L").resize((320, 200)))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (150, 333, 3), dtype=np.uint8))
    pictures: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "rgb.png": (large, {}),
        "small.png": (small, {}),
        "noise.png": (noise, {}),
        "grey.png": (large.convert("L"), {}),
        "alpha.png": (alpha, {}),
        "palette.png": (large.quantize(64), {}),
        "photo.jpg": (large, {"quality": 90}),
        "grey.jpg": (small.convert("L"), {"quality": 75}),
        "full_chroma.jpg": (noise, {"quality": 95, "subsampling": 0}),
        "cmyk.jpg": (large.convert("CMYK"), {"quality": 90}),
        "on_its_side.jpg": (large, {"quality": 90, "exif": exif_of_orientation(6)}),
        "mirrored.jpg": (noise, {"quality": 90, "exif": exif_of_orientation(5)}),
        "grey_alpha.png": (alpha.convert("LA"), {}),
        "one_row.png": (large.crop((0, 200, 60, 201)), {}),
        "one_column.png": (large.crop((300, 0, 301, 47)), {}),
        "one_pixel.png": (large.crop((5, 5, 6, 6)), {}),
    }
    for name, (picture, options) in pictures.items():
        picture.save(folder / name, **options)
    return [folder / name for name in pictures]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return save_pictures(tmp_path_factory.mktemp("pictures"))
