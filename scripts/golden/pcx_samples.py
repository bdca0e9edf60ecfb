"""PCX and DCX files: what Pillow writes, and planes of bits by hand. See other_samples.py."""
import struct

import numpy as np
from jpeg_png_samples import photo, save


def packed(rows):
    """Runs of equal bytes within a row, and bytes that would be taken for a run's length as a run of one."""
    body = b""
    for row in rows:
        at = 0
        while at < len(row):
            count = 1
            while at + count < len(row) and count < 63 and row[at + count] == row[at]:
                count += 1
            body += bytes([0xC0 | count, row[at]]) if count > 1 or row[at] >= 0xC0 else bytes([row[at]])
            at += count
    return body


def pcx(width, height, bits, planes, rows, *, version=5, palette=b"", left=0, stride=None, kind=1):
    stride = (width * bits + 7) // 8 if stride is None else stride
    head = struct.pack("<BBBBHHHHHH", 10, version, 1, bits, left, left, left + width - 1, left + height - 1, 72, 72)
    head += palette[:48].ljust(48, b"\0") + struct.pack("<BBHH58x", 0, planes, stride, kind)
    return head + packed(rows)


def pcx_files():
    rng = np.random.default_rng(61)
    rgb = photo(37, 23)
    yield "rgb.pcx", save(rgb, "PCX")
    yield "grey.pcx", save(rgb.convert("L"), "PCX")
    yield "palette.pcx", save(rgb.quantize(40), "PCX")
    yield "bilevel.pcx", save(rgb.convert("1"), "PCX")
    yield "few.pcx", save(rgb.quantize(3).convert("RGB"), "PCX")
    for planes in (2, 4):
        yield f"{planes}_planes.pcx", pcx(37, 9, 1, planes, [rng.bytes(6 * planes) for _ in range(9)], palette=rng.bytes(48), stride=6)
    yield "odd_rows.pcx", pcx(37, 9, 1, 4, [rng.bytes(5 * 4) for _ in range(9)], palette=rng.bytes(48))
    yield "offset.pcx", pcx(29, 9, 8, 3, [rng.bytes(29 * 3) for _ in range(9)], left=7)
    yield "even_rows.pcx", pcx(29, 9, 8, 3, [rng.bytes(30 * 3) for _ in range(9)], stride=30)
    yield "grey_no_palette.pcx", pcx(29, 9, 8, 1, [rng.bytes(29) for _ in range(9)], kind=2)
    yield "cut.pcx", pcx(29, 9, 8, 3, [rng.bytes(29 * 3) for _ in range(8)])
    yield "run_beyond_row.pcx", pcx(8, 2, 8, 1, [bytes(7)])[:-2] + b"\xcf\1\1\1\1"


def dcx(pictures):
    at, offsets = 4 + 4 * (len(pictures) + 1), []
    for picture in pictures:
        offsets.append(at)
        at += len(picture)
    return struct.pack(f"<I{len(pictures)}II", 0x3ADE68B1, *offsets, 0) + b"".join(pictures)


def dcx_file():
    """Of three pages."""
    return dcx([save(photo(37, 23), "PCX"), save(photo(20, 31).convert("1"), "PCX"), save(photo(16, 16).convert("L"), "PCX")])
