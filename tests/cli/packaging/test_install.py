"""`cmake --install` puts the program, the models, the licence and what shells read in place; the installed program runs from there."""
import os
from pathlib import Path

import processes
import pytest
from readmes import ROOT, dead_links, readmes


@pytest.fixture(scope="module")
def prefix(clipcls_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed") / "prefix"
    processes.run(["cmake", "--install", str(clipcls_binary.parent), "--prefix", str(folder)], check=True, capture_output=True)
    return folder


def test_links_of_installed_readmes_lead_somewhere(prefix: Path):
    documents = list((prefix / "share").rglob("*.md"))
    assert {path.relative_to(prefix / "share/doc/clipcls") for path in documents if path.name == "README.md"} == {
        path.relative_to(ROOT) for path in readmes()}
    assert {str(path): dead_links(path) for path in documents if dead_links(path)} == {}


def test_the_installed_program_classifies_with_the_installed_model(clipcls_binary: Path, prefix: Path, tmp_path: Path):
    assert (prefix / "share/doc/clipcls/LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    for file, arguments in (("man/man1/clipcls.1", ["man"]), ("bash-completion/completions/clipcls", ["completion", "bash"]),
                            ("zsh/site-functions/_clipcls", ["completion", "zsh"]),
                            ("fish/vendor_completions.d/clipcls.fish", ["completion", "fish"])):
        expected = processes.run([clipcls_binary, *arguments], check=True, capture_output=True).stdout
        assert (prefix / "share" / file).read_bytes() == expected and expected
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CLIPCLS_", "LD_"))}
    result = processes.run([str(prefix / "bin/clipcls"), str(prefix / "share/clipcls/models/everyday/shark.png"),
                            "--labels", "cifar100", "--verbose"], cwd=tmp_path, env=environment, capture_output=True,
                           text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert f"({prefix}/share/clipcls/models/everyday)" in result.stderr
    assert result.stdout.startswith("Top predictions:\n\n")
