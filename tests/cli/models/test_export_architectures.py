"""scripts/export_torchscript.py: a small member of each family of architectures, through the exporter and the real
program, against open_clip or transformers in Python."""
import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import export_torchscript
from export.archive import save_archive
from export.archive_checks import ExportError, check_portable, load_archive
from export.folder import ModelDescription, export_folder
from export.load_encoders import load_encoders
from export.open_clip_import import open_clip
from export.reference import make_inputs, preprocess_steps
from export.reference_inputs import make_picture
from export.wrapped_towers import WrappedImageEncoder
from conftest import RunClipcls
from make_test_models import tiny_config
from zoo import sweep
from zoo.export_one import LABELS, export_one
import timm  # behind export.open_clip_import, which makes torchvision importable


@timm.models.register_model
def clipcls_test_relpos(**options: Any) -> nn.Module:
    """A small one of timm's vision transformers with relative positions."""
    return timm.models.vision_transformer_relpos.vit_relpos_small_patch16_224(depth=2, img_size=64, **options)


# name: (what config.json says of the image tower, of the text tower, changes of tiny_config)
_TEXT = "text transformer, 2 layers, width 32, 2 heads, context 77"
FAMILIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "resnet": ("ModifiedResNet, layers 1-1-2-1, width 16, 8 heads", f"{_TEXT}, GELU", {
        "vision_cfg": {"layers": [1, 1, 2, 1], "width": 16, "image_size": 64, "head_width": 64}}),
    "timm-convnext": ("timm test_convnext", f"{_TEXT}, GELU", {
        "vision_cfg": {"timm_model_name": "test_convnext", "timm_pool": "", "timm_proj": "mlp", "image_size": 64}}),
    "timm-relpos": ("timm vit_relpos_small_patch16_224", f"{_TEXT}, GELU", {  # has integer buffers
        "vision_cfg": {"timm_model_name": "clipcls_test_relpos", "timm_pool": "", "image_size": 64}}),
    "timm-vit": ("timm test_vit", f"{_TEXT}, GELU", {
        "custom_text": True,
        "vision_cfg": {"timm_model_name": "test_vit", "timm_pool": "token", "timm_proj": None, "image_size": 160}}),
    "sigmoid": ("timm test_efficientnet", f"{_TEXT}, GELU", {
        "custom_text": True, "init_logit_bias": -3.0,
        "vision_cfg": {"timm_model_name": "test_efficientnet", "timm_pool": "avg", "timm_proj": "linear",
                       "image_size": 64}}),
    "coca": ("VisionTransformer, 2 layers, width 64, 2 heads, patch 8, GELU, attentional pooling",
             "text transformer, 2 layers, width 32, 2 heads, context 76, GELU, class token", {
                 "custom_text": True,
                 "vision_cfg": {"attentional_pool": True, "attn_pooler_heads": 2, "output_tokens": True},
                 "text_cfg": {"context_length": 76, "embed_cls": True, "output_tokens": True},
                 "multimodal_cfg": {"context_length": 76, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}}),
    "text-not-causal": ("VisionTransformer, 2 layers, width 64, 2 heads, patch 8, QuickGELU",
                        f"{_TEXT}, QuickGELU, not causal", {
                            "custom_text": True, "quick_gelu": True, "text_cfg": {"no_causal_mask": True}}),
    "text-wrapped": ("VisionTransformer, 2 layers, width 64, 2 heads, patch 8, GELU (tanh)", f"{_TEXT}, GELU", {
        "vision_cfg": {"act_kwargs": {"approximate": "tanh"}, "pool_type": "avg"}, "text_cfg": {"qk_norm": True}}),
    "text-last": ("VisionTransformer, 2 layers, width 64, 2 heads, patch 8, GELU",
                  f"{_TEXT.replace('77', '32')}, GELU, not causal", {
                      "custom_text": True, "text_cfg": {"no_causal_mask": True, "pool_type": "last",
                                                        "context_length": 32, "proj_bias": True}}),
}


# The encoders that are built from weights, where it is not the text encoder alone.
PLAIN = {"coca": (), "text-not-causal": ("image", "text"), "text-wrapped": (), "text-last": ("image",)}


