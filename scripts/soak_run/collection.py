"""A collection of small pictures, one in a hundred of them damaged, that is made quickly and takes little room."""
import io
import os
import random
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
from PIL import Image, ImageDraw

from soak_run.damage import DAMAGE

pillow_heif.register_heif_opener()

NUM_ORIGINALS = 300  # of each format; the others are hard links to them
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WebP", "gif": "GIF", "bmp": "BMP", "ppm": "PPM", "avif": "AVIF", "heic": "HEIF", "jp2": "JPEG2000", "dds": "DDS"}
IMAGES_IN_A_FOLDER = 1000


@dataclass(frozen=True)
class Collection:
    list_file: Path  # every path, one a line
    expected: dict[str, set[str]]  # by path, in the order of the list: what its row may say
    damage: dict[str, str]  # by path: how it is damaged


def draw(generator: random.Random) -> Image.Image:
    """A few shapes in random colours: no two pictures have the same features."""
    size = generator.randrange(24, 97), generator.randrange(24, 97)
    colour = lambda: tuple(generator.randrange(256) for _ in range(3))
    image = Image.new("RGB", size, colour())
    pen = ImageDraw.Draw(image)
    for shape in (pen.ellipse, pen.rectangle, pen.line, pen.ellipse):
        corners = [generator.randrange(side) for side in size * 2]
        shape([min(corners[0], corners[2]), min(corners[1], corners[3]), max(corners[0], corners[2]), max(corners[1], corners[3])],
              fill=colour())
    return image


def encode(image: Image.Image, format: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, FORMATS[format])
    return buffer.getvalue()


def make_collection(folder: Path, num_images: int, seed: int) -> Collection:
    generator = random.Random(seed)
    originals: dict[str, list[Path]] = {format: [] for format in FORMATS}
    contents: list[dict[str, bytes]] = []
    (folder / "originals").mkdir(parents=True)
    for number in range(min(NUM_ORIGINALS, num_images)):
        picture = draw(generator)
        contents.append({format: encode(picture, format) for format in FORMATS})
        for format, content in contents[-1].items():
            originals[format].append(folder / "originals" / f"{number}.{format}")
            originals[format][-1].write_bytes(content)

    damaged = generator.sample(range(num_images), max(num_images // 100, len(DAMAGE)))
    kind_of = {index: list(DAMAGE)[number % len(DAMAGE)] for number, index in enumerate(damaged)}
    expected: dict[str, set[str]] = {}
    damage: dict[str, str] = {}
    for index in range(num_images):
        part = folder / f"{index // IMAGES_IN_A_FOLDER:04}"
        part.mkdir(exist_ok=True)
        if index in kind_of:
            make, answers = DAMAGE[kind_of[index]]
            path = part / f"{index:06}.jpg"
            make(path, generator.choice(contents), generator)
            damage[str(path)] = kind_of[index]
        else:
            format = generator.choice(list(FORMATS))
            path, answers = part / f"{index:06}.{format}", {""}
            os.link(generator.choice(originals[format]), path)
        expected[str(path)] = answers
    list_file = folder / "list"
    list_file.write_text("".join(f"{path}\n" for path in expected))
    return Collection(list_file, expected, damage)
