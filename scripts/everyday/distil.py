"""Distils the sentence encoder into the text tower."""

import json
import math
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from . import art, bpe, words
from .names import CONTEXT_LENGTH, EMBED_DIM
from .text_tower import TextEncoder

BATCH, PEAK_LR, RELATION_SCALE = 512, 1.5e-3, 12.0


def padded(rows):
    length = max(map(len, rows))
    return torch.tensor([row + [0] * (length - len(row)) for row in rows])


class DistillationTexts:
    def __init__(self, data, rng):
        self.texts = json.loads((data / "texts.json").read_text())
        self.targets = torch.from_numpy(np.load(data / "text_targets.npy"))
        self.tokenizer = bpe.Tokenizer(bpe.load_merges(data / "merges.txt"))
        self.rng = rng
        emoji = {text for entry in art.base_emoji().values() for text in (entry["name"], *entry["keywords"])}
        labels = {name.replace("_", " ") for name in json.loads((data / "photo_names.json").read_text())}
        common = emoji | labels
        num_tokens = [len(self.tokenizer.encode(text, CONTEXT_LENGTH)) - 2 for text in self.texts]
        weights = np.array([1.0 / max(1, count - 1) for count in num_tokens])
        for names, weight in ((emoji, 4.0), (labels, 40.0)):  # names that everybody uses
            weights[[text in names for text in self.texts]] = weight
        self.cumulative = np.cumsum(weights / weights.sum())
        held_out = np.random.default_rng(1).random(len(self.texts)) < 0.01
        self.held_out = [n for n in np.flatnonzero(held_out) if self.texts[n] not in common]
        self.is_held_out = np.zeros(len(self.texts), bool)
        self.is_held_out[self.held_out] = True

    def written(self, text):
        """The text as people write it in a label file, at times inside a prompt."""
        if "," not in text and self.rng.random() < 0.5:
            text = self.rng.choice(words.PROMPTS).format(text)
        if self.rng.random() < 0.12:
            text = text.replace(" ", "_")
        return text

    def token_ids(self, texts):
        return padded([self.tokenizer.encode(text, CONTEXT_LENGTH) for text in texts])

    def batches(self, count, num_batches=8):
        """Texts of about one length in each, so that little is padding: [(token ids [count, length], targets [count, embed_dim])]"""
        chosen = np.searchsorted(self.cumulative, np.random.default_rng(self.rng.getrandbits(60)).random(count * num_batches))
        chosen = [n for n in np.minimum(chosen, len(self.texts) - 1) if not self.is_held_out[n]]
        rows = [(self.tokenizer.encode(self.written(self.texts[n]), CONTEXT_LENGTH), n) for n in chosen]
        rows.sort(key=lambda row: len(row[0]))
        parts = [rows[begin : begin + count] for begin in range(0, len(rows), count)]
        self.rng.shuffle(parts)
        return [(padded([ids for ids, _ in part]), self.targets[[n for _, n in part]]) for part in parts]


def relation_loss(student, teacher):
    """Kullback-Leibler divergence of who resembles whom in the batch."""
    ours = F.log_softmax(RELATION_SCALE * student @ student.T - 1e4 * torch.eye(len(student)), 1)
    theirs = F.softmax(RELATION_SCALE * teacher @ teacher.T - 1e4 * torch.eye(len(teacher)), 1)
    return F.kl_div(ours, theirs, reduction="batchmean")


@torch.no_grad()
def report(model, texts):
    model.eval()
    held_out = texts.held_out[:1000]
    student = F.normalize(model(texts.token_ids([texts.texts[n] for n in held_out])), dim=1)
    cosine = (student * texts.targets[held_out]).sum(1).mean()
    model.train()
    return float(cosine)


def distil(data, minutes, seed=0, resume=False, save_minutes=3):
    torch.manual_seed(seed)
    texts = DistillationTexts(data, random.Random(seed))
    table = torch.from_numpy(np.load(data / "token_table.npy"))
    table = torch.cat([table, torch.randn(2, table.shape[1])])  # start and end
    model = TextEncoder(table, CONTEXT_LENGTH, EMBED_DIM)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LR, betas=(0.9, 0.98), weight_decay=0.02)
    step, seconds = 0, 0.0
    path = data / "text_tower.pt"
    if resume:
        state = torch.load(path, weights_only=False)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, seconds = state["step"], state["seconds"]
        texts.rng.seed(f"{seed} {step}")

    def save():
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "seconds": seconds}
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    model.train()
    saved, sums, batches = seconds, np.zeros(2), []
    while seconds < 60 * minutes:
        begin = time.process_time() / 2  # of two cores: what else runs on the machine does not shorten the training
        progress = seconds / (60 * minutes)
        rate = PEAK_LR * min(1, (step + 1) / 300) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * progress))
        for group in optimizer.param_groups:
            group["lr"] = rate
        if not batches:
            batches = texts.batches(BATCH)
        token_ids, targets = batches.pop()
        with torch.autocast("cpu", torch.bfloat16):
            features = model(token_ids)
        features = F.normalize(features.float(), dim=1)
        near, related = 1 - (features * targets).sum(1).mean(), relation_loss(features, targets)
        optimizer.zero_grad()
        (near + 0.3 * related).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        sums += [float(near.detach()), float(related.detach())]
        seconds += time.process_time() / 2 - begin
        if step % 100 == 0:
            print(f"{seconds / 60:6.1f} min  step {step}  cosine {1 - sums[0] / 100:.4f}  relation {sums[1] / 100:.4f}"
                  f"  held-out cosine {report(model, texts):.4f}", flush=True)
            sums[:] = 0
        if seconds - saved > 60 * save_minutes:
            save()
            saved = seconds
    save()
    return model
