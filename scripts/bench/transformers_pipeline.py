#!/usr/bin/env python3
"""transformers' zero-shot-image-classification pipeline on JPEGs with the CIFAR-100 labels: ViT-B/32, random weights.

    transformers_pipeline.py FOLDER COUNT     prints {"images_per_second": …}
"""
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import export.open_clip_import  # noqa: E402,F401  (declares torchvision's operators)
import torch  # noqa: E402
from export.open_clip_import import open_clip  # noqa: E402
from transformers import (CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer,  # noqa: E402
                          ZeroShotImageClassificationPipeline)

ROOT = Path(__file__).resolve().parents[2]
torch.manual_seed(0)
merges = open_clip.tokenizer.SimpleTokenizer()
work = Path(sys.argv[1]).parent / "transformers_tokenizer"
work.mkdir(exist_ok=True)
names = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}  # open_clip's, transformers'
vocabulary = {names.get(token, token): index for token, index in merges.encoder.items()}
(work / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
pairs = [" ".join(pair) for pair in sorted(merges.bpe_ranks, key=merges.bpe_ranks.get)]
(work / "merges.txt").write_text("#version: 0.2\n" + "\n".join(pairs) + "\n", "utf-8")
model = CLIPModel(CLIPConfig()).eval()  # the default is ViT-B/32
tokenizer = CLIPTokenizer(str(work / "vocab.json"), str(work / "merges.txt"))
pipeline = ZeroShotImageClassificationPipeline(model=model, tokenizer=tokenizer, image_processor=CLIPImageProcessor(),
                                               device="cpu")
labels = [line for line in (ROOT / "models/labels/cifar100.txt").read_text("utf-8").splitlines() if line]
paths = [str(path) for path in sorted(Path(sys.argv[1]).iterdir())[:int(sys.argv[2])]]
pipeline(paths[:1], candidate_labels=labels)
start = time.perf_counter()
rows = pipeline(paths, candidate_labels=labels, batch_size=8)
assert len(rows) == len(paths)
print(json.dumps({"images_per_second": len(paths) / (time.perf_counter() - start)}))
