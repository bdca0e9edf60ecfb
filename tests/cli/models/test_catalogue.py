"""The catalogue of published models: what `clipcls model list --available` says of them, and that their names work."""
import json
import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import processes
import pytest

from conftest import RunClipcls
from export.open_clip_import import open_clip  # before transformers: it makes torchvision importable
from families.siglip import transformers_siglip
from families.tokenizer_files import bert_json, gemma_json, unigram_json, write_tokenizer
from fetching import COMMIT, Fetching, fetching, start_server  # noqa: F401: fixtures
from reference_pictures import pictures  # noqa: F401: a fixture

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = {row["name"]: row for row in json.loads((ROOT / "models/catalogue.json").read_text("utf-8"))}

SO400M = {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16}
# What the repositories' configurations say, as far as it decides whether a model can be imported: open_clip's name of the
# architecture, or transformers' config.json.
ARCHITECTURES: dict[str, Any] = {
    "siglip2-b32-256": {"model_type": "siglip", "vision_config": {"patch_size": 32, "image_size": 256}},
    "siglip2-b16-256": {"model_type": "siglip", "vision_config": {"patch_size": 16, "image_size": 256}},
    "siglip2-l16-384": {"model_type": "siglip", "vision_config": {"hidden_size": 1024, "num_attention_heads": 16, "image_size": 384},
                        "text_config": {"hidden_size": 1024, "num_attention_heads": 16}},
    "siglip2-so400m-384": {"model_type": "siglip", "vision_config": SO400M | {"image_size": 384}, "text_config": SO400M},
    "siglip2-gopt-384": {"model_type": "siglip", "vision_config": {"hidden_size": 1536, "num_attention_heads": 16, "image_size": 384},
                         "text_config": SO400M | {"projection_size": 1536}},
    "siglip-b16-224": {"model_type": "siglip"},
    "datacomp-b32-256": "ViT-B-32-256", "datacomp-b16": "ViT-B-16", "datacomp-l14": "ViT-L-14", "laion-h14": "ViT-H-14",
    "dfn-b16": "ViT-B-16-quickgelu", "dfn-l14": "ViT-L-14-quickgelu", "dfn-h14": "ViT-H-14-quickgelu",
    "pe-core-b16": "PE-Core-B-16", "pe-core-l14": "PE-Core-L-14-336", "mobileclip2-s2": "MobileCLIP2-S2",
    "chinese-clip-b16": {"model_type": "chinese_clip", "vision_config": {"patch_size": 16}, "text_config": {"vocab_size": 21128}},
    "chinese-clip-l14": {"model_type": "chinese_clip", "projection_dim": 768, "text_config": {"vocab_size": 21128},
                         "vision_config": {"patch_size": 14, "hidden_size": 1024, "num_attention_heads": 16}},
    "bioclip-2": "ViT-L-14", "bioclip-2.5": "ViT-H-14",
    "biomedclip": {"model_cfg": {"embed_dim": 512,
                                 "vision_cfg": {"timm_model_name": "vit_base_patch16_224", "timm_pool": "", "timm_proj": "linear"},
                                 "text_cfg": {"hf_model_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
                                              "hf_proj_type": "mlp", "hf_pooler_type": "cls_last_hidden_state_pooler"}}},
    "medsiglip": {"model_type": "siglip", "vision_config": SO400M | {"image_size": 448, "patch_size": 14}, "text_config": SO400M},
    "quiltnet-b16-pmb": {"model_cfg": {"embed_dim": 512,
                                       "vision_cfg": {"timm_model_name": "vit_base_patch16_224", "timm_pool": "", "timm_proj": "linear"},
                                       "text_cfg": {"hf_model_name": "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract",
                                                    "hf_proj_type": "mlp", "hf_pooler_type": "cls_last_hidden_state_pooler"}}},
    "quiltnet-b32": "ViT-B-32", "remoteclip-l14": "ViT-L-14", "fashion-siglip": "ViT-B-16-SigLIP", "fashion-clip": {"model_type": "clip",
    "vision_config": {"patch_size": 32}, "text_config": {}}, "streetclip": {"model_type": "clip", "projection_dim": 768,
    "vision_config": {"hidden_size": 1024, "num_attention_heads": 16, "patch_size": 14, "image_size": 336},
    "text_config": {"hidden_size": 768, "num_attention_heads": 12}},
}
TOKENIZERS: list[tuple[str, Callable[[], dict[str, Any]]]] = [
    ("siglip2", gemma_json), ("medsiglip", unigram_json), ("siglip", unigram_json), ("fashion-siglip", unigram_json),
    ("chinese", bert_json), ("biomed", bert_json), ("quiltnet-b16", bert_json)]


