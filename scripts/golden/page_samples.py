"""Files with several pictures: pages of TIFF, frames of animations, the sizes of icons, the pictures of an HEIC.

page_files() yields (name, bytes); write_pages() puts beside each what Pillow reads of every page: im.seek(N - 1) and convert("RGB"),
upright. Of JPEG XL and HEIC it is what the tools of their libraries read.
"""

import io
import struct
import zlib

import numpy as np
import pillow_heif
from jpeg_png_samples import chunk, exif_block, photo, save
from PIL import Image, ImageOps
from pcx_samples import dcx_file
from tiff_samples import tiff_by_hand
from tools import convert, convert_to_several

pillow_heif.register_heif_opener()

SMALL = """random_3.gif random_11.gif grey_then_colours.gif growing.gif random_2.png random_4.png default_picture.png blended.webp pages.tif pages.dcx sizes.ico
sequence.avif three.heic animation.jxl""".split()
NUM_RANDOM = 24


def gif_codes(indices, bits):
    """`indices` packed without strings: a clear code whenever the next code would be longer."""
    clear, stream, num_bits = 1 << bits, 0, 0
    codes = []
    for at, index in enumerate(indices):
        if at % (clear - 2) == 0:
            codes.append(clear)
        codes.append(index)
    for code in (*codes, clear + 1):
        stream |= code << num_bits
        num_bits += bits + 1
    packed = stream.to_bytes((num_bits + 7) // 8, "little")
    blocks = b"".join(bytes([len(packed[at : at + 255])]) + packed[at : at + 255] for at in range(0, len(packed), 255))
    return bytes([bits]) + blocks + b"\0"


def gif_palette(rng, bits, kind):
    if kind == "ramp":
        return b"".join(bytes([i, i, i]) for i in range(1 << bits))
    return rng.bytes(3 << bits)


def gif_animation(size, frames, screen=None, background=0):
    """`frames`: (left, top, indices [height, width], bits, palette or None, transparent index or None, disposal)"""
    bits = len(screen or b"").bit_length() - 1 if screen else 0
    flags = 0x80 | (len(screen) // 3).bit_length() - 2 if screen else bits
    data = b"GIF89a" + struct.pack("<HHBBB", *size, flags, background, 0) + (screen or b"")
    for left, top, indices, bits, palette, transparent, disposal in frames:
        data += b"!\xf9\x04" + struct.pack("<BHB", disposal << 2 | (transparent is not None), 5, transparent or 0) + b"\0"
        flags = 0x80 | bits - 1 if palette else 0
        data += b"," + struct.pack("<HHHHB", left, top, indices.shape[1], indices.shape[0], flags) + (palette or b"")
        data += gif_codes(indices.ravel().tolist(), max(bits, 2))
    return data + b";"


def random_gif(seed):
    rng = np.random.default_rng(seed)
    width, height = (int(side) for side in rng.integers(8, 40, 2))
    bits = int(rng.integers(2, 6))
    screen = [gif_palette(rng, bits, "colours"), gif_palette(rng, bits, "colours"), gif_palette(rng, bits, "ramp"), None][rng.integers(0, 4)]
    # Pillow gives greys the colours of the frame that grows the canvas.
    has_colours = screen is not None and screen[:6] != b"\0\0\0\1\1\1"
    frames = []
    for number in range(int(rng.integers(2, 7))):
        beyond = 6 if rng.random() < 0.1 and has_colours else 0
        left, top = (int(rng.integers(0, side - 2)) for side in (width, height))
        w, h = int(rng.integers(1, width - left + 1 + beyond)), int(rng.integers(1, height - top + 1 + beyond))
        if number == 0 and rng.random() < 0.5:
            left, top, w, h = 0, 0, width, height
        # Of a first frame in greys Pillow takes the screen's colours.
        is_ramp = rng.random() < 0.2 and number > 0
        palette = gif_palette(rng, bits, "ramp" if is_ramp else "colours") if rng.random() < 0.3 or (screen is None and rng.random() < 0.5) else None
        transparent = int(rng.integers(0, 1 << bits)) if rng.random() < 0.5 else None
        frames.append((left, top, rng.integers(0, 1 << bits, (h, w)), bits, palette, transparent, int(rng.integers(0, 4))))
    return gif_animation((width, height), frames, screen, int(rng.integers(0, 1 << bits)))


def gif_page_files():
    for seed in range(NUM_RANDOM):
        yield f"random_{seed}.gif", random_gif(seed)
    rng = np.random.default_rng(1)
    colours, ramp = gif_palette(rng, 4, "colours"), gif_palette(rng, 4, "ramp")

    def part(height, width):
        return rng.integers(0, 16, (height, width))

    yield "grey_then_colours.gif", gif_animation((20, 14), [(0, 0, part(14, 20), 4, None, None, 1), (3, 2, part(8, 9), 4, None, 5, 2), (1, 1, part(9, 9), 4, colours, 7, 1),
                                                            (4, 4, part(5, 5), 4, colours, None, 2), (0, 0, part(3, 3), 4, None, None, 1)], ramp, 3)
    yield "growing.gif", gif_animation((20, 14), [(0, 0, part(14, 20), 4, None, None, 1), (10, 5, part(15, 16), 4, None, 5, 3), (0, 0, part(9, 9), 4, None, None, 2),
                                                  (2, 3, part(30, 5), 4, colours, None, 1)], colours, 3)
    yield "previous_of_first.gif", gif_animation((20, 14), [(2, 2, part(7, 7), 4, None, 3, 3), (5, 5, part(4, 4), 4, None, None, 1), (0, 0, part(2, 2), 4, None, None, 1)], colours)
    frames = [photo(41, 27, seed=s) for s in range(4)]
    yield "pillow.gif", save(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50, loop=0, disposal=[0, 1, 2, 3])


def apng_rows(rng, width, height, depth, channels):
    """Packed rows of noise, each with a filter that there is; of two grey levels or few indices many are equal."""
    row_bytes = (width * depth * channels + 7) // 8
    return zlib.compress(b"".join(bytes([int(rng.integers(0, 5))]) + rng.bytes(row_bytes) for _ in range(height)))


def random_apng(seed, has_default=False):
    rng = np.random.default_rng(100 + seed)
    color_type = (0, 2, 3, 4, 6, 6, 3, 2)[seed % 8]
    depth = int(rng.choice({0: [1, 2, 4, 8], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}[color_type])) if seed > 7 else 8
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    width, height = (int(side) for side in rng.integers(6, 40, 2))
    num_frames = int(rng.integers(2, 6))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0))
    data += chunk(b"acTL", struct.pack(">II", num_frames, 0))
    if color_type == 3:
        data += chunk(b"PLTE", rng.bytes(3 << depth))
        if rng.random() < 0.7:
            data += chunk(b"tRNS", rng.bytes(1 << depth) if rng.random() < 0.7 else b"\xff\xff\0"[: 1 << depth])
    if color_type == 2 and depth == 8:
        data += chunk(b"tRNS", b"\0\1\0\2\0\3")
    sequence = 0
    for number in range(num_frames + has_default):
        is_default = has_default and number == 0
        w, h = (width, height) if number == 0 else (int(rng.integers(1, side + 1)) for side in (width, height))
        left, top = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
        if not is_default:
            control = struct.pack(">IIIIIHHBB", sequence, w, h, left, top, 1, 10, int(rng.integers(0, 3)), int(rng.integers(0, 2)))
            data, sequence = data + chunk(b"fcTL", control), sequence + 1
        packed = apng_rows(rng, w, h, depth, channels)
        if number == 0:
            data += chunk(b"IDAT", packed)
            continue
        for part in (packed[: len(packed) // 2], packed[len(packed) // 2 :]):
            data, sequence = data + chunk(b"fdAT", struct.pack(">I", sequence) + part), sequence + 1
    return data + chunk(b"IEND", b"")


def png_page_files():
    for seed in range(NUM_RANDOM):
        yield f"random_{seed}.png", random_apng(seed)
    yield "default_picture.png", random_apng(4, has_default=True)
    yield "default_rgb.png", random_apng(1, has_default=True)
    frames = [Image.merge("RGBA", (*photo(41, 27, seed=s).split(), photo(41, 27, seed=s + 9).getchannel(1))) for s in range(4)]
    yield "pillow.png", save(frames[0], "PNG", save_all=True, append_images=frames[1:], disposal=[0, 1, 2, 0], blend=1)
    yield "no_animation.png", save(photo(9, 7), "PNG")


def webp_page_files():
    def frames(mode):
        canvas = photo(48, 36).convert(mode)
        for step in range(5):
            canvas = canvas.copy()
            piece = photo(15, 11, seed=step + 2).convert(mode)
            if mode == "RGBA":
                piece.putalpha(photo(15, 11, seed=step + 20).getchannel(0))
            canvas.paste(piece, (4 + 5 * step, 3 + 4 * step))
            yield canvas

    for mode in ("RGB", "RGBA"):
        for kind, options in (("lossless", {"lossless": True}), ("lossy", {"quality": 70}), ("minimal", {"lossless": True, "minimize_size": True}), ("mixed", {"allow_mixed": True})):
            first, *others = frames(mode)
            yield f"{kind}_{mode.lower()}.webp", save(first, "WEBP", save_all=True, append_images=others, duration=50, **options)
    clear = [Image.new("RGBA", (48, 36)) for _ in range(3)]
    for step, picture in enumerate(clear):
        piece = photo(20, 20, seed=step).convert("RGBA")
        piece.putalpha(photo(20, 20, seed=step + 5).getchannel(0))
        picture.paste(piece, (6 * step, 4 * step))
    yield "blended.webp", save(clear[0], "WEBP", save_all=True, append_images=clear[1:], lossless=True, minimize_size=True)


def tiff_page_files():
    rgb = photo(37, 23)
    pages = [rgb, photo(20, 31, seed=2).convert("L"), rgb.convert("CMYK"), rgb.quantize(20), rgb.convert("1"),
             Image.merge("RGBA", (*rgb.split(), photo(37, 23, seed=4).getchannel(1)))]
    yield "pages.tif", save(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    yield "pages_lzw.tif", save(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    yield "pages_big.tif", save(pages[0], "TIFF", save_all=True, append_images=pages[1:], big_tiff=True)
    one = tiff_by_hand(4, 3, {258: (3, [8] * 3), 259: (3, [1]), 262: (3, [2]), 277: (3, [3]), 278: (4, [3])}, [photo(4, 3).tobytes()])
    directory = struct.unpack("<I", one[4:8])[0]
    next_at = directory + 2 + 12 * struct.unpack("<H", one[directory : directory + 2])[0]
    yield "circle.tif", one[:next_at] + struct.pack("<I", directory) + one[next_at + 4 :]
    yield "next_beyond_end.tif", one[:next_at] + struct.pack("<I", 1 << 30) + one[next_at + 4 :]


def icon_page_files():
    yield "sizes.ico", save(photo(64, 64), "ICO", sizes=[(64, 64), (16, 16), (32, 32)])
    yield "sizes_bmp.ico", save(photo(64, 64).convert("RGBA"), "ICO", sizes=[(16, 16), (48, 48), (32, 32)], bitmap_format="bmp")


def page_files():
    yield from gif_page_files()
    yield from png_page_files()
    yield from webp_page_files()
    yield from tiff_page_files()
    yield from icon_page_files()
    frames = [photo(40, 24, seed=s) for s in range(4)]
    yield "sequence.avif", save(frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=60)
    yield "sequence_444.avif", save(frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=90, subsampling="4:4:4")
    yield "pages.dcx", dcx_file()
    yield "plain.jpg", save(frames[0], "JPEG", exif=exif_block(6))
    yield "plain.bmp", save(frames[0], "BMP")


def pages_of(name, data):
    """The pages as Pillow has them, up to one that it fails on; None behind the last."""
    picture = Image.open(io.BytesIO(data))
    if name.endswith(".ico"):  # Pillow has no pages of an icon
        for number in range(len(picture.ico.entry)):
            yield picture.ico.frame(number)
        yield None
        return
    number = 0
    while True:
        try:
            picture = Image.open(io.BytesIO(data))  # as if nothing had been read before
            picture.seek(number)
            picture.load()
        except EOFError:
            yield None
            return
        except (TypeError, ValueError):  # greys that it takes for indices of a palette that is not there; a page behind the file's end
            return
        yield ImageOps.exif_transpose(picture)
        number += 1


def tool_page_files():
    """(name, bytes, [a picture a page])"""
    frames = [photo(40, 24, seed=s) for s in range(3)]
    gif = save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    animation = convert(gif, ".gif", ["cjxl", "{in}", "{out}", "--num_threads=0", "-d", "0"], ".jxl")
    seen = Image.open(io.BytesIO(convert(animation, ".jxl", ["djxl", "{in}", "{out}", "--num_threads=0"], ".apng")))
    pages = []
    for number in range(seen.n_frames):
        seen.seek(number)
        pages.append(seen.convert("RGB"))
    yield "animation.jxl", animation, pages
    heic = save(photo(40, 24), "HEIF", save_all=True, append_images=[photo(30, 20, seed=2), photo(20, 30, seed=3)], quality=60, primary_index=1)
    first, main, last = (Image.open(io.BytesIO(page)) for page in convert_to_several(heic, ".heic", ["heif-convert", "{in}", "{out}"], ".png"))
    yield "three.heic", heic, [main, first, last]


def write_pages(folder, background, small):
    """Returns how many files it wrote."""
    folder.mkdir()
    count = 0
    for name, data, *pages in (*page_files(), *tool_page_files()):
        if small and name not in SMALL:
            continue
        count += 1
        (folder / name).write_bytes(data)
        for number, picture in enumerate((*pages[0], None) if pages else pages_of(name, data)):
            if picture is None:
                (folder / f"{name}.pages").write_text(f"{number}\n")
                continue
            number += 1
            picture.convert("RGB").save(folder / f"{name}.{number}.ppm")
            if picture.has_transparency_data:
                rgba = picture.convert("RGBA")
                canvas = Image.new("RGB", rgba.size, background)
                canvas.paste(rgba, mask=rgba)
                canvas.save(folder / f"{name}.{number}.background.ppm")
    return count
