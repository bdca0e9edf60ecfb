"""scripts/export_torchscript.py: what it writes, what it refuses, and that it never leaves half a folder."""
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import export_torchscript
from export import folder as export_folder_module
from export.archive_checks import ExportError
from export.folder import export_folder
from export.load_encoders import load_encoders
from export.open_clip_import import open_clip
from export.reference import make_inputs, reference_of_folder
from export.safetensors_file import read_tensors
from make_test_models import GOOD_MODELS, build_model, tiny_config

CONFIG_FIELDS = {"format_version", "name", "description", "license", "source", "torch_version", "architecture", "embed_dim",
                 "logit_scale", "logit_bias", "activation", "image", "text", "prompt_templates"}
IMAGE_FIELDS = {"size", "mean", "std", "interpolation", "resize_mode"}
TEXT_FIELDS = {"context_length", "vocab_size", "sot_token_id", "eot_token_id", "pad_token_id"}


@pytest.fixture(scope="session", autouse=True)
def tiny_architecture(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small model that open_clip knows by name, as it knows ViT-B-32."""
    path = tmp_path_factory.mktemp("open_clip") / "clipcls-test-tiny.json"
    path.write_text(json.dumps(tiny_config()), "utf-8")
    open_clip.add_model_config(path)
    return path.stem


def run_export(*arguments: object) -> int:
    return export_torchscript.main([str(argument) for argument in arguments])


def one_error_line(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    [line] = captured.err.splitlines()
    assert line.startswith("export_torchscript.py: ")
    return line


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("name", GOOD_MODELS)
def test_config_is_complete(test_models: Path, name: str) -> None:
    config = read_json(test_models / name / "config.json")
    assert set(config) == CONFIG_FIELDS
    assert set(config["image"]) == IMAGE_FIELDS
    assert set(config["text"]) == TEXT_FIELDS
    assert config["format_version"] == 2
    assert config["name"] == name
    assert (test_models / name / "merges.txt").exists() == (name == "tiny-merges")
    assert (config["activation"] == "sigmoid") == (config["logit_bias"] is not None) == (name == "tiny-sigmoid")
    if name != "tiny-fp16":
        assert config["logit_scale"] == pytest.approx(100.0)
    assert config["text"]["eot_token_id"] == config["text"]["vocab_size"] - 1


@pytest.mark.parametrize("name", GOOD_MODELS)
def test_reference_is_what_the_archives_give(test_models: Path, name: str) -> None:
    """reference.json holds open_clip's values; the folder's own encoders, tokenizer and preprocessing agree."""
    folder = test_models / name
    stored, computed = read_json(folder / "reference.json"), reference_of_folder(folder, read_json(folder / "config.json"))
    assert stored["texts"] == computed["texts"]
    assert stored["pictures"] == computed["pictures"]
    tolerance = 1e-3 if name == "tiny-fp16" else 2e-5  # relative to the largest feature
    for key, shape in (("image_features", 3), ("text_features", 10), ("logits", 3)):
        expected, actual = torch.tensor(stored[key]), torch.tensor(computed[key])
        assert expected.shape == actual.shape and expected.shape[0] == shape
        assert (expected - actual).abs().max() <= tolerance * expected.abs().max(), key


@pytest.mark.parametrize("name", ["tiny", "tiny-merges", "tiny-fp16"])
def test_text_encoder_takes_any_batch_and_length(test_models: Path, name: str) -> None:
    folder = test_models / name
    merges = folder / "merges.txt"
    config = read_json(folder / "config.json")
    token_ids = make_inputs(config, merges.read_text("utf-8") if merges.exists() else None).token_ids
    _, text_encoder = load_encoders(folder)
    end = token_ids.argmax(dim=-1)
    with torch.inference_mode():
        expected = text_encoder(token_ids)
        for row in (0, 6, 43, 49):  # alone and without padding
            torch.testing.assert_close(text_encoder(token_ids[row:row + 1, :end[row] + 1])[0], expected[row],
                                       rtol=1e-4, atol=1e-5)
        garbage = torch.where(torch.arange(token_ids.shape[1]) > end[:, None], 300, token_ids)
        torch.testing.assert_close(text_encoder(garbage), expected)


@pytest.mark.parametrize("name", ["image_encoder", "text_encoder"])
def test_weights_are_those_of_the_source(test_models: Path, name: str) -> None:
    """Bit by bit, by the names that open_clip has for them, and at a multiple of 64 bytes."""
    path = test_models / "tiny" / f"{name}.safetensors"
    source = build_model("tiny")[0].state_dict()
    tensors = read_tensors(path)
    assert "visual.proj" in tensors or "text_projection" in tensors
    assert all(torch.equal(tensor, source[key]) for key, tensor in tensors.items())
    assert (8 + int.from_bytes(path.read_bytes()[:8], "little")) % 64 == 0


def test_weights_hold_no_paths_of_this_machine(test_models: Path) -> None:
    for path in (test_models / "tiny").glob("*.safetensors"):
        assert str(Path(__file__).parents[3]).encode() not in path.read_bytes()


@pytest.mark.parametrize(("name", "reason"), [
    ("ViT-B-16-SigLIP", "tokenizer is timm/ViT-B-16-SigLIP, not CLIP's; clipcls model import reads it"), ("coca_roberta-ViT-B-32", "tokenizer is roberta-base"),
    ("ViT-H-14-CLIPA", "tokenizer is bert-base-uncased"), ("ViT-B-23", "no model named"),
])
def test_refuses_other_models(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, reason: str) -> None:
    assert run_export("--model", name, "--random-weights", 0, "--output", tmp_path / "model") == 1
    line = one_error_line(capsys)
    assert name in line and reason in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("changes", "reason"), [
    ({"vision_cfg": {"pool_type": "none"}}, "image tower does not pool"),
    ({"vision_cfg": {"image_size": (32, 48)}}, "not square"),
    ({"text_cfg": {"pool_type": "none"}}, "text tower does not pool"),
    ({"text_cfg": {"vocab_size": 40000}}, "40000 token embeddings"),
])
def test_refuses_other_parts(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    model = open_clip.CLIP(**tiny_config(**changes)).eval()
    _, description = build_model("tiny")
    with pytest.raises(Exception, match=reason):
        export_folder(model, description, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_existing_folder_needs_force(tmp_path: Path, capsys: pytest.CaptureFixture[str], tiny_architecture: str) -> None:
    output = tmp_path / "model"
    output.mkdir()
    (output / "precious").touch()
    arguments = ("--model", tiny_architecture, "--random-weights", 0, "--output", output)
    assert run_export(*arguments) == 1
    assert "--force" in one_error_line(capsys)
    assert [path.name for path in output.iterdir()] == ["precious"]
    assert run_export(*arguments, "--force") == 1
    assert "holds precious, which is not part of a model" in one_error_line(capsys)
    assert [path.name for path in output.iterdir()] == ["precious"]
    (output / "precious").unlink()
    assert run_export(*arguments, "--force", "--template", "an icon of a {}", "--license", "MIT") == 0
    assert sorted(path.name for path in output.iterdir()) == \
        ["config.json", "image_encoder.safetensors", "reference.json", "text_encoder.safetensors"]
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    config = read_json(output / "config.json")
    assert (config["prompt_templates"], config["license"], config["name"]) == (["an icon of a {}"], "MIT", "model")


def test_features_that_differ_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong weight in what is written: the comparison sees it, and nothing appears."""
    text_tensors = export_folder_module.text_tensors

    def wrong_tensors(text: nn.Module) -> dict[str, torch.Tensor]:
        tensors = text_tensors(text)
        weight = tensors["ln_final.weight"].clone()
        weight[0] = 3.0
        return tensors | {"ln_final.weight": weight}

    monkeypatch.setattr(export_folder_module, "text_tensors", wrong_tensors)
    model, description = build_model("tiny")
    with pytest.raises(ExportError, match="text features differ from open_clip's: smallest cosine"):
        export_folder(model, description, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_nan_features_are_an_error(tmp_path: Path) -> None:
    model, description = build_model("tiny")
    model.visual.ln_post.weight.data[0] = float("nan")
    with pytest.raises(ExportError, match="image features differ"):
        export_folder(model, description, tmp_path / "model")


def test_an_interrupted_export_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(export_folder_module, "write_reference", interrupt)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    with pytest.raises(KeyboardInterrupt):
        export_folder(*build_model("tiny"), tmp_path / "model", force=True)
    assert [path.name for path in tmp_path.rglob("*")] == ["model", "config.json"]


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("file_name", ["weights.pt", "weights.safetensors", "openai.pt"])
def test_checkpoint_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], tiny_architecture: str,
                          file_name: str) -> None:
    is_openai = file_name == "openai.pt"
    torch.manual_seed(5)
    model = open_clip.CLIP(**tiny_config(quick_gelu=is_openai)).eval()
    if is_openai:  # a TorchScript archive with three numbers among its weights
        model.attn_mask = None  # no buffer there
        for key, value in (("input_resolution", 32), ("context_length", 77), ("vocab_size", 49408)):
            if hasattr(model, key):
                delattr(model, key)
            model.register_buffer(key, torch.tensor(value))
        torch.jit.trace_module(model, {"encode_image": torch.zeros(1, 3, 32, 32)},
                               check_trace=False).save(tmp_path / file_name)
    elif file_name.endswith(".pt"):
        torch.save({"state_dict": {f"module.{key}": value for key, value in model.state_dict().items()}},
                   tmp_path / file_name)
    else:
        from safetensors.torch import save_file
        save_file(model.state_dict(), tmp_path / file_name)
    output = tmp_path / "model"
    assert run_export("--model", tiny_architecture, "--checkpoint", tmp_path / file_name, "--output", output) == 0, \
        capsys.readouterr().err
    image_encoder, _ = load_encoders(output)
    pixel_values = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(image_encoder(pixel_values), model.encode_image(pixel_values), rtol=1e-4, atol=1e-5)
    source = read_json(output / "config.json")["source"]
    assert source.endswith(file_name) and str(tmp_path) not in source
    assert ("QuickGELU" in source) == is_openai


