#!/usr/bin/env python3
"""Writes the golden data of the image tests: what Pillow, torchvision and open_clip make of pictures.

    .venv/bin/python scripts/golden/make_image_golden.py --output build/golden/image     # all of it, about a minute
    .venv/bin/python scripts/golden/make_image_golden.py --output tests/data/images --small   # the committed part

    decode/NAME              a picture file
    decode/NAME.ppm          its pixels: ImageOps.exif_transpose(Image.open(NAME)).convert("RGB")
    decode/NAME.stored.ppm   the same without exif_transpose, where that differs
    decode/NAME.background.ppm   of a picture with alpha, upright: pasted on BACKGROUND with itself as the mask
    decode/NAME.scale.ppm    of grey that is deeper than 8 bits: what numpy makes of its numbers
    decode/NAME.stretch.ppm  the same from the lowest to the highest number
    decode/NAME.refused      in place of all, where Pillow refuses the file: its reason
    coded/NAME               a picture that Pillow alone does not read, HEIC or JPEG XL, or whose colours differ by versions, deep AVIF
    coded/NAME.tool.ppm      its pixels as the tool of the library that clipcls uses has them: heif-convert, djxl, opj_decompress
    coded/NAME.python.ppm    the same as Pillow and pillow_heif have them, whose wheels have libraries of their own
    coded/libraries          the versions of the tools' libraries: a line "libheif 1.15.1"
    truncated/NAME           a picture file that is cut off or damaged
    truncated/NAME.ppm       its pixels, upright, with Pillow's LOAD_TRUNCATED_IMAGES
    pages/NAME               a file of several pictures
    pages/NAME.pages         how many they are; absent where Pillow fails on one
    pages/NAME.N.ppm         the pixels of the Nth, upright; .N.background.ppm: with alpha, on BACKGROUND
    draft/NAME               a JPEG file
    draft/NAME.SIDE.ppm      its pixels after Image.draft("RGB", (SIDE, SIDE))
    resize.txt               a line a case: kind width height seed new_width new_height filter expected
                             kind: resize (Image.resize); shortest, squash (torchvision Resize, CenterCrop);
                             pad (open_clip's image_transform with resize_mode longest; the two above equal its others)
                             the input is generate(width, height, seed), which the C++ tests also have
    resize/N.ppm             what comes out
    pixel_values.f32         ToTensor and Normalize of the 16 x 16 picture that has each byte once a channel
    stamp                    script and versions; a run that finds its own stamp does nothing
"""

import argparse
import hashlib
import io
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps

import avif_samples
import bitmap_samples
import coded_samples
import crushed_samples
import dds_samples
import deep_gray_samples
import jpeg2000_samples
import jpeg_png_samples
import odd_samples
import other_samples
import page_samples
import pcx_samples
import qoi_sgi_samples
import raw_samples
import resize_samples
import tiff_samples
import truncated_samples

