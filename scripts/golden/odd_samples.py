"""Pictures in files that are not quite as their format asks: cut, short of a palette, with an end missing; and those
that keep their orientation in unusual places.

The functions ending in _files yield (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads
from them.
"""

import struct
import zlib

import numpy as np
from jpeg_png_samples import adam7_png, chunk, exif_block, photo, save
from other_samples import bmp, gif_frame
from PIL import Image


def gif_header_size(gif):
    return 13 + (3 << ((gif[10] & 7) + 1)) if gif[10] & 0x80 else 13


def sub_blocks(data):
    return b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255)) + b"\0"


def odd_gif_files():
    rgb = photo(41, 27)
    gif = gif_frame((41, 27), (0, 0, rgb), 200)  # its frame follows its palette
    at = gif_header_size(gif)
    head, packed = gif[: at + 11], gif[at + 11 : -2]
    data = b""
    while packed:
        data, packed = data + packed[1 : packed[0] + 1], packed[packed[0] + 1 :]
    assert head + sub_blocks(data) + b";" == gif
    for part in (1, 2, 3):
        yield f"data_{part}_of_4.gif", head + sub_blocks(data[: len(data) * part // 4]) + b";"
    yield "last_block_cut.gif", gif[:-3]
    yield "no_terminator.gif", gif[:-2]
    yield "no_trailer.gif", gif[:-1]
    yield "bytes_between_blocks.gif", gif[:at] + b"\0\1\xff" + gif[at:]
    yield "empty_comment.gif", gif[:at] + b"!\xfe\0" + gif[at:]
    yield "end_code_first.gif", gif[: at + 10] + b"\2" + sub_blocks(b"\x2c") + b";"
    yield "code_too_high.gif", gif[: at + 10] + b"\2" + sub_blocks(b"\xfc\xff\xff") + b";"
    for name, left, width, height in (("zero_size", 0, 0, 0), ("zero_width", 3, 0, 5), ("zero_height", 0, 5, 0)):
        yield f"{name}.gif", gif[:at] + b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + gif[at + 10 :]
    short = gif[:10] + b"\x83" + gif[11:13]  # 16 colours
    yield "palette_too_short.gif", short + gif[13:61] + gif[at:]
    yield "palette_too_short_transparent.gif", short + gif[13:61] + b"!\xf9\4\1\0\0\x80\0" + gif[at:]
    yield "palette_of_greys_too_short.gif", short + b"".join(bytes([i] * 3) for i in range(16)) + gif[at:]
    yield "no_palette.gif", gif[:10] + b"\0" + gif[11:13] + gif[at:]
    yield "graphic_control_too_short.gif", gif[:at] + b"!\xf9\2\1\0\0" + gif[at:]


def png_data(png):
    """The IDAT chunk's content of a file of one."""
    at = png.index(b"IDAT")
    return png[at + 4 : at + 4 + struct.unpack(">I", png[at - 4 : at])[0]]


def without_checksum(png):
    """The zlib stream lacks its last four bytes."""
    at = png.index(b"IDAT")
    return png[: at - 4] + chunk(b"IDAT", png_data(png)[:-4]) + chunk(b"IEND", b"")


def odd_png_files():
    rgb = photo(37, 29)
    png = save(rgb, "PNG")
    packed = png_data(png)
    files = {"rgb": png, "palette_2bit": save(rgb.quantize(4), "PNG", bits=2), "interlaced": adam7_png(rgb),
             "alpha": save(Image.merge("RGBA", (*rgb.split(), photo(37, 29, seed=4).getchannel(1))), "PNG"),
             "transparent_index": save(rgb.quantize(50), "PNG", transparency=3)}
    for name, data in files.items():
        yield f"no_end_{name}.png", data[:-12]
        yield f"no_data_checksum_{name}.png", without_checksum(data)
    yield "end_checksum.png", png[:-4] + b"\0\0\0\0"
    yield "cut_in_end.png", png[:-5]
    yield "cut_in_chunk_checksum.png", png[:-14]
    yield "cut_in_data_checksum.png", png[:-18]
    yield "cut_in_pixels.png", png[:-40]
    yield "chunk_checksum.png", png[:-16] + b"\1\2\3\4" + png[-12:]
    damaged = bytearray(packed)
    damaged[len(damaged) // 2] ^= 1
    yield "damaged_data.png", png[:41] + bytes(damaged) + png[41 + len(damaged) :]
    yield "header_checksum.png", png[:29] + b"\0\0\0\0" + png[33:]
    yield "unknown_critical_chunk.png", png[:33] + chunk(b"ABCD", b"xx") + png[33:]
    yield "text_cut_behind_pixels.png", png[:-12] + struct.pack(">I", 300) + b"tEXtkeyword\0"
    yield "junk_behind_pixels.png", png[:-12] + b"\0\0\0\0\xff\0\0\0junk"


def oriented_png_files():
    png = save(photo(37, 29), "PNG")

    def with_chunks(*chunks):
        return png[:33] + b"".join(chunks) + png[33:]

    def profile(orientation):
        block = exif_block(orientation)
        digits = block.hex()
        lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
        return f"\nexif\n{len(block):8}\n{lines}\n".encode()

    key = b"Raw profile type exif\0"
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="8"/></x:xmpmeta>'
    xmp_key = b"XML:com.adobe.xmp\0"
    yield "raw_profile.png", with_chunks(chunk(b"tEXt", key + profile(6)))
    yield "raw_profile_packed.png", with_chunks(chunk(b"zTXt", key + b"\0" + zlib.compress(profile(6))))
    yield "raw_profile_international.png", with_chunks(chunk(b"iTXt", key + b"\0\0\0\0" + profile(6)))
    yield "raw_profile_capitals.png", with_chunks(chunk(b"tEXt", key + profile(6).upper()))
    yield "raw_profile_app1.png", with_chunks(chunk(b"tEXt", b"Raw profile type APP1\0" + profile(6)))
    yield "raw_profile_twice.png", with_chunks(chunk(b"tEXt", key + profile(3)), chunk(b"tEXt", key + profile(6)))
    yield "raw_profile_and_exif.png", with_chunks(chunk(b"eXIf", exif_block(3)[6:]), chunk(b"tEXt", key + profile(6)))
    yield "raw_profile_and_xmp.png", with_chunks(chunk(b"iTXt", xmp_key + b"\0\0\0\0" + xmp), chunk(b"tEXt", key + profile(6)))
    yield "raw_profile_behind_pixels.png", png[:-12] + chunk(b"tEXt", key + profile(6)) + png[-12:]
    yield "exif_text.png", with_chunks(chunk(b"tEXt", b"exif\0" + exif_block(6)))
    yield "xmp.png", with_chunks(chunk(b"iTXt", xmp_key + b"\0\0\0\0" + xmp))
    yield "xmp_packed.png", with_chunks(chunk(b"iTXt", xmp_key + b"\1\0\0\0" + zlib.compress(xmp)))
    yield "xmp_packed_language.png", with_chunks(chunk(b"iTXt", xmp_key + b"\1\0en\0key\0" + zlib.compress(xmp)))
    yield "xmp_packed_damaged.png", with_chunks(chunk(b"iTXt", xmp_key + b"\1\0\0\0x\x9cnothing"))
    yield "xmp_text.png", with_chunks(chunk(b"tEXt", xmp_key + xmp))


def os2_bmp(num_colors, rows, colors):
    """A BMP of OS/2: a header of 12 bytes, and as many colours of three bytes as it likes."""
    header = struct.pack("<IHHHH", 12, len(rows[0]), len(rows), 1, 8)
    offset = 14 + len(header) + 3 * num_colors
    body = b"".join(row.ljust((len(row) + 3) // 4 * 4, b"\0") for row in rows)
    return b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset) + header + colors[: 3 * num_colors] + body


def with_num_colors(data, num_colors):
    return data[:46] + struct.pack("<I", num_colors) + data[50:]


def odd_bmp_files():
    rng = np.random.default_rng(15)
    colors3 = rng.bytes(768)
    colors4 = b"".join(colors3[3 * i : 3 * i + 3] + b"\0" for i in range(256))
    greys = b"".join(bytes([i, i, i, 0]) for i in range(256))

    def rows(num_colors):
        return [rng.integers(0, num_colors, 33).astype(np.uint8).tobytes() for _ in range(9)]

    yield "os2_all_colours.bmp", os2_bmp(256, rows(256), colors3)
    yield "os2_252_colours.bmp", os2_bmp(252, rows(252), colors3)
    yield "os2_3_colours.bmp", os2_bmp(3, rows(3), colors3)
    yield "index_beyond_palette.bmp", with_num_colors(bmp(33, 9, 8, rows(256), palette=colors4[:404]), 101)
    yield "index_beyond_greys.bmp", with_num_colors(bmp(33, 9, 8, rows(256), palette=greys[:404]), 101)
    yield "index_beyond_4bit_palette.bmp", with_num_colors(bmp(33, 9, 4, rows(256), palette=colors4[:20]), 5)
    top_down = bmp(33, 9, 8, rows(256), palette=colors4, top_down=True)
    yield "palette_top_down.bmp", top_down
    yield "palette_offset_forgotten.bmp", top_down[:10] + struct.pack("<I", 54) + top_down[14:]
    yield "palette_cut.bmp", top_down[:-3]


def scan_ends(data):
    """Where each scan of a JPEG file ends."""
    ends = []
    at, is_in_scan = 2, False
    while at < len(data):
        marker = data[at + 1] if data[at] == 0xFF else 0
        if marker == 0 or 0xD0 <= marker <= 0xD7:
            at += 1
            continue
        if is_in_scan:
            ends.append(at)
        if marker == 0xD9:
            break
        is_in_scan = marker == 0xDA
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return ends


def odd_jpeg_files():
    """Progressive files that lack scans, where libjpeg smooths the borders of blocks. Not with chroma of half the
    height: two rows of blocks differ there between libjpeg-turbo 3.0.1, which Pillow has, and those before."""
    for name, image, options in (("444", photo(83, 71), {"subsampling": 0}), ("422", photo(83, 71), {"subsampling": 1}),
                                 ("grey", photo(83, 71).convert("L"), {})):
        data = save(image, "JPEG", progressive=True, quality=85, **options)
        ends = scan_ends(data)
        for count in sorted({1, 2, len(ends) // 2, len(ends) - 1}):
            yield f"{count}_scans_{name}.jpg", data[: ends[count - 1]] + b"\xff\xd9"


def alpha_files():
    """With more that is transparent than the other samples have."""
    rgb = photo(37, 29)
    shape = Image.new("L", rgb.size)
    shape.paste(255, (10, 8, 20, 16))
    yield "mostly_transparent.png", save(Image.merge("RGBA", (*Image.new("RGB", rgb.size).split(), shape)), "PNG")
    yield "half_transparent.png", save(Image.merge("RGBA", (*rgb.split(), Image.new("L", rgb.size, 128))), "PNG")
