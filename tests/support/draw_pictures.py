#!/usr/bin/env python3
"""Draws labelled pictures: FOLDER/<label>/<number>.png, for the tests and the README's example of clipcls eval.

The drawings are simple, seeded and of many colours, sizes and angles; the bundled model names some of them correctly and
others not, which is what an evaluation needs.
"""
import argparse
import colorsys
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw

SIZE = 96
SCALE = 4  # drawn larger, then reduced: smooth edges


class Pen:
    """Draws in a square from -1 to 1 that is turned, scaled and moved."""

    def __init__(self, generator: random.Random) -> None:
        self.image = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.angle = generator.uniform(-0.9, 0.9)
        self.radius = SIZE * SCALE * generator.uniform(0.28, 0.42)
        self.centre = [SIZE * SCALE * generator.uniform(0.44, 0.56) for _ in range(2)]
        self.hue = generator.random()
        self.generator = generator

    def colour(self, shift: float = 0, lightness: float = 0.5) -> tuple[int, ...]:
        return tuple(round(255 * part) for part in colorsys.hls_to_rgb((self.hue + shift) % 1, lightness, 0.8))

    def point(self, x: float, y: float) -> tuple[float, float]:
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        return (self.centre[0] + self.radius * (x * cosine - y * sine), self.centre[1] + self.radius * (x * sine + y * cosine))

    def polygon(self, points: list[tuple[float, float]], colour: tuple[int, ...]) -> None:
        self.draw.polygon([self.point(*point) for point in points], fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
        centre_x, centre_y = self.point(x, y)
        radius *= self.radius
        self.draw.ellipse((centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius), fill=colour)

    def hide_parts(self) -> None:
        """Blots over the drawing: what makes it hard."""
        for _ in range(self.generator.randrange(5)):
            self.disc(self.generator.uniform(-0.9, 0.9), self.generator.uniform(-0.9, 0.9), self.generator.uniform(0.15, 0.45),
                      self.colour(self.generator.random(), 0.75))


def heart(pen: Pen) -> None:
    outline = [(math.sin(t) ** 3, -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16)
               for t in (2 * math.pi * i / 100 for i in range(100))]
    pen.polygon(outline, pen.colour())


def star(pen: Pen) -> None:
    pen.polygon([((1, 0.42)[i % 2] * math.sin(math.pi * i / 5), -(1, 0.42)[i % 2] * math.cos(math.pi * i / 5)) for i in range(10)],
                pen.colour())


def sun(pen: Pen) -> None:
    for i in range(12):
        pen.polygon([(math.sin(math.pi * i / 6 + side) * length, math.cos(math.pi * i / 6 + side) * length)
                     for side, length in ((-0.12, 0.55), (0, 1), (0.12, 0.55))], pen.colour(0.05))
    pen.disc(0, 0, 0.55, pen.colour())


def moon(pen: Pen) -> None:
    pen.disc(0, 0, 0.9, pen.colour())
    pen.disc(0.45, -0.15, 0.75, (255, 255, 255))


def house(pen: Pen) -> None:
    pen.polygon([(-0.7, 0), (0.7, 0), (0.7, 0.9), (-0.7, 0.9)], pen.colour(0, 0.7))
    pen.polygon([(-0.95, 0), (0, -0.9), (0.95, 0)], pen.colour())
    pen.polygon([(-0.18, 0.35), (0.18, 0.35), (0.18, 0.9), (-0.18, 0.9)], pen.colour(0.4, 0.3))


def fish(pen: Pen) -> None:
    pen.polygon([(0.75 * math.cos(2 * math.pi * i / 60) - 0.2, 0.45 * math.sin(2 * math.pi * i / 60)) for i in range(60)], pen.colour())
    pen.polygon([(0.45, 0), (1, -0.45), (1, 0.45)], pen.colour(0.08))
    pen.disc(-0.6, -0.1, 0.09, (0, 0, 0))


def tree(pen: Pen) -> None:
    pen.polygon([(-0.12, 0.3), (0.12, 0.3), (0.12, 1), (-0.12, 1)], (120, 80, 40))
    for top in (-1, -0.55, -0.1):
        pen.polygon([(-0.65, top + 0.65), (0, top), (0.65, top + 0.65)], pen.colour(0, 0.35))


def mushroom(pen: Pen) -> None:
    pen.polygon([(-0.25, 0), (0.25, 0), (0.32, 0.9), (-0.32, 0.9)], (240, 225, 200))
    pen.polygon([(math.cos(math.pi * i / 40), -0.85 * math.sin(math.pi * i / 40) + 0.1) for i in range(41)], pen.colour())
    for x, y in ((-0.5, -0.2), (0, -0.5), (0.5, -0.15)):
        pen.disc(x, y, 0.14, (255, 255, 255))


def cat(pen: Pen) -> None:
    for side in (-1, 1):
        pen.polygon([(side * 0.8, -1), (side * 0.85, -0.1), (side * 0.2, -0.55)], pen.colour())
    pen.disc(0, 0.1, 0.85, pen.colour())
    for side in (-1, 1):
        pen.disc(side * 0.35, -0.05, 0.12, (0, 0, 0))
    pen.polygon([(-0.1, 0.25), (0.1, 0.25), (0, 0.38)], pen.colour(0.5, 0.7))


def umbrella(pen: Pen) -> None:
    pen.polygon([(-0.05, -0.9), (0.05, -0.9), (0.05, 0.85), (-0.05, 0.85)], (90, 60, 40))
    pen.polygon([(math.cos(math.pi * i / 40), -0.85 * math.sin(math.pi * i / 40)) for i in range(41)], pen.colour())


PICTURES = {drawing.__name__: drawing for drawing in (cat, fish, heart, house, moon, mushroom, star, sun, tree, umbrella)}


def draw_pictures(folder: Path, num_pictures: int = 6, seed: int = 0) -> list[Path]:
    """The files, sorted: `num_pictures` of each label."""
    files = []
    for label, drawing in PICTURES.items():
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(num_pictures):
            pen = Pen(random.Random(f"{seed} {label} {number}"))
            drawing(pen)
            pen.hide_parts()
            file = folder / label / f"{number:02}.png"
            pen.image.resize((SIZE, SIZE), Image.Resampling.BOX).save(file)
            files.append(file)
    return sorted(files)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=6, help="of each label")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw_pictures(arguments.folder, arguments.pictures, arguments.seed)


if __name__ == "__main__":
    main()
