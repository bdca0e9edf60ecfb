#!/usr/bin/env python3
"""Makes the sample photographs of models/everyday from scikit-image's package, where they are CC0: python scripts/everyday/samples.py"""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "everyday"
VERSION = "0.26.0"
SAMPLES = {"cat.jpg": "chelsea.png", "coffee.jpg": "coffee.png", "rocket.jpg": "rocket.jpg"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder,
                        f"scikit-image=={VERSION}"], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            for name, source in SAMPLES.items():
                content = wheel.read(f"skimage/data/{source}")
                if not source.endswith(".jpg"):
                    out = io.BytesIO()
                    Image.open(io.BytesIO(content)).save(out, "JPEG", quality=90)
                    content = out.getvalue()
                (MODEL / name).write_bytes(content)
                print(f"{MODEL / name}: {len(content)} bytes")


if __name__ == "__main__":
    main()
