"""The texts that the text tower is distilled from: WordNet's nouns, CLDR's names and keywords, and prompts around them."""

import json
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
DRAWN_LABELS = HERE / "drawn_labels.json"
# WordNet's files of nouns that can be seen: act 04, animal 05, artifact 06, body 08, event 11, food 13, location 15, object 17,
# person 18, phenomenon 19, plant 20, shape 25, substance 27.
VISIBLE = {"04", "05", "06", "08", "11", "13", "15", "17", "18", "19", "20", "25", "27"}
PROMPTS = [
    "{}", "a photo of a {}.", "a photo of the {}.", "a {}", "a picture of a {}.", "an image of a {}.", "a drawing of a {}.",
    "a photo of one {}.", "a close-up photo of a {}.", "a bad photo of a {}.", "a photo of a small {}.", "a photo of a large {}.",
    "a blurry photo of a {}.", "a cropped photo of the {}.", "a bright photo of a {}.", "this is a {}.", "there is a {} in the scene.",
    "an emoji of a {}.", "an icon of a {}.", "art of the {}.", "a sketch of a {}.", "a low resolution photo of a {}.",
]


def labels_of_drawings():
    """code key of an emoji -> the label of CIFAR-100 that it shows"""
    return {code: label for label, code in json.loads(DRAWN_LABELS.read_text(encoding="utf-8"))["labels"].items() if code}


def withheld_pairs():
    return [tuple(pair) for pair in json.loads((HERE / "withheld.json").read_text(encoding="utf-8"))["pairs"]]


def withheld_pattern():
    """Finds a withheld word, also in its plural, as a word of its own."""
    words = [re.escape(second).replace(r"\ ", r"[\s_-]") for _, second in withheld_pairs()]
    return re.compile(r"(?<![a-z])(?:" + "|".join(words) + r")(?:e?s)?(?![a-z])", re.IGNORECASE)


def nouns(folder):
    """[(lemma, hypernym or None)] of WordNet's visible nouns, each lemma once, in its commonest sense."""
    first_of = {}
    offset_lemma = {}
    hypernym = {}
    lexicon = {}
    instances = set()
    for line in (folder / "data.noun").open(encoding="latin-1"):
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        offset, file_number, count = fields[0], fields[1], int(fields[3], 16)
        lemmas = [fields[4 + 2 * n].replace("_", " ") for n in range(count)]
        offset_lemma[offset] = lemmas
        lexicon[offset] = file_number
        pointers = fields[5 + 2 * count :]
        for n in range(0, len(pointers) - 3, 4):
            if pointers[n] == "@i":
                instances.add(offset)  # a person or place by name
            if pointers[n] == "@":
                hypernym[offset] = pointers[n + 1]
                break
    for line in (folder / "index.noun").open(encoding="latin-1"):
        if line.startswith(" "):
            continue
        fields = line.split()
        num_pointers = int(fields[3])
        offsets = fields[6 + num_pointers :]
        lemma = fields[0].replace("_", " ")
        visible = [offset for offset in offsets if lexicon[offset] in VISIBLE and offset not in instances]
        if visible:
            first_of[lemma] = visible[0]
    found = []
    for lemma, offset in first_of.items():
        above = hypernym.get(offset)
        found.append((lemma, offset_lemma[above][0] if above else None))
    return found
