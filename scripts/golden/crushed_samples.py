"""PNG files as Xcode makes them for the iPhone: a chunk CgBI in front, deflate without zlib's header and checksum, blue before red, and
colours multiplied by alpha. No program here writes them.

crushed_png_files() yields (name, bytes, the PNG that it should be read as): the original, but for half transparent colours, which come
back as the nearest whole number.
"""

import struct
import zlib

import numpy as np
from jpeg_png_samples import chunk, photo, save
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def filtered(rows):
    """[height, bytes of a row], each with the filter that is its number modulo 5."""
    height, width = rows.shape[:2]
    rows = rows.reshape(height, -1).astype(int)
    channels = rows.shape[1] // width
    packed = b""
    for y, row in enumerate(rows):
        left = np.concatenate([np.zeros(channels, int), row[:-channels]])
        above = rows[y - 1] if y else np.zeros_like(row)
        corner = np.concatenate([np.zeros(channels, int), above[:-channels]])
        guess = left + above - corner
        nearest = np.argmin(np.abs(np.stack([guess - left, guess - above, guess - corner])), axis=0)
        paeth = np.choose(nearest, [left, above, corner])
        prediction = [np.zeros_like(row), left, above, (left + above) // 2, paeth][y % 5]
        packed += bytes([y % 5]) + ((row - prediction) % 256).astype(np.uint8).tobytes()
    return packed


def crushed(pixels, *, parts=1, checksum=False):
    """`pixels`: [height, width, 3 or 4] or [height, width], as they were before."""
    height, width = pixels.shape[:2]
    color_type = 0 if pixels.ndim == 2 else {3: 2, 4: 6}[pixels.shape[2]]
    stored = pixels.astype(int)
    if color_type == 6:
        stored[..., :3] = (stored[..., :3] * stored[..., 3:] + 127) // 255
    if color_type:
        stored[..., :3] = stored[..., 2::-1]
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(filtered(stored)) + packer.flush()
    if checksum:  # some writers leave it
        body += struct.pack(">I", zlib.adler32(filtered(stored)))
    size = -(-len(body) // parts)
    data = SIGNATURE + chunk(b"CgBI", b"\x50\0\x20\2") + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0))
    data += b"".join(chunk(b"IDAT", body[at : at + size]) for at in range(0, len(body), size))
    return data + chunk(b"IEND", b"")


def as_read(rgba):
    """What is left of half transparent colours."""
    rgba = rgba.astype(int)
    alpha = rgba[..., 3:]
    stored = (rgba[..., :3] * alpha + 127) // 255
    colors = np.where(alpha > 0, np.minimum((stored * 255 + alpha // 2) // np.maximum(alpha, 1), 255), 0)
    return np.concatenate([colors, alpha], axis=2).astype(np.uint8)


def crushed_png_files():
    rgb = photo(37, 29)
    opaque = np.asarray(rgb.convert("RGBA"))
    faded = np.asarray(Image.merge("RGBA", (*rgb.split(), photo(37, 29, seed=4).getchannel(1))))
    ramp = np.stack(np.broadcast_arrays(np.arange(256)[None, :], 255 - np.arange(256)[None, :], 77, np.arange(256)[:, None]), axis=2)
    yield "crushed_rgb.png", crushed(np.asarray(rgb)), save(rgb, "PNG")
    yield "crushed_opaque.png", crushed(opaque), save(rgb.convert("RGBA"), "PNG")
    yield "crushed_parts.png", crushed(opaque, parts=7), save(rgb.convert("RGBA"), "PNG")
    yield "crushed_checksum.png", crushed(opaque, checksum=True), save(rgb.convert("RGBA"), "PNG")
    yield "crushed_rgba.png", crushed(faded), save(Image.fromarray(as_read(faded)), "PNG")
    yield "crushed_all_alphas.png", crushed(ramp), save(Image.fromarray(as_read(ramp)), "PNG")
    yield "crushed_grey.png", crushed(np.asarray(rgb.convert("L"))), save(rgb.convert("L"), "PNG")
