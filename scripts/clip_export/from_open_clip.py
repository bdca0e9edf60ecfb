"""Builds the lean encoders of towers.py from an open_clip model and copies its weights."""
import torch
from torch import Tensor, nn

from .open_clip_import import open_clip
from .towers import Block, ImageEncoder, LastBlock, Mlp, TextEncoder

_QUICK_GELU_FACTOR = 1.702


class UnsupportedModel(Exception):
    """The model has a part that these encoders do not compute; the message names it."""


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise UnsupportedModel(reason)


def text_tower(model: nn.Module) -> nn.Module:
    """The module that holds the text weights: the model itself, or its `text` (open_clip's CustomTextCLIP)."""
    return getattr(model, "text", model)


def check_blocks(blocks: nn.ModuleList, tower: str) -> None:
    for block in blocks:
        _require(type(block) is open_clip.transformer.ResidualAttentionBlock,
                 f"the {tower} tower has blocks of type {type(block).__name__}, not plain residual attention")
        activation = block.mlp.gelu
        is_exact_gelu = type(activation) is nn.GELU and activation.approximate == "none"
        _require(is_exact_gelu or type(activation) is open_clip.transformer.QuickGELU,
                 f"the {tower} tower's activation is {activation}, neither exact GELU nor QuickGELU")


def check_supported(model: nn.Module) -> None:
    """Raises UnsupportedModel unless `model` is a plain CLIP: vision transformer and causal text transformer."""
    visual = model.visual
    _require(type(visual) is open_clip.transformer.VisionTransformer,
             f"the image tower is a {type(visual).__name__}; only open_clip's VisionTransformer is exported so far")
    _require(visual.attn_pool is None, "the image tower ends in attentional pooling, not in a class token")
    _require(visual.pool_type == "tok", f"the image tower pools by '{visual.pool_type}', not by its class token")
    _require(len(set(visual.image_size)) == 1, f"pictures are {visual.image_size} pixels, not square")
    _require(len(set(visual.patch_size)) == 1, f"patches are {visual.patch_size} pixels, not square")
    _require(visual.image_size[0] % visual.patch_size[0] == 0,
             f"image size {visual.image_size[0]} is no multiple of patch size {visual.patch_size[0]}")
    check_blocks(visual.transformer.resblocks, "image")

    text = text_tower(model)
    _require(text is model or type(text) is open_clip.transformer.TextTransformer,
             f"the text tower is a {type(text).__name__}; only open_clip's TextTransformer is exported so far")
    _require(getattr(text, "cls_emb", None) is None, "the text tower has a class token of its own (CoCa)")
    _require(text.attn_mask is not None, "the text tower is not causal")
    _require(text_pool_type(text) in ("argmax", "eos"),
             f"the text tower pools by '{text_pool_type(text)}', not at the end token")
    _require(text.text_projection is not None, "the text tower has no projection")
    check_blocks(text.transformer.resblocks, "text")


def text_pool_type(text: nn.Module) -> str:
    return text.text_pool_type if hasattr(text, "text_pool_type") else text.pool_type


def text_eot_token_id(text: nn.Module) -> int:
    """The end token that pooling looks for, or -1 where it takes the highest id of a row."""
    if text_pool_type(text) == "argmax":
        return -1
    return text.text_eos_id if hasattr(text, "text_eos_id") else text.eos_id


def uses_quick_gelu(blocks: nn.ModuleList) -> bool:
    return type(blocks[0].mlp.gelu) is open_clip.transformer.QuickGELU


def copy_linear(target: nn.Linear, weight: Tensor, bias: Tensor | None = None) -> None:
    """weight: [out_features, in_features]; bias: [out_features]"""
    assert target.weight.shape == weight.shape and (target.bias is None) == (bias is None)
    target.weight.copy_(weight)
    if bias is not None:
        target.bias.copy_(bias)


def copy_layer_norm(target: nn.LayerNorm, source: nn.LayerNorm) -> None:
    target.eps = source.eps
    target.weight.copy_(source.weight)
    target.bias.copy_(source.bias)


def layer_scale(module: nn.Module) -> Tensor | float:
    """The factor [width] behind a residual branch; it goes into the weights of the branch's last layer."""
    return module.gamma if isinstance(module, open_clip.transformer.LayerScale) else 1.0


