"""Families of models as their makers publish them: what clipcls imports, beside the libraries that compute with it."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .bert import biomed_clip, chinese_clip, quilt_net
from .published import PublishedModel
from .siglip import fashion_siglip, open_clip_siglip, transformers_siglip

Make = Callable[[Path, Sequence[Path], bool, Path | None], PublishedModel]


@dataclass(frozen=True)
class Family:
    library: str
    tokenizer: str  # of scripts/compare_families --tokenizer
    make: Make      # (folder, pictures, is_small, tokenizer.json or None): fills the folder


def transformers(version: int, **sizes: dict[str, object]) -> Family:
    return Family("transformers", "siglip" if version == 1 else "gemma",
                  lambda folder, pictures, is_small, tokenizer: transformers_siglip(
                      folder, pictures, version, is_small, tokenizer, **({} if is_small else sizes)))


def open_clip(name: str) -> Family:
    return Family("open_clip", "gemma" if "SigLIP2" in name else "siglip",
                  lambda folder, pictures, is_small, tokenizer: open_clip_siglip(folder, pictures, name, is_small, tokenizer))


SO400M = {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16}

FAMILIES: dict[str, Family] = {
    "siglip-b16-224": transformers(1),
    "siglip-so400m-14-384": transformers(1, text=SO400M, vision=SO400M | {"patch_size": 14, "image_size": 384}),
    "medsiglip-448": transformers(1, text=SO400M, vision=SO400M | {"patch_size": 14, "image_size": 448}),
    "siglip2-b16-224": transformers(2),
    "siglip2-b32-256": transformers(2, vision={"patch_size": 32, "image_size": 256}),
    "ViT-B-16-SigLIP": open_clip("ViT-B-16-SigLIP"),
    "ViT-SO400M-14-SigLIP": open_clip("ViT-SO400M-14-SigLIP"),
    "ViT-B-16-SigLIP2": open_clip("ViT-B-16-SigLIP2"),
    "ViT-B-32-SigLIP2-256": open_clip("ViT-B-32-SigLIP2-256"),
    "chinese-clip-b16": Family("transformers", "bert", chinese_clip),
    "biomedclip": Family("open_clip", "bert", biomed_clip),
    "quiltnet-b16-pmb": Family("open_clip", "bert", quilt_net),
    "fashion-siglip": Family("open_clip", "siglip", fashion_siglip),
}
