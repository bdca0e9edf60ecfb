"""The towers that clipcls builds itself: CLIP's vision transformer and text transformer. A model folder has their weights
as they are published and says in config.json's `architecture` what they are; nothing of them is compiled."""
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from .conv_net import ConvNet
from .open_clip_import import open_clip

Fields = dict[str, Any]  # config.json's architecture.image or architecture.text
_TEXT_TENSORS = ("token_embedding.", "positional_embedding", "transformer.", "ln_final.", "text_projection")


def text_tower(model: nn.Module) -> nn.Module:
    """The module that holds the text weights: the model itself, or its `text` (open_clip's CustomTextCLIP)."""
    return getattr(model, "text", model)


def text_pool_type(text: nn.Module) -> str:
    return text.text_pool_type if hasattr(text, "text_pool_type") else text.pool_type


def text_eot_token_id(text: nn.Module) -> int:
    """The end token that pooling looks for, or -1 where the end token is the highest id of a row."""
    if text_pool_type(text) != "eos":
        return -1
    return text.text_eos_id if hasattr(text, "text_eos_id") else text.eos_id


def are_equal(values: Iterable[Any]) -> bool:
    return len(set(values)) == 1


def is_plain_transformer(tower: nn.Module) -> bool:
    """Whether all blocks are plain residual attention blocks of one kind, with exact GELU or QuickGELU."""
    blocks = tower.transformer.resblocks
    norms = [part for name, part in tower.named_modules() if isinstance(part, nn.LayerNorm) and not name.startswith("visual.")]
    return (all(type(block) is open_clip.transformer.ResidualAttentionBlock
                and (type(block.mlp.gelu) is open_clip.transformer.QuickGELU
                     or (type(block.mlp.gelu) is nn.GELU and block.mlp.gelu.approximate == "none")) for block in blocks)
            and are_equal(type(block.mlp.gelu) for block in blocks) and are_equal(norm.eps for norm in norms)
            and are_equal(isinstance(scale, open_clip.transformer.LayerScale)
                          for block in blocks for scale in (block.ls_1, block.ls_2)))


def is_plain_image_tower(visual: nn.Module) -> bool:
    """Whether it is a vision transformer whose class token gives the features."""
    return (type(visual) is open_clip.transformer.VisionTransformer
            and visual.attn_pool is None and visual.pool_type == "tok" and visual.proj is not None
            and visual.patch_size[0] == visual.patch_size[1]
            and visual.image_size[0] % visual.patch_size[0] == 0
            and is_plain_transformer(visual))


def is_plain_text_tower(text: nn.Module, eot_token_id: int) -> bool:
    """Whether it is a transformer that ends in its end token, the vocabulary's, and a projection."""
    return (isinstance(text, (open_clip.CLIP, open_clip.transformer.TextTransformer))
            and getattr(text, "cls_emb", None) is None and not getattr(text, "use_pad_mask", False)
            and text_pool_type(text) in ("argmax", "eos") and text_eot_token_id(text) in (-1, eot_token_id)
            and text.text_projection is not None
            and is_plain_transformer(text))


def transformer_fields(kind: str, tower: nn.Module) -> Fields:
    blocks = tower.transformer.resblocks
    is_quick_gelu = type(blocks[0].mlp.gelu) is open_clip.transformer.QuickGELU
    return {"kind": kind, "width": tower.transformer.width, "layers": len(blocks), "heads": blocks[0].attn.num_heads,
            "mlp_width": blocks[0].mlp.c_fc.out_features, "activation": "quick_gelu" if is_quick_gelu else "gelu",
            "layer_norm_eps": blocks[0].ln_1.eps,
            "layer_scale": isinstance(blocks[0].ls_1, open_clip.transformer.LayerScale)}


def image_fields(visual: nn.Module) -> Fields:
    return transformer_fields("vision_transformer", visual) | {
        "patch_size": visual.patch_size[0], "ln_pre": not isinstance(visual.ln_pre, nn.Identity)}


