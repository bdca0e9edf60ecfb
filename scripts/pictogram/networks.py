"""The two towers, written so that TorchScript can save them with free batch size and text length."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def frame_content(pixel_values: Tensor, size: int, margin: float) -> Tensor:
    """Cuts each picture to a square round its drawing and resamples that to [batch, 3, size, size].

    A drawing is what differs from the colour of the border. Art sets leave very different margins; the trunk
    is spared that. A picture without a plain border is taken whole. Each picture is framed on its own.
    """
    batch, height, width = pixel_values.shape[0], pixel_values.shape[2], pixel_values.shape[3]
    border = torch.cat(
        [pixel_values[:, :, 0], pixel_values[:, :, height - 1], pixel_values[:, :, :, 0], pixel_values[:, :, :, width - 1]], 2
    )
    background = border.median(2)[0].view(batch, 3, 1, 1)
    drawn = ((pixel_values - background).abs().amax(1) > 0.25).to(pixel_values.dtype)  # [batch, height, width]
    columns, rows = drawn.amax(1), drawn.amax(2)
    # The first and the last drawn column and row; argmax finds the first of equal values.
    left, right = columns.argmax(1), width - columns.flip(1).argmax(1)
    top, bottom = rows.argmax(1), height - rows.flip(1).argmax(1)
    side = torch.maximum(right - left, bottom - top).to(pixel_values.dtype) * (1.0 + 2.0 * margin)
    centre_x = (left + right).to(pixel_values.dtype) / 2.0
    centre_y = (top + bottom).to(pixel_values.dtype) / 2.0
    zero = torch.zeros_like(side)
    theta = torch.stack(
        [side / width, zero, 2.0 * centre_x / width - 1.0, zero, side / height, 2.0 * centre_y / height - 1.0], 1
    ).view(batch, 2, 3)
    grid = F.affine_grid(theta, [batch, 3, size, size], align_corners=False)
    # Outside of the picture grid_sample finds 0: that is made the background.
    return F.grid_sample(pixel_values - background, grid, align_corners=False) + background


class Block(nn.Module):
    def __init__(self, width_in, width_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width_out)
        self.conv2 = nn.Conv2d(width_out, width_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width_out)
        self.shortcut = nn.Identity()
        if stride != 1 or width_in != width_out:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, stride) if stride != 1 else nn.Identity(),
                nn.Conv2d(width_in, width_out, 1, bias=False),
                nn.BatchNorm2d(width_out),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class Trunk(nn.Module):
    """A ResNet on framed pictures [batch, 3, size, size] -> [batch, embed_dim]."""

    def __init__(self, embed_dim, widths=(32, 64, 160, 320), depths=(2, 2, 2, 2)):
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 5, 2, 2, bias=False)
        self.stem_bn = nn.BatchNorm2d(widths[0])
        blocks, width_in = [], widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for n in range(depth):
                blocks.append(Block(width_in, width, 2 if stage > 0 and n == 0 else 1))
                width_in = width
        self.blocks = nn.Sequential(*blocks)
        self.proj = nn.Linear(width_in, embed_dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem_bn(self.stem(x)))
        return self.proj(self.blocks(x).mean([2, 3]))


class ImageEncoder(nn.Module):
    """What is exported: framing and trunk."""

    def __init__(self, trunk: Trunk, size: int, margin: float):
        super().__init__()
        self.trunk = trunk
        self.size = size
        self.margin = margin

    def forward(self, pixel_values: Tensor) -> Tensor:
        # Where the drawing lies is found in float32, whatever the weights are.
        framed = frame_content(pixel_values.to(torch.float32), self.size, self.margin)
        return self.trunk(framed.to(self.trunk.proj.weight.dtype))


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
    """CLIP's causal text transformer: token_ids [n, length] -> [n, embed_dim], read at the end token."""

    def __init__(self, vocab_size, context_length, embed_dim, width=128, num_layers=3, num_heads=4):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, width)
        self.positional_embedding = nn.Parameter(torch.randn(context_length, width) * 0.01)
        self.blocks = nn.ModuleList([TextBlock(width, num_heads) for _ in range(num_layers)])
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Linear(width, embed_dim, bias=False)
        nn.init.normal_(self.token_embedding.weight, std=0.02)

    def forward(self, token_ids: Tensor) -> Tensor:
        length = token_ids.shape[1]
        x = self.token_embedding(token_ids) + self.positional_embedding[:length]
        # Causal: what stands behind the end token, padding of any length, cannot reach it.
        mask = torch.full([length, length], -1e4, dtype=x.dtype, device=x.device).triu(1)
        for block in self.blocks:
            x = block(x, mask)
        end = token_ids.argmax(1)  # the end token has the highest id
        x = x[torch.arange(x.shape[0], device=x.device), end]
        return self.text_projection(self.ln_final(x))