def test_bad_checkpoints(tmp_path: Path, capsys: pytest.CaptureFixture[str], tiny_architecture: str) -> None:
    (tmp_path / "noise.pt").write_bytes(bytes(range(256)))
    torch.save({"visual.proj": torch.zeros(3)}, tmp_path / "other.pt")
    for name in ("noise.pt", "other.pt", "absent.pt"):
        assert run_export("--model", tiny_architecture, "--checkpoint", tmp_path / name,
                          "--output", tmp_path / "model") == 1
        assert name in one_error_line(capsys)
    assert not (tmp_path / "model").exists()


def test_tag_gives_the_preprocessing(tmp_path: Path) -> None:
    from export.model_source import create_model
    model, preprocess, source = create_model("ViT-B-16", None, 0, tag="dfn2b")
    assert preprocess["interpolation"] == "bicubic" and len(preprocess["mean"]) == 3
    assert "weights dfn2b, QuickGELU" in source
    assert type(model.visual.transformer.resblocks[0].mlp.gelu) is open_clip.transformer.QuickGELU
    with pytest.raises(ExportError, match="laion2b_s32b_b82k"):
        create_model("ViT-L-14", None, 0, tag="no_such_tag")


@pytest.mark.parametrize("arguments", [
    (), ("--model", "ViT-B-32"), ("--model", "ViT-B-32", "--output", "x"),
    ("--model", "ViT-B-32", "--output", "x", "--random-weights", "0", "--checkpoint", "y"),
    ("--model", "ViT-B-32", "--output", "x", "--random-weights", "0", "--template", "no label"),
    ("--add-reference", "x", "--model", "ViT-B-32"),
    ("--transformers", "x"), ("--transformers", "x", "--output", "y", "--random-weights", "0"),
    ("--transformers", "x", "--output", "y", "--model", "ViT-B-32"),
])
def test_options_that_do_not_fit(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as error:
        run_export(*arguments)
    assert error.value.code == 2


def test_add_reference(tmp_path: Path, test_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "model"
    shutil.copytree(test_models / "tiny-merges", folder)
    expected = read_json(folder / "reference.json")
    (folder / "reference.json").unlink()
    assert run_export("--add-reference", folder) == 0
    added = read_json(folder / "reference.json")
    assert added["texts"] == expected["texts"] and added["pictures"] == expected["pictures"]
    capsys.readouterr()
    assert run_export("--add-reference", tmp_path / "absent") == 1
    assert "absent" in one_error_line(capsys)
