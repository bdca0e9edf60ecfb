#!/usr/bin/env python3
"""Makes tokenizer.json files and token ids of the reference, Hugging Face's tokenizers, for the tests of src/text/pipeline.

    .venv/bin/python scripts/golden/make_pipeline_golden.py --output build/golden/pipelines
    .venv/bin/python scripts/golden/make_pipeline_golden.py --committed      # tests/data/pipelines
    … --tokenizer gemma=FOLDER/tokenizer.json --num-texts 100000             # a published file besides

Without --tokenizer nothing but what it trains is used: small vocabularies of the pipelines of SigLIP, SigLIP 2, XLM-R
and BERT. A folder NAME has tokenizer.json and texts.tsv: a text with every byte but letters and digits as %XX, a tab,
and its ids. BERT's have vocab.txt as well, which gives the same ids. The test PipelineGolden compares.
Training breaks ties by chance, so that each run makes other vocabularies; the ids are those of the file beside them.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, normalizers
from tokenizers import models, pre_tokenizers, processors, trainers

sys.path.insert(0, str(Path(__file__).resolve().parent))
from pipeline_texts import character_texts, make_texts, training_texts  # noqa: E402
from small_charsmap import small_charsmap  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SEED = 23


def siglip():
    """A unigram with a charsmap, no start token, and SigLIP's canonical form of a text."""
    tokenizer = Tokenizer(models.Unigram())
    punctuation = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"""
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Lowercase(), normalizers.Replace(Regex(punctuation), ""), normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(), normalizers.Precompiled(small_charsmap()), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    train(tokenizer, trainers.UnigramTrainer(vocab_size=1500, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"], show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def xlm_roberta():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(small_charsmap()), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    train(tokenizer, trainers.UnigramTrainer(vocab_size=1500, unk_token="<unk>", special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    value = json.loads(tokenizer.to_str())
    value["added_tokens"].append({"id": len(value["model"]["vocab"]), "content": "<mask>", "single_word": False, "lstrip": True,
                                  "rstrip": True, "normalized": True, "special": True})
    return Tokenizer.from_str(json.dumps(value))


def gemma(lowercase=False):
    specials = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "\n\n", "<table>", "</table>", "<unused0>"]
    pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    replace = normalizers.Replace(" ", "▁")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), replace]) if lowercase else replace
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    # Without a limit of length the trainer would learn whole lines.
    train(tokenizer, trainers.BpeTrainer(vocab_size=1800, limit_alphabet=600, max_token_length=8, special_tokens=specials + pieces,
                                         show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    # The bytes are pieces, but no added tokens.
    value = json.loads(tokenizer.to_str())
    value["added_tokens"] = [token for token in value["added_tokens"] if not token["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(value))


def bert(lowercase=True):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    train(tokenizer, trainers.WordPieceTrainer(vocab_size=1800, limit_alphabet=600, show_progress=False,
                                               special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


MAKERS = {"siglip": siglip, "xlm_roberta": xlm_roberta, "gemma": gemma, "gemma_lower": lambda: gemma(True), "bert": bert,
          "bert_cased": lambda: bert(False)}


def train(tokenizer, trainer):
    """On names of things and on syllables of many scripts."""
    lines = (ROOT / "models/labels/cifar100.txt").read_text(encoding="utf-8").splitlines()
    lines += training_texts(SEED)
    tokenizer.train_from_iterator(lines, trainer)


def escape(text):
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"%{byte:02X}" for byte in text.encode())


def write_golden(name, tokenizer_json, num_texts, folder, has_characters):
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "tokenizer.json").write_text(tokenizer_json, encoding="utf-8")
    model = json.loads(tokenizer_json)["model"]
    if model["type"] == "WordPiece":
        pieces = sorted(model["vocab"], key=model["vocab"].get)
        (folder / name / "vocab.txt").write_text("".join(piece + "\n" for piece in pieces), encoding="utf-8")
    tokenizer = Tokenizer.from_file(str(folder / name / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    specials = [token.content for token in tokenizer.get_added_tokens_decoder().values()][:400]
    words = [piece.replace("▁", " ").removeprefix("##") for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    texts = make_texts(num_texts, SEED, specials, [piece for piece in words if piece])
    texts += character_texts() if has_characters else []
    with (folder / name / "texts.tsv").open("w", encoding="ascii") as file:
        for start in range(0, len(texts), 10_000):
            chunk = texts[start : start + 10_000]
            for text, encoding in zip(chunk, tokenizer.encode_batch(chunk)):
                file.write(f"{escape(text)}\t{' '.join(map(str, encoding.ids))}\n")
    print(f"{name}: {tokenizer.get_vocab_size()} pieces, {len(texts)} texts")


def fingerprint(flags):
    """What the files depend on."""
    here = Path(__file__).resolve().parent
    sources = [Path(__file__), here / "pipeline_texts.py", here / "small_charsmap.py", ROOT / "models/labels/cifar100.txt"]
    lines = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sources]
    return "\n".join([*lines, f"tokenizers {tokenizers.__version__}", f"{flags.num_texts} {flags.tokenizer} {flags.characters_of}"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, help="folder for all of it")
    parser.add_argument("--committed", action="store_true", help="write the small sample tests/data/pipelines")
    parser.add_argument("--tokenizer", action="append", default=[], metavar="NAME=FILE", help="a tokenizer.json besides; repeats")
    parser.add_argument("--num-texts", type=int, default=40_000, help="texts for each, besides 69,504 with every character of Unicode")
    parser.add_argument("--characters-of", nargs="*", default=list(MAKERS), metavar="NAME",
                        help="pipelines that get every character of Unicode; default: all")
    flags = parser.parse_args()
    if flags.committed == (flags.output is not None):
        parser.error("give --output or --committed")
    folder = ROOT / "tests/data/pipelines" if flags.committed else flags.output
    stamp = None if flags.committed else folder / "fingerprint.txt"
    if stamp and stamp.exists() and stamp.read_text() == fingerprint(flags):
        return
    for name, make in MAKERS.items():
        write_golden(name, make().to_str(), 400 if flags.committed else flags.num_texts, folder,
                     not flags.committed and name in flags.characters_of)
    for argument in flags.tokenizer:
        name, _, path = argument.partition("=")
        write_golden(name, Path(path).read_text(encoding="utf-8"), flags.num_texts, folder, True)
    if stamp:
        stamp.write_text(fingerprint(flags))


if __name__ == "__main__":
    main()
