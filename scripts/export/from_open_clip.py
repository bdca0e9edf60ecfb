"""Builds the lean encoders of towers.py from an open_clip model.

They take the model's own tensors wherever these need no change, so that a large model is not held twice.
"""
import torch
from torch import Tensor, nn

from .open_clip_import import open_clip
from .towers import Block, CausalTextEncoder, ImageEncoder, LastBlock, Mlp, TextEncoder

_QUICK_GELU_FACTOR = 1.702


def text_tower(model: nn.Module) -> nn.Module:
    """The module that holds the text weights: the model itself, or its `text` (open_clip's CustomTextCLIP)."""
    return getattr(model, "text", model)


def has_lean_blocks(blocks: nn.ModuleList) -> bool:
    """Whether all are plain residual attention blocks with exact GELU or QuickGELU."""
    return all(
        type(block) is open_clip.transformer.ResidualAttentionBlock
        and (type(block.mlp.gelu) is open_clip.transformer.QuickGELU
             or (type(block.mlp.gelu) is nn.GELU and block.mlp.gelu.approximate == "none"))
        for block in blocks)


def is_lean_image_tower(visual: nn.Module) -> bool:
    """Whether ImageEncoder computes what `visual` does: a vision transformer that ends in its class token."""
    return (type(visual) is open_clip.transformer.VisionTransformer
            and visual.attn_pool is None and visual.pool_type == "tok"
            and visual.patch_size[0] == visual.patch_size[1]
            and visual.image_size[0] % visual.patch_size[0] == 0
            and has_lean_blocks(visual.transformer.resblocks))


def is_lean_text_tower(text: nn.Module) -> bool:
    """Whether TextEncoder computes what `text` does: a transformer that ends in its end token and a projection."""
    return (isinstance(text, (open_clip.CLIP, open_clip.transformer.TextTransformer))
            and getattr(text, "cls_emb", None) is None and not getattr(text, "use_pad_mask", False)
            and text_pool_type(text) in ("argmax", "eos")
            and text.text_projection is not None
            and has_lean_blocks(text.transformer.resblocks))


def text_pool_type(text: nn.Module) -> str:
    return text.text_pool_type if hasattr(text, "text_pool_type") else text.pool_type


def text_eot_token_id(text: nn.Module) -> int:
    """The end token that pooling looks for, or -1 where the end token is the highest id of a row."""
    if text_pool_type(text) != "eos":
        return -1
    return text.text_eos_id if hasattr(text, "text_eos_id") else text.eos_id


def uses_quick_gelu(blocks: nn.ModuleList) -> bool:
    return type(blocks[0].mlp.gelu) is open_clip.transformer.QuickGELU


def take(tensor: Tensor) -> nn.Parameter:
    """`tensor` as a parameter: the same memory where it lies in one piece."""
    return nn.Parameter(tensor.detach().contiguous(), requires_grad=False)


def take_linear(target: nn.Linear, weight: Tensor, bias: Tensor | None = None) -> None:
    """weight: [out_features, in_features]; bias: [out_features]"""
    assert target.weight.shape == weight.shape and (target.bias is None) == (bias is None)
    target.weight = take(weight)
    if bias is not None:
        target.bias = take(bias)


def take_layer_norm(target: nn.LayerNorm, source: nn.LayerNorm) -> None:
    target.eps = source.eps
    target.weight = take(source.weight)
    target.bias = take(source.bias)


def layer_scale(module: nn.Module) -> Tensor | None:
    """The factor [width] behind a residual branch; it goes into the weights of the branch's last layer."""
    return module.gamma if isinstance(module, open_clip.transformer.LayerScale) else None


def take_scaled(target: nn.Linear, source: nn.Linear, scale: Tensor | None) -> None:
    if scale is None:
        take_linear(target, source.weight, source.bias)
    else:
        take_linear(target, source.weight * scale[:, None], source.bias * scale)


