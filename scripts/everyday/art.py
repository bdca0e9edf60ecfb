"""The art: which drawing shows which concept, under which names, and its pixels.

Everything is read from the npm packages pinned in package.json beside this file. OpenMoji is among them for the evaluation
only: `training_jobs` never looks at it.
"""

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules"
RENDER_SIZE = 96

EMOJI_SETS = ["noto", "noto-v1", "twemoji", "fluent-emoji", "fluent-emoji-flat", "emojione", "fxemoji", "streamline-emojis"]
MONO_EMOJI_SETS = ["fluent-emoji-high-contrast", "emojione-monotone"]
ICON_SETS = ["fa6-solid", "flat-color-icons", "game-icons", "icon-park", "lucide", "mdi", "ph", "tabler"]
# How often a style is drawn, relative to the plain picture. The pens bring the drawings nearer to outlined art sets.
STYLE_WEIGHTS = {"plain": 0.8, "outlined": 1.2, "outlined_thin": 0.6, "silhouette": 0.6, "line_art": 0.25}
MONO_WEIGHT = 0.3
# The group numbers of emojibase: 0 smileys, 1 people, 3 animals, 4 food, 5 travel, 6 activities, 7 objects, 8 symbols, 9 flags.
GROUP_WEIGHTS = {0: 1.1, 1: 1.2, 3: 1.5, 4: 1.2, 5: 1.1, 6: 1.0, 7: 1.0, 8: 0.7, 9: 0.8}
CIFAR_WEIGHT = 1.4
SKIN_TONES = {"1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff"}
ICON_SUFFIX = re.compile(r"-(outline|outlined|filled|fill|alt|variant|\d+)$")


def install():
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)


def load_json(*parts):
    return json.loads(PACKAGES.joinpath(*parts).read_text(encoding="utf-8"))


def code_key(hexcode):
    """1F3F3-FE0F-200D-1F308 -> 1f3f3-200d-1f308: sets disagree about the variation selector."""
    return "-".join(part for part in hexcode.lower().split("-") if part != "fe0f")


def slug(name):
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("’", "").replace("'", "")).strip("-")


