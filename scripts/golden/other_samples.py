"""GIF, BMP, TGA, PSD, PNM and WebP files of as many kinds as Pillow writes, and some more by hand.

The functions ending in _files yield (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads
from them.
"""

import struct

import numpy as np
from jpeg_png_samples import exif_block, photo, save
from PIL import Image


def gif_frame(canvas, frame, colors, local=False, transparent=None, background=0):
    """A GIF whose single frame is `frame` = (left, top, image)."""
    left, top, image = frame
    whole = save(image.quantize(colors), "GIF")
    bits = (whole[10] & 7) + 1
    palette = whole[13 : 13 + (3 << bits)]
    raster = whole[whole.index(b",\0\0\0\0", 13 + (3 << bits)) + 10 : -1]
    width, height = canvas
    data = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80 | (bits - 1), background, 0) + palette
    if transparent is not None:
        data += b"!\xf9\x04" + struct.pack("<BHB", 1, 0, transparent) + b"\0"
    local_palette = palette[::-1] if local else b""
    flags = 0x80 | (bits - 1) if local else 0
    data += b"," + struct.pack("<HHHHB", left, top, *image.size, flags) + local_palette + raster
    return data + b";"


def gif_files():
    rgb = photo(41, 27)
    yield "plain.gif", save(rgb.quantize(200), "GIF")
    yield "two_colours.gif", save(rgb.quantize(2), "GIF")
    yield "interlaced.gif", save(rgb.quantize(64), "GIF", interlace=1)
    yield "not_interlaced.gif", save(rgb.quantize(64), "GIF", interlace=0)
    yield "transparent.gif", save(rgb.quantize(64), "GIF", transparency=5)
    yield "transparent_background.gif", save(rgb.quantize(64), "GIF", transparency=5, background=7)
    yield "grey.gif", save(rgb.convert("L"), "GIF")
    frames = [photo(41, 27, seed=s).quantize(64) for s in range(3)]
    yield "animation.gif", save(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0)
    part = photo(20, 10, seed=8)
    yield "partial_frame.gif", gif_frame((41, 27), (7, 5, part), 16)
    yield "partial_frame_background.gif", gif_frame((41, 27), (7, 5, part), 16, background=6)
    yield "partial_frame_transparent.gif", gif_frame((41, 27), (7, 5, part), 16, transparent=3, background=6)
    yield "partial_frame_local.gif", gif_frame((41, 27), (7, 5, part), 16, local=True, transparent=3)
    yield "frame_beyond_canvas.gif", gif_frame((15, 12), (7, 5, part), 16)
    yield "1x1.gif", save(photo(1, 1).quantize(2), "GIF")


