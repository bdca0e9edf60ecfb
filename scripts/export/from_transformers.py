"""Reads a folder of transformers' CLIPModel (config.json, model.safetensors, preprocessor_config.json) as the open_clip
model of the same shape and weights. The features to compare with stay those of transformers."""
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .archive_checks import ExportError
from .encoders import UnsupportedModel
from .folder import Reference
from .open_clip_import import open_clip  # first: transformers wants torchvision as well

_ACTIVATIONS = {"gelu": nn.GELU, "quick_gelu": open_clip.transformer.QuickGELU}
_INTERPOLATIONS = {2: "bilinear", 3: "bicubic"}  # Pillow's numbers
_OLD_EOT_TOKEN_ID = 2  # older configs name this one, and transformers then takes the highest id, as OpenAI does


def read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} cannot be read: {error}") from error


def check_folder(folder: Path) -> None:
    """Refuses a folder of another kind of model, or with other tokens than CLIP's, before weights are read."""
    config = read_json(folder / "config.json")
    if config.get("model_type") != "clip" or "vision_config" not in config or "text_config" not in config:
        hint = "; clipcls model import reads it" if config.get("model_type") in ("siglip", "chinese_clip") else ""
        raise UnsupportedModel(f"{folder}: its model_type is {config.get('model_type')!r}, not 'clip' with both towers{hint}")
    tokenizer_file = folder / "tokenizer_config.json"
    if tokenizer_file.exists():
        tokenizer = read_json(tokenizer_file).get("tokenizer_class", "CLIPTokenizer")
        if tokenizer not in ("CLIPTokenizer", "CLIPTokenizerFast"):
            raise UnsupportedModel(f"{folder}: its tokenizer is {tokenizer}, not CLIP's")
    merges_file = folder / "merges.txt"
    if merges_file.exists():
        merges = [line for line in merges_file.read_text("utf-8").splitlines()[1:] if line.strip()]
        known = list(open_clip.SimpleTokenizer().bpe_ranks)
        if merges != [" ".join(pair) for pair in known]:
            raise UnsupportedModel(f"{folder}: its merges.txt is not CLIP's")


def read_preprocess(folder: Path, image_size: int) -> dict[str, Any]:
    """mean, std, interpolation, resize_mode and crop_rounds_down as the folder's preprocessor_config.json says, or its
    processor_config.json, which transformers prefers; CLIPImageProcessor's without one."""
    path = folder / "processor_config.json"
    config = read_json(path).get("image_processor") if path.exists() else None
    if config is None:
        path = folder / "preprocessor_config.json"
        config = read_json(path) if path.exists() else None
    if config is None:
        return {"crop_rounds_down": True}
    size, crop = config.get("size", image_size), config.get("crop_size", image_size)
    steps = {key: config.get(key, True) for key in ("do_resize", "do_center_crop", "do_rescale", "do_normalize")}
    is_shortest = size in (image_size, {"shortest_edge": image_size})
    is_squash = size == {"height": image_size, "width": image_size}
    is_crop = crop in (image_size, {"height": image_size, "width": image_size})
    if not (steps["do_resize"] and steps["do_rescale"] and steps["do_normalize"]
            and (is_squash or (is_shortest and steps["do_center_crop"] and is_crop))
            and abs(config.get("rescale_factor", 1 / 255) * 255 - 1) < 1e-6
            and config.get("resample", 3) in _INTERPOLATIONS):
        raise UnsupportedModel(f"{path}: pictures are prepared in a way that models/README.md has no words for: size "
                               f"{size}, crop {crop}, resample {config.get('resample')}, {steps}")
    return {"mean": tuple(config.get("image_mean", open_clip.OPENAI_DATASET_MEAN)),
            "std": tuple(config.get("image_std", open_clip.OPENAI_DATASET_STD)),
            "interpolation": _INTERPOLATIONS[config.get("resample", 3)],
            "resize_mode": "squash" if is_squash else "shortest", "crop_rounds_down": not is_squash}


