#!/usr/bin/env python3
"""Makes expected values of src/text/text_cleaning: what open_clip and transformers do with a text before they tokenize it.

    .venv/bin/python scripts/golden/make_cleaning_golden.py --num-texts 400 > tests/data/text_cleaning.tsv

A line has five columns, each with every byte but letters and digits as %XX: a text, then open_clip's whitespace, lower and
canonicalize, then transformers' SiglipTokenizer. ftfy's guess at mis-decoded text is switched off.
"""

import argparse
import functools
import importlib.machinery
import random
import sys
import types

from make_pipeline_golden import escape
from open_clip_files import module_of_open_clip
from pipeline_texts import make_texts

SEED = 29
WORDS = ["&amp;", "&lt;b&gt;", "&amp;amp;lt;", "&#65;", "&notit;", "a_b", "_", "ΑΣ", "ΑΣ'Α", "ΟΔΟΣ_", "“quoted”", "ﬁsh", "\x1b[31mred\x1b[0m", "Ａ",
         "don't", "U.S.A.", "{}", "a photo of a {}.", "\x1c", "\u00a0", "\u3000", "▁", "İ", "ẞ", "e\u0301", "12,5%", "C++", "~", "`", "snake_case"]


def siglip_tokenizer():
    """The class without the library that it needs to read a vocabulary."""
    library = types.ModuleType("sentencepiece")
    library.__spec__ = importlib.machinery.ModuleSpec("sentencepiece", None)
    library.SentencePieceProcessor = object
    sys.modules.setdefault("sentencepiece", library)
    from transformers.models.siglip.tokenization_siglip import SiglipTokenizer

    tokenizer = object.__new__(SiglipTokenizer)
    tokenizer.do_lower_case = True
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num-texts", type=int, default=100_000)
    flags = parser.parse_args()
    open_clip = module_of_open_clip("tokenizer")
    open_clip.ftfy.fix_text = functools.partial(open_clip.ftfy.fix_text, fix_encoding=False)
    siglip = siglip_tokenizer()
    steps = [open_clip.get_clean_fn(name) for name in ("whitespace", "lower", "canonicalize")] + [siglip.canonicalize_text]
    rng = random.Random(SEED)
    texts = make_texts(flags.num_texts // 2, SEED, [], WORDS)
    texts += [rng.choice(["", " ", "  ", "_"]).join(rng.choice(WORDS) for _ in range(rng.randrange(1, 8))) for _ in range(flags.num_texts // 2)]
    for text in texts:
        if len(text) < 1000:
            print("\t".join(escape(column) for column in [text, *(step(text) for step in steps)]))


if __name__ == "__main__":
    main()
