"""The text tower: CLIP's causal text transformer on a token table that the teacher hands down."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TOKEN_NOISE = 0.2  # beside a table of variance 1


class TextBlock(nn.Module):
    def __init__(self, width, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.ln_1 = nn.LayerNorm(width)
        self.in_proj = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)
        self.ln_2 = nn.LayerNorm(width)
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        n, length, width = x.shape
        heads = self.in_proj(self.ln_1(x)).view(n, length, 3, self.num_heads, width // self.num_heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4).unbind(0)
        # Written out: the fused attention's backward pass with a mask is slower on a CPU.
        weights = (q @ k.transpose(-2, -1)) * (width // self.num_heads) ** -0.5 + mask
        x = x + self.out_proj((weights.softmax(-1) @ v).transpose(1, 2).reshape(n, length, width))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x))))


class TextEncoder(nn.Module):
    """token_ids [n, length] -> text_features [n, embed_dim], read at the end token.

    The token table is not trained, a map of it is: a token that is in no text of the distillation keeps the place among its kin that
    the teacher gave it. The export multiplies the two.
    """

    def __init__(self, token_table, context_length, embed_dim, width=160, num_layers=4, num_heads=4):
        super().__init__()
        self.register_buffer("token_table", token_table)
        self.adapter = nn.Linear(token_table.shape[1], width, bias=False)
        self.positional_embedding = nn.Parameter(torch.randn(context_length, width) * 0.02)
        self.blocks = nn.ModuleList([TextBlock(width, num_heads) for _ in range(num_layers)])
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Linear(width, embed_dim, bias=False)

    def forward(self, token_ids: Tensor) -> Tensor:
        length = token_ids.shape[1]
        tokens = F.embedding(token_ids, self.token_table)
        if self.training:  # what lies near a token means nearly the same
            tokens = tokens + TOKEN_NOISE * torch.randn_like(tokens)
        x = self.adapter(tokens) + self.positional_embedding[:length]
        # What stands behind the end token, padding of any length, cannot reach it.
        mask = torch.full([length, length], -1e4, dtype=x.dtype, device=x.device).triu(1)
        for block in self.blocks:
            x = block(x, mask)
        end = token_ids.argmax(1)  # the end token has the highest id
        x = x[torch.arange(len(x), device=x.device), end]
        return self.text_projection(self.ln_final(x))
