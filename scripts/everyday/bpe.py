"""A byte-level BPE of our own in exactly CLIP's format: training the merges, and the tokenizer itself.

The pre-tokenization is CLIP's (ftfy, HTML unescape, lower case, its regular expression), so any CLIP tokenizer that is
given these merges finds the same ids.
"""

import html
from collections import Counter, defaultdict

import ftfy
import regex

PATTERN = regex.compile(
    r"""<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+""", regex.IGNORECASE
)


def bytes_to_unicode():
    """CLIP's reversible table byte -> printable character."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    table = {byte: chr(byte) for byte in printable}
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(256 + len(table) - len(printable))
    return table


BYTE_SYMBOLS = bytes_to_unicode()


def clean(text):
    text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    return " ".join(text.split()).lower()


def words(text):
    return ["".join(BYTE_SYMBOLS[byte] for byte in word.encode()) for word in PATTERN.findall(clean(text))]


def train_merges(texts, num_merges):
    counts = Counter(word for text in texts for word in words(text))
    pieces = {word: [*word[:-1], word[-1] + "</w>"] for word in counts}
    pair_counts, pair_words = Counter(), defaultdict(set)

    def tally(word, sign):
        for pair in zip(pieces[word], pieces[word][1:]):
            pair_counts[pair] += sign * counts[word]
            pair_words[pair].add(word)

    for word in pieces:
        tally(word, 1)
    merges = []
    while len(merges) < num_merges:
        best = max(pair_counts, key=lambda pair: (pair_counts[pair], pair))
        if pair_counts[best] < 1:
            break
        merges.append(best)
        for word in list(pair_words[best]):
            tally(word, -1)
            pieces[word] = merge(pieces[word], best)
            tally(word, 1)
    return merges


def merge(symbols, pair):
    merged, n = [], 0
    while n < len(symbols):
        if tuple(symbols[n : n + 2]) == pair:
            merged.append(symbols[n] + symbols[n + 1])
            n += 2
        else:
            merged.append(symbols[n])
            n += 1
    return merged


def save_merges(merges, path):
    # No line end after the last pair: open_clip would read an empty merge behind it and shift the special tokens by one.
    path.write_text("\n".join(["#version: 0.2", *(f"{left} {right}" for left, right in merges)]), encoding="utf-8")


def load_merges(path):
    return [tuple(line.split(" ")) for line in path.read_text(encoding="utf-8").split("\n")[1:] if line]


class Tokenizer:
    def __init__(self, merges):
        symbols = list(BYTE_SYMBOLS.values())
        vocabulary = symbols + [symbol + "</w>" for symbol in symbols] + [left + right for left, right in merges]
        self.ids = {symbol: n for n, symbol in enumerate(vocabulary)}
        self.ranks = {pair: n for n, pair in enumerate(merges)}
        self.sot, self.eot = len(vocabulary), len(vocabulary) + 1
        self.vocab_size = len(vocabulary) + 2
        self.cache = {}

    def word_ids(self, word):
        if word not in self.cache:
            symbols = [*word[:-1], word[-1] + "</w>"]
            while len(symbols) > 1:
                best = min(zip(symbols, symbols[1:]), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
                if best not in self.ranks:
                    break
                symbols = merge(symbols, best)
            self.cache[word] = [self.ids[symbol] for symbol in symbols]
        return self.cache[word]

    def encode(self, text, context_length):
        """Start, words, end; cut to context_length with the end token kept."""
        ids = [self.sot, *(n for word in words(text) for n in self.word_ids(word)), self.eot]
        return ids if len(ids) <= context_length else [*ids[: context_length - 1], self.eot]
