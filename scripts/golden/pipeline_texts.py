"""Texts for comparing tokenizers: scripts, broken and odd ones, special tokens that somebody typed."""

import random
import unicodedata

# Alphabets by ranges: letters, marks and digits of these blocks.
SCRIPTS = {
    "latin": [(0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x17F), (0x1E00, 0x1EFF)],
    "greek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)],
    "cyrillic": [(0x400, 0x52F)],
    "armenian": [(0x531, 0x587)],
    "hebrew": [(0x591, 0x5F4)],
    "arabic": [(0x600, 0x6FF), (0xFB50, 0xFBC1), (0xFE70, 0xFEFC)],
    "syriac": [(0x700, 0x74F)],
    "devanagari": [(0x900, 0x97F)],
    "bengali": [(0x980, 0x9FE)],
    "gurmukhi": [(0xA01, 0xA76)],
    "gujarati": [(0xA81, 0xAFF)],
    "tamil": [(0xB82, 0xBFA)],
    "telugu": [(0xC00, 0xC7F)],
    "kannada": [(0xC80, 0xCF2)],
    "malayalam": [(0xD00, 0xD7F)],
    "sinhala": [(0xD81, 0xDF4)],
    "thai": [(0xE01, 0xE5B)],
    "lao": [(0xE81, 0xEDF)],
    "tibetan": [(0xF00, 0xFDA)],
    "myanmar": [(0x1000, 0x109F)],
    "georgian": [(0x10A0, 0x10FF)],
    "hangul": [(0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x3131, 0x318E)],
    "ethiopic": [(0x1200, 0x137C)],
    "khmer": [(0x1780, 0x17F9)],
    "mongolian": [(0x1800, 0x18AA)],
    "kana": [(0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF61, 0xFF9F)],
    "han": [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x20200), (0xF900, 0xFAD9)],
    "symbols": [(0x2010, 0x2BFF), (0x3000, 0x303F), (0xFF01, 0xFFEE), (0x1D400, 0x1D7FF)],
}
EMOJI = [
    "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "🇫🇷🇯🇵", "❤️", "❤️‍🔥", "🏳️‍🌈", "1️⃣", "🧑🏿‍🚀", "©️", "®‍©", "😀😀", "🏴\U000E0067\U000E0062\U000E007F",
]
ODD = [
    "", " ", "  ", "\t", "\n", "\r\n", "\0", "a\0b", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u2028x\u2029", "\ufffd", "!", "...", "?!?!",
    "#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "$+<=>^`|~", "_", "__a__", "a_b", "don't", "İstanbul", "ΟΔΟΣ", "straße STRASSE ẞ", "ﬁ ﬂ ﬃ",
    "ｆｕｌｌ ｗｉｄｔｈ", "①②③", "½ ⅓", "㍿", "ℌello", "x" * 99, "x" * 100, "x" * 101, "é" * 101, "a" * 5000, "a b " * 500, "▁", "▁▁", "a▁b",
    "  a  b  ", " a", "a ", "\u3000a\u3000", "a\u00a0b", "café", "cafe\u0301", "e\u0301\u0302\u0327", "\u0301", "\u0301a", "a\r\nb", "a\rb", "à́̂",
    "क्षत्रिय", "क्‍ष", "கொ", "กำ", "ກຳ", "각", "각\u0301", "\u0600a", "\u0600\u0301", "\u061c", "𝔘𝔫𝔦", "\U0010ffff", "\ue000", "\U00011938",
    "\u0d3b\u0327\u0301", "a\u1dfa\u0327", "\u07fd\u0301", "<0x0A>", "<0xe4>", "##ing", "[unk]", "Ünïcödé", "mañana", "mañana",
]


def alphabet(ranges):
    chars = [chr(code) for first, last in ranges for code in range(first, last + 1)]
    return [c for c in chars if unicodedata.category(c)[0] not in "C"]


def word(rng, chars):
    return "".join(rng.choice(chars) for _ in range(rng.choice([1, 2, 3, 4, 5, 6, 8, 12])))


def mutate(rng, text):
    """Another form of a text: normalised, in capitals, with blanks and controls in it."""
    kind = rng.randrange(8)
    if kind < 4:
        return unicodedata.normalize(("NFD", "NFC", "NFKD", "NFKC")[kind], text)
    if kind == 4:
        return text.upper()
    place = rng.randrange(len(text) + 1)
    odd = rng.choice(["\u0301", "\u200d", "\u200b", "\u00ad", "  ", "\n", "\t", "\x01", "\u0327", "\ufe0f", "'", "-", ".", "\u3000", "\u0345", "\u094d"])
    return text[:place] + odd + text[place:]


def random_character(rng):
    while True:
        code = rng.choice([rng.randrange(0x250), rng.randrange(0x3000), rng.randrange(0x10000), rng.randrange(0x20000), rng.randrange(0x110000)])
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code)


def training_texts(seed):
    """Lines of a few syllables of each script, so that a small vocabulary can hold their characters."""
    rng = random.Random(seed)
    for ranges in SCRIPTS.values():
        chars = alphabet(ranges)[:20]
        syllables = [word(rng, chars)[:3] for _ in range(60)]
        for _ in range(120):
            yield " ".join("".join(rng.choice(syllables) for _ in range(rng.randrange(1, 4))) for _ in range(5))


def make_texts(num_texts, seed, specials, words):
    """`num_texts` texts: the odd ones, then random ones. `specials`: added tokens, `words`: pieces of the vocabulary."""
    rng = random.Random(seed)
    alphabets = [alphabet(ranges) for ranges in SCRIPTS.values()]
    texts = list(ODD) + EMOJI + [c + "x" for c in specials] + list(specials)
    while len(texts) < num_texts:
        kind = rng.randrange(10)
        if kind < 4:
            chars = rng.choice(alphabets)
            text = " ".join(word(rng, chars) for _ in range(rng.randrange(1, 8)))
        elif kind < 7:
            text = rng.choice([" ", " ", "", "  "]).join(rng.choice(words) for _ in range(rng.randrange(1, 12)))
        elif kind == 7:
            text = " ".join(rng.choice(EMOJI + ODD[:70]) for _ in range(rng.randrange(1, 5)))
        elif kind == 8:
            text = "".join(random_character(rng) for _ in range(rng.randrange(1, 20)))
        else:
            parts = [rng.choice(specials) if specials and rng.random() < 0.5 else rng.choice(words) for _ in range(rng.randrange(1, 6))]
            text = rng.choice(["", " ", "  "]).join(parts)
        if text and rng.random() < 0.4:
            text = mutate(rng, text)
        texts.append(text)
    return texts[:num_texts]


def character_texts():
    """Each character of Unicode between others that it may join: 1.1 million characters in 70,000 texts."""
    company = "ae\u0301x\u00a9\u200dक"
    codes = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    for start in range(0, len(codes), 16):
        chunk = [chr(code) for code in codes[start : start + 16]]
        yield "".join(f"{company[i % 7]}{c}\u0301 {c}b" if i % 2 else f"{company[i % 7]}{c} " for i, c in enumerate(chunk))
