"""`clipcls model fetch` of what the repositories of SigLIP and BiomedCLIP hold, and the licence that their cards name."""
import json
import shutil
from pathlib import Path

import pytest

from conftest import RunClipcls
from families.siglip import transformers_siglip
from fetching import CONFIG, REPOSITORY, WEIGHTS, WEIGHTS_PATH, Fetching, fetching, path_of, start_server  # noqa: F401: fixtures
from reference_pictures import pictures  # noqa: F401: a fixture

CARD = "---\ntags:\n- vision\nlicense: {}\n---\n\n# SigLIP 2\n"


@pytest.fixture(scope="module")
def siglip(tmp_path_factory: pytest.TempPathFactory, pictures: list[Path]) -> Path:  # noqa: F811
    folder = tmp_path_factory.mktemp("siglip")
    transformers_siglip(folder, pictures[:2], 2, is_small=True)
    return folder


def serve(fetching: Fetching, folder: Path, license_name: str) -> None:  # noqa: F811
    fetching.server.resources.clear()
    for path in folder.iterdir():
        fetching.server.add(path_of(path.name), path.read_bytes())
    fetching.server.add(path_of("README.md"), CARD.format(license_name).encode())


def test_siglip_is_fetched_with_its_tokenizer_and_licence(fetching: Fetching, siglip: Path) -> None:  # noqa: F811
    serve(fetching, siglip, "apache-2.0")
    result = fetching.run(f"hf:{REPOSITORY}")
    assert result.returncode == 0, result.stderr
    assert "the licence of the weights is apache-2.0" in result.stderr and "warning" not in result.stderr
    model = Path(result.stdout.rstrip("\n"))
    assert {path.name for path in model.iterdir()} == {"config.json", "image_encoder.safetensors", "text_encoder.safetensors",
                                                       "tokenizer.bin", "reference.json"}
    assert json.loads((model / "config.json").read_text("utf-8"))["license"] == "apache-2.0"


def test_a_licence_that_bars_commercial_use_is_a_warning(fetching: Fetching, siglip: Path,  # noqa: F811
                                                         run_clipcls: RunClipcls) -> None:
    serve(fetching, siglip, "cc-by-nc-4.0")
    result = fetching.run(f"hf:{REPOSITORY}")
    assert result.returncode == 0, result.stderr
    assert "clipcls: warning: the licence of the weights, cc-by-nc-4.0, bars commercial use" in result.stderr
    info = run_clipcls("model", "info", result.stdout.rstrip("\n")).stdout
    assert "cc-by-nc-4.0" in info and "it bars commercial use" in info
    assert json.loads(run_clipcls("model", "info", result.stdout.rstrip("\n"), "--format", "json").stdout)["bars_commercial_use"]


def test_an_import_keeps_the_licence_of_the_card(siglip: Path, run_clipcls: RunClipcls, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(siglip, source)
    (source / "README.md").write_text(CARD.format("cc-by-nc-4.0"), "utf-8")
    result = run_clipcls("model", "import", source, "--output", tmp_path / "model")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "clipcls: warning: the licence of the weights, cc-by-nc-4.0, bars commercial use\n"
    result = run_clipcls("model", "import", source, "--output", tmp_path / "own", "--license", "bought")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads((tmp_path / "own" / "config.json").read_text("utf-8"))["license"] == "bought"


@pytest.mark.parametrize("config, weights", [("config.json", "pytorch_model.bin"),
                                             ("open_clip_config.json", "open_clip_pytorch_model.bin")])
def test_pickles_are_fetched_where_there_is_nothing_else(config: str, weights: str, fetching: Fetching) -> None:  # noqa: F811
    del fetching.server.resources[WEIGHTS_PATH]
    fetching.server.add(path_of(config), CONFIG)
    fetching.server.add(path_of(weights), WEIGHTS)
    fetching.server.add(path_of("vocab.txt"), b"[PAD]\n")
    fetching.server.add(path_of("README.md"), CARD.format("mit").encode())
    result = fetching.fetch()
    assert result.returncode == 0, result.stderr
    assert {path.name for path in fetching.output.iterdir()} == {config, weights, "vocab.txt", "merges.txt"}
    # A folder of such files is one of a model, and may be replaced.
    assert fetching.fetch("--force").returncode == 0


def test_no_weights_at_all(fetching: Fetching) -> None:  # noqa: F811
    del fetching.server.resources[WEIGHTS_PATH]
    fetching.check_refused(fetching.fetch(), "has neither open_clip_config.json", "pytorch_model.bin")