def squash(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def extra_names():
    """code key -> common names that CLDR does not give, written by hand."""
    return json.loads((HERE / "extra_names.json").read_text(encoding="utf-8"))


def base_emoji():
    """code key -> {"name", "keywords", "group"} for every emoji without a skin tone."""
    entries = load_json("emojibase-data", "en", "data.json")
    shortcodes = defaultdict(set)
    for source in ("cldr", "emojibase", "github", "iamcal", "joypixels"):
        for hexcode, names in load_json("emojibase-data", "en", "shortcodes", f"{source}.json").items():
            names = [names] if isinstance(names, str) else names
            shortcodes[code_key(hexcode)].update(name.replace("_", " ").replace("-", " ") for name in names)
    emoji = {}
    for entry in entries:
        if entry.get("group") is None or entry["group"] == 2:
            continue  # regional letters and hair or skin parts: no emoji of their own
        key = code_key(entry["hexcode"])
        keywords = set(entry.get("tags", [])) | shortcodes[key]
        emoji[key] = {"name": entry["label"], "keywords": sorted(keywords - {entry["label"]}), "group": entry["group"]}
    for key, names in extra_names().items():
        emoji[key]["keywords"] = sorted(set(emoji[key]["keywords"]) | set(names))
    return emoji


def icon_names(icon_set):
    data = load_json("@iconify-json", icon_set, "icons.json")
    hidden = {name for name, icon in data["icons"].items() if icon.get("hidden")}
    return [name for name in data["icons"] if name not in hidden], data.get("aliases", {})


def chars(icon_set):
    path = PACKAGES / "@iconify-json" / icon_set / "chars.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    return {code_key(code): name for code, name in found.items()}


def name_table(emoji):
    """Every way in which the sets write an emoji's name, squashed -> code key."""
    table = {}
    for icon_set in ("noto", "twemoji", "fluent-emoji-flat"):  # these say the code point of each of their names
        table.update({squash(name): code for code, name in chars(icon_set).items() if code in emoji})
    shared = defaultdict(set)
    for key, entry in emoji.items():
        for keyword in entry["keywords"]:
            shared[squash(keyword)].add(key)
    for word, keys in shared.items():
        if len(keys) == 1:
            table.setdefault(word, next(iter(keys)))
    table.update({squash(entry["name"]): key for key, entry in emoji.items()})
    return table


def emoji_icons(icon_set, emoji, names):
    """icon name -> code key for one emoji set."""
    icons, aliases = icon_names(icon_set)
    found = {}
    by_name = {name: code for code, name in chars(icon_set).items()}
    for icon in icons:
        code = by_name.get(icon)
        if code is None and not by_name:
            code = names.get(squash(icon))
        if code in emoji:
            found[icon] = code
    for alias, entry in aliases.items():
        code = by_name.get(alias) or (names.get(squash(alias)) if not by_name else None)
        if code in emoji and entry["parent"] in icons and code not in found.values():
            found.setdefault(entry["parent"], code)
    return found


def openmoji_icons(emoji):
    """code key -> icon name in OpenMoji, for the evaluation."""
    return {code: name for code, name in chars("openmoji").items() if code in emoji}


def training_jobs(emoji):
    """([{set, icon, style}], class of each, weight of each, class names)."""
    classes = list(emoji)
    index = {key: n for n, key in enumerate(classes)}
    names = name_table(emoji)
    jobs, targets, weights = [], [], []

    def add(icon_set, icon, style, target, weight):
        jobs.append({"set": icon_set, "icon": icon, "style": style})
        targets.append(target)
        weights.append(weight)

    for icon_set in EMOJI_SETS:
        for icon, code in emoji_icons(icon_set, emoji, names).items():
            for style, weight in STYLE_WEIGHTS.items():
                # A gradient drawing consists of many hidden shapes: with a pen on each it is unreadable.
                if icon_set == "fluent-emoji" and style not in ("plain", "silhouette"):
                    continue
                # A pen round every stripe helps no flag.
                if emoji[code]["group"] == 9 and style not in ("plain", "silhouette"):
                    continue
                add(icon_set, icon, style, index[code], weight)
    for icon_set in MONO_EMOJI_SETS:
        for icon, code in emoji_icons(icon_set, emoji, names).items():
            add(icon_set, icon, "plain", index[code], MONO_WEIGHT)

    concepts = defaultdict(dict)
    for icon_set in ICON_SETS:
        for icon in icon_names(icon_set)[0]:
            if icon_set == "ph" and re.search(r"-(bold|thin|light|duotone)$", icon):
                continue
            concepts[ICON_SUFFIX.sub("", icon)].setdefault(icon_set, icon)
    emoji_slugs = {slug(entry["name"]): key for key, entry in emoji.items()}
    for concept, found in sorted(concepts.items()):
        if concept in emoji_slugs:
            for icon_set, icon in found.items():
                add(icon_set, icon, "plain", index[emoji_slugs[concept]], MONO_WEIGHT)
        elif len(found) >= 2 and len(concept) > 2:  # a concept of one drawing gives its pixels only
            classes.append("icon:" + concept)
            for icon_set, icon in found.items():
                add(icon_set, icon, "plain", len(classes) - 1, 1.0)
    return jobs, targets, weights, classes


def draw_all(folder):
    """Renders what is learned from, pixels.npy and index.json, and what is judged by, openmoji.npy and openmoji.json. Returns the
    names of the classes."""
    emoji = base_emoji()
    jobs, targets, weights, classes = training_jobs(emoji)
    print(f"{len(jobs)} pictures of {len(classes)} classes, {len(emoji)} of them emoji", flush=True)
    np.save(folder / "pixels.npy", render(jobs, folder))
    (folder / "index.json").write_text(json.dumps({"jobs": jobs, "targets": targets, "weights": weights, "classes": classes}))
    icons = openmoji_icons(emoji)
    judged = [{"set": "openmoji", "icon": icon, "style": "plain"} for icon in icons.values()]
    np.save(folder / "openmoji.npy", render(judged, folder))
    (folder / "openmoji.json").write_text(json.dumps(list(icons)))
    return classes


def render(jobs, folder, size=RENDER_SIZE, processes=2):
    """uint8 [num_jobs, size, size, 3]; a drawing that cannot be rendered is all black."""
    folder.mkdir(parents=True, exist_ok=True)
    record = size * size * 3
    parts, running = [], []
    for n in range(processes):
        part = jobs[n * len(jobs) // processes : (n + 1) * len(jobs) // processes]
        job_path, out_path = folder / f"jobs{n}.json", folder / f"part{n}.rgb"
        job_path.write_text(json.dumps(part))
        out_path.unlink(missing_ok=True)
        command = ["node", str(HERE / "render.mjs"), str(job_path), str(out_path), str(size)]
        parts.append((part, out_path, command))
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
    for n, (part, out_path, command) in enumerate(parts):
        while running[n].wait() != 0:
            # The drawing after the last whole record took the process down: a black picture in its place.
            whole = out_path.stat().st_size // record if out_path.exists() else 0
            print(f"set aside: {part[whole]}", flush=True)
            with out_path.open("ab") as out:
                out.truncate(whole * record)
                out.write(bytes(record))
            running[n] = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    pixels = np.concatenate([np.fromfile(out_path, np.uint8) for _, out_path, _ in parts])
    for _, out_path, _ in parts:
        out_path.unlink()
    return pixels.reshape(len(jobs), size, size, 3)
