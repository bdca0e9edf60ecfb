"""The models that scripts/bench_peers makes: what its peers get has the same weights as clipcls' folder."""
from pathlib import Path

import numpy as np
import torch
from bench.models import image_size, make_inputs, make_model
from PIL import Image


def test_what_the_peers_get_computes_what_clipcls_computes(clipcls_binary, run_clipcls, tmp_path: Path):
    model, preprocess = make_model("ViT-S-32", tmp_path, clipcls_binary)
    size = image_size(model.visual)
    picture = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)).save(picture)
    with torch.inference_mode():
        inputs = preprocess(Image.open(picture))[None]
        assert inputs.shape == (1, 3, size, size) == make_inputs(preprocess, size, range(1)).shape
        expected = model.encode_image(inputs, normalize=True)[0].numpy()
    result = run_clipcls("embed", picture, "-m", tmp_path / "clipcls", "-o", tmp_path / "features")
    assert result.returncode == 0, result.stderr
    features = np.load(tmp_path / "features" / "image_features.npy")[0]
    assert features @ expected / np.linalg.norm(features) >= 0.99999  # the bar for every model
