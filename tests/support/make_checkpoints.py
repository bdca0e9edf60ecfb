"""Checkpoints as transformers, open_clip and torch.save write them, of tiny models with seeded random weights, each
with the reference model that `clipcls model import` has to equal.

Sizes are chosen so that nothing that could be assumed is right by chance: heads are not 64 wide, MLPs not four times
as wide as their transformer, epsilons not 1e-5, and every bias and norm is random.
"""
import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from export.open_clip_import import open_clip
from make_openai_archives import spread_batch_norms
from make_test_models import LOGIT_SCALE, spread_features
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

OPENAI_IMAGE = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711],
                "interpolation": "bicubic", "resize_mode": "shortest"}
TRANSFORMERS_IMAGE = OPENAI_IMAGE | {"crop_rounds_down": True}
OWN_IMAGE = {"mean": [0.5, 0.4, 0.3], "std": [0.25, 0.5, 0.75], "interpolation": "bilinear", "resize_mode": "squash"}


@dataclass
class Checkpoint:
    """A source of an import, and what has to come out of it."""
    source: Path
    model: Any                         # encode_image, encode_text, logit_scale, logit_bias: open_clip's interface
    image: dict[str, Any]              # of config.json
    options: list[Any] = field(default_factory=list)
    architecture: tuple[str, str] = ("", "")  # parts of the two lines of config.json


class TransformersAsOpenClip(nn.Module):
    """A CLIPModel with open_clip's interface."""
    logit_bias = None

    def __init__(self, model: CLIPModel) -> None:
        super().__init__()
        self.model = model
        self.logit_scale = model.logit_scale

    def encode_image(self, pixel_values: Tensor, normalize: bool = False) -> Tensor:
        features = self.model.get_image_features(pixel_values).pooler_output
        return F.normalize(features, dim=-1) if normalize else features

    def encode_text(self, token_ids: Tensor, normalize: bool = False) -> Tensor:
        features = self.model.get_text_features(token_ids).pooler_output
        return F.normalize(features, dim=-1) if normalize else features


@torch.no_grad()
def randomise(model: nn.Module) -> None:
    """Biases and norms that are not zeros and ones, and features that differ between inputs."""
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1 and not name.endswith("class_embedding"):
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
        if name.endswith(("q_proj.weight", "k_proj.weight")) and "attnpool" not in name:
            parameter.mul_(6)
        elif name.endswith("patch_embedding.weight"):
            parameter.mul_(6)
        elif name.endswith(("token_embedding.weight", "position_embedding.weight")) and "model." in name:
            parameter.mul_(5)
    model.logit_scale.fill_(math.log(LOGIT_SCALE))


def transformers_model(seed: int, activation: str = "quick_gelu", eos_token_id: int = 49407,
                       vocab_size: int = 49408) -> CLIPModel:
    torch.manual_seed(seed)
    config = CLIPConfig(
        projection_dim=24,
        text_config={"hidden_size": 40, "num_attention_heads": 5, "intermediate_size": 100, "num_hidden_layers": 3,
                     "hidden_act": activation, "layer_norm_eps": 3e-3, "eos_token_id": eos_token_id,
                     "vocab_size": vocab_size, "projection_dim": 24},
        vision_config={"hidden_size": 48, "num_attention_heads": 3, "intermediate_size": 80, "num_hidden_layers": 2,
                       "hidden_act": activation, "layer_norm_eps": 2e-2, "image_size": 40, "patch_size": 8,
                       "projection_dim": 24})
    model = CLIPModel(config).eval().requires_grad_(False)
    randomise(model)
    return model


def transformers_checkpoint(folder: Path, model: CLIPModel, **options: Any) -> Checkpoint:
    model.save_pretrained(folder, **options)
    activation = "QuickGELU" if model.config.text_config.hidden_act == "quick_gelu" else "GELU"
    return Checkpoint(folder, TransformersAsOpenClip(model.float()), {"size": 40} | TRANSFORMERS_IMAGE, architecture=(
        f"VisionTransformer, 2 layers, width 48, 3 heads, patch 8, {activation}",
        f"text transformer, 3 layers, width 40, 5 heads, {activation}"))