SMALL = """quality_75.jpg 444_33x17.jpg 422_33x17.jpg 420_33x17.jpg 420_1x1.jpg 420_progressive.jpg 440_29x115.jpg
411_101x27.jpg restart_blocks.jpg grey.jpg cmyk_adobe.jpg ycck_adobe.jpg keep_rgb.jpg exif_1.jpg exif_2.jpg exif_3.jpg
exif_4.jpg exif_5.jpg exif_6.jpg exif_7.jpg exif_8.jpg xmp_6.jpg no_end_marker.jpg rgb.png rgba.png palette_alphas.png
palette_2bit.png grey_alpha.png grey_16bit_dark.png rgb_16bit.png interlaced.png exif_6.png transparent.gif animation.gif
interlaced.gif partial_frame_transparent.gif frame_beyond_canvas.gif rgb.bmp palette_4bit.bmp rgb_555.bmp rgb_rle.tga
palette.tga right_to_left.tga rgb_rle.psd cmyk_rle.psd palette.psd grey.psd bilevel.pbm grey_100.pgm rgb_1023.ppm_ rgba.qoi few_colours.qoi rgb_rle.sgi rgb_16bit_rle.sgi plain.ppm_ plain.pbm lossy_80.webp lossless_alpha.webp
lossy_alpha.webp exif_6.webp animation_partial_frame.webp
data_2_of_4.gif last_block_cut.gif no_terminator.gif bytes_between_blocks.gif end_code_first.gif code_too_high.gif
zero_size.gif palette_too_short.gif no_palette.gif no_end_rgb.png no_data_checksum_rgb.png no_end_interlaced.png
cut_in_data_checksum.png cut_in_pixels.png chunk_checksum.png damaged_data.png header_checksum.png raw_profile.png
raw_profile_packed.png xmp_packed.png os2_252_colours.bmp os2_3_colours.bmp index_beyond_palette.bmp palette_cut.bmp
1_scans_444.jpg 5_scans_grey.jpg mostly_transparent.png rgba.tga rgba_rle.psd
rgb_raw.tif rgb.pcx palette.pcx bilevel.pcx 4_planes.pcx cut.pcx crushed_opaque.png crushed_rgba.png crushed_grey.png dxt1.dds dxt3.dds dxt5_1x1.dds bc4u.dds bc5u.dds bc5s.dds bc7_small.dds bc6h_unsigned_small.dds bc6h_signed_small.dds rgba.dds
grey_alpha.dds masks_565.dds masks_4444.dds palette.dds dxgi_72_srgb.dds cut_dxt1.dds rgba_lzw.tif lab_lzw.tif lab.psd palette_packbits.tif cmyk_deflate.tif bilevel_group4.tif deep_I_16B.tif deep_F.tif orientation_6.tif
big.tif planar.tif tiles.tif rgb_16bit_mm.tif premultiplied.tif grey_4bit_0.tif grey_12bit.tif
raw.nef raw.dng raw.cr2 raw.arw raw.pef raw.orf raw.rw2 raw.raf raw.cr3
rle8.bmp rle4.bmp rle4_jumps.bmp rle4_colours_beyond_row.bmp header_64_4bit.bmp masks_56_rgba.bmp masks_40_565.bmp gap_24bit.bmp no_offset_masks.bmp
one_colour_black.bmp os2.dib bmp.ico mask_4bit.ico odd_width.ico rgba.cur bilevel.cur
rgb.jp2 rgb.j2k rgba.jp2 grey_alpha.jp2 grey_16bit.jp2 tiles_offset.j2k layers.jp2 irreversible.jp2 sycc.jp2 cmyk.jp2 palette.jp2 rgb_16bit.jp2
444_full.avif 420_full.avif 420_limited.avif 400_limited.avif rgba.avif rgba_premultiplied.avif irot_1_imir_0.avif irot_3_imir_1.avif turned_6.avif
xmp_6.avif sequence.avif grid.avif""".split()

SMALL_CODED = """10bit_420.avif 12bit_444.avif 444_full.heic 420_full.heic 420_limited.heic odd_size.heic rgba.heic turned_5.heic grid.heic 10bit.heic lossless.jxl lossy.jxl
container.jxl grey.jxl rgba.jxl turned_6.jxl animation.jxl 420.j2k""".split()

BACKGROUND = (200, 30, 90)  # also in tests/image/decode_golden_test.cpp
# Pillow compares colours of 16 bits with pixels of 8, and values of 1 to 4 bits with greys.
TRANSPARENCY_NOT_AS_WRITTEN = {"grey_16bit_transparent.png", "rgb_16bit_transparent.png", "rgb_16bit.tga"}


def write_decodes(output, small):
    (output / "decode").mkdir()
    count = 0
    makers = (jpeg_png_samples.jpeg_files, jpeg_png_samples.png_files, other_samples.gif_files, other_samples.bmp_files)
    makers += (other_samples.tga_files, other_samples.psd_files, other_samples.pnm_files, other_samples.webp_files)
    makers += (odd_samples.odd_gif_files, odd_samples.odd_png_files, odd_samples.oriented_png_files)
    makers += (odd_samples.odd_bmp_files, odd_samples.odd_jpeg_files, odd_samples.alpha_files, tiff_samples.tiff_files)
    makers += (raw_samples.raw_files, bitmap_samples.run_length_files, bitmap_samples.header_files, bitmap_samples.mask_files)
    makers += (bitmap_samples.dib_files, bitmap_samples.icon_files, jpeg2000_samples.jpeg2000_files, avif_samples.avif_files)
    makers += (qoi_sgi_samples.qoi_files, qoi_sgi_samples.sgi_files, crushed_samples.crushed_png_files, dds_samples.dds_files, pcx_samples.pcx_files)
    for name, data, *reference in (sample for maker in makers for sample in maker()):
        if small and name not in SMALL:
            continue
        (output / "decode" / name).write_bytes(data)
        count += 1
        readable = reference[0] if reference else data
        try:
            stored = Image.open(io.BytesIO(readable)).convert("RGB")
        except (OSError, ValueError) as error:
            (output / "decode" / f"{name}.refused").write_text(f"{error}\n")
            continue
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(readable)))
        upright = picture.convert("RGB")
        upright.save(output / "decode" / f"{name}.ppm")
        if picture.has_transparency_data and name not in TRANSPARENCY_NOT_AS_WRITTEN:
            rgba = picture.convert("RGBA")
            canvas = Image.new("RGB", rgba.size, BACKGROUND)
            canvas.paste(rgba, mask=rgba)
            canvas.save(output / "decode" / f"{name}.background.ppm")
        if upright.size != stored.size or upright.tobytes() != stored.tobytes():
            stored.save(output / "decode" / f"{name}.stored.ppm")
    return count


