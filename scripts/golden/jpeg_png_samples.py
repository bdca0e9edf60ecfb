"""JPEG and PNG files of as many kinds as Pillow writes, and some more by hand.

The functions ending in _files yield (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads
from them.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def photo(width, height, seed=1):
    """Something between a photograph and noise, so that every coefficient of a codec is busy."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127 + 90 * np.sin(x / (5.0 + c) + seed) * np.cos(y / (7.0 - c)) + 30 * ((x // 9 + y // 6 + c) % 2) for c in range(3)
    ]
    pixels = np.stack(planes, axis=2) + rng.normal(0, 8, (height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")


def save(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif_block(orientation, big_endian=False):
    order, head = (">", b"MM\0*") if big_endian else ("<", b"II*\0")
    return b"Exif\0\0" + head + struct.pack(order + "IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def patch_jpeg(data, sampling, width, height):
    """Gives a baseline file of as many blocks per unit other sampling factors and another size.

    The blocks stay valid, only where they go changes: enough to compare decoders, and Pillow writes no 4:1:1.
    """
    at = data.index(b"\xff\xc0")
    patched = bytearray(data)
    patched[at + 5 : at + 9] = struct.pack(">HH", height, width)
    patched[at + 11] = sampling
    return bytes(patched)


def jpeg_files():
    for quality in (1, 10, 50, 75, 90, 95, 100):
        yield f"quality_{quality}.jpg", save(photo(61, 43), "JPEG", quality=quality)
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        for width, height in ((64, 48), (33, 17), (17, 35), (1, 1), (2, 3), (5, 1), (1, 9), (16, 16), (31, 64)):
            image = photo(width, height, seed=width)
            yield f"{name}_{width}x{height}.jpg", save(image, "JPEG", subsampling=subsampling, quality=85)
        yield f"{name}_progressive.jpg", save(photo(47, 39), "JPEG", subsampling=subsampling, progressive=True)
    plain = photo(64, 64, seed=5)
    base_422 = save(plain, "JPEG", subsampling=1, quality=90)
    base_420 = save(plain, "JPEG", subsampling=2, quality=90)
    yield "440_32x128.jpg", patch_jpeg(base_422, 0x12, 32, 128)
    yield "440_29x115.jpg", patch_jpeg(base_422, 0x12, 29, 115)
    yield "411_128x32.jpg", patch_jpeg(base_420, 0x41, 128, 32)
    yield "411_101x27.jpg", patch_jpeg(base_420, 0x41, 101, 27)
    yield "410v_32x128.jpg", patch_jpeg(base_420, 0x14, 32, 128)
    yield "optimised.jpg", save(photo(50, 40), "JPEG", optimize=True)
    yield "restart_blocks.jpg", save(photo(50, 40), "JPEG", restart_marker_blocks=2)
    yield "restart_rows.jpg", save(photo(50, 40), "JPEG", restart_marker_rows=1)
    yield "keep_rgb.jpg", save(photo(50, 40), "JPEG", keep_rgb=True)
    yield "grey.jpg", save(photo(50, 40).convert("L"), "JPEG")
    yield "grey_progressive.jpg", save(photo(51, 40).convert("L"), "JPEG", progressive=True)
    inks = Image.merge("CMYK", (*photo(45, 38).split(), photo(45, 38, seed=9).getchannel(0)))
    cmyk = save(inks, "JPEG", quality=90)
    yield "cmyk_adobe.jpg", cmyk
    yield "cmyk_progressive.jpg", save(inks, "JPEG", progressive=True)
    adobe = cmyk.index(b"\xff\xee\x00\x0eAdobe")
    yield "ycck_adobe.jpg", cmyk[: adobe + 15] + b"\x02" + cmyk[adobe + 16 :]
    yield "cmyk_no_adobe.jpg", cmyk[:adobe] + cmyk[adobe + 16 :]
    for orientation in range(1, 9):
        block = exif_block(orientation, big_endian=orientation % 2 == 0)
        yield f"exif_{orientation}.jpg", save(photo(45, 26), "JPEG", exif=block)
    yield "exif_9.jpg", save(photo(45, 26), "JPEG", exif=exif_block(9))
    yield "xmp_6.jpg", save(photo(45, 26), "JPEG", xmp=b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>')
    yield "icc.jpg", save(photo(45, 26), "JPEG", icc_profile=bytes(range(256)) * 300)
    yield "comment_dpi.jpg", save(photo(45, 26), "JPEG", comment=b"hello", dpi=(300, 300))
    no_jfif = save(photo(45, 26), "JPEG")
    yield "no_jfif.jpg", no_jfif[:2] + no_jfif[2 + 18 :]
    yield "no_end_marker.jpg", no_jfif[:-2]
    yield "trailing_bytes.jpg", no_jfif + b"some more bytes"
    yield "stray_bytes.jpg", no_jfif[:20] + b"\0\0\0" + no_jfif[20:]
    scan = no_jfif.index(b"\xff\xda") + 100
    damaged = bytearray(no_jfif)
    for offset in range(0, 60, 7):
        damaged[scan + offset] = 0x55
    yield "damaged_scan.jpg", bytes(damaged)
    yield "large_420.jpg", save(photo(640, 427), "JPEG", subsampling=2, quality=80)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, depth, color_type, rows, *chunks):
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def adam7_png(image):
    pixels = np.asarray(image)
    height, width = pixels.shape[:2]
    raw = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        part = pixels[y0::dy, x0::dx]
        if part.size:
            raw += b"".join(b"\0" + row.tobytes() for row in part)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def png_files():
    rng = np.random.default_rng(3)
    rgb = photo(37, 29)
    grey = rgb.convert("L")
    alpha = photo(37, 29, seed=4).getchannel(1)
    yield "rgb.png", save(rgb, "PNG")
    yield "rgba.png", save(Image.merge("RGBA", (*rgb.split(), alpha)), "PNG")
    yield "grey.png", save(grey, "PNG")
    yield "grey_alpha.png", save(Image.merge("LA", (grey, alpha)), "PNG")
    yield "palette.png", save(rgb.quantize(100), "PNG")
    yield "palette_4bit.png", save(rgb.quantize(13), "PNG", bits=4)
    yield "palette_2bit.png", save(rgb.quantize(4), "PNG", bits=2)
    yield "palette_1bit.png", save(rgb.quantize(2), "PNG", bits=1)
    yield "palette_transparent_index.png", save(rgb.quantize(50), "PNG", transparency=3)
    yield "palette_alphas.png", save(rgb.quantize(50), "PNG", transparency=bytes(range(0, 250, 5)))
    yield "rgb_transparent_colour.png", save(rgb, "PNG", transparency=rgb.getpixel((3, 3)))
    yield "grey_transparent_value.png", save(grey, "PNG", transparency=100)
    yield "bilevel.png", save(rgb.convert("1"), "PNG")
    for bits in (1, 2, 4):
        row_bytes = (37 * bits + 7) // 8
        yield f"grey_{bits}bit.png", png(37, 11, bits, 0, [rng.bytes(row_bytes) for _ in range(11)])
    yield "grey_16bit.png", png(37, 11, 16, 0, [rng.bytes(37 * 2) for _ in range(11)])
    dark = rng.integers(0, 600, (11, 37)).astype(">u2")
    yield "grey_16bit_dark.png", png(37, 11, 16, 0, [row.tobytes() for row in dark])
    yield "grey_16bit_transparent.png", png(
        37, 11, 16, 0, [row.tobytes() for row in dark], chunk(b"tRNS", struct.pack(">H", int(dark[0, 0])))
    )
    yield "grey_alpha_16bit.png", png(37, 11, 16, 4, [rng.bytes(37 * 4) for _ in range(11)])
    yield "rgb_16bit.png", png(37, 11, 16, 2, [rng.bytes(37 * 6) for _ in range(11)])
    yield "rgba_16bit.png", png(37, 11, 16, 6, [rng.bytes(37 * 8) for _ in range(11)])
    yield "rgb_16bit_transparent.png", png(37, 11, 16, 2, [rng.bytes(37 * 6) for _ in range(11)], chunk(b"tRNS", b"\1\2\3\4\5\6"))
    yield "interlaced.png", adam7_png(rgb)
    yield "interlaced_1x1.png", adam7_png(photo(1, 1))
    yield "interlaced_3x2.png", adam7_png(photo(3, 2))
    yield "1x1.png", save(photo(1, 1), "PNG")
    for orientation in (3, 6):
        yield f"exif_{orientation}.png", save(rgb, "PNG", exif=exif_block(orientation))
    late = save(rgb, "PNG")
    yield "exif_after_pixels.png", late[:-12] + chunk(b"eXIf", exif_block(8)[6:]) + late[-12:]
