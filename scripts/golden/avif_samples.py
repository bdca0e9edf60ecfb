"""AVIF files of the kinds that Pillow writes, and some more by libavif's own tool.

avif_files() yields (name, bytes); scripts/golden/make_image_golden.py writes them beside what Pillow reads from them.
"""

import io

from jpeg_png_samples import photo, save
from PIL import Image
from tools import convert


def by_avifenc(picture, *options):
    return convert(save(picture, "PNG"), ".png", ["avifenc", "-j", "1", "-s", "8", *options, "{in}", "{out}"], ".avif")


def without_times(data):
    """A sequence whose boxes do not say when it was made: the same bytes in each run."""
    changed = bytearray(data)
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.index(kind) + 4
        size = 8 if data[at] == 1 else 4  # by the version of the box; then flags, and two times
        changed[at + 4 : at + 4 + 2 * size] = bytes(2 * size)
    return bytes(changed)


def orientation_in_xmp(orientation):
    return (f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/></rdf:RDF></x:xmpmeta>').encode()


def avif_files():
    rgb = photo(37, 23)
    rgba = Image.merge("RGBA", (*rgb.split(), photo(37, 23, seed=4).getchannel(1)))
    for sampling in ("4:4:4", "4:2:2", "4:2:0", "4:0:0"):
        for span in ("full", "limited"):
            name = f"{sampling.replace(':', '')}_{span}.avif"
            yield name, save(rgb, "AVIF", quality=60, speed=8, subsampling=sampling, range=span)
    yield "rgba.avif", save(rgba, "AVIF", quality=60, speed=8)
    yield "rgba_premultiplied.avif", save(rgba, "AVIF", quality=60, speed=8, alpha_premultiplied=True)
    yield "lossless.avif", by_avifenc(rgb, "-l")
    yield "one_pixel.avif", save(photo(1, 1), "AVIF", quality=60, speed=8)
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"turned_{orientation}.avif", save(rgb, "AVIF", quality=30, speed=8, exif=exif)
    for angle, mirror in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)):
        turn = ("--irot", str(angle)) if angle else ()
        yield f"irot_{angle}_imir_{mirror}.avif", by_avifenc(rgb, *turn, "--imir", str(mirror), "--min", "50", "--max", "50")
    yield "xmp_6.avif", save(rgb, "AVIF", quality=30, speed=8, xmp=orientation_in_xmp(6))
    frames = io.BytesIO()
    rgb.save(frames, "AVIF", quality=30, speed=8, save_all=True, append_images=[photo(37, 23, seed=2)])
    yield "sequence.avif", without_times(frames.getvalue())
    yield "grid.avif", by_avifenc(photo(128, 64), "-g", "2x1", "--min", "50", "--max", "50")


def deep_avif_files():
    """Of more than 8 bits, which libavif rounds to 8 in another way in each version."""
    for depth in (10, 12):
        for sampling in ("444", "420"):
            yield f"{depth}bit_{sampling}.avif", by_avifenc(photo(40, 24), "-d", str(depth), "-y", sampling, "--min", "30", "--max", "30")