def take_mlp(target: Mlp, source: nn.Sequential, scale: Tensor | None) -> None:
    """`scale` is the layer scale behind. QuickGELU(x) = SiLU(f x) / f, with f = 1.702: f goes into c_fc and
    1 / f into the weight of c_proj."""
    take_linear(target.c_fc, source.c_fc.weight, source.c_fc.bias)
    take_scaled(target.c_proj, source.c_proj, scale)
    if isinstance(target.activation, nn.SiLU):
        take_linear(target.c_fc, source.c_fc.weight * _QUICK_GELU_FACTOR, source.c_fc.bias * _QUICK_GELU_FACTOR)
        target.c_proj.weight = take(target.c_proj.weight / _QUICK_GELU_FACTOR)


def take_block(target: Block | LastBlock, source: nn.Module) -> None:
    attention = source.attn
    width = attention.embed_dim
    take_layer_norm(target.ln_1, source.ln_1)
    take_layer_norm(target.ln_2, source.ln_2)
    if isinstance(target, Block):
        take_linear(target.qkv_proj, attention.in_proj_weight, attention.in_proj_bias)
    else:  # clones: an archive stores the memory behind a slice whole
        take_linear(target.q_proj, attention.in_proj_weight[:width].clone(), attention.in_proj_bias[:width].clone())
        take_linear(target.kv_proj, attention.in_proj_weight[width:].clone(), attention.in_proj_bias[width:].clone())
    take_scaled(target.out_proj, attention.out_proj, layer_scale(source.ls_1))
    take_mlp(target.mlp, source.mlp, layer_scale(source.ls_2))


def take_blocks(target: ImageEncoder | TextEncoder, source: nn.ModuleList) -> None:
    for target_block, source_block in zip([*target.blocks, target.last_block], source, strict=True):
        take_block(target_block, source_block)


@torch.no_grad()
def build_lean_image_encoder(visual: nn.Module) -> ImageEncoder:
    blocks = visual.transformer.resblocks
    with torch.device("meta"):  # no memory for weights that are replaced
        encoder = ImageEncoder(
            image_size=visual.image_size[0], patch_size=visual.patch_size[0], width=visual.transformer.width,
            num_layers=len(blocks), num_heads=blocks[0].attn.num_heads, hidden_width=blocks[0].mlp.c_fc.out_features,
            embed_dim=visual.proj.shape[1], use_quick_gelu=uses_quick_gelu(blocks),
            use_ln_pre=not isinstance(visual.ln_pre, nn.Identity))
    take_linear(encoder.patch_embedding, visual.conv1.weight.flatten(1))  # from [width, 3, size, size]
    encoder.class_embedding = take(visual.class_embedding)
    encoder.positional_embedding = take(visual.positional_embedding)
    if isinstance(encoder.ln_pre, nn.LayerNorm):
        take_layer_norm(encoder.ln_pre, visual.ln_pre)
    take_blocks(encoder, blocks)
    take_layer_norm(encoder.ln_post, visual.ln_post)
    take_linear(encoder.projection, visual.proj.T)
    return encoder.eval()


@torch.no_grad()
def build_lean_text_encoder(text: nn.Module) -> TextEncoder:
    blocks = text.transformer.resblocks
    projection = text.text_projection
    has_bias = isinstance(projection, nn.Linear) and projection.bias is not None
    weight = projection.weight if isinstance(projection, nn.Linear) else projection.T  # [embed_dim, width]
    is_causal = text.attn_mask is not None
    with torch.device("meta"):
        encoder = (CausalTextEncoder if is_causal else TextEncoder)(
            context_length=text.context_length, vocab_size=text.vocab_size, width=text.transformer.width,
            num_layers=len(blocks), num_heads=blocks[0].attn.num_heads, hidden_width=blocks[0].mlp.c_fc.out_features,
            embed_dim=weight.shape[0], use_quick_gelu=uses_quick_gelu(blocks), has_projection_bias=has_bias,
            eot_token_id=text_eot_token_id(text), is_causal=is_causal)
    encoder.token_embedding.weight = take(text.token_embedding.weight)
    encoder.positional_embedding = take(text.positional_embedding)
    take_blocks(encoder, blocks)
    take_layer_norm(encoder.ln_final, text.ln_final)
    take_linear(encoder.projection, weight, projection.bias if has_bias else None)
    return encoder.eval()
