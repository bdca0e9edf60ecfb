"""Trains the image tower against the text features of the distilled text tower, on photographs and drawings at once."""

import copy
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import art, words
from .drawings import Pictures
from .image_tower import IMAGE_SIZE, ImageTower
from .muon import Muon
from .names import EMBED_DIM
from .photos import Photographs

@dataclass(frozen=True)
class Stage:
    begin: float  # from this share of the time on
    canvas: int  # edge of the pictures as they are drawn
    edge: int  # and as the tower sees them
    evenness: float  # 1: each class of photographs is seen alike; 0: each picture
    own_names: float = 0.0  # how much telling a photograph's name from its own data set's counts beside from all names
    whole: float = 0.35  # share of the photographs that are seen whole, or nearly
    drawing_share: float = 0.4  # of a batch
    margin: float = 0.0  # by which a cosine must be larger than another name's, so that another word for it still wins


# Large pictures, in which the tower learns to look, then reduced ones: CIFAR has no detail beyond 32 pixels, so what a camera's
# photograph shows beyond that is nothing that could have been learned. It misled the tower: of the photographs it was developed
# with, 31 % were right at 64 pixels, and 51 % when they were reduced to 32 and enlarged again.
STAGES = [
    Stage(0.0, canvas=48, edge=48, evenness=0.7),
    Stage(1 / 3, canvas=64, edge=64, evenness=0.7),
    Stage(5 / 6, canvas=64, edge=IMAGE_SIZE, evenness=0.3, own_names=0.75, margin=0.1),
    Stage(14 / 15, canvas=64, edge=IMAGE_SIZE, evenness=0.1, own_names=0.75, margin=0.1, whole=0.65, drawing_share=0.25),
]
BATCH, EMA_DECAY, LABEL_SMOOTHING = 512, 0.998, 0.1
MUON_LR, OTHER_LR, WARMUP = 0.06, 2e-3, 0.02
SECOND_RISE, SECOND_PEAK = 5 / 6, 0.3  # from that share of the time on the rates fall again, from this share of the first peak
DRAWING_MARGINS = 0.4  # drawings come with margins of any width
NEARNESS = 1.0  # how much the cosine with the name itself counts beside telling the names apart


IGNORED = -100  # of F.cross_entropy


class ImageModel(nn.Module):
    def __init__(self, **shape):
        super().__init__()
        self.tower = ImageTower(EMBED_DIM, **shape)
        self.log_photo_scale = nn.Parameter(torch.tensor(math.log(16.0)))
        self.log_drawing_scale = nn.Parameter(torch.tensor(math.log(16.0)))


def load_image_tower(data, name="image_tower"):
    """The averaged tower of a checkpoint, in eval mode."""
    state = torch.load(data / f"{name}.pt", weights_only=False)
    model = ImageModel(**state["shape"])
    model.load_state_dict(state["ema"])
    return model.tower.eval().requires_grad_(False)


def stage_and_rate(progress):
    """The stage at a share of the time, and the share of the learning rates then: it falls evenly, rises for reduced pictures, and falls."""
    stage = [stage for stage in STAGES if progress >= stage.begin][-1]
    begin, end, peak = (SECOND_RISE, 1.0, SECOND_PEAK) if progress >= SECOND_RISE else (0.0, SECOND_RISE, 1.0)
    passed = (progress - begin) / (end - begin)
    return stage, peak * max(0.01, min(passed / WARMUP, (1 - passed) / (1 - WARMUP), 1.0))