def copy_scaled(target: nn.Linear, source: nn.Linear, scale: Tensor | float) -> None:
    weight_scale = scale[:, None] if isinstance(scale, Tensor) else scale
    copy_linear(target, source.weight * weight_scale, source.bias * scale)


def copy_mlp(target: Mlp, source: nn.Sequential, scale: Tensor | float) -> None:
    """`scale` is the layer scale behind. QuickGELU(x) = SiLU(f x) / f, with f = 1.702: f goes into c_fc and
    1 / f into the weight of c_proj."""
    factor = _QUICK_GELU_FACTOR if isinstance(target.activation, nn.SiLU) else 1.0
    copy_scaled(target.c_fc, source.c_fc, factor)
    copy_scaled(target.c_proj, source.c_proj, scale)
    target.c_proj.weight.div_(factor)


def copy_block(target: Block | LastBlock, source: nn.Module) -> None:
    attention = source.attn
    width = attention.embed_dim
    copy_layer_norm(target.ln_1, source.ln_1)
    copy_layer_norm(target.ln_2, source.ln_2)
    if isinstance(target, Block):
        copy_linear(target.qkv_proj, attention.in_proj_weight, attention.in_proj_bias)
    else:
        copy_linear(target.q_proj, attention.in_proj_weight[:width], attention.in_proj_bias[:width])
        copy_linear(target.kv_proj, attention.in_proj_weight[width:], attention.in_proj_bias[width:])
    copy_scaled(target.out_proj, attention.out_proj, layer_scale(source.ls_1))
    copy_mlp(target.mlp, source.mlp, layer_scale(source.ls_2))


def copy_blocks(target: ImageEncoder | TextEncoder, source: nn.ModuleList) -> None:
    for target_block, source_block in zip([*target.blocks, target.last_block], source, strict=True):
        copy_block(target_block, source_block)


@torch.no_grad()
def build_image_encoder(model: nn.Module) -> ImageEncoder:
    visual = model.visual
    blocks = visual.transformer.resblocks
    encoder = ImageEncoder(
        image_size=visual.image_size[0], patch_size=visual.patch_size[0], width=visual.transformer.width,
        num_layers=len(blocks), num_heads=blocks[0].attn.num_heads, hidden_width=blocks[0].mlp.c_fc.out_features,
        embed_dim=visual.proj.shape[1], use_quick_gelu=uses_quick_gelu(blocks),
        use_ln_pre=not isinstance(visual.ln_pre, nn.Identity))
    copy_linear(encoder.patch_embedding, visual.conv1.weight.flatten(1))  # [width, 3, size, size] -> [width, 3 * size²]
    encoder.class_embedding.copy_(visual.class_embedding)
    encoder.positional_embedding.copy_(visual.positional_embedding)
    if isinstance(encoder.ln_pre, nn.LayerNorm):
        copy_layer_norm(encoder.ln_pre, visual.ln_pre)
    copy_blocks(encoder, blocks)
    copy_layer_norm(encoder.ln_post, visual.ln_post)
    copy_linear(encoder.projection, visual.proj.T)
    return encoder.requires_grad_(False).eval()


@torch.no_grad()
def build_text_encoder(model: nn.Module) -> TextEncoder:
    text = text_tower(model)
    blocks = text.transformer.resblocks
    projection = text.text_projection
    has_bias = isinstance(projection, nn.Linear) and projection.bias is not None
    weight = projection.weight if isinstance(projection, nn.Linear) else projection.T  # [embed_dim, width]
    encoder = TextEncoder(
        context_length=text.context_length, vocab_size=text.vocab_size, width=text.transformer.width,
        num_layers=len(blocks), num_heads=blocks[0].attn.num_heads, hidden_width=blocks[0].mlp.c_fc.out_features,
        embed_dim=weight.shape[0], use_quick_gelu=uses_quick_gelu(blocks), has_projection_bias=has_bias,
        eot_token_id=text_eot_token_id(text))
    encoder.token_embedding.weight.copy_(text.token_embedding.weight)
    encoder.positional_embedding.copy_(text.positional_embedding)
    copy_blocks(encoder, blocks)
    copy_layer_norm(encoder.ln_final, text.ln_final)
    copy_linear(encoder.projection, weight, projection.bias if has_bias else None)
    return encoder.requires_grad_(False).eval()
