"""Files as cameras write them: TIFF structures whose first page is tiny, with the sensor's values and JPEG previews below.

raw_files() yields (name, bytes, reference): scripts/golden/make_image_golden.py writes the file beside what Pillow reads from
the reference, which is the JPEG that is expected, turned as the raw file says. Nothing here comes from a camera: the sensor's
values are noise.
"""

import struct

import numpy as np
from jpeg_png_samples import exif_block, photo, save

SHORT, LONG, ASCII, BYTE, UNDEFINED = 3, 4, 2, 1, 7
SIZES = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, UNDEFINED: 1}
CFA, RGB, YCBCR = 32803, 2, 6


def tiff_structure(directories, blobs=(), order="<", head=None):
    """Directories, {tag: (type, values)}, one behind the other, and the blobs behind them.

    A value ("directory", i) is the offset of one, ("blob", i) that of a blob, ("size", i) a blob's length; values may be bytes.
    A directory's "next" is the one behind it in the chain.
    """
    head = head or (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    at, places = len(head), []
    for tags in directories:
        num_tags = len([tag for tag in tags if tag != "next"])
        long_values = sum(len(values) * SIZES[kind] for tag, (kind, values) in tags_of(tags) if len(values) * SIZES[kind] > 4)
        places.append(at)
        at += 2 + 12 * num_tags + 4 + long_values
    blob_places = []
    for blob in blobs:
        blob_places.append(at)
        at += len(blob)
    known = {"directory": places, "blob": blob_places, "size": [len(blob) for blob in blobs]}

    def number(value):
        return known[value[0]][value[1]] if isinstance(value, tuple) else value

    data = head
    for tags, place in zip(directories, places, strict=True):
        entries = tags_of(tags)
        extra_at = place + 2 + 12 * len(entries) + 4
        block, extra = struct.pack(order + "H", len(entries)), b""
        for tag, (kind, values) in entries:
            if isinstance(values, bytes):
                packed = values
            else:
                packed = struct.pack(order + {SHORT: "H", LONG: "I", BYTE: "B"}[kind] * len(values), *map(number, values))
            if len(packed) > 4:
                extra, packed = extra + packed, struct.pack(order + "I", extra_at + len(extra))
            block += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
        data += block + struct.pack(order + "I", places[tags["next"]] if "next" in tags else 0) + extra
    return data + b"".join(blobs)


def tags_of(tags):
    return sorted((tag, value) for tag, value in tags.items() if tag != "next")


def strip(width, height, photometric, compression, blob, bits=8, samples=1):
    """The tags of a picture whose data is one strip."""
    return {256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [bits] * samples), 259: (SHORT, [compression]),
            262: (SHORT, [photometric]), 273: (LONG, [("blob", blob)]), 277: (SHORT, [samples]), 278: (LONG, [height]),
            279: (LONG, [("size", blob)])}


def jpeg_at(blob):
    return {513: (LONG, [("blob", blob)]), 514: (LONG, [("size", blob)])}


def lossless_jpeg(rng, size):
    """What begins as the sensor's values do in many raw files."""
    frame = struct.pack(">BHHB", 14, 40, 60, 1) + b"\0\x11\0"
    return b"\xff\xd8\xff\xc4\0\4\0\0\xff\xc3" + struct.pack(">H", len(frame) + 2) + frame + rng.bytes(size) + b"\xff\xd9"


def previews(orientation, seed):
    """The preview without a word on its orientation, a smaller one, and what Pillow is to read."""
    picture, small = photo(45, 31, seed=seed), photo(16, 12, seed=seed + 50)
    plain = save(picture, "JPEG", quality=80)
    return plain, save(small, "JPEG", quality=60), save(picture, "JPEG", quality=80, exif=exif_block(orientation))


