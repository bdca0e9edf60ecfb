"""BMP and DIB files of every header and packing, and icons and cursors.

The functions ending in _files yield (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads
from them.
"""

import struct

import numpy as np
from jpeg_png_samples import photo, save
from PIL import Image

RLE8, RLE4, BIT_FIELDS = 1, 2, 3


def header(size, width, height, bits, compression=0, num_colors=0, masks=(), data_size=0):
    """An information header of that many bytes; masks lie inside from 52 bytes on."""
    if size == 12:
        return struct.pack("<IHHHH", 12, width, height, 1, bits)
    fields = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, data_size, 2835, 2835, num_colors, 0)
    inside = b"".join(struct.pack("<I", mask) for mask in masks)
    return fields + inside if size == 40 else (fields + inside).ljust(size, b"\0")


def rows_of(data, width, height, bits):
    """`data` as rows that are padded to four bytes."""
    size = (width * bits + 7) // 8
    return b"".join(data[y * size : (y + 1) * size].ljust((size + 3) // 4 * 4, b"\0") for y in range(height))


def file_of(info, palette, body, gap=0, offset=None):
    """The whole file; `gap` bytes lie before the pixels."""
    at = 14 + len(info) + len(palette) + gap
    size = at + len(body)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, at if offset is None else offset) + info + palette + b"\xaa" * gap + body


def pack_runs(indices, four_bits):
    """Rows of palette indices with runs, colours one by one, and a jump over zeros."""
    data = b""
    for row in indices:
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x] and run < 200:
                run += 1
            if run >= 3 or len(row) - x < 3:
                data += bytes([run, int(row[x]) * (17 if four_bits else 1)])
                x += run
                continue
            count = min(len(row) - x, 3 + x % 5)
            part = row[x : x + count].tobytes()
            if four_bits:
                pairs = part + b"\0" * (count % 2)
                part = bytes(pairs[i] << 4 | pairs[i + 1] for i in range(0, len(pairs), 2))
            data += bytes([0, count]) + part + b"\0" * (len(part) % 2)
            x += count
        data += b"\0\0"
    return data[:-2] + b"\0\1"