def build_open_clip(config: Any) -> nn.Module:
    """The open_clip model of the same shape, without weights. config: transformers' CLIPConfig."""
    vision, text = config.vision_config, config.text_config
    for tower in (vision, text):
        if tower.hidden_act not in _ACTIVATIONS:
            raise UnsupportedModel(f"the activation of {tower.model_type} is {tower.hidden_act}, neither gelu nor "
                                   f"quick_gelu")

    def mlp_ratio(tower: Any) -> float:
        return (tower.intermediate_size + 0.5) / tower.hidden_size  # open_clip cuts the product to an integer

    with torch.device("meta"):
        model = open_clip.CLIP(
            embed_dim=config.projection_dim,
            vision_cfg={"image_size": vision.image_size, "patch_size": vision.patch_size, "width": vision.hidden_size,
                        "layers": vision.num_hidden_layers, "mlp_ratio": mlp_ratio(vision),
                        "head_width": vision.hidden_size // vision.num_attention_heads,
                        "norm_kwargs": {"eps": vision.layer_norm_eps}},
            text_cfg={"context_length": text.max_position_embeddings, "vocab_size": text.vocab_size,
                      "width": text.hidden_size, "layers": text.num_hidden_layers, "heads": text.num_attention_heads,
                      "mlp_ratio": mlp_ratio(text), "norm_kwargs": {"eps": text.layer_norm_eps},
                      "pool_type": "argmax" if text.eos_token_id == _OLD_EOT_TOKEN_ID else "eos",
                      "eos_id": text.eos_token_id})
    for blocks, tower in ((model.visual.transformer.resblocks, vision), (model.transformer.resblocks, text)):
        for block in blocks:
            block.mlp.gelu = _ACTIVATIONS[tower.hidden_act]()
    return model


def rename_layers(state: dict[str, Tensor], source: str, target: str, num_layers: int) -> dict[str, Tensor]:
    """transformers' encoder layers under open_clip's names; queries, keys and values become one matrix."""
    renamed: dict[str, Tensor] = {}
    for index in range(num_layers):
        old, new = f"{source}.encoder.layers.{index}", f"{target}.resblocks.{index}"
        for kind in ("weight", "bias"):
            renamed[f"{new}.attn.in_proj_{kind}"] = torch.cat(
                [state[f"{old}.self_attn.{part}_proj.{kind}"] for part in "qkv"])
            for old_part, new_part in (("self_attn.out_proj", "attn.out_proj"), ("layer_norm1", "ln_1"),
                                       ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj")):
                renamed[f"{new}.{new_part}.{kind}"] = state[f"{old}.{old_part}.{kind}"]
    return renamed


def rename_weights(state: dict[str, Tensor], config: Any) -> dict[str, Tensor]:
    """transformers' weights under open_clip's names. transformers writes "pre_layrnorm"."""
    vision, text = "vision_model", "text_model"
    renamed = {
        "visual.class_embedding": state[f"{vision}.embeddings.class_embedding"],
        "visual.conv1.weight": state[f"{vision}.embeddings.patch_embedding.weight"],
        "visual.positional_embedding": state[f"{vision}.embeddings.position_embedding.weight"],
        "visual.proj": state["visual_projection.weight"].T,
        "token_embedding.weight": state[f"{text}.embeddings.token_embedding.weight"],
        "positional_embedding": state[f"{text}.embeddings.position_embedding.weight"],
        "text_projection": state["text_projection.weight"].T,
        "logit_scale": state["logit_scale"],
    }
    for old, new in ((f"{vision}.pre_layrnorm", "visual.ln_pre"), (f"{vision}.post_layernorm", "visual.ln_post"),
                     (f"{text}.final_layer_norm", "ln_final")):
        renamed |= {f"{new}.{kind}": state[f"{old}.{kind}"] for kind in ("weight", "bias")}
    renamed |= rename_layers(state, vision, "visual.transformer", config.vision_config.num_hidden_layers)
    return renamed | rename_layers(state, text, "transformer", config.text_config.num_hidden_layers)


def transformers_reference(source: nn.Module, version: str) -> Reference:
    def features(output: Any) -> Tensor:
        return output if isinstance(output, Tensor) else output.pooler_output  # a tensor before transformers 5

    return Reference("transformers", f"transformers {version}",
                     lambda pixel_values: features(source.get_image_features(pixel_values=pixel_values)),
                     lambda token_ids: features(source.get_text_features(input_ids=token_ids)))


def load_transformers(folder: Path) -> tuple[nn.Module, dict[str, Any], str, Reference]:
    """The open_clip model in float32 and eval mode, its preprocessing, one line that says where it comes from, and
    transformers' own model to compare with. Nothing is downloaded."""
    check_folder(folder)
    import transformers
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        source, report = transformers.CLIPModel.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, output_loading_info=True)
    except Exception as error:  # whatever its readers raise
        raise ExportError(f"{folder} cannot be loaded: {' '.join(str(error).split())[:300]}") from error
    if report["missing_keys"] or report["mismatched_keys"]:
        lacking = sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]]))
        raise ExportError(f"{folder}: its weights lack {len(lacking)} tensors or have others of this name, "
                          f"{lacking[0]} for one")
    source = source.eval().requires_grad_(False)
    preprocess = read_preprocess(folder, source.config.vision_config.image_size)
    model = build_open_clip(source.config)
    model.load_state_dict(rename_weights(source.state_dict(), source.config), assign=True)
    line = f"transformers {transformers.__version__} CLIPModel, {folder.resolve().name}"
    reference = transformers_reference(source, transformers.__version__)
    return model.eval().requires_grad_(False), preprocess, line, reference
