"""Command-line tools that make or read pictures: of Debian's packages, which scripts/setup tests installs."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = {"avifenc": "libavif-bin", "avifdec": "libavif-bin", "heif-convert": "libheif-examples", "cjxl": "libjxl-tools", "djxl": "libjxl-tools",
            "opj_compress": "libopenjp2-tools", "opj_decompress": "libopenjp2-tools"}


def convert(data, suffix, command, result_suffix):
    """The bytes of the file that `command` writes: a list of words, of which "{in}" is a file with `data`, and "{out}" the result's."""
    return convert_to_several(data, suffix, command, result_suffix)[0]


def convert_to_several(data, suffix, command, result_suffix):
    """Those of all files that it writes, whose names begin like the result's, by their names."""
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder) / f"given{suffix}", Path(folder) / f"result{result_suffix}"
        given.write_bytes(data)
        words = [word.replace("{in}", str(given)).replace("{out}", str(result)) for word in command]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
        except FileNotFoundError:
            sys.exit(f"{words[0]} is missing: install Debian's package {PACKAGES[words[0]]} (scripts/setup tests does)")
        results = sorted(Path(folder).glob(f"result*{result_suffix}"))
        if done.returncode != 0 or not results:
            sys.exit(f"{' '.join(words)}: {done.stderr or done.stdout}")
        return [path.read_bytes() for path in results]


def tool_version(*command):
    """The version that the tool names when it is called so."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r"\d+\.\d+\.\d+", done.stdout + done.stderr)
    return found[0] if found else sys.exit(f"{' '.join(command)} names no version")
