"""Makes what the training reads, in one folder: tokens, texts and the teacher's features, photographs as arrays."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from export.open_clip_import import open_clip
from PIL import Image

from . import art, bpe, words
from .teacher import Teacher

EMBED_DIM, TOKEN_WIDTH = 256, 160
CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


NUM_CLIP_MERGES = 49152 - 256 - 2  # CLIP's tokenizer uses these of its table


def clip_merges(path):
    """CLIP's published table."""
    lines = gzip.open(path, "rt", encoding="utf-8").read().split("\n")[1 : 1 + NUM_CLIP_MERGES]
    return [tuple(line.split(" ")) for line in lines]


def useful_merges(merges, known_words):
    """Those of `merges`, in their order, that make each of `known_words` one token where all of them do."""
    made_of = {a + b: (rank, a, b) for rank, (a, b) in enumerate(merges)}
    kept, open_symbols = set(), [f"{word}</w>" for word in known_words]
    while open_symbols:
        symbol = open_symbols.pop()
        if symbol in made_of and made_of[symbol][0] not in kept:
            rank, a, b = made_of[symbol]
            kept.add(rank)
            open_symbols += [a, b]
    return [merges[rank] for rank in sorted(kept)]


def known_words(wordnet, photo_names):
    """WordNet's nouns of one word, and the words of emoji, labels and prompts: a dictionary, whose words need not be learned from."""
    texts = [lemma for lemma, _ in words.nouns(wordnet) if " " not in lemma]
    texts += [text for entry in art.base_emoji().values() for text in (entry["name"], *entry["keywords"])]
    texts += [name.replace("_", " ") for name in photo_names] + [prompt.replace("{}", "") for prompt in words.PROMPTS]
    return {word for text in texts for word in bpe.PATTERN.findall(text.lower()) if word.isascii() and word.isalpha()}


def read_cifar100(path):
    """(uint8 [num_pictures, 32, 32, 3], class of each, class names)"""
    pixels, targets, names = [], [], []
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            sheet = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB"))
            rows, columns = sheet.shape[0] // 32, sheet.shape[1] // 32
            tiles = sheet.reshape(rows, 32, columns, 32, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 32, 32, 3)
            pixels.append(tiles)
            targets += [len(names)] * len(tiles)
            names.append(Path(name).stem)
    return np.concatenate(pixels), np.array(targets), names


def read_cifar10(path):
    pixels, targets = [], []
    with zipfile.ZipFile(path) as archive:
        for name in sorted(name for name in archive.namelist() if name.endswith(".jpg")):
            pixels.append(np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")))
            targets.append(CIFAR10.index(Path(name).parent.name))
    return np.stack(pixels), np.array(targets), CIFAR10


def photographs(source, out):
    for part in ("train", "test"):
        first, first_targets, names = read_cifar100(source / f"cifar100_{part}.zip")
        second, second_targets, more = read_cifar10(source / f"cifar10_{part}.zip")
        np.save(out / f"photos_{part}.npy", np.concatenate([first, second]))
        np.save(out / f"photo_targets_{part}.npy", np.concatenate([first_targets, second_targets + len(names)]))
    (out / "photo_names.json").write_text(json.dumps(names + more))
    assert len(names) == 100 and len(first) == 10000 and len(second) == 10000


def all_texts(wordnet, photo_names):
    """The distinct texts whose features are distilled, without those that hold a withheld word."""
    withheld = words.withheld_pattern()
    emoji = art.base_emoji()
    texts = [name.replace("_", " ") for name in photo_names]
    for entry in emoji.values():
        texts += [entry["name"], *entry["keywords"]]
    for lemma, hypernym in words.nouns(wordnet):
        texts.append(lemma)
        if hypernym:
            texts.append(f"{lemma}, {hypernym}")
    texts = list(dict.fromkeys(text for text in texts if not withheld.search(text)))
    return texts


def texts_and_features(wordnet, minilm, photo_names, out):
    texts = all_texts(wordnet, photo_names)
    teacher = Teacher(minilm)
    print(f"{len(texts)} texts", flush=True)
    features = teacher.features(texts)
    mean = features.mean(0)
    centred = features - mean
    _, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    basis = vectors[:, ::-1][:, :EMBED_DIM].copy()
    targets = centred @ basis
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    kept = (np.linalg.norm(centred @ basis, axis=1) ** 2).sum() / (centred**2).sum()
    print(f"{EMBED_DIM} directions keep {kept:.3f} of the variance", flush=True)
    np.savez(out / "basis.npz", mean=mean, basis=basis)
    np.save(out / "text_targets.npy", targets.astype(np.float32))
    (out / "texts.json").write_text(json.dumps(texts))
    return teacher


def token_table(teacher, merges, out, width=TOKEN_WIDTH):
    tokenizer = bpe.Tokenizer(merges)
    symbol_bytes = {symbol: byte for byte, symbol in bpe.BYTE_SYMBOLS.items()}
    strings = []
    for symbol in tokenizer.ids:
        raw = bytes(symbol_bytes[character] for character in symbol.removesuffix("</w>"))
        strings.append(raw.decode("utf-8", errors="ignore"))
    rows = teacher.token_rows(strings)
    centred = rows - rows.mean(0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    table = centred @ vectors[:, ::-1][:, :width]
    np.save(out / "token_table.npy", (table / table.std()).astype(np.float32))
    print(f"token table [{len(table)}, {width}], keeps {(table**2).sum() / (centred**2).sum():.3f}", flush=True)


def prepare(out, photos, wordnet, minilm):
    """photos: the folder of CIFAR's pictures; wordnet: of WordNet's files; minilm: of the teacher's model."""
    photographs(photos, out)
    photo_names = json.loads((out / "photo_names.json").read_text())
    merges = clip_merges(Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz")
    merges = useful_merges(merges, known_words(wordnet, photo_names))
    print(f"{len(merges)} merges", flush=True)
    bpe.save_merges(merges, out / "merges.txt")
    teacher = texts_and_features(wordnet, minilm, photo_names, out)
    token_table(teacher, merges, out)
