"""The field `architecture` of config.json: what a tower that clipcls builds is made of, and of others a line for people."""
from typing import Any

from torch import nn

from .open_clip_import import open_clip
from .plain_towers import image_fields, is_plain_image_tower, is_plain_text_tower, text_fields, text_tower


def describe_architecture(model: nn.Module, eot_token_id: int) -> dict[str, Any]:
    """eot_token_id: of the vocabulary."""
    visual, text = model.visual, text_tower(model)
    return {"image": image_fields(visual) if is_plain_image_tower(visual) else describe_image_tower(visual),
            "text": text_fields(text) if is_plain_text_tower(text, eot_token_id) else describe_text_tower(text)}


def describe_activation(block: nn.Module) -> str:
    activation = block.mlp.gelu
    if isinstance(activation, nn.GELU) and activation.approximate != "none":
        return f"GELU ({activation.approximate})"
    return type(activation).__name__


def describe_blocks(transformer: nn.Module) -> str:
    blocks = transformer.resblocks
    return f"{len(blocks)} layers, width {transformer.width}, {blocks[0].attn.num_heads} heads"


def describe_image_tower(visual: nn.Module) -> str:
    if isinstance(visual, open_clip.transformer.VisionTransformer):
        pooling = ", attentional pooling" if visual.attn_pool is not None else ""
        return (f"VisionTransformer, {describe_blocks(visual.transformer)}, patch {visual.patch_size[0]}, "
                f"{describe_activation(visual.transformer.resblocks[0])}{pooling}")
    if isinstance(visual, open_clip.modified_resnet.ModifiedResNet):
        layers = "-".join(str(len(layer)) for layer in (visual.layer1, visual.layer2, visual.layer3, visual.layer4))
        return f"ModifiedResNet, layers {layers}, width {visual.conv3.out_channels}, {visual.attnpool.num_heads} heads"
    if isinstance(visual, open_clip.timm_model.TimmModel):
        config = getattr(visual.trunk, "pretrained_cfg", None) or {}
        return f"timm {config.get('architecture', type(visual.trunk).__name__)}"
    return type(visual).__name__


def describe_text_tower(text: nn.Module) -> str:
    if not hasattr(text, "transformer") or not hasattr(text.transformer, "resblocks"):
        return type(text).__name__
    details = "" if text.attn_mask is not None else ", not causal"
    details += ", class token" if getattr(text, "cls_emb", None) is not None else ""
    return (f"text transformer, {describe_blocks(text.transformer)}, context {text.context_length}, "
            f"{describe_activation(text.transformer.resblocks[0])}{details}")
