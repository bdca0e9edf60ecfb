"""Ways in which a file of a collection can be damaged, each with what the program may say of it.

An answer is the kind of an error, or "" for a classified image: some damage is none to a decoder.
"""
import gzip
import os
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

Originals = Mapping[str, bytes]  # by format: a picture as it should be
Maker = Callable[[Path, Originals, random.Random], None]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of_size(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def with_flipped_bits(content: bytes, generator: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(3):
        damaged[generator.randrange(len(damaged) * 2 // 3, len(damaged) - 2)] ^= 1 << generator.randrange(8)
    return bytes(damaged)


def with_wrong_checksum(png: bytes) -> bytes:
    at = png.index(b"IDAT")
    end = at + 4 + struct.unpack(">I", png[at - 4:at])[0]
    return png[:end] + bytes(byte ^ 0xFF for byte in png[end:end + 4]) + png[end + 4:]


def with_box_size(file: bytes, width: int, height: int) -> bytes:
    """An AVIF or HEIC file whose box says that it is so large."""
    at = file.index(b"ispe") + 8
    return file[:at] + struct.pack(">II", width, height) + file[at + 8:]


def with_codestream_size(jp2: bytes, width: int, height: int) -> bytes:
    at = jp2.index(b"\xff\x4f\xff\x51") + 8
    return jp2[:at] + struct.pack(">II", width, height) + jp2[at + 8:]


def content(make: Callable[[Originals, random.Random], bytes]) -> Maker:
    return lambda path, originals, generator: path.write_bytes(make(originals, generator)) and None


def some(originals: Originals, generator: random.Random) -> bytes:
    return originals[generator.choice(sorted(originals))]


NO_IMAGE, BROKEN, TOO_LARGE, UNREADABLE, NOT_FOUND, CLASSIFIED = "not_an_image", "broken_image", "too_large", "unreadable", "not_found", ""
UNSUPPORTED = "unsupported_format"
PICTURES = Path(__file__).resolve().parents[2] / "tests" / "data" / "images"
JPEG_XL = PICTURES / "coded" / "lossless.jxl"


def first_half(name: str) -> Maker:
    """Of a picture that the tests have, by its path."""
    whole = (PICTURES / name).read_bytes()
    return content(lambda _, __: whole[:len(whole) // 2])


# name -> how it is made, what the row may say
DAMAGE: dict[str, tuple[Maker, set[str]]] = {
    "empty": (lambda path, _, __: path.touch(), {NO_IMAGE}),
    "first half of a JPEG": (content(lambda o, _: o["jpg"][:len(o["jpg"]) // 2]), {BROKEN}),
    "first bytes of a JPEG": (content(lambda o, g: o["jpg"][:g.randrange(3, 12)]), {BROKEN}),
    "first half of a PNG": (content(lambda o, _: o["png"][:len(o["png"]) // 2]), {BROKEN}),
    "first half of a WebP": (content(lambda o, _: o["webp"][:len(o["webp"]) // 2]), {BROKEN}),
    "first half of a GIF": (content(lambda o, _: o["gif"][:len(o["gif"]) // 2]), {BROKEN}),
    "zeros": (content(lambda o, g: bytes(len(some(o, g)))), {NO_IMAGE}),
    "first half of an AVIF": (content(lambda o, _: o["avif"][:len(o["avif"]) // 2]), {BROKEN}),
    "first half of an HEIC": (content(lambda o, _: o["heic"][:len(o["heic"]) // 2]), {BROKEN}),
    "first half of a JPEG 2000": (content(lambda o, _: o["jp2"][:len(o["jp2"]) // 2]), {BROKEN}),
    "first half of a JPEG XL": (content(lambda _, __: JPEG_XL.read_bytes()[:JPEG_XL.stat().st_size // 2]), {BROKEN}),
    "first half of a DDS": (content(lambda o, _: o["dds"][:len(o["dds"]) // 2]), {BROKEN}),
    "first half of a crushed PNG": (first_half("decode/crushed_rgba.png"), {BROKEN}),
    "first half of a TIFF in Lab": (first_half("decode/lab_lzw.tif"), {BROKEN}),
    "first half of a QOI": (first_half("decode/rgba.qoi"), {BROKEN}),
    "first half of an SGI": (first_half("decode/rgb_rle.sgi"), {BROKEN}),
    "first half of a PSD": (first_half("decode/cmyk_rle.psd"), {BROKEN}),
    "first half of a PCX": (first_half("decode/rgb.pcx"), {BROKEN}),
    "wrong first bytes": (content(lambda o, g: b"\x00\xff" * 6 + some(o, g)[12:]), {NO_IMAGE}),
    "random bytes": (content(lambda _, g: b"\xff" + g.randbytes(5000)), {NO_IMAGE}),
    "text": (content(lambda _, g: b"not a picture\n" * g.randrange(1, 500)), {NO_IMAGE}),
    "HTML": (content(lambda _, __: b"<!DOCTYPE html><html><body>404 Not Found</body></html>\n"), {UNSUPPORTED}),
    "gzip": (content(lambda o, _: gzip.compress(o["png"], mtime=0)), {UNSUPPORTED}),
    "film": (content(lambda _, g: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + g.randbytes(3000)), {UNSUPPORTED}),
    "another format than its name": (content(lambda o, g: o[g.choice(["png", "webp", "gif", "bmp", "ppm", "avif", "heic", "jp2"])]), {CLASSIFIED}),
    "something behind its end": (content(lambda o, g: some(o, g) + g.randbytes(3000)), {CLASSIFIED}),
    "flipped bits in a JPEG": (content(lambda o, g: with_flipped_bits(o["jpg"], g)), {CLASSIFIED, BROKEN}),
    # Where damage makes the packed pixels longer, nothing reaches their checksum, in Pillow either.
    "flipped bits in a PNG": (content(lambda o, g: with_flipped_bits(o["png"], g)), {CLASSIFIED, BROKEN}),
    "flipped bits in an AVIF": (content(lambda o, g: with_flipped_bits(o["avif"], g)), {CLASSIFIED, BROKEN}),
    "flipped bits in an HEIC": (content(lambda o, g: with_flipped_bits(o["heic"], g)), {CLASSIFIED, BROKEN}),
    "flipped bits in a JPEG 2000": (content(lambda o, g: with_flipped_bits(o["jp2"], g)), {CLASSIFIED, BROKEN}),
    "flipped bits in a JPEG XL": (content(lambda _, g: with_flipped_bits(JPEG_XL.read_bytes(), g)), {CLASSIFIED, BROKEN}),
    "flipped bits in a DDS": (content(lambda o, g: with_flipped_bits(o["dds"], g)), {CLASSIFIED}),
    "flipped bits in a crushed PNG": (content(lambda _, g: with_flipped_bits((PICTURES / "decode" / "crushed_opaque.png").read_bytes(), g)), {CLASSIFIED, BROKEN}),
    "wrong checksum in a PNG": (content(lambda o, _: with_wrong_checksum(o["png"])), {CLASSIFIED}),
    "giant PNG": (content(lambda _, __: png_of_size(60_000, 60_000)), {TOO_LARGE}),
    "PNG without pixels": (content(lambda _, __: png_of_size(0, 100)), {BROKEN}),
    "giant GIF": (content(lambda o, _: o["gif"][:6] + b"\xff\xff\xff\xff" + o["gif"][10:]), {TOO_LARGE}),
    "giant DDS": (content(lambda o, _: o["dds"][:12] + struct.pack("<II", 60_000, 60_000) + o["dds"][20:]), {TOO_LARGE}),
    "giant AVIF": (content(lambda o, _: with_box_size(o["avif"], 16_000, 16_000)), {TOO_LARGE}),
    "giant HEIC": (content(lambda o, _: with_box_size(o["heic"], 16_000, 16_000)), {TOO_LARGE}),
    "giant JPEG 2000": (content(lambda o, _: with_codestream_size(o["jp2"], 60_000, 60_000)), {TOO_LARGE}),
    "folder": (lambda path, _, __: path.mkdir(), {UNREADABLE}),
    "link to nothing": (lambda path, _, __: path.symlink_to("nowhere.jpg"), {NOT_FOUND}),
    "link to itself": (lambda path, _, __: path.symlink_to(path.name), {UNREADABLE}),
    "pipe that nobody writes to": (lambda path, _, __: os.mkfifo(path), {UNREADABLE}),
}
