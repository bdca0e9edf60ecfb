"""The training loop. A genuine CLIP loss, helped by a class table that is thrown away afterwards."""

import copy
import math
import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .networks import TextEncoder, Trunk

# Cheap small pictures first: (from this share of the time on, size, batch). The last size is the exported one.
# 64 pixels fit the trained art better and the unseen art worse (53 -> 46 % in ten minutes): the detail is the sets' own.
STAGES = [(0.0, 32, 160), (0.38, 48, 128)]
PEAK_LR, WARMUP_STEPS, DECAY_FROM = 2e-3, 300, 0.5
EMA_DECAY = 0.998
EXTRA_TEXTS = 24  # beside one for every other picture
LABEL_SMOOTHING = 0.05


class Clip(nn.Module):
    def __init__(self, vocab_size, context_length, embed_dim, num_classes):
        super().__init__()
        self.trunk = Trunk(embed_dim)
        self.text = TextEncoder(vocab_size, context_length, embed_dim)
        self.log_logit_scale = nn.Parameter(torch.tensor(math.log(14.0)))
        # Shared by both towers. Contrast alone stayed near chance for a long while; this pulls both to one place a class.
        self.class_table = nn.Parameter(torch.randn(num_classes, embed_dim) * 0.05)
        self.log_table_scale = nn.Parameter(torch.tensor(math.log(20.0)))


def contrastive_loss(image_features, text_features, image_targets, text_targets, logit_scale):
    """CLIP's symmetric loss, where all texts of a picture's class are right ones.

    Pictures without a right text in the batch, and texts without a picture, are only wrong answers for the others.
    """
    logits = logit_scale * image_features @ text_features.T
    right = (image_targets[:, None] == text_targets[None]).float()

    def one_way(right, logits):
        asked = right.sum(1) > 0
        right = right[asked]
        return -(right / right.sum(1, keepdim=True) * F.log_softmax(logits[asked], 1)).sum(1).mean()

    return (one_way(right, logits) + one_way(right.T, logits.T)) / 2


def learning_rate(step, progress):
    """Warm-up, level, then linear to zero: the end can be moved as long as the decay has not begun."""
    decay = min(1.0, (1 - progress) / (1 - DECAY_FROM))
    return PEAK_LR * min(1.0, (step + 1) / WARMUP_STEPS) * max(decay, 0.003)


def stage(progress):
    return [entry for entry in STAGES if progress >= entry[0]][-1]


