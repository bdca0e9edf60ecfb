"""HEIC and JPEG XL pictures, which Pillow alone does not read, deep AVIF, and JPEG 2000 with thinned colours, which it refuses.

coded_files() yields (name, bytes, reference of the same library, reference of Python or None): the pixels that the command-line
tool of the library says that there are, and those of pillow_heif, whose wheel has a newer libheif of its own.
"""

import io
import struct

import numpy as np
import pillow_heif
from avif_samples import deep_avif_files
from jpeg_png_samples import photo, save
from jpeg2000_samples import box, thinned, with_colour_space
from PIL import Image, ImageOps
from tools import convert, tool_version

pillow_heif.register_heif_opener()


def heic(picture, **options):
    return save(picture, "HEIF", quality=60, **options)


def find_box(data, kind):
    """(the box with its head, its content)"""
    at = data.index(kind) - 4
    length = struct.unpack(">I", data[at : at + 4])[0]
    return data[at : at + length], data[at + 8 : at + length]


def property_links(items):
    """The box ipma: [(item, [index of a property])]"""
    links = b"".join(struct.pack(">HB", item, len(indices)) + bytes(0x80 | index for index in indices) for item, indices in items)
    return box(b"ipma", struct.pack(">II", 0, len(items)) + links)


def heic_grid(tiles, columns, width, height):
    """An HEIC file of tiles of one size, as telephones write them. `tiles`: pictures. What they show beyond width and height is cut."""
    coded = [heic(tile) for tile in tiles]
    rows = len(tiles) // columns
    units = [find_box(data, b"mdat")[1] for data in coded]
    main = len(tiles) + 1
    kinds = [(i + 1, b"hvc1") for i in range(len(tiles))] + [(main, b"grid")]
    info = box(b"iinf", struct.pack(">IH", 0, len(kinds)) + b"".join(
        box(b"infe", struct.pack(">IHH", 2 << 24 | (kind != b"grid"), item, 0) + kind + b"\0") for item, kind in kinds))  # 1: hidden
    parts = box(b"iref", b"\0\0\0\0" + box(b"dimg", struct.pack(f">HH{len(tiles)}H", main, len(tiles), *range(1, main))))
    size = [box(b"ispe", struct.pack(">III", 0, *sizes)) for sizes in (tiles[0].size, (width, height))]
    shared = find_box(coded[0], b"hvcC")[0] + size[0] + find_box(coded[0], b"colr")[0] + size[1]
    properties = box(b"iprp", box(b"ipco", shared) + property_links([(item, [1, 2, 3]) for item in range(1, main)] + [(main, [4, 3])]))
    composition = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    handler = box(b"hdlr", struct.pack(">II4s12x", 0, 0, b"pict") + b"\0")

    def meta(first):
        """`first`: where in the file the tiles' data begin."""
        places, at = b"", first
        for item, unit in enumerate(units, start=1):
            places += struct.pack(">HHHHII", item, 0, 0, 1, at, len(unit))
            at += len(unit)
        places += struct.pack(">HHHHII", main, 1, 0, 1, 0, len(composition))  # in the box idat
        location = box(b"iloc", struct.pack(">IBBH", 1 << 24, 0x44, 0, len(units) + 1) + places)
        inside = handler + box(b"pitm", struct.pack(">IH", 0, main)) + location + info + parts + properties + box(b"idat", composition)
        return box(b"meta", b"\0\0\0\0" + inside)

    kind = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return kind + meta(len(kind) + len(meta(0)) + 8) + box(b"mdat", b"".join(units))


