"""Makes what the peers load: one set of seeded random weights, in the format of each."""
import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import nn

from export.folder import ModelDescription, export_folder
from export.model_source import create_model, is_imported
from export.open_clip_import import open_clip
from families.siglip import open_clip_siglip
from zoo.spread import spread_weights

SEED = 0
NUM_INPUTS = 32
NUM_CALIBRATION = 64
IMPORT_SECONDS = 600

Preprocess = Callable[[Image.Image], torch.Tensor]  # to pixel_values [3, image_size, image_size]


def make_picture(seed: int, size: int) -> Image.Image:
    """Blurred blobs, lines and noise: edges and gradients at several scales, and every picture another one."""
    random = np.random.default_rng(seed)
    picture = Image.fromarray(random.integers(0, 256, (size // 16, size // 16, 3), np.uint8)).resize((size, size), 3)
    draw = ImageDraw.Draw(picture)
    for _ in range(8):
        color = tuple(int(value) for value in random.integers(0, 256, 3))
        x, y, width, height = (int(value) for value in random.integers(0, size, 4))
        draw.ellipse((x - width // 4, y - height // 4, x + width // 4, y + height // 4), fill=color)
        draw.line((x, y, width, height), fill=color, width=3)
    noise = Image.fromarray(random.integers(0, 256, (size, size, 3), np.uint8))
    return Image.blend(picture.filter(ImageFilter.GaussianBlur(1)), noise, 0.05)


def make_model(name: str, folder: Path, binary: Path) -> tuple[nn.Module, Preprocess]:
    """open_clip's model, in float32 and eval mode, with weights that tell pictures apart; folder/clipcls is the same for clipcls."""
    if is_imported(open_clip.get_model_config(name)):
        return make_imported_model(name, folder, binary)
    model, _, _ = create_model(name, None, SEED)
    preprocess = open_clip.transform.image_transform_v2(open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg), is_train=False)
    spread_weights(model, make_inputs(preprocess, image_size(model.visual), range(2)))
    # Exporting uses a model up.
    export_folder(copy.deepcopy(model), ModelDescription(name=name, source=f"open_clip {name}, random weights, seed {SEED}"), folder / "clipcls")
    return model, preprocess


def make_imported_model(name: str, folder: Path, binary: Path) -> tuple[nn.Module, Preprocess]:
    """A SigLIP, which clipcls imports as open_clip publishes it. The tokenizer is a small one of its pipeline."""
    pictures = [folder / f"picture-{seed}.png" for seed in range(2)]
    for seed, picture in enumerate(pictures):
        make_picture(seed, 256).save(picture)
    (folder / "published").mkdir()
    published = open_clip_siglip(folder / "published", pictures, name, keeps_vocabulary=True)
    subprocess.run([binary, "model", "import", folder / "published", "--output", folder / "clipcls"], check=True, timeout=IMPORT_SECONDS)
    shutil.rmtree(folder / "published")
    return published.model, published.pixel_values


def load_model(folder: Path) -> nn.Module:
    """The model of a folder of make_all, in eval mode."""
    model = open_clip.create_model(folder.name, device="cpu") if is_imported(open_clip.get_model_config(folder.name)) \
        else create_model(folder.name, None, 0)[0]
    model.load_state_dict(torch.load(folder / "open_clip.pt"))
    return model.eval()


def image_size(visual: nn.Module) -> int:
    return visual.image_size[0] if isinstance(visual.image_size, tuple) else visual.image_size


def make_inputs(preprocess: Preprocess, size: int, seeds: range) -> torch.Tensor:
    """pixel_values [n, 3, size, size]"""
    return torch.stack([preprocess(make_picture(seed, size)) for seed in seeds])


def export_onnx(visual: nn.Module, example: torch.Tensor, path: Path) -> None:
    torch.onnx.export(visual, (example,), str(path), input_names=["pixel_values"], output_names=["image_features"],
                      dynamic_axes={"pixel_values": {0: "batch"}, "image_features": {0: "batch"}},
                      opset_version=18, dynamo=False)


def quantize_onnx(source: Path, target: Path) -> None:
    """onnxruntime's dynamic quantisation, as its documentation recommends for transformers."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    quantize_dynamic(source, target, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"])


def quantize_openvino(source: Path, target: Path, calibration: torch.Tensor) -> None:
    """OpenVINO's static quantisation (nncf) for transformers."""
    import nncf
    import openvino
    model = openvino.Core().read_model(source)
    dataset = nncf.Dataset([row[None].numpy() for row in calibration])
    quantized = nncf.quantize(model, dataset, model_type=nncf.ModelType.TRANSFORMER,
                              subset_size=len(calibration))
    openvino.save_model(quantized, target)


def make_all(name: str, root: Path, binary: Path) -> Path:
    """Returns the folder of model `name`, made once: clipcls/ (our folder), image.onnx, image-int8.onnx,
    image-int8.xml, inputs.npy [NUM_INPUTS, 3 * size * size] and expected.npy, open_clip's features of them."""
    folder = root / name
    stamp = folder / "made.json"
    if stamp.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model, preprocess = make_model(name, folder, binary)
    size = image_size(model.visual)
    inputs = make_inputs(preprocess, size, range(1000, 1000 + NUM_INPUTS))
    np.save(folder / "inputs.npy", inputs.flatten(1).numpy())
    with torch.inference_mode():
        np.save(folder / "expected.npy", torch.cat([model.encode_image(batch) for batch in inputs.split(8)]).numpy())
    export_onnx(model.visual, inputs[:2], folder / "image.onnx")
    quantize_onnx(folder / "image.onnx", folder / "image-int8.onnx")
    calibration = make_inputs(preprocess, size, range(2000, 2000 + NUM_CALIBRATION))
    quantize_openvino(folder / "image.onnx", folder / "image-int8.xml", calibration)
    torch.save(model.state_dict(), folder / "open_clip.pt")
    stamp.write_text(json.dumps({"seed": SEED}), "utf-8")
    return folder
