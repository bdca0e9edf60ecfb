"""A precompiled_charsmap of SentencePiece's form, made here: NFKC of characters of up to three bytes."""

import struct
import unicodedata


def small_charsmap():
    """NFKC of what it changes below U+3400, compositions with one mark, blanks to a space, and some characters to nothing."""
    mapping = {}
    for code in [*range(0x80, 0x3400), *range(0xFF00, 0xFFF0)]:
        char = chr(code)
        normal = unicodedata.normalize("NFKC", char)
        if normal != char:
            mapping[char] = normal
        decomposed = unicodedata.normalize("NFD", char)
        if len(decomposed) == 2 and unicodedata.normalize("NFC", decomposed) == char:
            mapping[decomposed] = char
    for char in "\t\n\r\u00a0\u2028\u2029\u3000":
        mapping[char] = " "
    for char in "\u00ad\u200b\u200e\u200f\ufeff\x01\x02\x7f":
        mapping[char] = ""
    return build({text.encode(): normal for text, normal in mapping.items()})


def build(mapping):
    """A double-array trie as Darts-clone writes it, and the texts behind it."""
    texts = bytearray()
    offsets = {}
    for normal in mapping.values():
        if normal not in offsets:
            offsets[normal] = len(texts)
            texts += normal.encode() + b"\0"
    root = {}
    for key, normal in sorted(mapping.items()):
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[None] = offsets[normal]
    units = [0] * 256
    used = [True] + [False] * 255
    bases = set()
    free = 1  # blocks before it are not searched any more

    def place(labels):
        """A base at which none of the units base ^ label is taken. One that is a multiple of 256 fits any offset."""
        nonlocal free
        base = free
        while True:
            while base + 256 > len(units):
                units.extend([0] * 256)
                used.extend([False] * 256)
            if base not in bases and not any(used[base ^ label] for label in labels):
                bases.add(base)
                return base
            base += 1
            if base - free > 2000:
                free += 256

    def fill(index, node):
        labels = [0 if byte is None else byte for byte in node]
        base = place(labels)
        offset = index ^ base
        if offset >= 1 << 21:  # such an offset is stored without its last eight bits
            raise ValueError("the charsmap is too large for this builder")
        units[index] |= offset << 10
        for label in labels:
            used[base ^ label] = True
        for byte, child in node.items():
            if byte is None:
                units[index] |= 1 << 8
                units[base] = child | 1 << 31
            else:
                units[base ^ byte] |= byte
                fill(base ^ byte, child)

    fill(0, root)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(texts)
