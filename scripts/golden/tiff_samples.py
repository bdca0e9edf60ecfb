"""TIFF files of the kinds that Pillow writes, through libtiff where they are packed, and some by hand.

tiff_files() yields (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads from them.
"""

import struct

import numpy as np
from jpeg_png_samples import photo, save
from PIL import Image, TiffImagePlugin


FIELD_TYPES = {3: "H", 4: "I", 8: "h", 11: "f"}


def tiff_by_hand(width, height, tags, parts, big_endian=False):
    """A TIFF of one page. `tags`: {number: (type, values)}; `parts`: the bytes of its strips or tiles; 324 says that they are tiles."""
    order = ">" if big_endian else "<"
    tags = {256: (4, [width]), 257: (4, [height]), **tags}
    where, sizes = (324, 325) if 322 in tags else (273, 279)
    tags |= {where: (4, [0] * len(parts)), sizes: (4, [len(part) for part in parts])}
    extra_at = 8 + 2 + 12 * len(tags) + 4
    sizes_of = [len(values) * struct.calcsize(FIELD_TYPES[kind]) for kind, values in tags.values()]
    extra_size = sum(size for size in sizes_of if size > 4)
    at, offsets = extra_at + extra_size, []
    for part in parts:
        offsets.append(at)
        at += len(part)
    tags[where] = (4, offsets)
    directory, extra = struct.pack(order + "H", len(tags)), b""
    for number, (kind, values) in sorted(tags.items()):
        data = struct.pack(order + FIELD_TYPES[kind] * len(values), *values)
        if len(data) > 4:
            extra, data = extra + data, struct.pack(order + "I", extra_at + len(extra))
        directory += struct.pack(order + "HHI", number, kind, len(values)) + data.ljust(4, b"\0")
    head = (b"MM\0*" if big_endian else b"II*\0") + struct.pack(order + "I", 8)
    return head + directory + b"\0" * 4 + extra + b"".join(parts)


def tiff_files():
    rng = np.random.default_rng(9)
    rgb = photo(37, 23)
    gray = rgb.convert("L")
    rgba = Image.merge("RGBA", (*rgb.split(), photo(37, 23, seed=4).getchannel(1)))
    lab = Image.frombytes("LAB", (64, 64), np.random.default_rng(52).bytes(3 * 64 * 64))  # of which many are outside of sRGB
    yield "lab_noise.tif", save(lab, "TIFF")  # profiles of Lab have a date
    yield "lab_lzw.tif", save(rgb.convert("LAB"), "TIFF", compression="tiff_lzw", icc_profile=None)
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd"):
        short = compression.removeprefix("tiff_").removeprefix("adobe_")
        yield f"rgb_{short}.tif", save(rgb, "TIFF", compression=compression)
        yield f"rgba_{short}.tif", save(rgba, "TIFF", compression=compression)
        yield f"grey_{short}.tif", save(gray, "TIFF", compression=compression)
        yield f"palette_{short}.tif", save(rgb.quantize(60), "TIFF", compression=compression)
        yield f"cmyk_{short}.tif", save(rgb.convert("CMYK"), "TIFF", compression=compression)
        yield f"bilevel_{short}.tif", save(gray.convert("1"), "TIFF", compression=compression)
        yield f"grey_alpha_{short}.tif", save(rgba.convert("LA"), "TIFF", compression=compression)
    for compression in ("group3", "group4", "tiff_ccitt"):
        yield f"bilevel_{compression}.tif", save(gray.convert("1"), "TIFF", compression=compression)
    values = rng.integers(0, 600, (23, 37))
    for mode, kind in (("I;16", "<u2"), ("I;16B", ">u2"), ("I", "i4"), ("F", "f4")):
        deep = Image.frombytes(mode, (37, 23), (values - (100 if mode in "IF" else 0)).astype(kind).tobytes())
        yield f"deep_{mode.replace(';', '_')}.tif", save(deep, "TIFF")
    for orientation in (3, 6):
        info = TiffImagePlugin.ImageFileDirectory_v2()
        info[274] = orientation
        yield f"orientation_{orientation}.tif", save(rgb, "TIFF", tiffinfo=info)
    yield "big.tif", save(rgb, "TIFF", big_tiff=True)
    yield "pages.tif", save(rgb, "TIFF", save_all=True, append_images=[gray])
    pixels = np.asarray(rgb)
    yield "predictor.tif", save(rgb, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "planar.tif", tiff_by_hand(37, 23, {258: (3, [8] * 3), 259: (3, [1]), 262: (3, [2]), 277: (3, [3]), 278: (4, [23]), 284: (3, [2])},
                                     [pixels[:, :, c].tobytes() for c in range(3)])
    wide = np.zeros((32, 48, 3), np.uint8)
    wide[:23, :37] = pixels
    tiles = [wide[y : y + 16, x : x + 16].tobytes() for y in (0, 16) for x in (0, 16, 32)]
    tile_tags = {258: (3, [8] * 3), 259: (3, [1]), 262: (3, [2]), 277: (3, [3]), 322: (4, [16]), 323: (4, [16])}
    yield "tiles.tif", tiff_by_hand(37, 23, tile_tags, tiles)
    for big_endian in (False, True):
        samples = rng.integers(0, 65536, (9, 11, 3)).astype(">u2" if big_endian else "<u2").tobytes()
        tags = {258: (3, [16] * 3), 259: (3, [1]), 262: (3, [2]), 277: (3, [3]), 278: (4, [9])}
        yield f"rgb_16bit_{'mm' if big_endian else 'ii'}.tif", tiff_by_hand(11, 9, tags, [samples], big_endian)
    premultiplied = {258: (3, [8] * 4), 259: (3, [1]), 262: (3, [2]), 277: (3, [4]), 278: (4, [9]), 338: (3, [1])}
    yield "premultiplied.tif", tiff_by_hand(11, 9, premultiplied, [rng.bytes(11 * 9 * 4)])
    for bits in (1, 2, 4, 8):
        for photometric in (0, 1):
            tags = {258: (3, [bits]), 259: (3, [1]), 262: (3, [photometric]), 277: (3, [1]), 278: (4, [9])}
            yield f"grey_{bits}bit_{photometric}.tif", tiff_by_hand(11, 9, tags, [rng.bytes((11 * bits + 7) // 8 * 9)])
    # 12 bits: an even number of pixels a row, so that rows end with a byte.
    tags = {258: (3, [12]), 259: (3, [1]), 262: (3, [1]), 277: (3, [1]), 278: (4, [9])}
    yield "grey_12bit.tif", tiff_by_hand(12, 9, tags, [rng.bytes(18 * 9)])
