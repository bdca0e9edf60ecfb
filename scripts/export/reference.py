"""reference.json: what a model folder's encoders, tokenizer and preprocessing must give for known inputs."""
import functools
import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .json_lines import dump_json, round_floats
from .load_encoders import load_encoders
from .open_clip_import import open_clip
from .reference_inputs import NUM_FEATURE_TEXTS, PICTURE_SIZES, TEXTS, fnv1a_64, make_picture

Config = dict[str, Any]  # a parsed config.json


@functools.cache
def load_tokenizer(merges_text: str | None, context_length: int) -> Any:
    """open_clip's SimpleTokenizer with CLIP's own merges (None) or with the text of a merges.txt."""
    if merges_text is None:
        return open_clip.SimpleTokenizer(context_length=context_length)
    compressed = io.BytesIO(gzip.compress(merges_text.rstrip("\n").encode("utf-8")))
    return open_clip.SimpleTokenizer(bpe_path=compressed, context_length=context_length)


def crop_rounding_down(size: int) -> Callable[[Any], Any]:
    """transformers' centre crop of a Pillow picture: an odd margin is one pixel less before it than behind it."""
    def crop(picture: Any) -> Any:
        left, top = (picture.width - size) // 2, (picture.height - size) // 2
        return picture.crop((left, top, left + size, top + size))
    return crop


def preprocess_steps(config: Config) -> tuple[Callable[[Any], Any], Callable[[Any], Tensor]]:
    """open_clip's preprocess_val in two: resize and crop (Pillow to Pillow), then to normalised
    pixel_values [3, size, size]. The picture has to be RGB before the first: open_clip converts after it."""
    image = config["image"]
    cfg = open_clip.transform.PreprocessCfg(
        size=image["size"], mean=tuple(image["mean"]), std=tuple(image["std"]),
        interpolation=image["interpolation"], resize_mode=image["resize_mode"])
    compose = open_clip.transform.image_transform_v2(cfg, is_train=False)
    steps = compose.transforms
    if image.get("crop_rounds_down"):
        steps = [crop_rounding_down(image["size"]) if type(step).__name__.startswith("CenterCrop") else step for step in steps]
    return type(compose)(steps[:-2]), type(compose)(steps[-2:])


@dataclass
class ReferenceInputs:
    """The reference pictures and texts as one model sees them."""
    source_checksums: list[str]
    resized_checksums: list[str]
    pixel_values: Tensor   # [3, 3, size, size]
    token_ids: Tensor      # [50, context_length], padded


def make_inputs(config: Config, merges_text: str | None) -> ReferenceInputs:
    resize_and_crop, normalise = preprocess_steps(config)
    pictures = [make_picture(index) for index in range(len(PICTURE_SIZES))]
    resized = [resize_and_crop(picture) for picture in pictures]
    text = config["text"]
    tokenizer = load_tokenizer(merges_text, text["context_length"])
    token_ids = tokenizer(list(TEXTS))
    if text["pad_token_id"] != 0:  # open_clip pads with zeros; 0 is also the id of "!", so go by the end token
        for row in token_ids:
            row[num_real_tokens(row, text["eot_token_id"]):] = text["pad_token_id"]
    return ReferenceInputs(
        source_checksums=[fnv1a_64(picture.tobytes()) for picture in pictures],
        resized_checksums=[fnv1a_64(picture.tobytes()) for picture in resized],
        pixel_values=torch.stack([normalise(picture) for picture in resized]),
        token_ids=token_ids)


def num_real_tokens(row: Tensor, eot_token_id: int) -> int:
    """row: [context_length]; the number of ids up to its last end token (a text may contain one before)."""
    return int((row == eot_token_id).nonzero()[-1]) + 1


def make_reference(config: Config, inputs: ReferenceInputs, image_features: Tensor, text_features: Tensor,
                   computed_by: str) -> dict[str, Any]:
    """image_features: [3, embed_dim]; text_features: [>= NUM_FEATURE_TEXTS, embed_dim]; neither normalised."""
    text_features = text_features[:NUM_FEATURE_TEXTS]
    similarity = F.normalize(image_features, dim=-1) @ F.normalize(text_features, dim=-1).T
    logits = config["logit_scale"] * similarity + (config["logit_bias"] or 0.0)
    eot_token_id = config["text"]["eot_token_id"]
    return {
        "format_version": 1,
        "computed_by": computed_by,
        "pictures": [
            {"width": width, "height": height, "source_fnv1a64": source, "resized_fnv1a64": resized}
            for (width, height), source, resized
            in zip(PICTURE_SIZES, inputs.source_checksums, inputs.resized_checksums, strict=True)],
        "texts": [{"text": text, "token_ids": row[:num_real_tokens(row, eot_token_id)].tolist()}
                  for text, row in zip(TEXTS, inputs.token_ids, strict=True)],
        "image_features": round_floats(image_features),
        "text_features": round_floats(text_features),
        "logits": round_floats(logits),
    }


def reference_of_folder(folder: Path, config: Config) -> dict[str, Any]:
    """The reference as the folder's own encoders give it, in float32."""
    merges_path = folder / "merges.txt"
    inputs = make_inputs(config, merges_path.read_text("utf-8") if merges_path.exists() else None)
    image_encoder, text_encoder = load_encoders(folder)
    with torch.inference_mode():
        image_features = image_encoder(inputs.pixel_values)
        text_features = text_encoder(inputs.token_ids[:NUM_FEATURE_TEXTS])
    return make_reference(config, inputs, image_features, text_features, "the folder's own encoders")


def write_reference(folder: Path, reference: dict[str, Any]) -> None:
    (folder / "reference.json").write_text(dump_json(reference), "utf-8")