def raw_files():
    rng = np.random.default_rng(21)
    tiny = photo(8, 6, seed=30).tobytes()
    sensor = rng.bytes(300)
    packed_sensor = lossless_jpeg(rng, 2000)

    def first(orientation, make):
        return {254: (LONG, [1]), 271: (ASCII, make + b"\0"), 274: (SHORT, [orientation])}

    plain, small, reference = previews(8, 31)
    tree = [first(8, b"NIKON CORPORATION") | strip(8, 6, RGB, 1, 0, samples=3) | {330: (LONG, [("directory", 1), ("directory", 2)])},
            {254: (LONG, [1]), 259: (SHORT, [6])} | jpeg_at(1), {254: (LONG, [0])} | strip(60, 40, CFA, 34713, 2, bits=14)]
    yield "raw.nef", tiff_structure(tree, [tiny, plain, sensor], ">"), reference

    plain, small, reference = previews(6, 32)
    subs = {330: (LONG, [("directory", i) for i in (1, 2, 3)])}
    tree = [first(6, b"Maker") | strip(8, 6, RGB, 1, 0, samples=3) | subs | {0xC612: (BYTE, bytes((1, 4, 0, 0)))},
            {254: (LONG, [0])} | strip(60, 40, CFA, 7, 1, bits=16), {254: (LONG, [1])} | strip(16, 12, YCBCR, 7, 2, samples=3),
            {254: (LONG, [1])} | strip(45, 31, YCBCR, 7, 3, samples=3)]
    yield "raw.dng", tiff_structure(tree, [tiny, packed_sensor, small, plain]), reference
    # The sensor's values may come first, and what lies flat is no preview.
    tree = [strip(60, 40, CFA, 1, 0, bits=16) | {274: (SHORT, [6]), 330: (LONG, [("directory", 1)]), 0xC612: (BYTE, bytes((1, 4, 0, 0)))},
            {254: (LONG, [1])} | strip(45, 31, YCBCR, 7, 1, samples=3)]
    yield "sensor_first.dng", tiff_structure(tree, [sensor, plain]), reference
    # Without a word of the file's, the preview's own orientation counts.
    tree = [strip(60, 40, CFA, 1, 0, bits=16) | {330: (LONG, [("directory", 1)]), 0xC612: (BYTE, bytes((1, 4, 0, 0)))},
            {254: (LONG, [1])} | jpeg_at(1)]
    yield "orientation_of_preview.dng", tiff_structure(tree, [sensor, reference]), reference

    plain, small, reference = previews(3, 33)
    tree = [strip(45, 31, YCBCR, 6, 0) | {271: (ASCII, b"Canon\0"), 274: (SHORT, [3]), "next": 1}, jpeg_at(1) | {"next": 2},
            strip(8, 6, RGB, 1, 2, bits=16, samples=3) | {"next": 3}, {tag: value for tag, value in strip(60, 40, 0, 6, 3).items() if tag != 262}]
    head = b"II*\0" + struct.pack("<I", 16) + b"CR\2\0" + struct.pack("<I", 0)
    yield "raw.cr2", tiff_structure(tree, [plain, small, tiny * 2, packed_sensor], head=head), reference

    plain, small, reference = previews(1, 34)
    tree = [first(1, b"SONY") | {259: (SHORT, [6]), 330: (LONG, [("directory", 2)]), "next": 1} | jpeg_at(0), {259: (SHORT, [6])} | jpeg_at(1),
            strip(60, 40, CFA, 32767, 2, bits=12)]
    yield "raw.arw", tiff_structure(tree, [plain, small, sensor]), reference

    plain, small, reference = previews(6, 35)
    tree = [strip(60, 40, CFA, 65535, 0, bits=12) | {271: (ASCII, b"PENTAX\0"), 274: (SHORT, [6]), "next": 1}, jpeg_at(1) | {"next": 2},
            strip(45, 31, YCBCR, 6, 2)]
    yield "raw.pef", tiff_structure(tree, [sensor, small, plain], ">"), reference

    # Olympus: the offsets in the maker's note count from its begin.
    plain, small, reference = previews(8, 36)
    settings = {256: (LONG, [1]), 257: (LONG, [0]), 258: (LONG, [len(plain)])}
    note_head = b"OLYMPUS\0II\3\0"
    for _ in range(2):  # the note's length is known only then
        note = tiff_structure([{0x2020: (LONG, [("directory", 1)])}, settings], head=note_head)
        settings[257] = (LONG, [len(note)])
    head = b"IIRO" + struct.pack("<I", 8)
    tree = [{271: (ASCII, b"OLYMPUS\0"), 274: (SHORT, [8]), 0x8769: (LONG, [("directory", 1)])} | strip(60, 40, 1, 1, 0, bits=16),
            {0x927C: (UNDEFINED, b"")}]
    # By hand, as the note's place is a value: its length is not that of the value.
    data = tiff_structure([tree[0], {0x927C: (LONG, [("blob", 1)])}], [sensor, note, plain], head=head)
    at = data.index(struct.pack("<HHI", 0x927C, LONG, 1))
    yield "raw.orf", data[:at] + struct.pack("<HHI", 0x927C, UNDEFINED, len(note)) + data[at + 8 :], reference

    plain, small, reference = previews(6, 37)
    head = b"IIU\0" + struct.pack("<I", 8)
    data = tiff_structure([{0x2E: (LONG, [("blob", 0)]), 271: (ASCII, b"Panasonic\0"), 274: (SHORT, [6])}], [plain, sensor], head=head)
    at = data.index(struct.pack("<HHI", 0x2E, LONG, 1))
    yield "raw.rw2", data[:at] + struct.pack("<HHI", 0x2E, UNDEFINED, len(plain)) + data[at + 8 :], reference

    _, _, reference = previews(6, 38)
    head = b"FUJIFILMCCD-RAW 0201FF000000" + b"Camera".ljust(32, b"\0") + b"0100".ljust(24, b"\0")
    yield "raw.raf", head + struct.pack(">II", 160, len(reference)) + bytes(160 - 92) + reference + sensor, reference

    plain, small, reference = previews(6, 39)
    yield "raw.cr3", canon_boxes(6, plain, small, sensor), reference


def box(kind, *content):
    data = b"".join(content)
    return struct.pack(">I", 8 + len(data)) + kind + data


def canon_boxes(orientation, preview, small, sensor):
    """A CR3: the large preview is the first track's only sample, a small one has a box of its own."""
    canon, preview_boxes = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"), bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
    metadata = tiff_structure([{271: (ASCII, b"Canon\0"), 274: (SHORT, [orientation])}])

    def track(at, size):
        table = box(b"stbl", box(b"stsz", bytes(4), struct.pack(">II", size, 1)), box(b"co64", bytes(4), struct.pack(">IQ", 1, at)))
        return box(b"trak", box(b"mdia", box(b"minf", table)))

    def head(at):
        moov = box(b"moov", box(b"uuid", canon, box(b"CMT1", metadata)), track(at, len(preview)), track(at + len(preview), len(sensor)))
        inner = box(b"PRVW", struct.pack(">IHHHHI", 0, 1, 16, 12, 1, len(small)), small)
        return box(b"ftyp", b"crx \0\0\0\1crx isom") + moov + box(b"uuid", preview_boxes, struct.pack(">II", 0, 1), inner)

    begin = len(head(0)) + 16
    return head(begin) + struct.pack(">I4sQ", 1, b"mdat", 16 + len(preview) + len(sensor)) + preview + sensor
