"""TorchScript archives of the layout in which OpenAI published its models, with seeded random weights.

    vit.pt             a small vision transformer
    resnet.pt          a small ModifiedResNet
    vit/               the model folder that the exporter makes of vit.pt
    resnet/            its reference.json alone: what open_clip makes of known inputs with resnet.pt's weights
    broken/NAME.pt     files that cannot be used: see broken_openai_archives.py

What the published files have in common, and these: traced, not scripted; methods encode_image, encode_text and
forward; matrices in half precision, norms and embeddings in single; sizes as tensors input_resolution,
context_length and vocab_size; "cuda:0" and dtype 5 (half) written into code and tensors.
"""
import shutil
import warnings
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from export.folder import ModelDescription, export_folder, make_config
from export.open_clip_import import open_clip
from export.reference import make_inputs, make_reference, write_reference
from torch import Tensor, nn

CONFIGS: dict[str, dict[str, Any]] = {
    "vit": {"embed_dim": 48,
            "vision_cfg": {"image_size": 64, "layers": 3, "width": 128, "patch_size": 16},
            "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 128, "heads": 2, "layers": 3}},
    "resnet": {"embed_dim": 32,
               "vision_cfg": {"image_size": 96, "layers": (2, 1, 3, 1), "width": 16},
               "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 2}},
}


class OpenAiClip(open_clip.CLIP):
    """open_clip's CLIP with OpenAI's methods: the cast of the image, the mask made on the way, two logits."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config, quick_gelu=True, cast_dtype=torch.float16)
        del self.attn_mask, self.context_length, self.vocab_size
        vision, text = config["vision_cfg"], config["text_cfg"]
        for name, size in (("input_resolution", vision["image_size"]), ("context_length", text["context_length"]),
                           ("vocab_size", text["vocab_size"])):
            self.register_buffer(name, torch.tensor(size))

    def encode_image(self, image: Tensor) -> Tensor:  # type: ignore[override]
        return self.visual(image.to(image.device, self.visual.conv1.weight.dtype))

    def encode_text(self, text: Tensor) -> Tensor:  # type: ignore[override]
        dtype = self.visual.conv1.weight.dtype
        x = self.token_embedding(text).type(dtype) + self.positional_embedding.type(dtype)
        length = self.positional_embedding.shape[0]
        mask = torch.full((length, length), float("-inf"), device=x.device, dtype=dtype).triu(1)
        x = self.ln_final(self.transformer(x, attn_mask=mask)).type(dtype)
        return x[torch.arange(x.shape[0], device=x.device), text.argmax(dim=-1)] @ self.text_projection

    def forward(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        image_features = F.normalize(self.encode_image(image), dim=-1)
        text_features = F.normalize(self.encode_text(text), dim=-1)
        logits = self.logit_scale.exp() * image_features.float() @ text_features.float().T
        return logits, logits.T


@torch.no_grad()
def spread_batch_norms(visual: nn.Module, image_size: int) -> None:
    """Running statistics of random pictures, and weights and biases that are not all ones and zeros."""
    norms = [module for module in visual.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.uniform_(0.25, 0.75)
        norm.bias.normal_(0, 0.2)
        norm.momentum = None  # the plain mean over the batches
    visual.train()
    visual(torch.randn(8, 3, image_size, image_size) + torch.randn(8, 3, 1, 1))
    visual.eval()


def build_model(config: dict[str, Any], seed: int) -> OpenAiClip:
    from make_test_models import spread_features
    torch.manual_seed(seed)
    model = OpenAiClip(**config).eval()
    spread_features(model)
    if isinstance(model.visual, open_clip.modified_resnet.ModifiedResNet):
        spread_batch_norms(model.visual, config["vision_cfg"]["image_size"])
    open_clip.model.convert_weights_to_fp16(model)
    return model.requires_grad_(False)


def bake_gpu(source: Path, path: Path) -> None:
    """Copies an archive as if it had been traced on a GPU: the device's name in code and tensors."""
    def pickled(text: str) -> bytes:
        return b"X" + len(text).to_bytes(4, "little") + text.encode()

    reader = torch._C.PyTorchFileReader(str(source))
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        record = reader.get_record(name)
        if name.startswith("code/") and name.endswith(".py"):
            record = record.replace(b'torch.device("cpu")', b'torch.device("cuda:0")')
        elif name == "data.pkl":
            record = record.replace(pickled("cpu"), pickled("cuda:0"))
        if name not in ("version", ".data/version", ".data/serialization_id") and not name.endswith(".debug_pkl"):
            writer.write_record(name, record, len(record))
    writer.write_end_of_file()


def save_archive(model: OpenAiClip, path: Path) -> None:
    """Traces `model` as OpenAI traced its own and saves it."""
    size = int(model.input_resolution)
    pixel_values = torch.ones(2, 3, size, size)
    token_ids = torch.ones(2, int(model.context_length), dtype=torch.int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace_module(model, {"forward": (pixel_values, token_ids), "encode_image": pixel_values,
                                                "encode_text": token_ids}, check_trace=False)
        whole = path.with_name(path.name + ".whole")
        traced.save(whole)
    bake_gpu(whole, path)
    whole.unlink()


def load_reference_model(path: Path) -> nn.Module:
    """What open_clip makes of the archive, in float32: its load_openai_model is OpenAI's build_model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = open_clip.openai.load_openai_model(str(path), precision="fp32", device="cpu")
    size = model.visual.image_size
    model.visual.image_size = size if isinstance(size, tuple) else (size, size)  # ModifiedResNet has a number
    return model.requires_grad_(False)


def write_resnet_reference(model: nn.Module, description: ModelDescription, folder: Path) -> None:
    config = make_config(model, description)
    inputs = make_inputs(config, None)
    folder.mkdir(exist_ok=True)
    write_reference(folder, make_reference(config, inputs, model.encode_image(inputs.pixel_values),
                                           model.encode_text(inputs.token_ids), "open_clip"))


def make_openai_archives(output: Path) -> None:
    """Fills the folder `output`, which is emptied first."""
    from broken_openai_archives import make_broken_archives
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for seed, (name, config) in enumerate(CONFIGS.items()):
        path = output / f"{name}.pt"
        save_archive(build_model(config, seed), path)
        model = load_reference_model(path)
        description = ModelDescription(name=name, source="seeded random weights for tests")
        if name == "vit":
            export_folder(model, description, output / name)
        else:
            write_resnet_reference(model, description, output / name)
    make_broken_archives(output / "vit.pt", output / "broken")