class Trainer:
    def __init__(self, pictures, texts, vocab_size, context_length, embed_dim, folder, minutes, seed, device, workers):
        self.pictures, self.texts, self.folder, self.minutes, self.device = pictures, texts, folder, minutes, device
        torch.manual_seed(seed)
        # Each worker has a share of the batch and one thread: on a busy machine two workers that meet once a step lose
        # far less than one worker whose two threads meet in every operator.
        self.workers = workers
        self.numpy_rngs = [np.random.default_rng([seed, n]) for n in range(workers)]
        self.rngs = [random.Random(f"{seed} {n}") for n in range(workers)]
        self.model = Clip(vocab_size, context_length, embed_dim, len(texts.names)).to(device)
        self.model.trunk.to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.model).eval().requires_grad_(False)
        plain = [p for p in self.model.parameters() if p.ndim < 2]
        decayed = [p for p in self.model.parameters() if p.ndim >= 2]
        groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=PEAK_LR, betas=(0.9, 0.98), foreach=True)
        self.step, self.seconds = 0, 0.0

    def save(self):
        state = {
            "model": self.model.state_dict(), "ema": self.ema.state_dict(), "optimizer": self.optimizer.state_dict(),
            "step": self.step, "seconds": self.seconds, "numpy_rngs": self.numpy_rngs, "rngs": self.rngs,
        }
        torch.save(state, self.folder / "checkpoint.tmp")
        (self.folder / "checkpoint.tmp").replace(self.folder / "checkpoint.pt")

    def resume(self):
        state = torch.load(self.folder / "checkpoint.pt", weights_only=False, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.numpy_rngs, self.rngs = state["numpy_rngs"], state["rngs"]

    def gradients(self, worker, size, batch):
        """(gradients, parts of the loss) of one worker's share of the batch."""
        rng = self.rngs[worker]
        pictures, targets = self.pictures.sample(batch, size, self.numpy_rngs[worker])
        extra = [rng.randrange(len(self.texts.names)) for _ in range(EXTRA_TEXTS)]
        text_targets = torch.cat([targets[::2], torch.tensor(extra)])
        token_ids = self.texts.sample(text_targets.tolist(), rng).to(self.device)
        pictures, targets, text_targets = (t.to(self.device) for t in (pictures, targets, text_targets))
        model = self.model
        # Its cache of cast weights is shared by all threads: without it.
        with torch.autocast(self.device.type, torch.bfloat16, cache_enabled=False):
            image_features = model.trunk(pictures)
            text_features = model.text(token_ids)
        image_features = F.normalize(image_features.float(), dim=1)
        text_features = F.normalize(text_features.float(), dim=1)
        table = F.normalize(model.class_table, dim=1) * model.log_table_scale.clamp(max=math.log(60.0)).exp()
        image_logits = image_features @ table.T
        text_logits = text_features @ table.T
        image_class = F.cross_entropy(image_logits, targets, label_smoothing=LABEL_SMOOTHING)
        text_class = F.cross_entropy(text_logits, text_targets, label_smoothing=LABEL_SMOOTHING)
        scale = model.log_logit_scale.clamp(max=math.log(100.0)).exp()
        contrast = contrastive_loss(image_features, text_features, targets, text_targets, scale)
        right = (image_logits.argmax(1) == targets).float().mean()
        loss = image_class + 0.5 * text_class + contrast
        return torch.autograd.grad(loss, list(model.parameters())), (image_class, text_class, contrast, right)

    @torch.no_grad()
    def update_ema(self):
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        ours, theirs = list(self.ema.parameters()), list(self.model.parameters())
        torch._foreach_lerp_(ours, theirs, 1 - decay)
        for mean, value in zip(self.ema.buffers(), self.model.buffers()):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)

    def run(self, report, report_minutes=10, save_minutes=4, stop_minutes=None):
        parameters = list(self.model.parameters())
        last = now = time.monotonic()
        reported, saved, sums, counted = self.seconds, self.seconds, np.zeros(4), 0
        self.model.train()
        pool = ThreadPoolExecutor(self.workers)
        while self.seconds < 60 * (stop_minutes or self.minutes):
            progress = self.seconds / (60 * self.minutes)
            _, size, batch = stage(progress)
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(self.step, progress)
            shares = list(pool.map(lambda n: self.gradients(n, size, batch // self.workers), range(self.workers)))
            for n, parameter in enumerate(parameters):
                parameter.grad = sum(gradients[n] for gradients, _ in shares) / self.workers
            nn.utils.clip_grad_norm_(parameters, 2.0, foreach=True)
            self.optimizer.step()
            self.step += 1
            self.update_ema()
            for _, parts in shares:
                sums += [float(part.detach()) for part in parts]
                counted += 1
            now = time.monotonic()
            self.seconds, last = self.seconds + now - last, now
            if self.step % 100 == 0:
                image_class, text_class, contrast, right = sums / counted
                print(
                    f"{self.seconds / 60:6.1f} min  step {self.step:6d}  {size} px  image {image_class:.3f}  text {text_class:.3f}"
                    f"  contrast {contrast:.3f}  right {right:.3f}  scale {self.model.log_logit_scale.exp():.1f}",
                    flush=True,
                )
                sums, counted = np.zeros(4), 0
            if self.seconds - saved > 60 * save_minutes:
                self.save()
                saved = self.seconds
            if self.seconds - reported > 60 * report_minutes:
                report(self.ema, size)
                reported = self.seconds
                last = time.monotonic()  # the report is no training time
        self.save()
        report(self.ema, stage(1.0)[1])
