"""The tokenizer files of a published model: a small trained tokenizer of the same pipeline, or one that is given."""
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))
import make_pipeline_golden as golden  # noqa: E402

Json = dict[str, Any]


def unigram_json() -> Json:
    """SigLIP's pieces, behind sentencepiece's own normaliser alone: the source canonicalises texts."""
    value = json.loads(golden.siglip().to_str())
    value["normalizer"]["normalizers"] = [
        step for step in value["normalizer"]["normalizers"]
        if step["type"] == "Precompiled" or step.get("pattern") == {"Regex": " {2,}"}]
    return value


def gemma_json() -> Json:
    return json.loads(golden.gemma().to_str())


def read_json(file: Path) -> Json:
    return json.loads(file.read_text("utf-8"))


def write_tokenizer(folder: Path, tokenizer: Json, **config: Any) -> int:
    """Writes tokenizer.json and tokenizer_config.json; returns the number of tokens."""
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    from tokenizers import Tokenizer
    return Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size()


def bert_json() -> Json:
    return json.loads(golden.bert().to_str())


def write_vocabulary(folder: Path, tokenizer: Json, **config: Any) -> int:
    """The same of a BERT as a vocab.txt."""
    vocabulary = tokenizer["model"]["vocab"]
    pieces = sorted(vocabulary, key=vocabulary.get)
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in pieces), "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    return len(pieces)
