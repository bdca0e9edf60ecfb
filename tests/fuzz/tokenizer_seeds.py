"""Seeds of the fuzzers of merges, tokenizer.json and tokenizer.bin, for make_corpus.py, which sets the path to scripts/golden."""

import base64
import json

from small_charsmap import build as build_charsmap


def merges_seeds():
    merges = "#version: 0.2\na a\naa aa\na b</w>\nab a\nh e\nl l\nhe ll\no w</w>\n"
    yield "letters", merges.replace("ab a\n", "") + "\0aaaaab aab hello how aaaa"
    yield "windows", merges.replace("ab a\n", "").replace("\n", "\r\n") + "\0aaaaab"
    yield "unknown_symbol", merges + "\0abab"
    yield "no_version", "a b\n\0ab"
    yield "twice", "#version\na b\na b\n"


def tokenizer_json_seeds():
    """A tokenizer.json of each pipeline, as small as it can be, then a text."""
    specials = [{"id": 0, "content": "<unk>", "special": True, "normalized": False}, {"id": 5, "content": "<A>", "lstrip": True, "normalized": True}]
    bert = {"added_tokens": specials, "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]}, "decoder": {"type": "WordPiece"},
            "model": {"type": "WordPiece", "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 10,
                      "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "cat": 3, "##s": 4}}}
    charsmap = base64.b64encode(build_charsmap({"ﬁ".encode(): "fi", "é".encode(): "é", b"\t": " "})).decode()
    steps = [{"type": "Precompiled", "precompiled_charsmap": charsmap}, {"type": "Lowercase"}, {"type": "Strip"},
             {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "Replace", "pattern": {"Regex": "[!,-.\\\\]+"}, "content": ""}]
    unigram = {"added_tokens": specials, "normalizer": {"type": "Sequence", "normalizers": steps},
               "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁"}]},
               "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "</s>"}}],
                                  "special_tokens": {"</s>": {"ids": [1]}}},
               "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["▁", -3], ["f", -2], ["i", -2.5], ["▁fi", -1.5]]}}
    bytes_of = {f"<0x{byte:02X}>": 4 + i for i, byte in enumerate("€".encode())}
    gemma = {"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
             "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious"},
             "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True,
                       "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3, **bytes_of}, "merges": [["a", "b"]]}}
    for name, value, text in (("bert", bert, "Cats, <a> caté 日本"), ("unigram", unigram, " ﬁ\té\u0301 <unk>Fi!-x"), ("gemma", gemma, "ab aab €")):
        yield name, json.dumps(value, ensure_ascii=False) + "\0" + text
    yield "deep", '{"normalizer":' + 20 * "["


def tokenizer_bin_seeds():
    for which in range(3):
        yield f"whole_{which}", bytes([which])
        yield f"damaged_{which}", bytes([which, 24, 0, 0, 0, 40, 1, 0, 255])


def vocab_txt_seeds():
    """The first byte says whether texts are put into lower case; a vocabulary, and behind a NUL byte a text."""
    specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
    yield "lower", "1" + specials + "cat\n##s\n猫\n\0Cats 猫 caté [MASK]"
    yield "cased", "0" + specials.replace("\n", "\r\n") + "Cat\r\n##s\r\n\0Cats"
    yield "twice", "1" + specials + "a\na\n"
    yield "no_special", "1a\nb\n"
