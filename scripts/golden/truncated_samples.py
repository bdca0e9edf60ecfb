"""Picture files that are cut off, or damaged in the middle.

truncated_files() yields (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads from them with
LOAD_TRUNCATED_IMAGES. Pillow's own libjpeg-turbo smooths progressive pictures with thinned chroma in another way, so that those are
not among them.
"""

import zlib

import numpy as np
from jpeg_png_samples import adam7_png, exif_block, photo, png, save
from PIL import Image, ImageFile, ImageOps
from tiff_samples import tiff_by_hand

SMALL = """444_40.jpg 420_70.jpg 420_no_end.jpg cmyk_40.jpg restart_70.jpg progressive_444_40.jpg exif_6_40.jpg rgb_20.png palette_70.png
grey_16bit_30.png interlaced_20.png damaged.png colours_50.gif transparent_75.gif interlaced_50.gif deflate_4.tif rgb_20.bmp palette_60.bmp
rgb_20.ppm_ bilevel_40.pbm""".split()

def whole_files():
    """(name, bytes, the least share of the file that has pixels)"""
    rng = np.random.default_rng(31)
    rgb = photo(53, 47, seed=2)
    large = photo(120, 90, seed=3)  # so that most of the file is no header
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"{name}.jpg", save(large, "JPEG", subsampling=subsampling, quality=85), 0.4
    yield "grey.jpg", save(large.convert("L"), "JPEG"), 0.4
    yield "cmyk.jpg", save(large.convert("CMYK"), "JPEG"), 0.4
    yield "restart.jpg", save(large, "JPEG", restart_marker_blocks=3), 0.4
    yield "progressive_444.jpg", save(large, "JPEG", progressive=True, subsampling=0), 0.4
    yield "progressive_grey.jpg", save(large.convert("L"), "JPEG", progressive=True), 0.4
    yield "exif_6.jpg", save(large, "JPEG", exif=exif_block(6)), 0.4
    yield "rgb.png", save(rgb, "PNG"), 0.2
    yield "rgba.png", save(Image.merge("RGBA", (*rgb.split(), photo(53, 47, seed=4).getchannel(1))), "PNG"), 0.2
    yield "palette.png", save(rgb.quantize(60), "PNG"), 0.4
    yield "bilevel.png", save(rgb.convert("1"), "PNG"), 0.6
    yield "grey_16bit.png", png(37, 23, 16, 0, [row.astype(">u2").tobytes() for row in rng.integers(0, 300, (23, 37))]), 0.3
    yield "interlaced.png", adam7_png(rgb), 0.2
    yield "colours.gif", save(rgb.quantize(60), "GIF"), 0.5
    yield "transparent.gif", save(rgb.quantize(60), "GIF", transparency=7), 0.5
    yield "interlaced.gif", save(rgb.quantize(60), "GIF", interlace=True), 0.5
    yield "rgb.bmp", save(rgb, "BMP"), 0.2
    yield "palette.bmp", save(rgb.quantize(60), "BMP"), 0.6
    yield "rgb.ppm_", save(rgb, "PPM"), 0.2
    yield "grey.pgm", save(rgb.convert("L"), "PPM"), 0.2
    yield "bilevel.pbm", save(rgb.convert("1"), "PPM"), 0.4


def truncated_tiffs():
    """(name, bytes, what there is of it): Pillow refuses them. By hand, as libtiff writes the directory behind the pixels, and all is
    lost with it."""
    pixels = np.asarray(photo(53, 47, seed=2))
    strips = [zlib.compress(pixels[y : y + 5].tobytes()) for y in range(0, 47, 5)]
    tags = {258: (3, [8] * 3), 259: (3, [8]), 262: (3, [2]), 277: (3, [3]), 278: (4, [5])}
    whole = tiff_by_hand(53, 47, tags, strips)
    for num_strips in (1, 4, 9):
        there = pixels.copy()
        there[num_strips * 5 :] = 0
        yield f"deflate_{num_strips}.tif", whole[: len(whole) - sum(map(len, strips[num_strips:])) + 9], Image.fromarray(there)


def truncated_files():
    for name, data, least in whole_files():
        stem, _, ending = name.rpartition(".")
        for share in (least, (least + 1) / 2, 0.9):
            yield f"{stem}_{round(share * 100)}.{ending}", data[: int(len(data) * share)]
    for name, data, _ in whole_files():
        stem, _, ending = name.rpartition(".")
        if ending == "jpg":
            yield f"{stem}_no_end.jpg", data[:-2]
            yield f"{stem}_half_end.jpg", data[:-1]
    data = bytearray(save(photo(53, 47, seed=2), "PNG"))
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    yield "damaged.png", bytes(data)


def write_truncated(folder, small):
    folder.mkdir()
    count = 0
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    for name, data, *expected in (*truncated_files(), *truncated_tiffs()):
        if small and name not in SMALL:
            continue
        path = folder / name
        path.write_bytes(data)
        picture = expected[0] if expected else ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        picture.save(f"{path}.ppm")
        count += 1
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return count
