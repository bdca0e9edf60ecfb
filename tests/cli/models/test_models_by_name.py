"""Models by their names, and what `clipcls model list` and `clipcls model info` say of them."""
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import processes
import pytest
import torch
from export.safetensors_file import read_tensors
from make_test_models import OLD_MODEL

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture()
def run(clipcls_binary: Path, tmp_path: Path) -> Run:
    """The program in an empty folder, whose user has no models yet."""
    work = tmp_path / "work"
    work.mkdir()

    def run_there(*arguments: object, **environment: object) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIPCLS_")}
        return processes.run([str(clipcls_binary), *map(str, arguments)], cwd=work, capture_output=True, encoding="utf-8",
                             env=kept | {"XDG_DATA_HOME": str(tmp_path / "data")} | {k: str(v) for k, v in environment.items()},
                             timeout=120, stdin=subprocess.DEVNULL, check=False)
    return run_there


@pytest.fixture()
def user_models(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "clipcls" / "models"
    folder.mkdir(parents=True)
    return folder


def path_of(run: Run, model: str, **environment: object) -> str:
    """Where the program finds it."""
    result = run("model", "info", *([model] if model else []), "--format", "json", **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["path"]


def error_of(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.returncode == 2 and result.stdout == "" and result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def test_the_order_of_the_folders(run: Run, user_models: Path, test_models: Path, tmp_path: Path) -> None:
    assert path_of(run, "everyday") == str(ROOT / "models" / "everyday")
    (user_models / "everyday").symlink_to(test_models / "tiny")
    assert path_of(run, "everyday") == str(user_models / "everyday")
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "everyday").symlink_to(test_models / "tiny")
    search_path = {"CLIPCLS_MODEL_PATH": f"{tmp_path}/absent::{first}:{second}"}
    assert path_of(run, "everyday", **search_path) == str(first / "everyday")
    (tmp_path / "work" / "everyday").symlink_to(test_models / "tiny")
    assert path_of(run, "everyday", **search_path) == "everyday"


def test_a_home_without_xdg(run: Run, test_models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".local" / "share" / "clipcls" / "models"
    folder.mkdir(parents=True)
    (folder / "mine").symlink_to(test_models / "tiny")
    for xdg in ("", "relative"):
        assert path_of(run, "mine", HOME=tmp_path / "home", XDG_DATA_HOME=xdg) == str(folder / "mine")
    assert path_of(run, "everyday", HOME="", XDG_DATA_HOME="")
    assert "HOME" in error_of(run("model", "fetch", "RN50", HOME="", XDG_DATA_HOME=""))


@pytest.mark.parametrize("name, folder", [
    ("ViT-B/32", "ViT-B-32"), ("ViT-B-32", "ViT-B-32"), ("ViT-L/14@336px", "ViT-L-14-336px"),
    ("hf:laion/CLIP-x", "laion--CLIP-x"), ("hf:laion/CLIP-x@v1.0", "laion--CLIP-x@v1.0"), ("Straße 7", "Straße 7")])
def test_published_names(run: Run, user_models: Path, test_models: Path, name: str, folder: str) -> None:
    (user_models / folder).symlink_to(test_models / "tiny")
    assert path_of(run, name) == str(user_models / folder)
    assert path_of(run, "", CLIPCLS_MODEL=name) == str(user_models / folder)


def test_a_file_by_its_name(run: Run, user_models: Path, test_models: Path) -> None:
    shutil.copy(test_models / "openai" / "vit.pt", user_models / "ViT-B-32.pt")
    assert path_of(run, "ViT-B/32") == str(user_models / "ViT-B-32.pt")
    result = run(ROOT / "models/everyday/shark.png", "-m", "ViT-B/32", "-l", "cifar100", "-v")
    assert result.returncode == 0 and "model ViT-B-32 (" in result.stderr
    assert json.loads(run("tokenize", "a", "-m", "ViT-B/32").stdout) == [[49406, 320, 49407]]
    (user_models / "ViT-B-32").symlink_to(test_models / "tiny")  # a folder goes first
    assert path_of(run, "ViT-B/32") == str(user_models / "ViT-B-32")


@pytest.mark.parametrize("name", ["../outside", "x/../../outside", "..", "models/../../outside", "./outside"])
def test_a_name_never_leaves_the_folders(run: Run, user_models: Path, test_models: Path, name: str) -> None:
    shutil.copytree(test_models / "tiny", user_models.parent / "outside")
    (user_models / "x").mkdir()
    if name != "..":  # that folder exists, and has no config.json
        assert "no such model; " in error_of(run("model", "info", name))
    else:
        assert "config.json" in error_of(run("model", "info", name))


def test_not_found(run: Run, user_models: Path) -> None:
    line = error_of(run("x.png", "--label", "a", "-m", "ViT-B/33"))
    for part in ("ViT-B/33: no such model", str(user_models), str(ROOT / "models"), "everyday"):
        assert part in line
    for name in ("ViT-B/32", "hf:laion/CLIP"):
        for command in (("x.png", "--label", "a", "-m"), ("model", "verify"), ("model", "info"), ("tokenize", "a", "-m")):
            assert f"clipcls model fetch {name}" in error_of(run(*command, name))


def test_list(run: Run, user_models: Path, test_models: Path) -> None:
    shutil.copytree(test_models / "tiny", user_models / "tiny")
    shutil.copy(test_models / "openai" / "vit.pt", user_models / "ViT-B-32.pt")
    for broken, content in (("no-json", "{"), ("no-fields", "{}")):
        (user_models / broken).mkdir()
        (user_models / broken / "config.json").write_text(content)
    (user_models / "nothing").mkdir()
    (user_models / ".hidden").symlink_to(test_models / "tiny")
    (user_models / "dangling").symlink_to("nowhere")
    shutil.copytree(test_models / "tiny", user_models / "no-encoder")
    (user_models / "no-encoder" / "text_encoder.safetensors").unlink()

    rows = {row["name"]: row for row in json.loads(run("model", "list", "--format", "json").stdout)}
    assert sorted(rows) == list(rows)
    assert set(rows) == {"ViT-B-32", "no-encoder", "no-fields", "no-json", "everyday", "tiny"}
    assert rows["tiny"]["where"] == "user" and rows["everyday"]["where"] == "source"
    assert rows["tiny"]["size"] == sum(path.stat().st_size for path in (user_models / "tiny").iterdir())
    assert "drawings" in rows["everyday"]["description"]
    assert "text_encoder.safetensors: is missing" in rows["no-encoder"]["error"]
    assert "is not valid JSON" in rows["no-json"]["error"] and "format_version" in rows["no-fields"]["error"]

    text = run("model", "list")
    assert text.returncode == 0 and text.stderr == ""
    lines = text.stdout.splitlines()
    assert len(lines) == 7 and lines[0].split() == ["NAME", "SIZE", "WHERE", "WHAT"]
    column = lines[0].index("WHERE")
    assert {line[column:].split()[0] for line in lines[1:]} == {"user", "source"}
    assert sum("broken: " in line for line in lines) == 3


def test_info_of_a_folder(run: Run, test_models: Path, tmp_path: Path) -> None:
    model = tmp_path / "tiny"
    shutil.copytree(test_models / "tiny-fp16", model)
    config = json.loads((model / "config.json").read_text())
    config |= {"description": "for tests"}
    (model / "config.json").write_text(json.dumps(config))
    info = json.loads(run("model", "info", model, "-f", "json").stdout)
    for part in ("image", "text"):
        tensors = read_tensors(model / f"{part}_encoder.safetensors")
        assert info[f"{part}_encoder"]["parameters"] == sum(tensor.numel() for tensor in tensors.values())
        assert info[f"{part}_encoder"]["dtype"] == "float16"
    assert info["image_encoder"]["architecture"] == "VisionTransformer, 2 layers, width 64, 2 heads, patch 8, QuickGELU"
    assert info["text_encoder"]["architecture"] == "text transformer, 2 layers, width 32, 2 heads, QuickGELU"
    for key in ("name", "embed_dim", "logit_scale", "activation", "prompt_templates"):
        assert info[key] == config[key]
    for key, value in config["image"].items():
        assert info["image"][key] == (pytest.approx(value, rel=1e-7) if key in ("mean", "std") else value)
    assert info["description"] == "for tests"
    assert info["torch_version"] == {"wrote": torch.__version__.split("+")[0], "runs": torch.__version__.split("+")[0]}
    assert info["size"] == sum(path.stat().st_size for path in model.iterdir())
    text = run("model", "info", model).stdout
    for part in ("for tests", "2 layers", "float16", "0.4814547, 0.4578275, 0.4082107", "parameters"):
        assert part in text
    assert run("model", "info", test_models / "tiny-sigmoid").stdout.count("logit_bias") == 1


def test_info_of_a_folder_in_torchscript(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "old"
    shutil.copytree(OLD_MODEL, model)
    config = json.loads((model / "config.json").read_text())
    config |= {"architecture": {"image": "two layers\u202eof glass", "text": None}}
    (model / "config.json").write_text(json.dumps(config))
    info = json.loads(run("model", "info", model, "-f", "json").stdout)
    for part in ("image", "text"):
        parameters = list(torch.jit.load(model / f"{part}_encoder.pt").parameters())
        assert info[f"{part}_encoder"]["parameters"] == sum(parameter.numel() for parameter in parameters)
        assert info[f"{part}_encoder"]["dtype"] == "float32"
    assert info["image_encoder"]["architecture"].startswith("two layers") and info["text_encoder"]["architecture"] == ""
    assert "two layers" in run("model", "info", model).stdout


def test_info_of_an_archive(run: Run, test_models: Path) -> None:
    for name, words in (("vit", "VisionTransformer, "), ("resnet", "ModifiedResNet, ")):
        path = test_models / "openai" / f"{name}.pt"
        info = json.loads(run("model", "info", path, "-f", "json").stdout)
        assert words in info["image_encoder"]["architecture"] and info["text_encoder"]["architecture"]
        parameters = dict(torch.jit.load(path, map_location="cpu").named_parameters())
        image = sum(value.numel() for key, value in parameters.items() if key.startswith("visual."))
        assert info["image_encoder"]["parameters"] == image
        assert info["text_encoder"]["parameters"] == sum(v.numel() for v in parameters.values()) - image - 1
        assert info["image_encoder"]["dtype"] == "float16, float32"
        assert info["torch_version"]["wrote"] == ""


def test_info_of_the_embedded_model(run: Run) -> None:
    info = run("model", "info")
    assert info.returncode == 0 and "drawings" in info.stdout and "8-bit" not in info.stdout


def test_info_of_what_is_broken(run: Run, test_models: Path, tmp_path: Path) -> None:
    model = tmp_path / "tiny"
    shutil.copytree(test_models / "tiny", model)
    (model / "text_encoder.safetensors").write_bytes(b"PK nothing")
    assert "text_encoder.safetensors" in error_of(run("model", "info", model))
    (model / "text_encoder.safetensors").unlink()
    assert "text_encoder.safetensors: is missing" in error_of(run("model", "info", model))
    config = json.loads((model / "config.json").read_text())
    for architecture in ("ViT", [1], {"image": 7}):
        (model / "config.json").write_text(json.dumps(config | {"architecture": architecture}))
        assert "field architecture" in error_of(run("model", "info", model))


def test_bad_flags(run: Run) -> None:
    for command in ("list", "info"):
        assert "xml" in error_of(run("model", command, "--format", "xml"))
    assert "clipcls model needs a command: " in error_of(run("model"))


def test_the_former_bundled_model_names_the_new_one(run):
    message = "pictogram: no such model: the bundled model is everyday now, which knows photographs, too"
    assert run("model", "info", "pictogram").stderr == f"clipcls: {message}\n"
    assert run("model", "info", CLIPCLS_MODEL="pictogram").stderr == f"clipcls: CLIPCLS_MODEL={message}\n"
