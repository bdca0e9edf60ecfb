"""QOI and SGI files of as many kinds as Pillow writes, and run-length coded SGI by hand. See other_samples.py."""
import struct

import numpy as np
from jpeg_png_samples import photo, save
from PIL import Image


def qoi_files():
    rgb = photo(37, 23)
    alpha = rgb.getchannel(1)
    flat = Image.new("RGB", (200, 3), (7, 8, 9))  # runs of more than 62
    steps = Image.fromarray(np.add.outer(np.arange(23), np.arange(37)).astype(np.uint8))  # small differences
    yield "rgb.qoi", save(rgb, "QOI")
    yield "rgba.qoi", save(Image.merge("RGBA", (*rgb.split(), alpha)), "QOI")
    yield "flat.qoi", save(flat, "QOI")
    yield "steps.qoi", save(Image.merge("RGB", (steps, steps, steps)), "QOI")
    yield "few_colours.qoi", save(rgb.quantize(20).convert("RGB"), "QOI")
    yield "1x1.qoi", save(photo(1, 1), "QOI")


def coded_row(row, sample_bytes):
    """`row` in runs and copies by turns, and the zero that ends it."""
    def samples(values):
        return b"".join(int(value).to_bytes(sample_bytes, "big") for value in values)
    coded, x = b"", 0
    while x < len(row):
        count = min(len(row) - x, 5)
        if len(set(row[x:x + count])) == 1:
            coded += samples([count]) + samples(row[x:x + 1])
        else:
            coded += samples([128 | count]) + samples(row[x:x + count])
        x += count
    return coded + samples([0])


def coded_sgi(planes, sample_bytes=1):
    """`planes`: [planes, height, width], from the bottom up."""
    num_planes, height, width = planes.shape
    dimensions = 3 if num_planes > 1 else 2
    head = struct.pack(">hBBHHHHll", 474, 1, sample_bytes, dimensions, width, height, num_planes, 0, 255).ljust(512, b"\0")
    rows = [coded_row(row.tolist(), sample_bytes) for plane in planes for row in plane]
    starts = 512 + 8 * len(rows) + np.cumsum([0, *map(len, rows)])[:-1]
    return head + struct.pack(f">{len(rows)}I", *starts) + struct.pack(f">{len(rows)}I", *map(len, rows)) + b"".join(rows)


def sgi_files():
    rgb = photo(37, 23)
    alpha = rgb.getchannel(1)
    yield "rgb.sgi", save(rgb, "SGI")
    yield "rgba.sgi", save(Image.merge("RGBA", (*rgb.split(), alpha)), "SGI")
    yield "grey.sgi", save(rgb.convert("L"), "SGI")
    yield "rgb_16bit.sgi", save(rgb, "SGI", bpc=2)
    yield "1x1.sgi", save(photo(1, 1), "SGI")
    few = np.asarray(rgb.quantize(6).convert("RGB")).transpose(2, 0, 1)[:, ::-1]
    yield "rgb_rle.sgi", coded_sgi(few)
    yield "grey_rle.sgi", coded_sgi(few[:1])
    yield "rgba_rle.sgi", coded_sgi(np.concatenate([few, few[:1]]))
    yield "rgb_16bit_rle.sgi", coded_sgi(few.astype(np.uint16) * 256 + 77, 2)