def write_coded(output, small):
    (output / "coded").mkdir()
    count = 0
    for name, data, tool, python in coded_samples.coded_files():
        if small and name not in SMALL_CODED:
            continue
        (output / "coded" / name).write_bytes(data)
        count += 1
        if tool is not None:
            tool.save(output / "coded" / f"{name}.tool.ppm")
        if python is not None:
            python.save(output / "coded" / f"{name}.python.ppm")
    (output / "coded" / "libraries").write_text("".join(f"{line}\n" for line in coded_samples.library_versions()))
    return count


def write_drafts(output):
    """JPEG files at the smallest DCT scale that keeps both sides at least so long."""
    (output / "draft").mkdir()
    count = 0
    for index, (width, height) in enumerate([(640, 480), (333, 517), (1001, 333), (64, 64), (65, 127), (17, 200)]):
        picture = resize_samples.generate(width, height, index)
        for kind, options in [("420", {}), ("444", {"subsampling": 0}), ("progressive", {"progressive": True}),
                              ("grey", {}), ("cmyk", {})]:
            path = output / "draft" / f"{width}x{height}_{kind}.jpg"
            mode = {"grey": "L", "cmyk": "CMYK"}.get(kind, "RGB")
            picture.convert(mode).save(path, quality=90, **options)
            for side in (16, 33, 64, 240):
                image = Image.open(path)
                image.draft("L" if kind == "grey" else mode, (side, side))
                image.convert("RGB").save(f"{path}.{side}.ppm")
                count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="folder to write")
    parser.add_argument("--small", action="store_true", help="only what is committed in tests/data/images")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")

    sources = (Path(__file__), Path(jpeg_png_samples.__file__), Path(other_samples.__file__), Path(qoi_sgi_samples.__file__), Path(odd_samples.__file__),
               Path(tiff_samples.__file__), Path(raw_samples.__file__), Path(bitmap_samples.__file__), Path(avif_samples.__file__),
               Path(coded_samples.__file__), Path(jpeg2000_samples.__file__), Path(deep_gray_samples.__file__),
               Path(truncated_samples.__file__), Path(page_samples.__file__), Path(crushed_samples.__file__), Path(dds_samples.__file__), Path(pcx_samples.__file__), Path(resize_samples.__file__))
    script = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    versions = f"Pillow {PIL.__version__}, torchvision {resize_samples.torchvision.__version__}, numpy {np.__version__}, {', '.join(coded_samples.library_versions())}"
    stamp = f"{script} {versions}\n"
    stamp_file = arguments.output / "stamp"
    if not arguments.small and stamp_file.exists() and stamp_file.read_text() == stamp:
        print(f"{arguments.output} is up to date")
        return 0
    arguments.output.mkdir(parents=True, exist_ok=True)
    stamp_file.unlink(missing_ok=True)
    for folder in ("coded", "decode", "pages", "truncated", "draft", "resize"):
        shutil.rmtree(arguments.output / folder, ignore_errors=True)
    num_decodes = write_decodes(arguments.output, arguments.small) + write_coded(arguments.output, arguments.small)
    num_decodes += deep_gray_samples.write_deep_grays(arguments.output / "decode", arguments.small)
    num_decodes += truncated_samples.write_truncated(arguments.output / "truncated", arguments.small)
    num_decodes += page_samples.write_pages(arguments.output / "pages", BACKGROUND, arguments.small)
    num_resizes = resize_samples.write_resizes(arguments.output, arguments.small)
    resize_samples.write_pixel_values(arguments.output)
    if not arguments.small:
        num_decodes += write_drafts(arguments.output)
        stamp_file.write_text(stamp)
    print(f"{arguments.output}: {num_decodes} decoded pictures, {num_resizes} resizes ({versions})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
