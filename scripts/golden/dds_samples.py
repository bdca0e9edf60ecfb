"""DDS files: what Pillow writes, and blocks by chance in all codings that it reads. See other_samples.py.

By chance, since no program here writes BC4, BC6H and BC7, and since a block of any bytes stands for some pixels: noise reaches every
mode and partition.
"""

import struct

import numpy as np
from jpeg_png_samples import photo, save
from PIL import Image

ALPHA, FOUR_CC, PALETTE, MASKS, GREY = 1, 4, 0x20, 0x40, 0x20000


def dds(width, height, flags, body, four_cc=b"\0\0\0\0", bits=0, masks=(0, 0, 0, 0), dxgi=None):
    head = b"DDS " + struct.pack("<7I44x", 124, 0x1007, height, width, 0, 0, 0)
    head += struct.pack("<II4s5I", 32, flags, b"DX10" if dxgi is not None else four_cc, bits, *masks) + struct.pack("<5I", 0x1000, 0, 0, 0, 0)
    return head + (b"" if dxgi is None else struct.pack("<5I", dxgi, 3, 0, 1, 0)) + body


def blocks(rng, width, height, block_bytes):
    return rng.bytes(-(-width // 4) * -(-height // 4) * block_bytes)


def bc7_blocks(rng, count):
    """Each mode, which is how many zeros come first, as often as the others."""
    codes = np.frombuffer(rng.bytes(16 * count), np.uint8).reshape(count, 16).copy()
    for number, code in enumerate(codes):
        mode = number % 9  # 8: none
        code[0] = 0 if mode == 8 else (int(code[0]) << (mode + 1) | 1 << mode) & 255
    return codes.tobytes()


def bc6_blocks(rng, count):
    """Each of the 32 beginnings as often, of which some are no mode."""
    codes = np.frombuffer(rng.bytes(16 * count), np.uint8).reshape(count, 16).copy()
    codes[:, 0] = (codes[:, 0] & 0xE0) | np.arange(count) % 32
    return codes.tobytes()


def dds_files():
    rng = np.random.default_rng(51)
    rgb = photo(37, 23)
    grey, alpha = rgb.convert("L"), photo(37, 23, seed=4).getchannel(1)
    rgba = Image.merge("RGBA", (*rgb.split(), alpha))
    for name, picture in (("rgb", rgb), ("rgba", rgba), ("grey", grey), ("grey_alpha", Image.merge("LA", (grey, alpha)))):
        yield f"{name}.dds", save(picture, "DDS")
    for coding in ("DXT1", "DXT3", "DXT5", "BC2", "BC3"):
        yield f"pillow_{coding.lower()}.dds", save(rgba, "DDS", pixel_format=coding)
    yield "pillow_bc5.dds", save(rgb, "DDS", pixel_format="BC5")
    # Sides that are no multiple of four, and some that are.
    for size in ((37, 23), (64, 32), (1, 1)):
        end = "" if size == (37, 23) else f"_{size[0]}x{size[1]}"
        for code, block_bytes in ((b"DXT1", 8), (b"DXT3", 16), (b"DXT5", 16), (b"BC4U", 8), (b"ATI1", 8), (b"BC5U", 16), (b"ATI2", 16), (b"BC5S", 16)):
            yield f"{code.decode().lower()}{end}.dds", dds(*size, FOUR_CC, blocks(rng, *size, block_bytes), code)
    for dxgi, block_bytes in ((70, 8), (71, 8), (73, 16), (74, 16), (76, 16), (77, 16), (79, 8), (80, 8), (82, 16), (83, 16), (84, 16)):
        yield f"dxgi_{dxgi}.dds", dds(29, 18, FOUR_CC, blocks(rng, 29, 18, block_bytes), dxgi=dxgi)
    for dxgi in (97, 98, 99):
        yield f"bc7_{dxgi}.dds", dds(144, 128, FOUR_CC, bc7_blocks(rng, 36 * 32), dxgi=dxgi)
    yield "bc7_small.dds", dds(34, 18, FOUR_CC, bc7_blocks(rng, 9 * 5), dxgi=98)
    for dxgi, kind in ((95, "unsigned"), (96, "signed")):
        yield f"bc6h_{kind}.dds", dds(128, 128, FOUR_CC, bc6_blocks(rng, 32 * 32), dxgi=dxgi)
        yield f"bc6h_{kind}_small.dds", dds(32, 32, FOUR_CC, bc6_blocks(rng, 8 * 8), dxgi=dxgi)
    for dxgi in (27, 28, 29):
        yield f"rgba_{dxgi}.dds", dds(37, 23, FOUR_CC, rng.bytes(37 * 23 * 4), dxgi=dxgi)
    # What Pillow refuses, though the pixels are those of the kind without sRGB.
    for dxgi, plain, block_bytes in ((72, 71, 8), (75, 74, 16), (78, 77, 16)):
        body = blocks(rng, 12, 12, block_bytes)
        yield f"dxgi_{dxgi}_srgb.dds", dds(12, 12, FOUR_CC, body, dxgi=dxgi), dds(12, 12, FOUR_CC, body, dxgi=plain)
    for name, bits, masks in (("565", 16, (0xF800, 0x7E0, 0x1F)), ("555", 16, (0x7C00, 0x3E0, 0x1F)), ("332", 8, (0xE0, 0x1C, 3)), ("10bit", 32, (0x3FF, 0xFFC00, 0x3FF00000)),
                              ("two_of_three", 24, (0xFF, 0, 0xFF0000)), ("gap", 16, (0xF0F0, 0xF00, 0xF)), ("wide", 48, (0xFF, 0xFF00, 0xFF0000))):
        yield f"masks_{name}.dds", dds(29, 17, MASKS, rng.bytes(29 * 17 * (bits // 8)), bits=bits, masks=(*masks, 0))
    for name, bits, masks in (("4444", 16, (0xF00, 0xF0, 0xF, 0xF000)), ("5551", 16, (0x7C00, 0x3E0, 0x1F, 0x8000)), ("8888", 32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000))):
        yield f"masks_{name}.dds", dds(29, 17, MASKS | ALPHA, rng.bytes(29 * 17 * (bits // 8)), bits=bits, masks=masks)
    yield "palette.dds", dds(29, 17, PALETTE, rng.bytes(1024) + rng.bytes(29 * 17), bits=8)
    yield "cut_masks.dds", dds(29, 17, MASKS, rng.bytes(29 * 17 * 2 - 1), bits=16, masks=(0xF800, 0x7E0, 0x1F, 0))
    yield "cut_dxt1.dds", dds(29, 17, FOUR_CC, rng.bytes(8 * 8 * 5 - 1), b"DXT1")
    yield "header_size.dds", b"DDS " + struct.pack("<I", 123) + save(rgb, "DDS")[8:]
