"""The image tower: convolutions on pictures of 32 x 32, made to be trained on two cores."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STEM_EDGE, STEM_STRIDE = 4, 2
IMAGE_SIZE = 32  # of the finished tower; earlier stages of the training see larger pictures

# What the 4 pixels under the stem are of the 5 pixels of a picture half as large, enlarged by the cubic kernel of a = -0.5.
ENLARGED = torch.tensor([[-9, 111, 29, -3, 0], [-3, 29, 111, -9, 0], [0, -9, 111, 29, -3], [0, -3, 29, 111, -9]]) / 128


def stem_of_half_size(weight):
    """The stem [width, 3, 4, 4] at stride 2, as one [width, 3, 5, 5] at stride 1 for a picture of half the edge: enlarging is linear."""
    return torch.einsum("ocij,ik,jl->ockl", weight, ENLARGED, ENLARGED)


SMALL = 12  # edge of a picture up to which a matrix product gives a convolution's gradient faster than oneDNN's kernel


def patches(x):
    """[n, channels, edge, edge], channels last -> [n * edge * edge, 9 * channels]"""
    padded = F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
    n, channels, height, width = x.shape
    a, b, c, _ = padded.stride()
    return padded.as_strided((n, height, width, 3, 3 * channels), (a, b, c, b, 1)).reshape(-1, 9 * channels)


class SmallConvolution(torch.autograd.Function):
    """conv2d of 3 x 3 with padding 1 in bfloat16, where oneDNN's gradient of the weight reaches a sixth of its forward speed."""

    @staticmethod
    def forward(ctx, x, weight):
        x, weight = x.bfloat16(), weight.bfloat16()
        ctx.save_for_backward(x, weight)
        return F.conv2d(x, weight, padding=1)

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        of_x = torch.ops.aten.convolution_backward(
            gradient, x, weight, [0], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [True, False, False])[0]
        of_weight = gradient.permute(0, 2, 3, 1).reshape(-1, len(weight)).t() @ patches(x)
        return of_x, of_weight.view(len(weight), 3, 3, -1).permute(0, 3, 1, 2).float()


class Conv(nn.Conv2d):
    def __init__(self, width_in, width):
        super().__init__(width_in, width, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.training and x.shape[2] <= SMALL and torch.is_autocast_enabled("cpu"):
            return SmallConvolution.apply(x, self.weight)
        return super().forward(x)


class Group(nn.Module):
    """Halves the picture's edge: convolution, maximum of 2 x 2, then `depth` - 1 more convolutions at that size."""

    def __init__(self, width_in, width, depth):
        super().__init__()
        self.first = Conv(width_in, width)
        self.first_norm = norm(width)
        self.convs = nn.ModuleList([Conv(width, width) for _ in range(depth - 1)])
        self.norms = nn.ModuleList([norm(width) for _ in range(depth - 1)])

    def forward(self, x: Tensor) -> Tensor:
        x = F.gelu(self.first_norm(F.max_pool2d(self.first(x), 2)))
        for n, (conv, norm_) in enumerate(zip(self.convs, self.norms)):
            y = norm_(conv(x))
            x = F.gelu(x + y if n > 0 else y)
        return x


def norm(width):
    """Batch norm whose scale is not trained: what follows is scaled by its own weights, and a positive scale can be folded in."""
    layer = nn.BatchNorm2d(width, momentum=0.05)
    layer.weight.requires_grad_(False)
    return layer


class ImageTower(nn.Module):
    """pixel_values [n, 3, edge, edge] -> image_features [n, embed_dim]"""

    def __init__(self, embed_dim, widths=(64, 224, 336), depth=3, stem_pairs=24):
        super().__init__()
        self.stem = nn.Conv2d(3, 2 * stem_pairs, STEM_EDGE, STEM_STRIDE, (STEM_EDGE - STEM_STRIDE) // 2)
        self.stem.weight.requires_grad_(False)
        widths = (2 * stem_pairs, *widths)
        self.groups = nn.ModuleList([Group(a, b, depth) for a, b in zip(widths, widths[1:])])
        self.proj = nn.Linear(widths[-1], embed_dim, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Conv2d) and module is not self.stem:
                nn.init.dirac_(module.weight[: module.in_channels])  # the first output channels pass the input on

    @torch.no_grad()
    def whiten(self, pictures):
        """Makes the stem's filters the patches' principal components, each of variance 1, and their negatives."""
        patches = F.unfold(pictures, STEM_EDGE, stride=STEM_STRIDE).permute(0, 2, 1).reshape(-1, 3 * STEM_EDGE**2)
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        pairs = self.stem.out_channels // 2
        filters = (vectors / (values + 5e-4).sqrt()).T.flip(0)[:pairs]
        self.stem.weight.copy_(torch.cat([filters, -filters]).view_as(self.stem.weight))
        self.stem.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] == IMAGE_SIZE:
            x = F.conv2d(x, stem_of_half_size(self.stem.weight), self.stem.bias, padding=2)
        else:
            x = self.stem(x)
        x = F.gelu(x)
        for group in self.groups:
            x = group(x)
        return self.proj(x.amax([2, 3]))
