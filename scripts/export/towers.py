"""The two encoders of a CLIP vision transformer, written for inference and for torch.jit.script.

They compute what open_clip's towers compute, with less work:
- queries, keys and values come from one linear layer;
- the image tower reads nothing but the class token after its last block, and the text tower nothing but the
  end token, so there the query, the output projection and the MLP run for that one token;
- a causal text tower needs no position after the last end token of a batch: they are cut off at the start;
- where texts begin alike, as the prompts of one template do, a causal text tower computes their common beginning once
  (forward_shared_prefix).

No dtype and no device is written into the code: `module.to(...)` after loading changes both.
"""
from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """Two linear layers around an activation.

    QuickGELU(x) = x * sigmoid(1.702 x) = SiLU(1.702 x) / 1.702: the factor sits in the weights of the two
    layers (see from_open_clip.copy_mlp), and the activation is a plain SiLU.
    """

    def __init__(self, width: int, hidden_width: int, use_quick_gelu: bool) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, hidden_width)
        self.activation: nn.Module = nn.SiLU() if use_quick_gelu else nn.GELU()
        self.c_proj = nn.Linear(hidden_width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(self.activation(self.c_fc(x)))


class Block(nn.Module):
    """A residual attention block: [batch, length, width] -> the same."""

    def __init__(self, width: int, num_heads: int, hidden_width: int, use_quick_gelu: bool, is_causal: bool) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.is_causal = is_causal
        self.ln_1 = nn.LayerNorm(width)
        self.qkv_proj = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, hidden_width, use_quick_gelu)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.size(0), x.size(1), x.size(2)
        # [batch, length, 3 * width] -> [3, batch, heads, length, head_width]
        qkv = self.qkv_proj(self.ln_1(x)).view(batch, length, 3, self.num_heads, width // self.num_heads)
        qkv = qkv.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], is_causal=self.is_causal)
        x = x + self.out_proj(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.ln_2(x))

    def forward_shared_prefix(self, x: Tensor, prefix_length: int, num_texts: int, mask: Tensor) -> Tensor:
        """The causal block over tokens laid out as TextEncoder.forward_shared_prefix says: x [num_tokens, width] -> the
        same. mask: bool [length, prefix_length + length], True where a token of a text may look."""
        width, length = x.size(1), mask.size(0)
        qkv = self.qkv_proj(self.ln_1(x)).view(-1, 3, self.num_heads, width // self.num_heads)
        # [tokens, 3, heads, head_width] -> [3, texts, heads, length, head_width]
        own = qkv[:prefix_length].unsqueeze(0).permute(2, 0, 3, 1, 4)
        texts = qkv[prefix_length:].view(num_texts, length, 3, self.num_heads, -1).permute(2, 0, 3, 1, 4)
        prefix = F.scaled_dot_product_attention(own[0], own[1], own[2], is_causal=True)
        keys = torch.cat([own[1].expand(num_texts, -1, -1, -1), texts[1]], dim=2)
        values = torch.cat([own[2].expand(num_texts, -1, -1, -1), texts[2]], dim=2)
        attended = F.scaled_dot_product_attention(texts[0], keys, values, attn_mask=mask)
        attended = torch.cat([prefix.transpose(1, 2).reshape(prefix_length, width),
                              attended.transpose(1, 2).reshape(num_texts * length, width)])
        x = x + self.out_proj(attended)
        return x + self.mlp(self.ln_2(x))


class LastBlock(nn.Module):
    """The same block where only one token of each row is needed behind it."""

    def __init__(self, width: int, num_heads: int, hidden_width: int, use_quick_gelu: bool) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.ln_1 = nn.LayerNorm(width)
        self.q_proj = nn.Linear(width, width)
        self.kv_proj = nn.Linear(width, 2 * width)
        self.out_proj = nn.Linear(width, width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, hidden_width, use_quick_gelu)

    def forward(self, x: Tensor, token: Tensor, mask: Optional[Tensor]) -> Tensor:
        """x: [batch, length, width]; token: [batch, 1, width], the needed row of x;
        mask: None or bool [batch, 1, 1, length], True where the token may look. Returns [batch, width]."""
        batch, length, width = x.size(0), x.size(1), x.size(2)
        head_width = width // self.num_heads
        query = self.q_proj(self.ln_1(token)).view(batch, 1, self.num_heads, head_width).transpose(1, 2)
        kv = self.kv_proj(self.ln_1(x)).view(batch, length, 2, self.num_heads, head_width).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, kv[0], kv[1], attn_mask=mask)
        token = token + self.out_proj(attended.transpose(1, 2).reshape(batch, 1, width))
        return (token + self.mlp(self.ln_2(token))).squeeze(1)

    def forward_shared_prefix(self, x: Tensor, token: Tensor, prefix_length: int, mask: Tensor) -> Tensor:
        """As Block's. token: [num_texts, width], the needed rows of x; mask: bool [num_texts, 1, 1, prefix_length +
        length], True where the token may look. Returns [num_texts, width]."""
        num_texts, width = token.size(0), token.size(1)
        length = mask.size(3) - prefix_length
        head_width = width // self.num_heads
        query = self.q_proj(self.ln_1(token)).view(num_texts, 1, self.num_heads, head_width).transpose(1, 2)
        kv = self.kv_proj(self.ln_1(x)).view(-1, 2, self.num_heads, head_width)
        own = kv[:prefix_length].unsqueeze(0).permute(2, 0, 3, 1, 4)
        texts = kv[prefix_length:].view(num_texts, length, 2, self.num_heads, head_width).permute(2, 0, 3, 1, 4)
        keys = torch.cat([own[0].expand(num_texts, -1, -1, -1), texts[0]], dim=2)
        values = torch.cat([own[1].expand(num_texts, -1, -1, -1), texts[1]], dim=2)
        attended = F.scaled_dot_product_attention(query, keys, values, attn_mask=mask)
        token = token + self.out_proj(attended.transpose(1, 2).reshape(num_texts, width))
        return token + self.mlp(self.ln_2(token))