def run_length_files():
    rng = np.random.default_rng(41)
    colors = {8: b"".join(rng.bytes(3) + b"\0" for _ in range(256)), 4: b"".join(rng.bytes(3) + b"\0" for _ in range(16))}
    greys = b"".join(bytes([i, i, i, 0]) for i in range(256))
    for bits, compression in ((8, RLE8), (4, RLE4)):
        rows = np.repeat(rng.integers(0, 1 << bits, (9, 13)), rng.integers(1, 6, 13), axis=1)[:, :33]
        rows[4] = rng.integers(0, 1 << bits, rows.shape[1])
        rows = rows.astype(np.uint8)
        width, height = rows.shape[1], len(rows)
        packed = pack_runs(rows, bits == 4)
        for name, info in (("", header(40, width, height, bits, compression, 1 << bits, data_size=len(packed))),
                           ("_top_down", header(40, width, -height, bits, compression, 1 << bits)),
                           ("_v5", header(124, width, height, bits, compression, 1 << bits))):
            yield f"rle{bits}{name}.bmp", file_of(info, colors[bits], packed)
        info = header(40, width, height, bits, compression, 1 << bits)
        # Where the pixels begin at an odd byte, padding follows the file's bytes and not the data's.
        yield f"rle{bits}_odd_offset.bmp", file_of(info, colors[bits], packed, gap=1)
        yield f"rle{bits}_cut.bmp", file_of(info, colors[bits], packed[: len(packed) // 2])
        yield f"rle{bits}_ends_early.bmp", file_of(info, colors[bits], packed[: len(packed) // 2 // 2 * 2] + b"\0\1")
        small = header(40, 7, 5, bits, compression, 1 << bits)
        for name, data in (("jumps", b"\2\x11\0\2\3\1\3\x22\0\0\0\2\2\2\5\x33\7\x44\7\x55\0\1"), ("run_beyond_row", b"\x09\x12\0\0" * 5),
                           ("no_row_ends", b"\7\x12" * 5), ("colours_beyond_row", b"\0\x0a\1\2\3\4\5\6\7\x08\x09\x0a\7\x21" * 4),
                           ("rows_left_out", b"\7\x31\0\0\0\0\7\x42\0\0" * 3), ("jump_beyond_end", b"\7\1\0\2\xff\xff")):
            yield f"rle{bits}_{name}.bmp", file_of(small, colors[bits], data)
    rows = np.repeat(rng.integers(0, 256, (9, 13)), 2, axis=1).astype(np.uint8)
    yield "rle8_greys.bmp", file_of(header(40, 26, 9, 8, RLE8, 256), greys, pack_runs(rows, False))
    yield "rle8_few_colours.bmp", file_of(header(40, 26, 9, 8, RLE8, 100), colors[8][:400], pack_runs(rows, False))


def header_files():
    rng = np.random.default_rng(42)
    colors = b"".join(rng.bytes(3) + b"\0" for _ in range(256))
    data = {bits: rows_of(rng.bytes(33 * 9 * 4), 33, 9, bits) for bits in (1, 4, 8, 16, 24, 32)}
    for size in (40, 52, 56, 64, 108, 124):
        for bits in (1, 4, 8):
            yield f"header_{size}_{bits}bit.bmp", file_of(header(size, 33, 9, bits), colors[: 4 << bits], data[bits])
        for bits in (16, 24, 32):
            yield f"header_{size}_{bits}bit.bmp", file_of(header(size, 33, 9, bits), b"", data[bits])
    for bits in (1, 4):
        yield f"os2_{bits}bit.bmp", file_of(header(12, 33, 9, bits), rng.bytes(3 << bits), data[bits])
    yield "os2_24bit.bmp", file_of(header(12, 33, 9, 24), b"", data[24])
    yield "gap.bmp", file_of(header(40, 33, 9, 8, 0, 256), colors[:1024], data[8], gap=100)
    yield "gap_24bit.bmp", file_of(header(40, 33, 9, 24), b"", data[24], gap=37)
    yield "palette_of_24bit.bmp", file_of(header(40, 33, 9, 24, 0, 256), colors[:1024], data[24])
    yield "no_offset.bmp", file_of(header(40, 33, 9, 8, 0, 256), colors[:1024], data[8], offset=0)
    yield "no_offset_24bit.bmp", file_of(header(40, 33, 9, 24), b"", data[24], offset=0)
    yield "no_offset_masks.bmp", file_of(header(40, 33, 9, 16, BIT_FIELDS, masks=(0xF800, 0x7E0, 0x1F)), b"", data[16], offset=0)
    yield "white_and_black.bmp", file_of(header(40, 33, 9, 1), b"\xff\xff\xff\0\0\0\0\0", data[1])
    yield "one_colour.bmp", file_of(header(40, 33, 9, 1, 0, 1), b"\x10\x40\x60\0", data[1])
    yield "one_colour_black.bmp", file_of(header(40, 33, 9, 1, 0, 1), bytes(4), data[1])
    yield "last_padding_lost.bmp", file_of(header(40, 33, 9, 24), b"", data[24][:-1])


def mask_files():
    rng = np.random.default_rng(43)
    data = {bits: rows_of(rng.bytes(33 * 9 * 4), 33, 9, bits) for bits in (16, 24, 32)}
    kinds = {"xrgb": (0xFF0000, 0xFF00, 0xFF, 0), "rgbx": (0xFF000000, 0xFF0000, 0xFF00, 0), "rxgb": (0xFF000000, 0xFF00, 0xFF, 0),
             "rgba": (0xFF000000, 0xFF0000, 0xFF00, 0xFF), "abgr": (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
             "argb": (0xFF0000, 0xFF00, 0xFF, 0xFF000000), "ragb": (0xFF000000, 0xFF00, 0xFF, 0xFF0000), "none": (0, 0, 0, 0)}
    for size in (40, 52, 56, 108, 124):
        for name, masks in kinds.items():
            if size < 56 and masks[3]:
                continue
            masks = masks if size >= 56 else masks[:3]
            yield f"masks_{size}_{name}.bmp", file_of(header(size, 33, 9, 32, BIT_FIELDS, masks=masks), b"", data[32])
        for name, masks in (("565", (0xF800, 0x7E0, 0x1F)), ("555", (0x7C00, 0x3E0, 0x1F))):
            yield f"masks_{size}_{name}.bmp", file_of(header(size, 33, 9, 16, BIT_FIELDS, masks=masks), b"", data[16])
        yield f"masks_{size}_24bit.bmp", file_of(header(size, 33, 9, 24, BIT_FIELDS, masks=(0xFF0000, 0xFF00, 0xFF)), b"", data[24])


def dib_files():
    rgb = photo(35, 21)
    yield "rgb.dib", save(rgb, "DIB")
    yield "palette.dib", save(rgb.quantize(60), "DIB")
    yield "grey.dib", save(rgb.convert("L"), "DIB")
    yield "bilevel.dib", save(rgb.convert("1"), "DIB")
    yield "os2.dib", header(12, 33, 9, 24) + rows_of(np.random.default_rng(44).bytes(33 * 27), 33, 9, 24)


def icon_image(picture, bits, mask=None):
    """What an icon has in place of a file: a bitmap of twice the height, and the mask."""
    data = bytearray(save(picture, "DIB"))
    data[8:12] = struct.pack("<i", 2 * picture.height)
    return bytes(data) if bits == 32 else bytes(data) + mask


def icon_file(entries, kind=1):
    """Entries of width, height, number of colours, bits, content."""
    at = 6 + 16 * len(entries)
    table, body = b"", b""
    for width, height, num_colors, bits, content in entries:
        table += struct.pack("<BBBBHHII", width % 256, height % 256, num_colors, 0, 1, bits, len(content), at + len(body))
        body += content
    return struct.pack("<HHH", 0, kind, len(entries)) + table + body


def icon_files():
    rng = np.random.default_rng(45)
    big, small = photo(40, 40), photo(16, 16, seed=2)
    rgba = Image.merge("RGBA", (*big.split(), photo(40, 40, seed=4).getchannel(1)))
    mask = rng.bytes(8 * 40)
    yield "png.ico", save(rgba, "ICO", sizes=[(16, 16), (24, 24), (40, 40)])
    yield "bmp.ico", save(rgba, "ICO", sizes=[(16, 16), (40, 40)], bitmap_format="bmp")
    for name, picture, bits in (("rgb", big, 24), ("palette", big.quantize(60), 8), ("bilevel", big.convert("1"), 1)):
        yield f"mask_{name}.ico", icon_file([(16, 16, 0, 24, icon_image(small, 24, bytes(64))), (40, 40, 0, bits, icon_image(picture, bits, mask))])
    palette = header(40, 40, 80, 4) + rng.bytes(64) + rows_of(rng.bytes(40 * 40), 40, 40, 4) + mask
    yield "mask_4bit.ico", icon_file([(40, 40, 16, 4, palette)])
    yield "odd_width.ico", icon_file([(35, 21, 0, 24, icon_image(photo(35, 21), 24, rng.bytes(8 * 21)))])
    both = [(40, 40, 0, 24, icon_image(big, 24, mask)), (40, 40, 16, 0, palette)]
    yield "same_size.ico", icon_file(both)
    yield "same_size_turned.ico", icon_file(both[::-1])
    yield "size_256.ico", icon_file([(255, 3, 0, 24, icon_image(photo(255, 3), 24, bytes(96))), (256, 4, 0, 24, icon_image(photo(256, 4), 24, bytes(128)))])
    yield "size_lies.ico", icon_file([(16, 16, 0, 24, icon_image(big, 24, mask))])
    yield "cut.ico", icon_file([(40, 40, 0, 24, icon_image(big, 24, mask))])[:-30]
    yield "bits_lie.ico", icon_file([(40, 40, 0, 32, icon_image(big, 24, mask))])
    yield "rgb.cur", icon_file([(40, 40, 0, 0, icon_image(big, 24, mask))], kind=2)
    yield "palette.cur", icon_file([(16, 16, 0, 0, icon_image(small, 24, bytes(64))), (40, 40, 0, 0, icon_image(big.quantize(60), 8, mask))], kind=2)
    yield "rgba.cur", icon_file([(40, 40, 0, 0, icon_image(rgba, 32))], kind=2)
    yield "rgba_second.cur", icon_file([(16, 16, 0, 0, icon_image(small, 24, bytes(64))), (40, 40, 0, 0, icon_image(rgba, 32))], kind=2)
    yield "bilevel.cur", icon_file([(40, 40, 0, 0, icon_image(big.convert("1"), 1, mask))], kind=2)
    two = header(40, 40, 80, 1) + b"\xff\xff\xff\0\0\0\0\0" + rng.bytes(8 * 40) + mask
    yield "white_and_black.cur", icon_file([(40, 40, 0, 0, two)], kind=2)