def transformers_quick_gelu(folder: Path) -> Checkpoint:
    return transformers_checkpoint(folder, transformers_model(1))


def transformers_sharded(folder: Path) -> Checkpoint:
    """GELU, more files than one, and the end token id of before transformers 4.31, which means the highest id."""
    checkpoint = transformers_checkpoint(folder, transformers_model(2, "gelu", eos_token_id=2), max_shard_size="100KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    return checkpoint


def transformers_preprocessor(folder: Path) -> Checkpoint:
    checkpoint = transformers_checkpoint(folder, transformers_model(3))
    CLIPImageProcessor(size={"height": 40, "width": 40}, crop_size=40, resample=2, image_mean=OWN_IMAGE["mean"],
                       image_std=OWN_IMAGE["std"]).save_pretrained(folder)
    checkpoint.image = {"size": 40} | OWN_IMAGE
    return checkpoint


def transformers_file(folder: Path) -> Checkpoint:
    """The file alone, its header one byte longer: the numbers behind it are not aligned."""
    checkpoint = transformers_checkpoint(folder, transformers_model(4, "gelu"))
    checkpoint.source = folder / "model.safetensors"
    content = checkpoint.source.read_bytes()
    [length] = struct.unpack("<Q", content[:8])
    checkpoint.source.write_bytes(struct.pack("<Q", length + 1) + content[8:8 + length] + b" " + content[8 + length:])
    return checkpoint


def transformers_fp16(folder: Path) -> Checkpoint:
    return transformers_checkpoint(folder, transformers_model(5).half())


def transformers_bf16(folder: Path) -> Checkpoint:
    return transformers_checkpoint(folder, transformers_model(6).bfloat16())


def transformers_pickle(folder: Path) -> Checkpoint:
    """pytorch_model.bin, with the buffers that older versions stored."""
    checkpoint = transformers_checkpoint(folder, transformers_model(7))
    (folder / "model.safetensors").unlink()
    state_dict = checkpoint.model.model.state_dict()
    state_dict["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    state_dict["vision_model.embeddings.position_ids"] = torch.arange(26)[None]
    torch.save(state_dict, folder / "pytorch_model.bin")
    return checkpoint


def open_clip_config(**changes: Any) -> dict[str, Any]:
    config: dict[str, Any] = {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 40, "layers": 2, "width": 48, "head_width": 16, "patch_size": 8, "mlp_ratio": 2.5},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 40, "heads": 5, "layers": 3, "mlp_ratio": 3.0},
    }
    for key, value in changes.items():
        config[key] = config[key] | value if isinstance(value, dict) and key in config else value
    return config


def open_clip_model(seed: int, config: dict[str, Any], kind: Any = None) -> nn.Module:
    torch.manual_seed(seed)
    arguments = {key: value for key, value in config.items() if key != "custom_text"}
    model = (kind or open_clip.CLIP)(**arguments).eval().requires_grad_(False)
    if isinstance(model.visual, open_clip.modified_resnet.ModifiedResNet):
        spread_batch_norms(model.visual, config["vision_cfg"]["image_size"])
    spread_features(model)
    randomise(model)
    return model