class ImageEncoder(nn.Module):
    """pixel_values [batch, 3, image_size, image_size] -> image_features [batch, embed_dim], not normalised."""

    def __init__(self, image_size: int, patch_size: int, width: int, num_layers: int, num_heads: int,
                 hidden_width: int, embed_dim: int, use_quick_gelu: bool, use_ln_pre: bool) -> None:
        super().__init__()
        self.patch_size = patch_size
        num_patches = (image_size // patch_size) ** 2
        # A convolution whose stride is its kernel size, as one linear layer: ViT-B/32 on two CPU cores takes
        # 2.0 instead of 4.8 ms for one picture and 19.2 instead of 21.0 ms for 16; /16 and /14 are level.
        self.patch_embedding = nn.Linear(3 * patch_size * patch_size, width, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros(num_patches + 1, width))
        self.ln_pre: nn.Module = nn.LayerNorm(width) if use_ln_pre else nn.Identity()
        self.blocks = nn.ModuleList(
            Block(width, num_heads, hidden_width, use_quick_gelu, is_causal=False) for _ in range(num_layers - 1))
        self.last_block = LastBlock(width, num_heads, hidden_width, use_quick_gelu)
        self.ln_post = nn.LayerNorm(width)
        self.projection = nn.Linear(width, embed_dim, bias=False)

    def unfold(self, pixel_values: Tensor) -> Tensor:
        """[batch, 3, image_size, image_size] -> [batch, num_patches, 3 * patch_size * patch_size]"""
        batch, size = pixel_values.size(0), self.patch_size
        grid = pixel_values.size(2) // size
        patches = pixel_values.reshape(batch, 3, grid, size, grid, size).permute(0, 2, 4, 1, 3, 5)
        return patches.reshape(batch, grid * grid, 3 * size * size)

    def forward(self, pixel_values: Tensor) -> Tensor:
        patches = self.patch_embedding(self.unfold(pixel_values.to(self.class_embedding.dtype)))
        class_token = self.class_embedding.expand(patches.size(0), 1, -1)
        x = self.ln_pre(torch.cat([class_token, patches], dim=1) + self.positional_embedding)
        for block in self.blocks:
            x = block(x)
        class_token = self.last_block(x, x[:, :1], None)
        return self.projection(self.ln_post(class_token))


def find_end(token_ids: Tensor, eot_token_id: int) -> Tensor:
    """[n, length] -> [n]: where each row has its first eot_token_id, or with eot_token_id = -1 its highest id, as
    in CLIP, where the end token has the highest id of all."""
    if eot_token_id < 0:
        return token_ids.argmax(dim=-1)  # the first of equals
    return (token_ids == eot_token_id).int().argmax(dim=-1)


def pad_to_context(token_ids: Tensor, eot_token_id: int, context_length: int) -> Tensor:
    """[n, length] -> [n, context_length]: zeros behind each row's last end token, as open_clip's tokenizer pads.
    The last, since a text may hold the end token itself, and a tower that is not causal sees what follows."""
    highest = token_ids.amax(dim=-1, keepdim=True)
    is_end = token_ids == (highest if eot_token_id < 0 else torch.full_like(highest, eot_token_id))
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    last_end = (is_end * positions).amax(dim=-1, keepdim=True)
    return F.pad(token_ids.masked_fill(positions > last_end, 0), [0, context_length - token_ids.size(1)])


class TextEncoder(nn.Module):
    """token_ids [n, length], int64, length <= context_length -> text_features [n, embed_dim], not normalised.

    The end token of a row is what find_end says. What follows it does not matter: a causal tower does not see it,
    and the others, which do, were trained on zeros there.
    """

    def __init__(self, context_length: int, vocab_size: int, width: int, num_layers: int, num_heads: int,
                 hidden_width: int, embed_dim: int, use_quick_gelu: bool, has_projection_bias: bool,
                 eot_token_id: int, is_causal: bool = True) -> None:
        super().__init__()
        self.context_length = context_length
        self.eot_token_id = eot_token_id
        self.is_causal = is_causal
        self.token_embedding = nn.Embedding(vocab_size, width)
        self.positional_embedding = nn.Parameter(torch.zeros(context_length, width))
        self.blocks = nn.ModuleList(
            Block(width, num_heads, hidden_width, use_quick_gelu, is_causal) for _ in range(num_layers - 1))
        self.last_block = LastBlock(width, num_heads, hidden_width, use_quick_gelu)
        self.ln_final = nn.LayerNorm(width)
        self.projection = nn.Linear(width, embed_dim, bias=has_projection_bias)

    def forward(self, token_ids: Tensor) -> Tensor:
        end = find_end(token_ids, self.eot_token_id)
        length = self.context_length
        if self.is_causal:
            length = int(end.max()) + 1
            token_ids = token_ids[:, :length]
        else:
            token_ids = pad_to_context(token_ids, self.eot_token_id, length)
        x = self.token_embedding(token_ids) + self.positional_embedding[:length]
        for block in self.blocks:
            x = block(x)
        end = end.view(-1, 1)
        mask: Optional[Tensor] = None
        if self.is_causal:
            mask = (torch.arange(length, device=end.device) <= end).view(-1, 1, 1, length)
        token = x.gather(1, end.unsqueeze(-1).expand(-1, -1, x.size(2)))  # [n, 1, width]
        token = self.last_block(x, token, mask)
        return self.projection(self.ln_final(token))


class CausalTextEncoder(TextEncoder):
    """One whose tokens see those before them alone, so that what texts begin with is computed once."""

    @torch.jit.export
    def forward_shared_prefix(self, prefix: Tensor, texts: Tensor) -> Tensor:
        """prefix: token ids [prefix_length], int64, at least the start token and no end token, that all texts begin
        with; texts: [num_texts, length], what follows it in each. Returns what forward does for them.

        All tokens lie in one matrix: the prefix's, then each text's.
        """
        num_texts, length, prefix_length = texts.size(0), texts.size(1), prefix.size(0)
        device = texts.device
        positions = self.positional_embedding[:prefix_length + length]
        x = torch.cat([self.token_embedding(prefix) + positions[:prefix_length],
                       (self.token_embedding(texts) + positions[prefix_length:]).flatten(0, 1)])
        seen = torch.ones([length, prefix_length + length], dtype=torch.bool, device=device).tril(prefix_length)
        for block in self.blocks:
            x = block.forward_shared_prefix(x, prefix_length, num_texts, seen)
        end = find_end(texts, self.eot_token_id)  # [num_texts]
        token = x.index_select(0, prefix_length + length * torch.arange(num_texts, device=device) + end)
        seen = torch.arange(prefix_length + length, device=device) <= (prefix_length + end).unsqueeze(-1)
        token = self.last_block.forward_shared_prefix(x, token, prefix_length, seen[:, None, None, :])
        return self.projection(self.ln_final(token))
