"""A wrong model of the environment is said to be from there."""
import os

import processes


def test_a_wrong_model_of_the_environment_names_the_variable(clipcls_binary, png, tmp_path):
    picture = tmp_path / "x.png"
    picture.write_bytes(png)
    result = processes.run([clipcls_binary, picture, "--label", "cat", "--label", "dog"], capture_output=True, text=True, check=False,
                           env={**os.environ, "CLIPCLS_MODEL": "nowhere-model"})
    assert result.returncode == 2 and result.stderr.startswith("clipcls: CLIPCLS_MODEL=nowhere-model: no such model: ")
