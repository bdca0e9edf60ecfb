"""The pictures and texts of every reference.json. The pictures come from a formula, so that any language can
make them: models/README.md states it. Changing either makes every reference.json stale."""
import numpy as np
from PIL import Image

PICTURE_SIZES: tuple[tuple[int, int], ...] = ((224, 224), (640, 480), (37, 91))  # (width, height)


def make_picture(index: int) -> Image.Image:
    """Picture `index` as RGB: smooth in its top left corner, ever finer towards the bottom right."""
    width, height = PICTURE_SIZES[index]
    y, x, channel = np.ogrid[:height, :width, :3]
    value = x * (channel + 2) + y * (5 - channel) + x * y // (8 * (channel + 1)) + 40 * index
    return Image.fromarray((value % 256).astype(np.uint8))


def fnv1a_64(data: bytes) -> str:
    """The 64-bit FNV-1a checksum of `data` as 16 hexadecimal digits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


# The first NUM_FEATURE_TEXTS go through the text encoder as well; all of them through the tokenizer.
# None is a text that ftfy takes for mis-decoded: that guess is not part of clipcls's tokenizer.
NUM_FEATURE_TEXTS = 10
TEXTS: tuple[str, ...] = (
    "a photo of a shark.",
    "a photo of a dolphin.",
    "a photo of a aquarium_fish.",
    "a drawing of a red apple",
    "an origami bicycle, seen from above",
    "a black and white photo of the Eiffel Tower at night.",
    "cat",
    "two dogs playing in the snow",
    "a blurry photo of a hot-air balloon!",
    "a diagram",
    # case, white space, contractions, punctuation, digits
    "A PHOTO OF A GOLDEN RETRIEVER.",
    "  leading,   inner \t and trailing   white space \n",
    "it's what we've said: they'll don't, I'd, you're, I'm",
    "IT'S WHAT WE'VE SAID",
    "rock'n'roll o'clock",
    "...!?;:,--__/\\|@#$%^&*()[]{}<>~`+=",
    "route 66, 1999, 3.14159 and 10,000,000",
    "B2B mp3 4x4 7up 2nd",
    "C++20 & C# <b>bold</b>",
    "e-mail: someone@example.com, https://example.com/?a=1&b=2",
    "state-of-the-art",
    "snake_case and camelCase and kebab-case",
    # HTML entities, twice escaped too
    "black &amp; white &lt;3",
    "Tom &amp;amp; Jerry &quot;live&quot;",
    "caf&eacute; &copy; 2026 &#8364;5 &#x1F600;",
    # quotes, ligatures, full-width forms, composed and decomposed accents
    "\u201ccurly\u201d \u2018quotes\u2019 \u2013 dash \u2014 dots\u2026",
    "\ufb01sh in an o\ufb03ce",
    "\uff21\uff22\uff23\uff11\uff12\uff13\uff01",
    "cr\u00e8me br\u00fbl\u00e9e, na\u00efve, \u00c5ngstr\u00f6m",
    "cre\u0300me bru\u0302le\u0301e",
    "\u0130stanbul, STRA\u1e9eE, stra\u00dfe, \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03a3",
    # other scripts
    "\u043a\u043e\u0448\u043a\u0430 \u0438 \u0441\u043e\u0431\u0430\u043a\u0430",
    "\u03bc\u03b9\u03b1 \u03c6\u03c9\u03c4\u03bf\u03b3\u03c1\u03b1\u03c6\u03af\u03b1",
    "\u732b\u306e\u5199\u771f",
    "\u4e00\u5f20\u72d7\u7684\u7167\u7247",
    "\uac15\uc544\uc9c0 \uc0ac\uc9c4",
    "\u0635\u0648\u0631\u0629 \u0642\u0637\u0629",
    "\u05ea\u05de\u05d5\u05e0\u05d4 \u05e9\u05dc \u05db\u05dc\u05d1",
    "\u092c\u093f\u0932\u094d\u0932\u0940 \u0915\u0940 \u0924\u0938\u094d\u0935\u0940\u0930",
    "\u0e41\u0e21\u0e27 \u0e51\u0e52\u0e53",
    "\u00bd cup, x\u00b2, \u2163, \u0663",
    # emoji: plain, with a skin tone, joined, a flag
    "\U0001f988 shark",
    "\U0001f44b\U0001f3fd\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f1eb\U0001f1f7",
    # nothing, next to nothing, too long
    "",
    " ",
    ".",
    "a",
    "<start_of_text> inside <end_of_text> a text",
    "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis",
    "a very long description that goes on and on, " * 12 + "until it is cut",
)
assert len(TEXTS) == 50