def bmp(width, height, bits, rows, palette=b"", masks=None, top_down=False):
    stride = (width * bits + 31) // 32 * 4
    body = b"".join(row.ljust(stride, b"\0") for row in rows)
    extra = struct.pack("<III", *masks) if masks else b""
    offset = 14 + 40 + len(extra) + len(palette)
    head = b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset)
    info = struct.pack("<IiiHHIIiiII", 40, width, -height if top_down else height, 1, bits, 3 if masks else 0, len(body), 0, 0, len(palette) // 4, 0)
    return head + info + extra + palette + body


def bmp_files():
    rng = np.random.default_rng(5)
    rgb = photo(35, 21)
    yield "rgb.bmp", save(rgb, "BMP")
    yield "rgba.bmp", save(Image.merge("RGBA", (*rgb.split(), rgb.getchannel(0))), "BMP")
    yield "grey.bmp", save(rgb.convert("L"), "BMP")
    yield "palette.bmp", save(rgb.quantize(60), "BMP")
    yield "bilevel.bmp", save(rgb.convert("1"), "BMP")
    yield "1x1.bmp", save(photo(1, 1), "BMP")
    colors = b"".join(bytes([*rng.integers(0, 256, 3).tolist(), 0]) for _ in range(16))
    yield "palette_4bit.bmp", bmp(35, 9, 4, [rng.bytes(18) for _ in range(9)], palette=colors)
    yield "palette_1bit.bmp", bmp(35, 9, 1, [rng.bytes(5) for _ in range(9)], palette=colors[:8])
    yield "top_down.bmp", bmp(5, 9, 24, [rng.bytes(15) for _ in range(9)], top_down=True)
    yield "rgb_555.bmp", bmp(64, 9, 16, [rng.bytes(128) for _ in range(9)])
    yield "rgb_565.bmp", bmp(64, 9, 16, [rng.bytes(128) for _ in range(9)], masks=(0xF800, 0x7E0, 0x1F))
    yield "rgb_32bit_masks.bmp", bmp(9, 9, 32, [rng.bytes(36) for _ in range(9)], masks=(0xFF0000, 0xFF00, 0xFF))


def lying_files():
    """For the fuzzers alone: sizes, jumps and directories that want more than there is."""
    yield "huge_runs.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 60000, 60000, 1, 8, 1, 0, 0, 0, 1, 0) + b"\0\0\0\0" + b"\0\2\xff\xff"
    yield "jumps.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 1000, 1000, 1, 4, 2, 0, 0, 0, 1, 0) + b"\0\0\0\0" + b"\0\2\xff\xff" * 4
    yield "huge.ico", struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 24, 40, 22) + struct.pack("<IiiHHIIiiII", 40, 60000, 120000, 1, 24, 0, 0, 0, 0, 0, 0)
    yield "circle.dng", b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 2, 330, 4, 1, 8) + struct.pack("<HHII", 0xC612, 1, 4, 1) + struct.pack("<I", 8)


def tga_files():
    rng = np.random.default_rng(6)
    rgb = photo(31, 19)
    alpha = rgb.getchannel(1)
    for rle in (False, True):
        suffix = "_rle" if rle else ""
        compression = "tga_rle" if rle else None
        yield f"rgb{suffix}.tga", save(rgb, "TGA", compression=compression)
        yield f"rgba{suffix}.tga", save(Image.merge("RGBA", (*rgb.split(), alpha)), "TGA", compression=compression)
        yield f"grey{suffix}.tga", save(rgb.convert("L"), "TGA", compression=compression)
        yield f"grey_alpha{suffix}.tga", save(Image.merge("LA", (rgb.convert("L"), alpha)), "TGA", compression=compression)
        yield f"palette{suffix}.tga", save(rgb.quantize(60), "TGA", compression=compression)
    yield "bottom_up.tga", save(rgb, "TGA", orientation=-1)
    yield "top_down.tga", save(rgb, "TGA", orientation=1)
    mirrored = bytearray(save(rgb, "TGA"))
    mirrored[17] |= 0x10
    yield "right_to_left.tga", bytes(mirrored)
    yield "rgb_16bit.tga", struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 32, 8, 16, 0x20) + rng.bytes(32 * 8 * 2)


PSD_MODES = {"L": 1, "P": 2, "RGB": 3, "RGBA": 3, "CMYK": 4, "LAB": 9}


def psd(image, compression):
    channels = [np.asarray(c) for c in image.split()]
    if image.mode == "CMYK":
        channels = [255 - channel for channel in channels]
    width, height = image.size
    palette = np.asarray(image.getpalette(), np.uint8).reshape(-1, 3).T.tobytes() if image.mode == "P" else b""
    data = b"8BPS" + struct.pack(">H6xHIIHH", 1, len(channels), height, width, 8, PSD_MODES[image.mode])
    data += struct.pack(">I", len(palette)) + palette + b"\0" * 8
    if compression == 0:
        return data + b"\0\0" + b"".join(c.tobytes() for c in channels)
    # PackBits with literal runs and one repeat a row
    rows = []
    for channel in channels:
        for row in channel:
            raw = row.tobytes()
            rows.append(b"".join(bytes([len(raw[i : i + 100]) - 1]) + raw[i : i + 100] for i in range(0, len(raw), 100)))
    return data + b"\0\1" + b"".join(struct.pack(">H", len(r)) for r in rows) + b"".join(rows)


