"""Encoders around any tower that TorchScript can compile, for what is not plain (plain_towers.py): ResNets, timm's
towers, CoCa, pooling and attention of other kinds. They run open_clip's own code.

No dtype and no device is written into the code: `module.to(...)` after loading changes both.
"""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .open_clip_import import open_clip


def pad_to_context(token_ids: Tensor, eot_token_id: int, context_length: int) -> Tensor:
    """[n, length] -> [n, context_length]: zeros behind each row's last end token, as open_clip's tokenizer pads.
    The last, since a text may hold the end token itself, and a tower that is not causal sees what follows.
    eot_token_id: -1 where the end token is the highest id of a row."""
    highest = token_ids.amax(dim=-1, keepdim=True)
    is_end = token_ids == (highest if eot_token_id < 0 else torch.full_like(highest, eot_token_id))
    positions = torch.arange(token_ids.size(1), device=token_ids.device)
    last_end = (is_end * positions).amax(dim=-1, keepdim=True)
    return F.pad(token_ids.masked_fill(positions > last_end, 0), [0, context_length - token_ids.size(1)])


class WrappedImageEncoder(nn.Module):
    """pixel_values [batch, 3, image_size, image_size] -> image_features [batch, embed_dim], not normalised.

    tower: pixel_values -> features, or with `returns_tokens` (features, tokens of the patches).
    """
    returns_tokens: torch.jit.Final[bool]  # Final: the other branch of forward is not compiled

    def __init__(self, tower: nn.Module, returns_tokens: bool) -> None:
        super().__init__()
        self.tower = tower
        self.returns_tokens = returns_tokens
        self.register_buffer("computed_in", torch.zeros(1))  # has the dtype of the weights, whatever they become

    def forward(self, pixel_values: Tensor) -> Tensor:
        output = self.tower(pixel_values.to(self.computed_in.dtype))
        if self.returns_tokens:
            return output[0]
        return output


class WrappedTextEncoder(nn.Module):
    """token_ids [n, length], int64, length <= context_length -> text_features [n, embed_dim], not normalised.

    The tower sees what open_clip's tokenizer would give it: context_length ids, zeros behind the end token.
    """
    returns_tokens: torch.jit.Final[bool]

    def __init__(self, tower: nn.Module, context_length: int, eot_token_id: int, returns_tokens: bool) -> None:
        super().__init__()
        self.tower = tower
        self.context_length = context_length
        self.eot_token_id = eot_token_id
        self.returns_tokens = returns_tokens

    def forward(self, token_ids: Tensor) -> Tensor:
        output = self.tower(pad_to_context(token_ids, self.eot_token_id, self.context_length))
        if self.returns_tokens:
            return output[0]
        return output


class PlainTextTower(nn.Module):
    """open_clip's text transformer without a class token: that of its CLIP class, which is no module of its own, or its
    TextTransformer, which TorchScript compiles only where it is causal."""

    def __init__(self, text: nn.Module, pool_type: str, eos_id: int) -> None:
        super().__init__()
        self.transformer = text.transformer
        self.token_embedding = text.token_embedding
        self.positional_embedding = text.positional_embedding
        self.ln_final = text.ln_final
        projection = text.text_projection
        self.projection: nn.Module = projection if isinstance(projection, nn.Module) else Projection(projection)
        self.attn_mask = None if text.attn_mask is None else nn.Parameter(text.attn_mask, requires_grad=False)
        self.pool_type = pool_type
        self.eos_id = eos_id

    def forward(self, token_ids: Tensor) -> Tensor:
        """[n, context_length] -> [n, embed_dim]"""
        x = self.token_embedding(token_ids) + self.positional_embedding
        x = self.ln_final(self.transformer(x, attn_mask=self.attn_mask))
        return self.projection(open_clip.transformer.text_global_pool(x, token_ids, self.pool_type, self.eos_id))


class Projection(nn.Module):
    """A product with a matrix [width, embed_dim], or nothing where there is none."""

    def __init__(self, weight: Tensor | None) -> None:
        super().__init__()
        self.weight = None if weight is None else nn.Parameter(weight.detach(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return x if self.weight is None else x @ self.weight


def prepare_to_compile(tower: nn.Module) -> nn.Module:
    """`tower`, changed in place where code that runs well in Python does not survive as an archive.

    Integer buffers (timm's relative positions) become plain attributes: libtorch's module.to(dtype), unlike Python's,
    turns every buffer into that dtype, and an index of floats is none. As indices they may stay on the CPU.
    Dropout does nothing in eval mode, but TorchScript refuses timm's where the probability is the integer 0.
    """
    for part in tower.modules():
        if isinstance(part, nn.Dropout):
            part.p = float(part.p)
        for name, buffer in list(part.named_buffers(recurse=False)):
            if is_index(name, buffer):
                delattr(part, name)
                setattr(part, name, buffer)
    return tower


def is_index(name: str, buffer: Tensor) -> bool:
    """Whether the buffer's integers matter: those that batch norms count with are for training."""
    return not buffer.is_floating_point() and not name.endswith("num_batches_tracked")