def text_fields(text: nn.Module) -> Fields:
    projection = text.text_projection
    return transformer_fields("text_transformer", text) | {
        "causal": text.attn_mask is not None, "vocab_size": text.vocab_size,
        "end_token": "highest_id" if text_eot_token_id(text) == -1 else "first_end_token",
        "projection_bias": isinstance(projection, nn.Linear) and projection.bias is not None}


def image_tensors(visual: nn.Module) -> dict[str, Tensor]:
    return {f"visual.{name}": tensor for name, tensor in visual.state_dict().items()}


def text_tensors(text: nn.Module) -> dict[str, Tensor]:
    tensors = {name: tensor for name, tensor in text.state_dict().items() if name.startswith(_TEXT_TENSORS)}
    if isinstance(text.text_projection, nn.Linear) and text.text_projection.bias is None:
        tensors["text_projection"] = tensors.pop("text_projection.weight").T.contiguous()  # CLIP computes x @ text_projection
    return tensors


def _transformer_config(fields: Fields) -> dict[str, Any]:
    return {"width": fields["width"], "layers": fields["layers"],
            "mlp_ratio": (fields["mlp_width"] + 0.5) / fields["width"],  # open_clip cuts the product to an integer
            "ls_init_value": 1.0 if fields["layer_scale"] else None, "norm_kwargs": {"eps": fields["layer_norm_eps"]}}


def _build(build: Callable[..., nn.Module], config: dict[str, Any], tower: dict[str, Any], fields: Fields,
           tensors: dict[str, Tensor]) -> nn.Module:
    with torch.device("meta"):  # no memory for weights that are replaced
        module = build(config["embed_dim"], tower, quick_gelu=fields.get("activation") == "quick_gelu")
    # The counters of batch norms, which nothing reads, are not stored.
    missing, unknown = module.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, strict=False, assign=True)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unknown:
        raise ValueError(f"the tensors do not fit config.json: {[*missing, *unknown][0]}")
    return module.eval().requires_grad_(False)


def build_image_tower(config: dict[str, Any], tensors: dict[str, Tensor]) -> nn.Module:
    """The tower of what a model folder says, in float32: open_clip's vision transformer or ModifiedResNet, or a conv net."""
    fields = config["architecture"]["image"]
    if fields["kind"] == "conv_net":
        return _build(lambda embed_dim, tower, quick_gelu: ConvNet(tower, embed_dim), config, fields, fields,
                      {name.removeprefix("visual."): tensor for name, tensor in tensors.items()})
    if fields["kind"] == "modified_resnet":
        tower = {"width": fields["width"], "layers": fields["layers"], "head_width": fields["width"] * 32 // fields["heads"]}
    else:
        tower = _transformer_config(fields) | {"patch_size": fields["patch_size"], "no_ln_pre": not fields["ln_pre"],
                                               "head_width": fields["width"] // fields["heads"]}
    tensors = {name.removeprefix("visual."): tensor for name, tensor in tensors.items()}
    tower["image_size"] = config["image"]["size"]
    return _build(open_clip.model._build_vision_tower, config, tower, fields, tensors)


def build_text_tower(config: dict[str, Any], tensors: dict[str, Tensor]) -> nn.Module:
    fields, text = config["architecture"]["text"], config["text"]
    tower = _transformer_config(fields) | {
        "heads": fields["heads"], "context_length": text["context_length"], "vocab_size": fields["vocab_size"],
        "no_causal_mask": not fields["causal"], "proj_bias": fields["projection_bias"],
        "proj_type": fields.get("projection", "linear"), "eos_id": text["eot_token_id"],
        "pool_type": "argmax" if fields["end_token"] == "highest_id" else "eos"}
    module = _build(open_clip.model._build_text_tower, config, tower, fields, tensors)
    if fields["causal"]:
        module.register_buffer("attn_mask", module.build_causal_mask(), persistent=False)  # the one on "meta" is empty
    return module