def psd_files():
    rgb = photo(31, 19)
    rgba = Image.merge("RGBA", (*rgb.split(), photo(31, 19, seed=2).getchannel(1)))
    yield "rgb.psd", psd(rgb, 0)
    yield "rgb_rle.psd", psd(rgb, 1)
    yield "rgba.psd", psd(rgba, 0)
    yield "rgba_rle.psd", psd(rgba, 1)
    for compression, suffix in enumerate(("", "_rle")):
        yield f"grey{suffix}.psd", psd(rgb.convert("L"), compression)
        yield f"cmyk{suffix}.psd", psd(rgb.convert("CMYK"), compression)
        yield f"lab{suffix}.psd", psd(rgb.convert("LAB"), compression)
        yield f"palette{suffix}.psd", psd(rgb.quantize(256), compression)


def pnm_files():
    rng = np.random.default_rng(8)
    rgb = photo(23, 13)
    yield "rgb.ppm_", save(rgb, "PPM")
    yield "grey.pgm", save(rgb.convert("L"), "PPM")
    yield "bilevel.pbm", save(rgb.convert("1"), "PPM")
    yield "comment.pgm", b"P5 # made\n#by hand\n 3 2\n#x\n255\n" + rng.bytes(6)
    yield "grey_100.pgm", b"P5\n64 2\n100\n" + rng.bytes(128)
    yield "grey_1023.pgm", b"P5\n64 2\n1023\n" + rng.integers(0, 1024, 128).astype(">u2").tobytes()
    yield "grey_65535.pgm", b"P5\n64 2\n65535\n" + rng.integers(0, 900, 128).astype(">u2").tobytes()
    yield "rgb_13.ppm_", b"P6\n32 2\n13\n" + rng.bytes(192)
    yield "rgb_1023.ppm_", b"P6\n32 2\n1023\n" + rng.bytes(384)
    yield "rgb_65535.ppm_", b"P6\n32 2\n65535\n" + rng.bytes(384)
    yield "plain.pbm", b"P1\n5 3\n1 0 1 0 1\n10110\n# c\n0 0 0 11\n"
    yield "plain.pgm", b"P2\n4 2\n200\n0 1 99 100 #c\n 101 150 199 200\n"
    yield "plain_1000.pgm", b"P2\n4 2\n1000\n0 1 2 3 4 150 199 1000\n"
    yield "plain.ppm_", b"P3\n2 2\n255\n0 1 2  3 4 5\n6 7 8  255 254 253"


def webp_files():
    rgb = photo(53, 37)
    alpha = photo(53, 37, seed=3).getchannel(1)
    rgba = Image.merge("RGBA", (*rgb.split(), alpha))
    for quality in (5, 60, 80, 100):
        yield f"lossy_{quality}.webp", save(rgb, "WEBP", quality=quality)
    yield "lossless.webp", save(rgb, "WEBP", lossless=True)
    yield "lossy_alpha.webp", save(rgba, "WEBP", quality=70)
    yield "lossless_alpha.webp", save(rgba, "WEBP", lossless=True)
    yield "lossless_alpha_exact.webp", save(rgba, "WEBP", lossless=True, exact=True)
    for width, height in ((1, 1), (1, 40), (40, 1), (17, 16)):
        yield f"lossy_{width}x{height}.webp", save(photo(width, height), "WEBP")
        yield f"lossless_{width}x{height}.webp", save(photo(width, height), "WEBP", lossless=True)
    for orientation in (1, 5, 6):
        yield f"exif_{orientation}.webp", save(rgb, "WEBP", exif=exif_block(orientation))
    frames = [photo(53, 37, seed=s) for s in range(3)]
    yield "animation.webp", save(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50)
    # An animation whose first frame covers a part of the canvas: the frame header moved by hand.
    animation = bytearray(save(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50))
    at = animation.index(b"VP8X") + 8
    animation[at + 4 : at + 10] = (63).to_bytes(3, "little") + (49).to_bytes(3, "little")
    at = animation.index(b"ANMF") + 8
    animation[at : at + 6] = (3).to_bytes(3, "little") + (5).to_bytes(3, "little")
    yield "animation_partial_frame.webp", bytes(animation)
