#!/usr/bin/env python3
"""Makes the model folders that the tests use, all with seeded random weights:

    tests/support/make_test_models.py --output build/test_models

    tiny           two layers, pictures of 32 pixels, CLIP's vocabulary
    tiny-squash    resize_mode squash, bilinear, a mean and std of its own
    tiny-sigmoid   a logit bias and the sigmoid activation
    tiny-merges    a vocabulary of its own (merges.txt) and a context of 16 tokens
    tiny-fp16      weights in half precision, QuickGELU, layer scale
    vit-b-32       ViT-B/32 in full size, 605 MB
    broken/…       model folders that are broken in one place each: see broken_models.py and broken_tensor_models.py
    openai/…       archives of OpenAI's own layout: see make_openai_archives.py

Does nothing when the output is there and was made from the same scripts and package versions.
"""
import argparse
import fcntl
import gzip
import hashlib
import importlib.metadata
import math
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from export.folder import ModelDescription

SUPPORT = Path(__file__).resolve().parent
SCRIPTS = SUPPORT.parents[1] / "scripts"
OLD_MODEL = SUPPORT.parent / "data" / "model_format_1"  # of the first format, in TorchScript
sys.path[:0] = [str(SCRIPTS), str(SUPPORT)]

GOOD_MODELS = ("tiny", "tiny-squash", "tiny-sigmoid", "tiny-merges", "tiny-fp16", "vit-b-32")
LOGIT_SCALE = 100.0  # what trained CLIP models end at, and the hardest case for percentages
NUM_OWN_MERGES = 300

_VIT_B_32 = {
    "embed_dim": 512,
    "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12},
}


def tiny_config(**changes: Any) -> dict[str, Any]:
    """Arguments of open_clip.CLIP; `changes` go to embed_dim, vision_cfg, text_cfg or the top level."""
    config: dict[str, Any] = {
        "embed_dim": 32,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
    }
    for key, value in changes.items():
        config[key] = config[key] | value if isinstance(value, dict) else value
    return config


def own_merges() -> str:
    """A merges.txt: the first NUM_OWN_MERGES of CLIP's own, which never need a later one."""
    from export.open_clip_import import open_clip
    with gzip.open(open_clip.tokenizer.default_bpe(), "rt", encoding="utf-8") as file:
        lines = [next(file).strip() for _ in range(NUM_OWN_MERGES + 1)]
    return "\n".join(["#version: clipcls test", *lines[1:]]) + "\n"


def spread_features(model: Any) -> None:
    """Random weights as open_clip draws them give nearly the same features for every picture and every text.
    Larger embeddings and sharper attention spread them, so that a ranking of labels means something."""
    import torch
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("in_proj_weight"):
                parameter.mul_(2)
            elif name.endswith("conv1.weight"):
                parameter.mul_(6)
            elif name.endswith("token_embedding.weight"):
                parameter.mul_(10)
            elif name.endswith("class_embedding"):
                parameter.mul_(0.1)
        model.logit_scale.fill_(math.log(LOGIT_SCALE))


def build_model(name: str) -> "tuple[Any, ModelDescription]":
    """The open_clip model behind the folder `name`, in float32 and eval mode, and what its folder says of it."""
    import torch
    from export.folder import ModelDescription
    from export.open_clip_import import open_clip
    description = ModelDescription(name=name, source="seeded random weights for tests", license="none",
                                   description="Random weights: it knows nothing.")
    config = tiny_config()
    if name == "tiny-squash":
        config = tiny_config(vision_cfg={"image_size": 48, "patch_size": 16})
        description.resize_mode, description.interpolation = "squash", "bilinear"
        description.image_mean, description.image_std = (0.5, 0.4, 0.3), (0.25, 0.5, 0.75)
    elif name == "tiny-sigmoid":
        config = tiny_config(init_logit_bias=-10.0)
    elif name == "tiny-merges":
        config = tiny_config(text_cfg={"context_length": 16, "vocab_size": 512 + NUM_OWN_MERGES + 2})
        description.merges_text = own_merges()
        description.prompt_templates = ("{}", "a drawing of a {}.")
    elif name == "tiny-fp16":
        config = tiny_config(quick_gelu=True, vision_cfg={"ls_init_value": 0.5}, text_cfg={"ls_init_value": 0.7})
        description.precision = "fp16"
    elif name == "vit-b-32":
        config = _VIT_B_32
    torch.manual_seed(GOOD_MODELS.index(name))
    model = open_clip.CLIP(**config).eval()
    if description.precision == "fp32":  # spread weights would amplify the rounding to half precision as well
        spread_features(model)
    return model, description


def make_stamp() -> str:
    """Changes when the scripts or the packages that make the models do."""
    digest = hashlib.sha256()
    for path in sorted([*SUPPORT.glob("*.py"), *(SCRIPTS / "export").glob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    for package in ("torch", "open_clip_torch", "pillow", "torchvision"):
        digest.update(f"{package} {importlib.metadata.version(package)}".encode())
    return digest.hexdigest()


def is_up_to_date(output: Path) -> bool:
    stamp_file = output / "stamp"
    return stamp_file.exists() and stamp_file.read_text("utf-8") == make_stamp()


@contextmanager
def lock(output: Path) -> Iterator[None]:
    """Tests start in parallel; one of them makes the models and the others wait."""
    output.mkdir(parents=True, exist_ok=True)
    with open(output / ".lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_models(output: Path) -> None:
    from broken_models import BROKEN_MODELS, make_broken_models
    from broken_tensor_models import BROKEN_TENSOR_MODELS
    from export.folder import export_folder
    from make_openai_archives import make_openai_archives
    for name in GOOD_MODELS:
        model, description = build_model(name)
        report = export_folder(model, description, output / name, force=True)
        print(f"{name}: {report.num_bytes / 1e6:.1f} MB, smallest cosine with open_clip: images "
              f"{report.min_image_cosine:.7f}, texts {report.min_text_cosine:.7f}", flush=True)
    shutil.rmtree(output / "broken", ignore_errors=True)
    make_broken_models(BROKEN_MODELS, OLD_MODEL, output / "broken")
    make_broken_models(BROKEN_TENSOR_MODELS, output / "tiny-merges", output / "broken")
    make_openai_archives(output / "openai")


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the model folders that the tests use.")
    parser.add_argument("--output", type=Path, default=Path("build/test_models"), metavar="DIR")
    options = parser.parse_args()
    with lock(options.output):
        if is_up_to_date(options.output):
            return 0
        stamp_file = options.output / "stamp"
        print(f"making test models in {options.output}, once; about a minute", flush=True)
        stamp_file.unlink(missing_ok=True)
        make_models(options.output)
        stamp_file.write_text(make_stamp(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