@pytest.fixture(scope="module", autouse=True)
def architectures(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Makes the families known to open_clip by name, as RN50 is."""
    folder = tmp_path_factory.mktemp("open_clip")
    for name, (_, _, changes) in FAMILIES.items():
        config = tiny_config(**{key: value for key, value in changes.items() if key.endswith("_cfg")
                                and key != "multimodal_cfg"})
        config |= {key: value for key, value in changes.items() if key not in config}
        (folder / f"clipcls-test-{name}.json").write_text(json.dumps(config), "utf-8")
    openai = {"vision_cfg": {"image_size": 96, "layers": [2, 1, 3, 1], "width": 16, "head_width": 64},
              "text_cfg": {"width": 64, "heads": 1, "layers": 2}}
    (folder / "clipcls-test-openai-resnet.json").write_text(json.dumps(tiny_config(**openai)), "utf-8")
    open_clip.add_model_config(folder)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict[str, Any]]]:
    """name: (the model folder, open_clip's answer), filled by the first test that needs it"""
    return {}


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
           exported: dict[str, tuple[Path, dict[str, Any]]]) -> tuple[str, Path, dict[str, Any]]:
    """The name of a family, the folder with its model, picture and labels, and open_clip's answer."""
    name = request.param
    if name not in exported:
        folder = tmp_path_factory.mktemp(name)
        exported[name] = folder, export_one(f"clipcls-test-{name}", 0, folder)
    return name, *exported[name]


def run_export(*arguments: object) -> int:
    return export_torchscript.main([str(argument) for argument in arguments])


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_the_program_answers_as_open_clip(family: tuple[str, Path, dict[str, Any]], run_clipcls: RunClipcls) -> None:
    name, folder, answer = family
    result = run_clipcls(folder / "picture.png", "--model", folder / "model", "--labels", folder / "labels.txt",
                         "--format", "jsonl", "--top-k", len(LABELS))
    assert result.returncode == 0, result.stderr
    row = sweep.compare(answer, json.loads(result.stdout)["predictions"])
    assert row["result"] == "passes", row
    config = read_json(folder / "model" / "config.json")
    info = json.loads(run_clipcls("model", "info", folder / "model", "-f", "json").stdout)
    for encoder, described in zip(("image", "text"), FAMILIES[name], strict=False):
        is_built = isinstance(config["architecture"][encoder], dict)
        assert is_built == (encoder in PLAIN.get(name, ("text",)))
        # Of what is built here the length of texts stands in a line of its own.
        assert info[f"{encoder}_encoder"]["architecture"] == (re.sub(", context [0-9]+", "", described) if is_built else described)
    assert config["activation"] == ("sigmoid" if name == "sigmoid" else "softmax")
    verified = [line for line in run_clipcls("model", "verify", folder / "model").stdout.splitlines() if not line.startswith("note ")]
    # Spread random weights have outliers, which one 8-bit step for a whole batch cannot follow.
    num_built = sum(isinstance(encoder, dict) for encoder in config["architecture"].values())
    assert len(verified) == 15 + num_built and not [line for line in verified if not line.startswith("ok ") and "int8" not in line][1:], \
        verified


def assert_same(actual: Tensor, expected: Tensor) -> None:
    """But for the order of sums."""
    assert (actual - expected).abs().max() <= 2e-5 * expected.abs().max()


@torch.inference_mode()
def test_any_batch_and_length(family: tuple[str, Path, dict[str, Any]]) -> None:
    _, folder, _ = family
    config = read_json(folder / "model" / "config.json")
    inputs = make_inputs(config, None)
    image_encoder, text_encoder = load_encoders(folder / "model")
    together = image_encoder(inputs.pixel_values)
    for index in range(3):
        assert_same(image_encoder(inputs.pixel_values[index:index + 1])[0], together[index])
    expected = text_encoder(inputs.token_ids)
    end = inputs.token_ids.argmax(dim=-1)
    for row in (0, 6, 43, 49):  # alone and without padding
        assert_same(text_encoder(inputs.token_ids[row:row + 1, :end[row] + 1])[0], expected[row])
    garbage = torch.where(torch.arange(inputs.token_ids.shape[1]) > end[:, None], 300, inputs.token_ids)
    rows = torch.tensor([row for row in range(50) if (inputs.token_ids[row] == 49407).sum() == 1])
    assert_same(text_encoder(garbage[rows]), expected[rows])


def test_half_precision(tmp_path: Path) -> None:
    output = tmp_path / "model"
    assert run_export("--model", "clipcls-test-coca", "--random-weights", 0, "--precision", "fp16",
                      "--output", output) == 0
    for file_name in ("image_encoder.pt", "text_encoder.pt"):
        weights = torch.jit.load(output / file_name).state_dict()
        assert {value.dtype for value in weights.values() if value.is_floating_point()} == {torch.float16}


def test_openai_archive_of_a_resnet(tmp_path: Path, test_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "model"
    assert run_export("--model", "clipcls-test-openai-resnet", "--checkpoint", test_models / "openai" / "resnet.pt",
                      "--output", output) == 0, capsys.readouterr().err
    expected = read_json(test_models / "openai" / "resnet" / "reference.json")
    for key in ("image_features", "text_features"):
        cosine = F.cosine_similarity(torch.tensor(read_json(output / "reference.json")[key]),
                                     torch.tensor(expected[key]), dim=-1)
        assert cosine.min() >= 0.99999


class CpuTower(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :4] + torch.arange(4)  # on the CPU, wherever x is


class FloatTower(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1).float()


class IndexTower(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("index", torch.arange(3))

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, self.index]


@pytest.mark.parametrize("tower", [CpuTower(), FloatTower(), IndexTower()])
def test_a_device_or_dtype_in_the_code_is_an_error(tmp_path: Path, tower: nn.Module) -> None:
    save_archive(WrappedImageEncoder(tower, returns_tokens=False).eval(), tmp_path / "image_encoder.pt")
    load_archive(tmp_path / "image_encoder.pt")(torch.zeros(2, 3, 4, 4))
    reasons = "(holds a device or a dtype|has the integer buffer tower.index)"
    with pytest.raises(ExportError, match=f"image_encoder.pt {reasons}"):
        check_portable(tmp_path / "image_encoder.pt", torch.zeros(2, 3, 4, 4))


class NoTorchScript(nn.Module):
    image_size = 32

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :len({*range(32)})]


def test_code_that_does_not_compile_is_one_line(tmp_path: Path) -> None:
    model = open_clip.CLIP(**tiny_config()).eval()
    model.visual = NoTorchScript()
    with pytest.raises(ExportError, match="TorchScript cannot compile what becomes image_encoder.pt: [^\n]*$"):
        export_folder(model, ModelDescription(name="model", source="test"), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def save_transformers_folder(folder: Path, **changes: dict[str, Any]) -> Any:
    """A small CLIPModel with seeded random weights, spread a little; returns it. changes: of the two configs."""
    import transformers
    transformers.utils.logging.disable_progress_bar()
    vision = {"hidden_size": 64, "intermediate_size": 100, "num_hidden_layers": 2, "num_attention_heads": 2,
              "image_size": 32, "patch_size": 8, "projection_dim": 32}
    text = {"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 3,
            "vocab_size": 49408, "projection_dim": 32}
    torch.manual_seed(3)
    model = transformers.CLIPModel(transformers.CLIPConfig(
        projection_dim=32, vision_config=vision | changes.get("vision", {}),
        text_config=text | changes.get("text", {}))).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1 and name.endswith("bias"):
                parameter.normal_(std=0.1)
            elif parameter.ndim == 2:
                parameter.mul_(3)
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize(("changes", "preprocess"), [
    ({}, None),  # QuickGELU, the end token by its id
    ({"vision": {"hidden_act": "gelu", "layer_norm_eps": 1e-3}, "text": {"hidden_act": "gelu", "eos_token_id": 2}},
     {"size": {"height": 32, "width": 32}, "resample": 2, "do_center_crop": False,
      "image_mean": [0.5, 0.4, 0.3], "image_std": [0.25, 0.5, 0.75]}),
    ({"vision": {"hidden_act": "gelu"}, "text": {"layer_norm_eps": 1e-2}},  # one activation each
     {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}, "resample": 3}),
])
def test_transformers_folder(tmp_path: Path, run_clipcls: RunClipcls, capsys: pytest.CaptureFixture[str],
                             changes: dict[str, Any], preprocess: dict[str, Any] | None) -> None:
    folder, output = tmp_path / "source", tmp_path / "model"
    model = save_transformers_folder(folder, **changes)
    if preprocess:
        (folder / "preprocessor_config.json").write_text(json.dumps(preprocess), "utf-8")
    assert run_export("--transformers", folder, "--output", output) == 0, capsys.readouterr().err
    config = read_json(output / "config.json")
    assert (config["architecture"]["image"]["activation"] == "quick_gelu") == ("vision" not in changes)
    assert config["image"]["resize_mode"] == ("squash" if "image_mean" in (preprocess or {}) else "shortest")

    picture = make_picture(1)
    picture.save(tmp_path / "picture.png")
    resize_and_crop, normalise = preprocess_steps(config)
    token_ids = open_clip.SimpleTokenizer()([f"a photo of a {label}." for label in LABELS])
    with torch.no_grad():
        answer = model(input_ids=token_ids, pixel_values=normalise(resize_and_crop(picture))[None])
    (tmp_path / "labels.txt").write_text("\n".join(LABELS), "utf-8")
    result = run_clipcls(tmp_path / "picture.png", "--model", output, "--labels", tmp_path / "labels.txt",
                         "--format", "jsonl", "--top-k", len(LABELS))
    assert result.returncode == 0, result.stderr
    logits = answer.logits_per_image[0]
    similarity = logits / model.logit_scale.exp().item()
    row = sweep.compare(
        {"similarity": similarity.tolist(), "score": logits.softmax(dim=-1).tolist(), "cosine": 1, "moved": 1,
         "spread": (similarity.max() - similarity.min()).item()}, json.loads(result.stdout)["predictions"])
    assert row["result"] == "passes", row


@pytest.mark.parametrize(("file_name", "content", "reason"), [
    ("config.json", {"model_type": "siglip"}, "model_type is 'siglip'"),
    ("config.json", None, "config.json"),
    ("tokenizer_config.json", {"tokenizer_class": "BertTokenizer"}, "tokenizer is BertTokenizer"),
    ("merges.txt", {}, "merges.txt is not CLIP's"),
    ("preprocessor_config.json", {"size": 48}, "size 48"),
    ("model.safetensors", {}, "cannot be loaded"),
])
def test_transformers_folders_that_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], file_name: str,
                                               content: dict[str, Any] | None, reason: str) -> None:
    folder = tmp_path / "source"
    save_transformers_folder(folder)
    (folder / file_name).unlink(missing_ok=True)
    if content is not None:
        (folder / file_name).write_text(json.dumps(content), "utf-8")
    capsys.readouterr()
    assert run_export("--transformers", folder, "--output", tmp_path / "model") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert reason in line and str(folder) in line
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
