"""What an image costs a vision transformer: the products of its linear layers, and its attention."""
from typing import Any

Shape = tuple[int, int, int]  # (tokens, in_features, out_features) of one product


def linear_shapes(visual: Any) -> list[Shape]:
    """Of open_clip's image tower, each layer as often as it is computed for one image."""
    return trunk_shapes(visual.trunk) if hasattr(visual, "trunk") else clip_shapes(visual)


def block_shapes(tokens: int, width: int, hidden: int) -> list[Shape]:
    return [(tokens, width, 3 * width), (tokens, width, width), (tokens, width, hidden), (tokens, hidden, width)]


def clip_shapes(visual: Any) -> list[Shape]:
    blocks = visual.transformer.resblocks
    width, hidden = visual.transformer.width, blocks[0].mlp.c_fc.out_features
    tokens = visual.positional_embedding.shape[0]
    patch = visual.conv1.weight[0].numel()
    return [(tokens - 1, patch, width), *block_shapes(tokens, width, hidden) * len(blocks), (1, width, visual.proj.shape[1])]


def trunk_shapes(trunk: Any) -> list[Shape]:
    """timm's vision transformer with SigLIP's attention-pool head, which clipcls computes with fewer products than published."""
    width, hidden = trunk.embed_dim, trunk.blocks[0].mlp.fc1.out_features
    tokens = trunk.patch_embed.num_patches
    patch = trunk.patch_embed.proj.weight[0].numel()
    head = [(tokens, width, 2 * width), (1, width, width), (1, width, width), (1, width, hidden), (1, hidden, width)]
    return [(tokens, patch, width), *block_shapes(tokens, width, hidden) * len(trunk.blocks), *head]


def attention_flops(visual: Any) -> int:
    if hasattr(visual, "trunk"):
        tokens, width, num_blocks = visual.trunk.patch_embed.num_patches, visual.trunk.embed_dim, len(visual.trunk.blocks)
    else:
        tokens, width = visual.positional_embedding.shape[0], visual.transformer.width
        num_blocks = len(visual.transformer.resblocks)
    return num_blocks * 4 * tokens * tokens * width