@pytest.fixture()
def run_alone(clipcls_binary: Path, tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The program of a user who has no models yet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIPCLS_")}

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        return processes.run([str(clipcls_binary), *map(str, arguments)], capture_output=True, encoding="utf-8", timeout=60,
                             env=kept | {"XDG_DATA_HOME": str(tmp_path / "data")}, stdin=subprocess.DEVNULL, check=False)
    return run


def test_the_list_says_what_a_user_chooses_by(run_alone: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    rows = {row["name"]: row for row in json.loads(run_alone("model", "list", "--available", "-f", "json").stdout)}
    assert list(rows) == list(CATALOGUE) and len(rows) >= 25
    siglip = rows["siglip2-b16-256"]
    assert siglip["repository"] == "google/siglip2-base-patch16-256" and siglip["imagenet"] == 79.1
    assert siglip["license"] == "apache-2.0" and siglip["languages"] == "many" and 1.4e9 < siglip["size"] < 1.6e9
    assert siglip["is_imported"] and not siglip["is_here"] and not siglip["bars_commercial_use"]
    assert rows["dfn-h14"]["bars_commercial_use"] and rows["streetclip"]["bars_commercial_use"]
    assert not rows["pe-core-b16"]["is_imported"] and rows["chinese-clip-b16"]["imagenet"] is None
    lines = run_alone("model", "list", "--available").stdout.splitlines()
    assert lines[0].split() == ["NAME", "HERE", "FOR", "SIZE", "IMAGENET", "LANGUAGES", "LICENCE"]
    assert len(lines) == len(rows) + 2 and lines[-1].startswith("hf:OWNER/NAME")
    by_name = {line.split()[0]: line for line in lines}
    assert "79.1%" in by_name["siglip2-b16-256"] and "1.5" in by_name["siglip2-b16-256"]
    assert by_name["dfn-h14"].endswith("apple-amlr, bars commercial use")
    assert by_name["pe-core-b16"].endswith("by scripts/export_torchscript.py")
    assert by_name["chinese-clip-b16"].endswith("not stated")


def test_a_name_is_fetched_and_used(fetching: Fetching, pictures: list[Path], tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "published").mkdir()
    transformers_siglip(tmp_path / "published", pictures[:2], 2, is_small=True)
    fetching.server.resources.clear()
    for path in (tmp_path / "published").iterdir():
        fetching.server.add(f"/google/siglip2-base-patch16-256/resolve/main/{path.name}", path.read_bytes(), X_Repo_Commit=COMMIT)
        fetching.server.add(f"/google/siglip2-base-patch16-256/resolve/{COMMIT}/{path.name}", path.read_bytes())
    name = "siglip2-b16-256"
    environment = fetching.environment | {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        return processes.run([str(fetching.binary), *map(str, arguments)], env=environment, timeout=60, capture_output=True,
                             encoding="utf-8", stdin=subprocess.DEVNULL, check=False)
    missing = run(pictures[0], "--label", "a", "-m", name)
    assert missing.returncode == 2 and missing.stderr.rstrip().endswith(f"clipcls model fetch {name} gets it")
    result = fetching.run(name)
    assert result.returncode == 0, result.stderr
    assert f"use it with --model {name}" in result.stderr
    folder = fetching.data / "clipcls" / "models" / name
    assert result.stdout == f"{folder}\n"
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert config["name"] == name and config["source"].endswith(f"google/siglip2-base-patch16-256/tree/{COMMIT}")
    used = run(pictures[0], "--label", "a cat", "--label", "a dog", "-m", name, "-q")
    assert used.returncode == 0 and "a cat" in used.stdout, used.stderr
    rows = json.loads(run("model", "list", "--available", "-f", "json").stdout)
    assert [row["name"] for row in rows if row["is_here"]] == [name]


def test_weights_without_a_configuration_get_one(fetching: Fetching) -> None:  # noqa: F811
    fetching.server.resources.clear()
    repository = "/chendelong/RemoteCLIP/resolve/main/"
    fetching.server.add(repository + "RemoteCLIP-ViT-L-14.pt", b"weights")
    result = fetching.run("remoteclip-l14", "--no-import", "--output", fetching.output)
    assert result.returncode == 0, result.stderr
    assert {path.name for path in fetching.output.iterdir()} == {"RemoteCLIP-ViT-L-14.pt", "open_clip_config.json"}
    config = json.loads((fetching.output / "open_clip_config.json").read_text("utf-8"))
    expected = open_clip.get_model_config("ViT-L-14")
    assert config["model_cfg"] == expected
    # They are imported as that model: what is wrong is the file.
    result = fetching.run("remoteclip-l14")
    assert result.returncode == 2 and "RemoteCLIP-ViT-L-14.pt" in result.stderr.splitlines()[-1]
    del fetching.server.resources[repository + "RemoteCLIP-ViT-L-14.pt"]
    result = fetching.run("remoteclip-l14", "--force")
    assert result.returncode == 2 and "does not exist; its repository has changed" in result.stderr


def test_what_only_python_exports_says_how(run_alone: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    for name in (name for name, row in CATALOGUE.items() if "open_clip" in row):
        result = run_alone("model", "fetch", name)
        assert result.returncode == 2 and result.stderr.count("\n") == 1
        assert f"--model {CATALOGUE[name]['open_clip']['model']} --tag {CATALOGUE[name]['open_clip']['tag']}" in result.stderr
        assert f"clipcls model fetch {name} --no-import --output DIR" in result.stderr
        assert open_clip.get_pretrained_cfg(CATALOGUE[name]["open_clip"]["model"], CATALOGUE[name]["open_clip"]["tag"])["hf_hub"] \
            == CATALOGUE[name]["repository"] + "/"
        result = run_alone("x.png", "--label", "a", "-m", name)
        assert result.returncode == 2 and "says how to export it with Python" in result.stderr


def test_suggestions_and_completions(run_alone: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    for wrong, meant in (("siglip2-b16-255", "siglip2-b16-256"), ("Bio-Clip-2", "bioclip-2"), ("fashionsiglip", "fashion-siglip")):
        used = run_alone("x.png", "--label", "a", "-m", wrong)
        assert used.returncode == 2 and f"perhaps {meant} is meant: clipcls model fetch {meant} gets it" in used.stderr
        fetched = run_alone("model", "fetch", wrong)
        assert fetched.returncode == 2 and f"perhaps {meant} is meant" in fetched.stderr
    for shell in ("bash", "zsh", "fish"):
        script = run_alone("completion", shell).stdout
        assert all(name in script for name in CATALOGUE if "/" not in name)


@pytest.mark.parametrize("name", [name for name, row in CATALOGUE.items() if "repository" in row])
def test_its_architecture_is_what_the_list_says(name: str, run_clipcls: RunClipcls, tmp_path: Path) -> None:
    """A model that is listed as imported fails, where its weights are missing, because they are missing."""
    architecture = ARCHITECTURES[name]
    is_open_clip = isinstance(architecture, str) or "model_cfg" in architecture
    if isinstance(architecture, str):
        architecture = {"model_cfg": open_clip.get_model_config(architecture)}
    header = json.dumps({"visual.x" if is_open_clip else "vision_model.x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    weights = struct.pack("<Q", len(header)) + header + bytes(4)
    (tmp_path / ("open_clip_model.safetensors" if is_open_clip else "model.safetensors")).write_bytes(weights)
    (tmp_path / ("open_clip_config.json" if is_open_clip else "config.json")).write_text(json.dumps(architecture), "utf-8")
    for prefix, tokenizer in TOKENIZERS:
        if name.startswith(prefix):
            write_tokenizer(tmp_path, tokenizer())
            break
    result = run_clipcls("model", "import", tmp_path, "--output", tmp_path / "model")
    assert result.returncode == 2 and result.stderr.count("\n") == 1
    is_refused = "not imported" in result.stderr
    assert is_refused == ("open_clip" in CATALOGUE[name]), result.stderr
    assert is_refused or "which its configuration asks for" in result.stderr, result.stderr