def heic_files():
    rgb = photo(40, 24)
    rgba = Image.merge("RGBA", (*rgb.split(), photo(40, 24, seed=4).getchannel(1)))
    for sampling in (444, 422, 420):
        for is_full in (1, 0):
            name = f"{sampling}_{'full' if is_full else 'limited'}.heic"
            yield name, heic(rgb, chroma=sampling, full_range_flag=is_full)
    yield "odd_size.heic", heic(photo(37, 23))
    yield "rgba.heic", heic(rgba)
    yield "grey.heic", heic(rgb.convert("L"))
    for orientation in (2, 3, 5, 6, 8):
        exif = Image.Exif()
        exif[0x0112] = orientation
        turned = rgb.copy()
        turned.info["exif"] = exif.tobytes()
        yield f"turned_{orientation}.heic", heic(turned)
    yield "thumbnail.heic", heic(photo(160, 96), thumbnails=[48])
    large = photo(122, 110)
    tiles = [large.crop((x, y, x + 64, y + 64)) for y in (0, 64) for x in (0, 64)]
    yield "grid.heic", heic_grid(tiles, 2, *large.size)
    deep = pillow_heif.from_bytes("RGB;16", rgb.size, bytes(value for pixel in rgb.tobytes() for value in (pixel, pixel)))
    stream = io.BytesIO()
    deep.save(stream, quality=60)
    yield "10bit.heic", stream.getvalue()


def jxl_files():
    rgb = photo(40, 24)
    rgba = Image.merge("RGBA", (*rgb.split(), photo(40, 24, seed=4).getchannel(1)))

    def cjxl(picture, *options, kind="PNG"):
        return convert(save(picture, kind), "." + kind.lower(), ["cjxl", "{in}", "{out}", "--num_threads=0", *options], ".jxl")

    yield "lossless.jxl", cjxl(rgb, "-d", "0")
    yield "lossy.jxl", cjxl(rgb, "-d", "2")
    yield "container.jxl", cjxl(rgb, "-d", "2", "--container=1")
    yield "grey.jxl", cjxl(rgb.convert("L"), "-d", "0")
    yield "rgba.jxl", cjxl(rgba, "-d", "0")
    yield "from_jpeg.jxl", cjxl(photo(48, 32), kind="JPEG")
    yield "progressive.jxl", cjxl(photo(160, 120), "-d", "3", "-p")
    exif = Image.Exif()
    exif[0x0112] = 6
    jpeg = save(photo(48, 32), "JPEG", exif=exif)
    yield "turned_6.jxl", convert(jpeg, ".jpg", ["cjxl", "{in}", "{out}", "--num_threads=0"], ".jxl")
    frames = io.BytesIO()
    rgb.save(frames, "GIF", save_all=True, append_images=[photo(40, 24, seed=2)])
    yield "animation.jxl", convert(frames.getvalue(), ".gif", ["cjxl", "{in}", "{out}", "--num_threads=0", "-d", "0"], ".jxl")


def library_versions():
    """Those whose pixels the references are."""
    return [f"{name} {tool_version(*command)}" for name, command in (("libheif", ("heif-convert", "--help")), ("libavif", ("avifdec", "--version")), ("libjxl", ("djxl", "--version")),
                                                                    ("openjpeg", ("opj_decompress", "-h")))]


def read(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def coded_files():
    for name, data in heic_files():
        # Of 10 bits the tool writes 16.
        tool = None if name == "10bit.heic" else read(convert(data, ".heic", ["heif-convert", "{in}", "{out}"], ".png"))
        yield name, data, tool, ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    for name, data in jxl_files():
        suffix = ".apng" if name == "animation.jxl" else ".png"
        yield name, data, read(convert(data, ".jxl", ["djxl", "{in}", "{out}", "--num_threads=0"], suffix)), None
    for name, data in deep_avif_files():
        yield name, data, read(convert(data, ".avif", ["avifdec", "-d", "8", "{in}", "{out}"], ".png")), read(data)
    y, cb, cr = photo(38, 24).convert("YCbCr").split()
    half = [plane.resize((19, 12), Image.Resampling.BOX) for plane in (cb, cr)]
    data = thinned(*(np.asarray(plane) for plane in (y, *half)))
    yield "420.j2k", data, read(convert(data, ".j2k", ["opj_decompress", "-i", "{in}", "-o", "{out}"], ".ppm")), None
