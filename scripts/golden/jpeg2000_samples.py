"""JPEG 2000 files of the kinds that Pillow writes, some that it only reads, made by hand, and some by openjpeg's own tool.

jpeg2000_files() yields (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads from them.
"""

import struct

import numpy as np
from jpeg_png_samples import photo, save
from PIL import Image
from tools import convert


def box(kind, content):
    return struct.pack(">I", len(content) + 8) + kind + content


def with_colour_space(jp2, number):
    """A JP2 file whose colours are called others: 12 is CMYK, 16 sRGB, 17 grey, 18 sYCC."""
    at = jp2.index(b"colr") + 7
    return jp2[:at] + struct.pack(">I", number) + jp2[at + 4 :]


def with_palette(jp2, colours):
    """A JP2 file of one component that becomes an index into `colours`, tuples of bytes."""
    columns = len(colours[0])
    palette = struct.pack(">HB", len(colours), columns) + b"\x07" * columns + b"".join(bytes(colour) for colour in colours)
    mapping = b"".join(struct.pack(">HBB", 0, 1, column) for column in range(columns))
    at = jp2.index(b"jp2h") - 4
    length = struct.unpack(">I", jp2[at : at + 4])[0]
    inside = with_colour_space(jp2, 16)[at + 8 : at + length] + box(b"pclr", palette) + box(b"cmap", mapping)
    return jp2[:at] + box(b"jp2h", inside) + jp2[at + length :]


def by_openjpeg(samples, *options):
    """A JP2 file of 16-bit samples, [height, width, 3], that openjpeg's tool writes without loss."""
    height, width, _ = samples.shape
    ppm = b"P6\n%d %d\n65535\n" % (width, height) + samples.astype(">u2").tobytes()
    return convert(ppm, ".ppm", ["opj_compress", "-i", "{in}", "-o", "{out}", "-n", "3", *options], ".jp2")


def thinned(y, cb, cr):
    """A bare codestream with colours of half the width and height."""
    height, width = y.shape
    size = f"{width},{height},3,8,u@1x1:2x2:2x2"
    return convert(y.tobytes() + cb.tobytes() + cr.tobytes(), ".raw", ["opj_compress", "-i", "{in}", "-F", size, "-o", "{out}", "-n", "3"], ".j2k")


def jpeg2000_files():
    rgb = photo(37, 23)
    rgba = Image.merge("RGBA", (*rgb.split(), photo(37, 23, seed=4).getchannel(1)))
    grey = rgb.convert("L")
    yield "rgb.jp2", save(rgb, "JPEG2000")
    yield "rgb.j2k", save(rgb, "JPEG2000", no_jp2=True)
    yield "rgb_one_pixel.jp2", save(photo(1, 1), "JPEG2000")
    yield "rgba.jp2", save(rgba, "JPEG2000")
    yield "grey.jp2", save(grey, "JPEG2000")
    yield "grey_alpha.jp2", save(rgba.convert("LA"), "JPEG2000")
    deep = np.random.default_rng(3).integers(0, 600, (23, 37)).astype("<u2")
    yield "grey_16bit.jp2", save(Image.frombytes("I;16", (37, 23), deep.tobytes()), "JPEG2000")
    yield "tiles.jp2", save(rgb, "JPEG2000", tile_size=(16, 16))
    yield "tiles_offset.j2k", save(rgb, "JPEG2000", tile_size=(16, 16), offset=(5, 3), tile_offset=(2, 1), no_jp2=True)
    for order in ("LRCP", "RLCP", "RPCL", "PCRL", "CPRL"):
        yield f"order_{order}.jp2", save(rgb, "JPEG2000", progression=order, num_resolutions=3)
    yield "colour_transform.jp2", save(rgb, "JPEG2000", mct=1)
    yield "layers.jp2", save(rgb, "JPEG2000", quality_mode="rates", quality_layers=[20, 10, 4])
    yield "irreversible.jp2", save(rgb, "JPEG2000", irreversible=True, quality_mode="dB", quality_layers=[38])
    yield "sycc.jp2", with_colour_space(save(rgb.convert("YCbCr").convert("RGB"), "JPEG2000", mct=0), 18)
    yield "sycc_alpha.jp2", with_colour_space(save(rgba, "JPEG2000", mct=0), 18)
    yield "cmyk.jp2", with_colour_space(save(rgba, "JPEG2000", mct=0), 12)
    # Each colour once: Pillow counts a second one for the first.
    indexed = rgb.quantize(40)
    colours = list(dict.fromkeys(zip(*[iter(indexed.getpalette()[: 3 * 40])] * 3, strict=True)))
    indices = Image.fromarray(np.minimum(np.asarray(indexed), len(colours) - 1).astype(np.uint8))
    yield "palette.jp2", with_palette(save(indices, "JPEG2000"), colours)
    yield "palette_alpha.jp2", with_palette(save(indices, "JPEG2000"), [(*colour, 255 - 5 * i) for i, colour in enumerate(colours)])
    pixels = np.asarray(rgb).astype(np.uint16)
    # Below 65,408: what rounds up to 256 is black to Pillow.
    yield "rgb_16bit.jp2", by_openjpeg(pixels * 250 + 77)
