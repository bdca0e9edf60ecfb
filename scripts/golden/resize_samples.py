"""What torchvision and open_clip make of pictures: sizes, crops, bars and pixel values, for scripts/golden/make_image_golden.py."""

import numpy as np
import torch
from PIL import Image

# The PyPI torchvision imports without its compiled operators once these two names exist.
_library = torch.library.Library("torchvision", "FRAGMENT")
_library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
_library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import torchvision  # noqa: E402
from open_clip.transform import image_transform  # noqa: E402
from torchvision import transforms  # noqa: E402

OPENAI_MEAN = (0.48145466, 0.4578275, 0.40821073)
OPENAI_STD = (0.26862954, 0.26130258, 0.27577711)


def generate(width, height, seed):
    """A picture from integers alone, equal to generate_picture() in tests/image/golden_data.cpp."""
    x = np.arange(width, dtype=np.uint32)[None, :, None]
    y = np.arange(height, dtype=np.uint32)[:, None, None]
    c = np.arange(3, dtype=np.uint32)[None, None, :]
    s = np.uint32(seed)
    with np.errstate(over="ignore"):
        h = (x * np.uint32(0x9E3779B1)) ^ (y * np.uint32(0x85EBCA77)) ^ ((c + s * np.uint32(3)) * np.uint32(0xC2B2AE3D))
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x2C1B3C6D)
        h ^= h >> np.uint32(12)
        h *= np.uint32(0x297A2D39)
        h ^= h >> np.uint32(15)
        noise = h & np.uint32(255)
        if seed % 3 == 0:  # noise
            value = noise
        elif seed % 3 == 1:  # slopes with a little noise
            value = (x * np.uint32(2) + y * np.uint32(3) + c * np.uint32(85) + noise % np.uint32(9)) & np.uint32(255)
        else:  # black and white blocks, where bicubic overshoots
            value = ((x // np.uint32(7) + y // np.uint32(5) + c) & np.uint32(1)) * np.uint32(255)
            value = value + np.zeros_like(noise)
    return Image.fromarray(value.astype(np.uint8), "RGB")


# ---------------------------------------------------------------------------------------------------------
# Resizing


def resize_sizes():
    sizes = [(1, 1), (1, 2), (2, 1), (3, 3), (1, 300), (300, 1), (5000, 1), (1, 5000), (5000, 7), (2, 4999)]
    sizes += [(223, 224), (224, 224), (225, 224), (224, 225), (336, 336), (335, 337), (32, 31), (448, 224)]
    sizes += [(640, 480), (480, 640), (1001, 333), (4000, 3000)]
    rng = np.random.default_rng(2024)
    while len(sizes) < 72:
        width, height = (int(np.exp(rng.uniform(0, np.log(5000)))) for _ in range(2))
        if width * height < 4_000_000:
            sizes.append((width, height))
    return sizes


def resize_cases(small):
    """(kind, width, height, seed, new_width, new_height, filter)"""
    rng = np.random.default_rng(7)
    sizes = resize_sizes()
    if small:
        sizes = [(1, 1), (3, 5), (37, 23), (24, 24), (25, 24), (1, 90), (90, 2), (333, 100)]
    pads = []
    targets = (24,) if small else (224, 32, 336, 224, 7)
    for index, (width, height) in enumerate(sizes):
        side = targets[index % len(targets)]
        # Python has to resize all of it before it crops.
        while side * side * max(width, height) / min(width, height) > 60e6:
            side //= 2
        for name in ("bicubic", "bilinear"):
            yield "shortest", width, height, index, side, side, name
            yield "squash", width, height, index, side, side, name
            if min(width, height) * side * 2 > max(width, height):  # else nothing is left of a side, and open_clip fails
                pads.append(("pad", width, height, index, side, side, name))
            new_width, new_height = (int(np.exp(rng.uniform(0, np.log(40 if small else 400)))) for _ in range(2))
            yield "resize", width, height, index, new_width, new_height, name
            # one side unchanged: Pillow leaves that pass out
            if index % 2:
                yield "resize", width, height, index, width if width < 600 else 5, new_height, name
            elif height < 600:
                yield "resize", width, height, index, new_width, height, name
    yield from pads


def open_clip_resize(image, size, resize_mode, interpolation):
    """The picture, in bytes, that open_clip's image_transform makes a tensor of."""
    chain = image_transform(size, is_train=False, resize_mode=resize_mode, interpolation=interpolation).transforms
    for step in chain[:-2]:  # but ToTensor and Normalize
        image = step(image)
    return image


def write_resizes(output, small):
    (output / "resize").mkdir()
    lines = []
    for number, case in enumerate(resize_cases(small)):
        kind, width, height, seed, new_width, new_height, name = case
        image = generate(width, height, seed)
        if kind == "resize":
            result = image.resize((new_width, new_height), getattr(Image.Resampling, name.upper()))
        else:
            result = open_clip_resize(image, new_width, {"pad": "longest"}.get(kind, kind), name)
            if kind != "pad":
                mode = getattr(transforms.InterpolationMode, name.upper())
                size = new_width if kind == "shortest" else (new_width, new_width)
                assert result == transforms.CenterCrop(new_width)(transforms.Resize(size, interpolation=mode)(image))
        expected = f"resize/{number}.ppm"
        result.save(output / expected)
        lines.append(" ".join(str(x) for x in (*case, expected)))
    (output / "resize.txt").write_text("\n".join(lines) + "\n")
    return len(lines)


def write_pixel_values(output):
    values = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    chain = transforms.Compose([transforms.ToTensor(), transforms.Normalize(OPENAI_MEAN, OPENAI_STD)])
    chain(Image.fromarray(values, "RGB")).numpy().astype("<f4").tofile(output / "pixel_values.f32")
