"""Grey pictures of more than 8 bits, as medicine, microscopes and astronomy have them.

deep_gray_files() yields (name, bytes, values, low, high, is_inverted): the numbers in the file, [height, width], which of them are
black and white when they are scaled, and whether black and white are the other way round. scripts/golden/make_image_golden.py
writes what Pillow reads from them, and what numpy makes of the numbers.
"""

import numpy as np
from jpeg_png_samples import png, save
from PIL import Image
from tiff_samples import tiff_by_hand

SMALL = """scale_all.png scale_flat.png scale_4095.pgm plain_deep.pgm scale.jp2 scale_mm.tif scale_12bit.tif scale_limits.tif scale_highest.tif
scale_lowest.tif scale_no_limits.tif scale_white_is_zero.tif scale_signed.tif scale_signed_limits.tif scale_32bit.tif scale_float_limits.tif
scale_float_not_finite.tif""".split()
UNSIGNED, SIGNED, FLOAT = 1, 2, 3


def deep_tiff(values, sample_format=UNSIGNED, photometric=1, limits=(), big_endian=False, bits=None):
    height, width = values.shape
    bits = bits or values.dtype.itemsize * 8
    kind = {UNSIGNED: 3, SIGNED: 8, FLOAT: 11}[sample_format]
    tags = {258: (3, [bits]), 259: (3, [1]), 262: (3, [photometric]), 277: (3, [1]), 278: (4, [4]), 339: (3, [sample_format])}
    tags |= {tag: (kind, [limit]) for tag, limit in zip((340, 341), limits) if limit is not None}
    rows = [row.tobytes() for row in values.astype(values.dtype.newbyteorder(">" if big_endian else "<"))]
    if bits == 12:
        rows = [b"".join(bytes((a >> 4, (a & 15) << 4 | b >> 8, b & 255)) for a, b in row.reshape(-1, 2)) for row in values.astype(int)]
    return tiff_by_hand(width, height, tags, [b"".join(rows[i : i + 4]) for i in range(0, height, 4)], big_endian)


def deep_gray_files():
    rng = np.random.default_rng(21)
    shape = (11, 18)

    def sample(low, high, dtype):
        return rng.integers(low, high, shape).astype(dtype)

    for name, largest in (("all", 65536), ("12bit", 4096), ("dark", 300)):
        values = sample(0, largest, "u2")
        yield f"scale_{name}.png", png(18, 11, 16, 0, [row.astype(">u2").tobytes() for row in values]), values, 0, 65535, False
    flat = np.full(shape, 700, "u2")
    yield "scale_flat.png", png(18, 11, 16, 0, [row.astype(">u2").tobytes() for row in flat]), flat, 0, 65535, False
    for largest in (1023, 4095, 65535):
        values = sample(largest // 8, largest + 1, "u2")
        yield f"scale_{largest}.pgm", b"P5\n18 11\n%d\n" % largest + values.astype(">u2").tobytes(), values, 0, largest, False
    values = sample(0, 1001, "u2")
    yield "plain_deep.pgm", b"P2\n18 11\n1000\n" + " ".join(map(str, values.ravel())).encode(), values, 0, 1000, False

    values = sample(0, 65536, "u2")
    yield "scale.jp2", save(Image.frombytes("I;16", shape[::-1], values.tobytes()), "JPEG2000"), values, 0, 65535, False
    for big_endian in (False, True):
        values = sample(0, 65536, "u2")
        yield f"scale_{'mm' if big_endian else 'ii'}.tif", deep_tiff(values, big_endian=big_endian), values, 0, 65535, False
    values = sample(0, 4096, "u2")
    yield "scale_12bit.tif", deep_tiff(values, bits=12), values, 0, 4095, False
    values = sample(900, 3200, "u2")
    yield "scale_limits.tif", deep_tiff(values, limits=(1000, 3000)), values, 1000, 3000, False
    yield "scale_highest.tif", deep_tiff(values, limits=(None, 3000)), values, 0, 3000, False
    yield "scale_lowest.tif", deep_tiff(values, limits=(1000, None)), values, 1000, 65535, False
    yield "scale_no_limits.tif", deep_tiff(values, limits=(3000, 3000)), values, 0, 65535, False
    yield "scale_white_is_zero.tif", deep_tiff(values, photometric=0), values, 0, 65535, True
    values = sample(-1024, 3071, "i2")
    yield "scale_signed.tif", deep_tiff(values, SIGNED), values, values.min(), values.max(), False
    yield "scale_signed_limits.tif", deep_tiff(values, SIGNED, limits=(-160, 240)), values, -160, 240, False
    values = sample(-70000, 70000, "i4")
    yield "scale_signed_32bit.tif", deep_tiff(values, SIGNED), values, values.min(), values.max(), False
    values = sample(0, 2**32, "u4")
    yield "scale_32bit.tif", deep_tiff(values), values, values.min(), values.max(), False
    values = rng.normal(0.5, 0.2, shape).astype("f4")
    yield "scale_float.tif", deep_tiff(values, FLOAT), values, values.min(), values.max(), False
    yield "scale_float_limits.tif", deep_tiff(values, FLOAT, limits=(0.25, 0.75)), values, 0.25, 0.75, False
    values = values.copy()
    values[0, :3] = np.nan, np.inf, -np.inf
    finite = values[np.isfinite(values)]
    yield "scale_float_not_finite.tif", deep_tiff(values, FLOAT), values, finite.min(), finite.max(), False


def eight_bits(values, low, high, is_inverted):
    """`low` becomes 0 and `high` 255, rounded; what is no number is black."""
    values = values.astype(np.float64)
    width = float(high) - float(low)
    with np.errstate(invalid="ignore"):
        gray = np.floor((values - float(low)) * 255 / (width if width > 0 else 1) + 0.5)
    gray = np.clip(np.where(np.isnan(gray), 0, gray), 0, 255).astype(np.uint8)
    return 255 - gray if is_inverted else gray


def own_range(values):
    finite = values[np.isfinite(values)]
    return finite.min(), finite.max()


def write_deep_grays(folder, small):
    count = 0
    for name, data, values, low, high, is_inverted in deep_gray_files():
        if small and name not in SMALL:
            continue
        path = folder / name
        path.write_bytes(data)
        count += 1
        Image.open(path).convert("RGB").save(f"{path}.ppm")
        for kind, limits in (("scale", (low, high)), ("stretch", own_range(values))):
            Image.fromarray(eight_bits(values, *limits, is_inverted)).convert("RGB").save(f"{path}.{kind}.ppm")
    return count