class Trainer:
    def __init__(self, data, names, minutes, seed=0, workers=2, left_out=(), name="image_tower", **shape):
        self.data, self.minutes, self.workers, self.path = data, minutes, workers, data / f"{name}.pt"
        torch.manual_seed(seed)
        torch.set_num_threads(1)  # the workers are the parallelism
        self.names = names
        drawings = data / "drawings"
        known = json.loads((data / "photo_names.json").read_text())
        # A name that is left out is no wrong answer either: the tower would learn to stay away from it.
        self.photo_names = [word for word in known if word not in left_out]
        self.target_of_class = torch.tensor([self.photo_names.index(word) if word in self.photo_names else IGNORED for word in known])
        num_first = sum(word not in left_out for word in known[:100])
        self.names_of_sets = [names for names in (range(num_first), range(num_first, len(self.photo_names))) if names]
        self.photo_features = names.features(self.photo_names)
        self.photos = Photographs(data, [known.index(word) for word in left_out])
        index = json.loads((drawings / "index.json").read_text())
        emoji = art.base_emoji()
        drawn = [emoji[key]["name"] if key in emoji else key.removeprefix("icon:").replace("-", " ") for key in index["classes"]]
        self.drawing_features = names.features(drawn)
        # Drawings of what a photograph's label names are told apart by these labels, too.
        drawn_labels = words.labels_of_drawings()
        self.photo_target_of_drawing = torch.tensor(
            [self.photo_names.index(drawn_labels[key]) if drawn_labels.get(key) in self.photo_names else IGNORED
             for key in index["classes"]])
        # No caption holds a withheld word: those drawings are left out.
        withheld = words.withheld_pattern()
        kept = np.array([not withheld.search(name) for name in drawn])
        self.drawings = Pictures(np.load(drawings / "pixels.npy"), index["targets"], index["weights"] * kept[index["targets"]],
                                 index["classes"], emoji, set(drawn_labels), margins=DRAWING_MARGINS)
        self.numpy_rngs = [np.random.default_rng([seed, n]) for n in range(workers)]
        self.shape = shape
        self.model = ImageModel(**shape)
        self.whiten()
        self.model.tower.to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.parameters = [p for p in self.model.parameters() if p.requires_grad]
        convs = [p for p in self.parameters if p.ndim == 4]
        others = [p for p in self.parameters if p.ndim != 4]
        self.optimizers = [Muon(convs, MUON_LR), torch.optim.AdamW(others, OTHER_LR, betas=(0.9, 0.98), weight_decay=0.02)]
        self.rates = [MUON_LR, OTHER_LR]
        self.step, self.seconds = 0, 0.0

    def whiten(self):
        rng = np.random.default_rng(0)
        pictures = [self.photos.sample(1024, 64, rng, STAGES[0].evenness, STAGES[0].whole)[0], self.drawings.sample(512, 64, rng)[0]]
        self.model.tower.whiten(torch.cat(pictures))

    def state(self):
        return {"shape": self.shape, "model": self.model.state_dict(), "ema": self.ema.state_dict(), "step": self.step, "seconds": self.seconds,
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers], "numpy_rngs": self.numpy_rngs}

    def save(self):
        torch.save(self.state(), self.path.with_suffix(".tmp"))
        self.path.with_suffix(".tmp").replace(self.path)

    def resume(self):
        state = torch.load(self.path, weights_only=False)
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.step, self.seconds, self.numpy_rngs = state["step"], state["seconds"], state["numpy_rngs"]

    def gradients(self, worker, stage, batch):
        rng = self.numpy_rngs[worker]
        num_drawings = int(batch * stage.drawing_share)
        photos, photo_targets = self.photos.sample(batch - num_drawings, stage.canvas, rng, stage.evenness, stage.whole)
        photo_targets = self.target_of_class[photo_targets]
        drawings, drawing_targets = self.drawings.sample(num_drawings, stage.canvas, rng)
        pictures = torch.cat([photos, drawings])
        if stage.edge != stage.canvas:
            pictures = F.interpolate(pictures, size=(stage.edge, stage.edge), mode="bicubic", antialias=True, align_corners=False)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
            features = self.model.tower(pictures)
        features = F.normalize(features.float(), dim=1)
        losses, rights = [], []
        for part, names, targets, log_scale in (
            (features[: len(photos)], self.photo_features, photo_targets, self.model.log_photo_scale),
            (features[len(photos) :], self.drawing_features, drawing_targets, self.model.log_drawing_scale),
        ):
            cosines = part @ names.T
            rights.append((cosines.argmax(1) == targets).float().mean())
            near = 1 - cosines.gather(1, targets[:, None]).mean()
            margin = stage.margin * F.one_hot(targets, len(names))
            logits = log_scale.exp() * (cosines - margin)
            told_apart = F.cross_entropy(logits, targets, label_smoothing=LABEL_SMOOTHING)
            if names is self.photo_features and stage.own_names > 0:
                told_apart = torch.lerp(told_apart, self.told_apart_by_own_names(logits, targets), stage.own_names)
            losses.append(told_apart + NEARNESS * near)
        share = num_drawings / batch
        loss = (1 - share) * losses[0] + share * losses[1]
        labelled = self.photo_target_of_drawing[drawing_targets]
        if (labelled >= 0).any():
            logits = self.model.log_photo_scale.exp() * features[len(photos) :] @ self.photo_features.T
            as_label = F.cross_entropy(logits, labelled, label_smoothing=LABEL_SMOOTHING, ignore_index=IGNORED, reduction="sum")
            loss = loss + share * as_label / num_drawings
        return torch.autograd.grad(loss, self.parameters), (*losses, *rights)

    def told_apart_by_own_names(self, logits, targets):
        """Each photograph under the names of its own data set: CIFAR-100's pickup trucks are not wrong as CIFAR-10's trucks."""
        total = 0
        for names in self.names_of_sets:
            own = (targets >= names.start) & (targets < names.stop)
            total = total + F.cross_entropy(logits[own, names.start : names.stop], targets[own] - names.start,
                                            label_smoothing=LABEL_SMOOTHING, reduction="sum")
        return total / len(targets)

    @torch.no_grad()
    def update_ema(self):
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(list(self.ema.parameters()), list(self.model.parameters()), 1 - decay)
        for mean, value in zip(self.ema.buffers(), self.model.buffers()):
            mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)

    def run(self, report, report_minutes=5, save_minutes=3, stop_minutes=None):
        reported, saved, sums, counted = self.seconds, self.seconds, np.zeros(4), 0
        self.model.train()
        pool = ThreadPoolExecutor(self.workers)
        while self.seconds < 60 * (stop_minutes or self.minutes):
            begin = time.process_time() / self.workers  # the machine's other work does not shorten the training
            progress = min(1.0, self.seconds / (60 * self.minutes))
            stage, rate = stage_and_rate(progress)
            for optimizer, peak in zip(self.optimizers, self.rates):
                for group in optimizer.param_groups:
                    group["lr"] = peak * rate
            shares = list(pool.map(lambda n: self.gradients(n, stage, BATCH // self.workers), range(self.workers)))
            for n, parameter in enumerate(self.parameters):
                parameter.grad = sum(gradients[n] for gradients, _ in shares) / self.workers
            for optimizer in self.optimizers:
                optimizer.step()
            self.step += 1
            self.update_ema()
            for _, parts in shares:
                sums += [float(part.detach()) for part in parts]
                counted += 1
            self.seconds += time.process_time() / self.workers - begin
            if self.step % 50 == 0:
                photo, drawing, right, right_drawings = sums / counted
                print(f"{self.seconds / 60:6.1f} min  step {self.step}  {stage.edge} px  photo {photo:.3f} ({right:.3f})"
                      f"  drawing {drawing:.3f} ({right_drawings:.3f})", flush=True)
                sums, counted = np.zeros(4), 0
            if self.seconds - saved > 60 * save_minutes:
                self.save()
                saved = self.seconds
            if self.seconds - reported > 60 * report_minutes:
                report(self)
                reported = self.seconds
        self.save()
        report(self)
