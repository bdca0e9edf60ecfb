#!/usr/bin/env python3
"""Writes the token ids that open_clip gives to some 200,000 texts, for the tests of our tokenizer.

    .venv/bin/python scripts/golden/make_tokenizer_golden.py --output build/golden/tokenizer
    .venv/bin/python scripts/golden/make_tokenizer_golden.py --sample tests/data/tokenizer/golden.tsv

One file a group of texts, one text a line: its bytes, percent-escaped, a tab, the ids without start and end token.
Lines that start with "#" are comments. The folder is left as it is when this script, its texts and the versions of
the reference are those it was made from. Texts that ftfy takes for mis-decoded are left out and counted.
"""

import argparse
import functools
import hashlib
import itertools
import pathlib
import platform
import sys
import urllib.parse
from importlib.metadata import version

import tokenizer_golden_texts as texts
from open_clip_files import module_of_open_clip

SAMPLE_SIZES = {"imagenet": 200, "imagenet_cased": 100, "cifar100": 100, "cifar100_cased": 100, "code_points": 1200,
                "names_in_scripts": 300, "edges": 800, "entities": 500, "random": 400, "invalid_utf8": 100}
UNESCAPED = " !\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # not "%", and not "#", which starts a comment


def fingerprint():
    """What the golden files depend on."""
    sources = [pathlib.Path(__file__), pathlib.Path(texts.__file__), texts.CIFAR100_FILE]
    lines = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sources]
    lines += [f"{package} {version(package)}" for package in ("open_clip_torch", "ftfy", "regex")]
    lines.append(f"python {platform.python_version()}")
    return "\n".join(lines) + "\n"


class Reference:
    def __init__(self):
        module = module_of_open_clip("tokenizer")
        self.metadata = module_of_open_clip("zero_shot_metadata")
        self.tokenizer = module.SimpleTokenizer()
        self.ftfy = module.ftfy
        # The tokenizer fixes each text that is_excluded() has just fixed.
        self.ftfy.fix_text = functools.lru_cache(maxsize=2)(self.ftfy.fix_text)

    def is_excluded(self, text):
        if text.isascii() and "&" not in text:
            return False  # nothing in it can be a mis-decoded character; saves most of the time
        return self.ftfy.fix_text(text, fix_encoding=False) != self.ftfy.fix_text(text)

    def texts(self, group):
        return texts.GROUPS[group](self.metadata)

    def lines(self, items):
        """One line for each item of `items` (str or bytes), None for one that is left out."""
        for item in items:
            data = item if isinstance(item, bytes) else item.encode("utf-8")
            text = data.decode("utf-8", errors="replace")
            if self.is_excluded(text):
                yield None
                continue
            ids = " ".join(map(str, self.tokenizer.encode(text)))
            yield f"{urllib.parse.quote_from_bytes(data, safe=UNESCAPED)}\t{ids}\n"


def write_folder(folder, stamp):
    reference = Reference()
    folder.mkdir(parents=True, exist_ok=True)
    total = excluded = 0
    for group in texts.GROUPS:
        num_lines = num_excluded = 0
        with open(folder / f"{group}.tsv", "w", encoding="ascii", newline="\n") as file:
            for line in reference.lines(reference.texts(group)):
                if line is None:
                    num_excluded += 1
                else:
                    file.write(line)
                    num_lines += 1
            file.write(f"# {num_lines} texts; {num_excluded} left out: ftfy takes them for mis-decoded\n")
        print(f"{group}: {num_lines} texts, {num_excluded} left out", flush=True)
        total, excluded = total + num_lines, excluded + num_excluded
    (folder / "stamp.txt").write_text(stamp)
    print(f"{folder}: {total} texts, {excluded} left out because ftfy takes them for mis-decoded")


def write_sample(path):
    """Evenly spaced texts of each group: a file small enough to be committed."""
    reference = Reference()
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write("# Made by scripts/golden/make_tokenizer_golden.py --sample, which tells the format.\n")
        for group, size in SAMPLE_SIZES.items():
            num_texts = sum(1 for _ in reference.texts(group))
            items = itertools.islice(reference.texts(group), 0, None, max(1, num_texts // size))
            file.write(f"# {group}\n")
            file.writelines(line for line in reference.lines(items) if line is not None)
    print(f"{path}: {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, metavar="DIR", help="folder for all golden files")
    parser.add_argument("--sample", type=pathlib.Path, metavar="FILE", help="file for a small part of them")
    arguments = parser.parse_args()
    if not arguments.output and not arguments.sample:
        parser.error("nothing to do; give --output DIR or --sample FILE")
    if arguments.output:
        stamp = fingerprint()
        stamp_file = arguments.output / "stamp.txt"
        if stamp_file.exists() and stamp_file.read_text() == stamp:
            print(f"{arguments.output}: up to date")
        else:
            stamp_file.unlink(missing_ok=True)
            write_folder(arguments.output, stamp)
    if arguments.sample:
        write_sample(arguments.sample)
    return 0


if __name__ == "__main__":
    sys.exit(main())
