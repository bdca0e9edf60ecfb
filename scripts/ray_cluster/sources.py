"""Where the images of a run come from: a list, a folder, a bucket. Names are bytes, as files are named."""
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pyarrow import fs

# Those of src/pipeline/image_names.cpp.
IMAGE_ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".mpo", ".jps", ".insp", ".png", ".apng", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".dib", ".pbm",
                 ".pgm", ".ppm", ".pnm", ".psd", ".hdr", ".tga", ".icb", ".vda", ".vst", ".ico", ".cur", ".heic", ".heif", ".hif", ".avif", ".avifs",
                 ".jxl", ".jp2", ".j2k", ".jpx", ".j2c", ".jpc", ".jpf", ".qoi", ".sgi", ".rgb", ".rgba", ".bw", ".dds", ".pcx", ".dcx")


def is_image_name(name: str) -> bool:
    return name.lower().endswith(IMAGE_ENDINGS) and not name.startswith(".")


def walk_folder(folder: Path) -> Iterator[bytes]:
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if is_image_name(name):
                yield os.fsencode(os.path.join(base, name))


def list_bucket(uri: str) -> Iterator[bytes]:
    """The images below an address such as s3://bucket/photos, as addresses."""
    filesystem, path = fs.FileSystem.from_uri(uri)
    scheme = uri.split("://", 1)[0]
    for info in sorted(filesystem.get_file_info(fs.FileSelector(path, recursive=True)), key=lambda info: info.path):
        if info.type == fs.FileType.File and is_image_name(info.base_name):
            yield f"{scheme}://{info.path}".encode()


def read_list(source: str) -> Iterator[bytes]:
    """One path or address a line; it is read as it is needed."""
    with sys.stdin.buffer if source == "-" else open(source, "rb") as lines:
        for line in lines:
            if path := line.rstrip(b"\r\n"):
                yield path if b"://" in path else os.path.abspath(path)


def list_images(source: str) -> Iterator[bytes]:
    """`source`: "-" or a file, which is a list; a folder; or an address with ://, all of whose images are meant."""
    if "://" in source:
        return list_bucket(source)
    if source != "-" and Path(source).is_dir():
        return walk_folder(Path(source).resolve())
    return read_list(source)
