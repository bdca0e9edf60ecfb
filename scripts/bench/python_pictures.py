#!/usr/bin/env python3
"""Reads pictures as open_clip's programs do, with Pillow and pillow-heif, on one thread, and says how long that takes.

    python_pictures.py SIZE FILE...     prints {"seconds": …}: open, decode, turn to RGB, resize the shorter side to SIZE
"""
import json
import sys
import time

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener(thumbnails=False)
pillow_heif.options.DECODE_THREADS = 1
size = int(sys.argv[1])
start = time.perf_counter()
for path in sys.argv[2:]:
    with Image.open(path) as picture:
        rgb = picture.convert("RGB")
        scale = size / min(rgb.size)
        rgb.resize((round(rgb.width * scale), round(rgb.height * scale)), Image.Resampling.BICUBIC)
print(json.dumps({"seconds": time.perf_counter() - start}))
