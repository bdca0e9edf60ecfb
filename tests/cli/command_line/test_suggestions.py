"""What is nearly a known word is answered with that word, and common mistakes with what would be right."""
import os

import processes
import pytest
from conftest import ROOT, one_line_error


def test_a_wrong_model_of_the_environment_names_the_variable(clipcls_binary, png, tmp_path):
    picture = tmp_path / "x.png"
    picture.write_bytes(png)
    result = processes.run([clipcls_binary, picture, "--label", "cat", "--label", "dog"], capture_output=True, text=True, check=False,
                           env={**os.environ, "CLIPCLS_MODEL": "nowhere-model"})
    assert result.returncode == 2 and result.stderr.startswith("clipcls: CLIPCLS_MODEL=nowhere-model: no such model: ")


@pytest.mark.parametrize("arguments, message", [
    (("model", "lst"), "give verify, import, info, list or fetch; perhaps list is meant; see clipcls model --help"),
    (("x.jpg", "-f", "jsn"), "; perhaps json is meant"),
    (("x.jpg", "--device", "gpu"), "; perhaps cuda is meant"),
    (("https://example.org/a.jpg?b&c", "--label", "a"), "is an address, not a file; write curl -fsSL 'https://example.org/a.jpg?b&c' | clipcls - …"),
    ((ROOT / "LICENSE", "-l", "CIFAR-100"), "; perhaps cifar100 is meant"),
    ((ROOT / "LICENSE", "-l", "cifar100", "--templates", "openia"), "; perhaps openai is meant"),
    ((ROOT / "LICENSE", "-l", "cifar100", "-m", "ViT-B-23"), "; perhaps ViT-B/32 is meant: clipcls model fetch ViT-B/32 gets it"),
])
def test_the_word_that_is_meant_is_named(run_clipcls, arguments, message):
    one_line_error(run_clipcls(*arguments), message)