def write_config(folder: Path, config: dict[str, Any], image: dict[str, Any]) -> None:
    preprocess = {key: value for key, value in image.items() if key != "size"}
    (folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": config, "preprocess_cfg": preprocess}), "utf-8")


def write_safetensors(folder: Path, model: nn.Module, config: dict[str, Any], image: dict[str, Any]) -> None:
    save_file(dict(model.state_dict()), folder / "open_clip_model.safetensors", metadata={"format": "pt"})
    write_config(folder, config, image)


def open_clip_state_dict(folder: Path) -> Checkpoint:
    """A bare state dict, and the configuration as open_clip's own list has it."""
    config = open_clip_config(quick_gelu=True, vision_cfg={"head_width": 24})
    model = open_clip_model(11, config)
    torch.save(model.state_dict(), folder / "weights.pt")
    (folder / "tiny-quickgelu.json").write_text(json.dumps(config), "utf-8")
    return Checkpoint(folder / "weights.pt", model, {"size": 40} | OPENAI_IMAGE,
                      ["--config", folder / "tiny-quickgelu.json"], ("2 heads, patch 8, QuickGELU", "5 heads, QuickGELU"))


def open_clip_training(folder: Path) -> Checkpoint:
    """What training writes: more than weights, and "module." before each name."""
    config = open_clip_config(vision_cfg={"no_ln_pre": True})
    model = open_clip_model(12, config)
    optimizer = torch.optim.AdamW([nn.Parameter(torch.ones(3))])
    optimizer.param_groups[0]["params"][0].grad = torch.ones(3)
    optimizer.step()
    torch.save({"epoch": 32, "name": "tiny", "optimizer": optimizer.state_dict(),
                "state_dict": {f"module.{name}": tensor for name, tensor in model.state_dict().items()}},
               folder / "epoch_32.pt")
    write_config(folder, config, OPENAI_IMAGE)
    return Checkpoint(folder / "epoch_32.pt", model, {"size": 40} | OPENAI_IMAGE, [], ("GELU", "GELU"))


def open_clip_custom_text(folder: Path) -> Checkpoint:
    """CustomTextCLIP with layer scale, epsilons of its own, a projection with bias, and the end token by its id."""
    config = open_clip_config(
        custom_text=True, vision_cfg={"ls_init_value": 0.3, "norm_kwargs": {"eps": 1e-2}, "final_ln_after_pool": True},
        text_cfg={"ls_init_value": 0.4, "norm_kwargs": {"eps": 5e-3}, "proj_bias": True, "pool_type": "eos",
                  "eos_id": 49407})
    model = open_clip_model(13, config, open_clip.CustomTextCLIP)
    write_safetensors(folder, model, config, OWN_IMAGE)
    return Checkpoint(folder, model, {"size": 40} | OWN_IMAGE, [], ("3 heads, patch 8, GELU", "GELU"))


def open_clip_resnet(folder: Path) -> Checkpoint:
    config = {"embed_dim": 24, "vision_cfg": {"image_size": 64, "layers": [1, 2, 1, 1], "width": 8, "head_width": 32},
              "text_cfg": open_clip_config()["text_cfg"]}
    model = open_clip_model(14, config)
    write_safetensors(folder, model, config, OPENAI_IMAGE)
    model.visual.image_size = (64, 64)
    return Checkpoint(folder / "open_clip_model.safetensors", model, {"size": 64} | OPENAI_IMAGE, [],
                      ("ModifiedResNet, 1-2-1-1 bottlenecks, width 8, attention pool of 8 heads", "GELU"))


def open_clip_sigmoid(folder: Path) -> Checkpoint:
    config = open_clip_config(init_logit_bias=-10, nonscalar_logit_scale=True)
    model = open_clip_model(15, config)
    model.logit_bias.fill_(-9.5)
    write_safetensors(folder, model, config, OPENAI_IMAGE)
    return Checkpoint(folder, model, {"size": 40} | OPENAI_IMAGE)


def open_clip_bin(folder: Path) -> Checkpoint:
    """open_clip_pytorch_model.bin in half precision, weights of which two share their memory."""
    config = open_clip_config()
    model = open_clip_model(16, config).half()
    state_dict = dict(model.state_dict())
    both = torch.stack([state_dict["visual.ln_pre.weight"], state_dict["visual.ln_pre.bias"]])
    state_dict["visual.ln_pre.weight"], state_dict["visual.ln_pre.bias"] = both[0], both[1]
    torch.save(state_dict, folder / "open_clip_pytorch_model.bin")
    write_config(folder, config, OPENAI_IMAGE)
    return Checkpoint(folder, model.float(), {"size": 40} | OPENAI_IMAGE)


CHECKPOINTS: dict[str, Callable[[Path], Checkpoint]] = {maker.__name__: maker for maker in (
    transformers_quick_gelu, transformers_sharded, transformers_preprocessor, transformers_file, transformers_fp16,
    transformers_bf16, transformers_pickle, open_clip_state_dict, open_clip_training, open_clip_custom_text,
    open_clip_resnet, open_clip_sigmoid, open_clip_bin)}
