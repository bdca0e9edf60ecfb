#!/usr/bin/env python3
"""One picture and its labels as OpenAI's README does it, with open_clip: the script that users write.

    python_clip.py WEIGHTS.pt ARCHITECTURE IMAGE LABELS.txt
"""
import sys

import torch

sys.path.insert(0, __file__.rsplit("/", 2)[0])

from export.open_clip_import import open_clip  # noqa: E402
from PIL import Image  # noqa: E402

weights, architecture, image_path, label_path = sys.argv[1:5]
model, _, preprocess = open_clip.create_model_and_transforms(architecture, pretrained=weights)
model.eval()
with open(label_path, encoding="utf-8") as file:
    labels = [line.strip() for line in file if line.strip()]
image = preprocess(Image.open(image_path).convert("RGB"))[None]
text = open_clip.get_tokenizer(architecture)([f"a photo of a {label}." for label in labels])
with torch.no_grad():
    image_features = model.encode_image(image, normalize=True)
    text_features = model.encode_text(text, normalize=True)
    scores = (model.logit_scale.exp() * image_features @ text_features.T).softmax(dim=-1)
values, indices = scores[0].topk(min(5, len(labels)))
for value, index in zip(values, indices):
    print(f"{labels[index]:>16s}: {100 * value.item():.2f}%")
