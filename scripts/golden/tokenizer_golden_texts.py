"""The texts that the tokenizer is compared on with open_clip: each function yields the texts of one group."""

import html.entities
import pathlib
import random
import sys
import unicodedata

PROJECT = pathlib.Path(__file__).resolve().parents[2]
CIFAR100_FILE = PROJECT / "models" / "labels" / "cifar100.txt"

NUM_RANDOM = 25_000
NUM_INVALID = 8_000
PACKED = 16  # plain code points a text

NAMES = """
dolphin|aquarium_fish|rock'n'roll|it's we're they've I'm you'll he'd don't|IT'S WE'RE THEY'VE I'M YOU'LL HE'D DON'T
Ελληνικά: ΟΔΥΣΣΕΥΣ ΣΊΣΥΦΟΣ, ΑΣ Σ Σ'Σ ΤΑΞΗΣ.|Москва БЕЛУХА дельфин Ёжик|Հայերեն ԴԵԼՖԻՆ և|עִבְרִית דולפין שׁ|العربيّة دُلفين ١٢٣|فارسی دلفین ۴۵۶
हिन्दी डॉल्फ़िन क़िला १२३|বাংলা ডলফিন ড়|ਪੰਜਾਬੀ ਡਾਲਫਿਨ|ગુજરાતી ડોલ્ફિન|தமிழ் ஓங்கில்|తెలుగు డాల్ఫిన్|ಕನ್ನಡ ಡಾಲ್ಫಿನ್|മലയാളം ഡോൾഫിൻ
සිංහල ඩොල්ෆින්|ไทย โลมา ๑๒๓|ລາວ ປາໂລມາ|བོད་ཡིག ཕྱི་གླིང་|မြန်မာ လင်းပိုင်|ខ្មែរ ផ្សោត|ქართული დელფინი ᲓᲔᲚᲤᲘᲜᲘ|አማርኛ ዶልፊን ፩፪|ᏣᎳᎩ ꮳꮃꭹ|ᠮᠣᠩᠭᠣᠯ
日本語 イルカ ｲﾙｶ ｶﾞｷﾞ か\u3099 海豚 〇 一二三|中文 海豚 龜 \uf900 \U00020000|한국어 돌고래 \u1112\u1161\u11ab ﾡﾢ|Tiếng Việt cá heo Việt\u0323\u0302|Türkçe İSTANBUL IĞDIR ılık|Deutsch STRASSE Straße ẞ|français œuvre ÇA ŒUVRE|Íslenska þorn ÐÞÆ|Polski ŁÓDŹ|čeština ŘÍHA|ǅ ǈ ŉ ĳ ﬁ ﬂ ﬃ ﬆ ſ ﬅ K Å Ω
😀 😀😀😀|👨\u200d👩\u200d👧\u200d👦 a|👍🏽👍🏿|🇩🇪🇫🇷 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f|❤️ ❤ ♥️ 1️⃣ #️⃣|a😀b1😀2|🤷🏻\u200d♀️|🏳️\u200d🌈 !!!|© ® ™ ½ ² ³ Ⅷ ① ㊗ ㍻
"""

EDGES = """
|  |\t\n|\x00|a\x00b|\x00'\x00s|\ufeffBOM|a\ufeffb|\x1ca\x1db\x1ee\x1ff|a\x0bb|a\x0cb|a\x85b|a\xa0b|a\u1680b|a\u2028b\u2029c|a\u180eb|a\u200bb|\r\na\rb\r\n
<start_of_text>|<end_of_text>|<START_OF_TEXT> a <End_Of_Text>|a<end_of_text>b|!<end_of_text>|<<end_of_text>>|<ſtart_of_text>|<start_of_text|start_of_text>|&lt;end_of_text&gt;|\x00<end_of_text>|＜end_of_text＞|<end_of_\x00text>
'ſ|a'ſ|'S'T'RE'VE'M'LL'D|''s|'ss|'re're|'l|'lL|'r|'v|a!'s|5's|'5|’s|it’s|it&rsquo;s|it&#39;s|it`s|ʼn ŉ|'\u017fx|' s
&amp;|&amp;amp;|&amp;amp;amp;amp;lt;|&amp|&ampamp;|&notit;|&notin;|&notin|&not|&nota;|&Not;|&NOTIN;|&EACUTE;|P&EACUTE;REZ|BUNDESSTRA&SZLIG;E|&nTILDE;|&NTILDE;|&hellip;|&HELLIP;|&nbsp;|a&nbsp;b|a&NBSP;b|&fjlig;|&FJLIG;|&NotEqualTilde;|&CounterClockwiseContourIntegral;|&CounterClockwiseContourIntegral|&ThickSpace;|&zwnj;|&shy;
&#65;|&#65|&#65a|&#x41;|&#X41|&#x41g|&#0;|&#x0;|&#1;|&#11;|&#12;|&#13;|&#31;|&#32;|&#59;|&#x3b;|&#38;amp;|&#38;|&#127;|&#128;|&#129;|&#133;|&#x85;|&#146;|&#150;|&#160;|&#xd800;|&#xdfff;|&#xd83d;&#xde00;|&#xfdd0;|&#xfffe;|&#xffff;|&#x10ffff;|&#x110000;|&#99999999999999999999;|&#x1F600;|&#128512;|&#;|&#x;|&#xg;|&#a;|&#000000000000000000000000065;|&#00000000000000000000000065;
&|&&|&;|& amp;|&a|&amp &lt|&lt;b&gt;|<b>&amp;</b>|<b>&eacute;|a < b &amp; c|&eacute;\n<b>\n&eacute;|&eacute;\n&eacute;|&amp;lt;p&amp;gt;|&lt;&amp;eacute;|＆ａｍｐ；|&am\x00p;|&amp;\x00lt;|＆lt；|&l&#116;;|&#x26;lt;|&&amp;;|&amp;#65;|&amp;#x26;#65;|&ouml|&oumlx|&OUML|&copy2024|&copy;2024|&ltx&gt|&thetasym;&thetas|&frac12;&frac1|&sup2;&sup|a&b=c&copy=d
\x1b[1mbold\x1b[0m|\x1b[36;44mblue|\x1b[m|\x1b[|\x1b[1|\x1b[;;H|\x1b[٣m|\x1b[1;é|\x1b]0;t\x07|\x1b[\x1b[1mm|\x1b[１m|\x00\x1b[1m|\x1b\x00[1m|\x1b[&#51;m|\x1b[&amp;#51;m|&#27;[1m
“q” ‘q’ „q‚ «q» ‹q›|‛q‟|ＬＯＵＤ　ＮＯＩＳＥＳ ｆｕｌｌ １２３ ！＇ｓ＂|￠￡￢￣￤￥￦|ﾊﾟﾋﾞ ﾟ ﾞ|e\u0301 E\u0301 \u0301 a\u0301\u0323 a\u0323\u0301|\u212b \u2126 \u0344 \u0958 \ufb1d|<\u0338 =\u0338 &lt;\u0338 &amp;lt;\u0338|;\u037e&amp\u037e|\u0130 i\u0307 I\u0307|ΑΣ\u0301 ΑΣ\u00ad ΑΣ' ΑΣ'Α Α\u0301Σ|ꟲ Σ|ΣΑ ΑΣΑ ᾼ ᾳΣ ᾼΣ|\ufffd|\ufffda\ufffc\ufff9b|\u206aa\u206fb|\u200e\u200fa\u202ab|\U0001d173|\U000e0001
... .. . !!! !? $5.99 1,000 3rd 1st a1b2c3 x² H₂O 50% #tag @user http://a.b/c?d=e&f=g C++ C# A&B R&D AT&T|aaaaaaa aaaaaaaa|hahahahahaha|----====____|pneumonoultramicroscopicsilicovolcanoconiosis
"""


def unescape_list(block):
    return [text.rstrip("\n") for text in block.strip("\n").replace("\n", "\n|").split("|")]


def prompts(names, templates):
    for name in names:
        for template in templates:
            yield template(name)


def cased(names, templates):
    """A name and a template meet at one blank or full stop, so that not every pair is needed in other cases as well: each name
    comes in an eighth of the templates, and each template with an eighth of the names."""
    for number, name in enumerate(names):
        for template in templates[number % 8 :: 8]:
            yield template(name).title()
            yield template(name).upper()


def cifar100_names():
    names = CIFAR100_FILE.read_text(encoding="utf-8").split()
    return names + [name.replace("_", " ") for name in names if "_" in name]


def assigned_code_points():
    return [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]


def is_plain(char):
    """Whether no step can treat it otherwise than its neighbours: letters without case, numbers, private use, that no normal form
    changes, are one class to the pattern, and nothing to the rest."""
    return (unicodedata.category(char) in ("Lo", "Nd", "Nl", "No", "Co") and char == char.lower() == char.upper()
            and all(unicodedata.is_normalized(form, char) for form in ("NFC", "NFKC")))


def code_points(_metadata):
    """All that are assigned, alone and in a word. Nine of ten are plain, and come many to a text."""
    plain = []
    for char in map(chr, assigned_code_points()):
        if is_plain(char):
            plain.append(char)
        else:
            yield from (char, f"a{char}b")
    for start in range(0, len(plain), PACKED):
        yield " ".join(f"{char} a{char}b" for char in plain[start : start + PACKED])


def names_in_scripts(_metadata):
    for name in unescape_list(NAMES):
        yield from (name, name.upper(), name.lower(), name.title(), f"a photo of a {name}.", name.replace(" ", ""))
        yield unicodedata.normalize("NFD", name)
        yield from name.split()


def edges(_metadata):
    for text in unescape_list(EDGES):
        yield from (text, f"a{text}", f"{text}b", f"A {text} B", text + text, f"{text}\n{text}")


def entities(_metadata):
    for name in html.entities.html5:
        bare = name.rstrip(";")
        yield from (f"&{name}", f"&{bare}x", f"a&{bare};b", f"&{bare.upper()};", f"&amp;{name}")
    for code in [*range(0x300), *range(0x2000, 0x2070), *range(0xFDC0, 0xFE00), *range(0xFFE0, 0x10010), 0x10FFFE]:
        yield from (f"&#{code};", f"&#{code}", f"a&#x{code:x};b", f"&#X{code:X}g", f"&#0{code};")


def random_texts(_metadata):
    rng = random.Random(20261123)
    assigned = assigned_code_points()
    letters = [code for code in assigned if unicodedata.category(chr(code))[0] == "L"]
    marks = [code for code in assigned if unicodedata.category(chr(code))[0] == "M"]
    numbers = [code for code in assigned if unicodedata.category(chr(code))[0] == "N"]
    names = list(html.entities.html5)
    blocks = [(0x20, 0x7F), (0xA0, 0x250), (0x370, 0x400), (0x400, 0x530), (0x590, 0x600), (0x600, 0x700),
              (0x900, 0x980), (0xE00, 0xE80), (0x1100, 0x1200), (0x1E00, 0x2000), (0x2000, 0x2070), (0x3040, 0x3100),
              (0x4E00, 0x9FA0), (0xAC00, 0xD7A4), (0xFB00, 0xFB50), (0xFF00, 0xFFF0), (0x1F300, 0x1FAF0)]
    words = "a photo of the dolphin Σίσυφος ΤΑΞΗΣ naïve STRASSE İstanbul 're 'S 't 123 <end_of_text> < > ; & # x".split()

    def some(pool, most):
        return "".join(chr(rng.choice(pool)) for _ in range(rng.randint(1, most)))

    def of_one_block():
        first, end = rng.choice(blocks)
        return "".join(chr(rng.randrange(first, end)) for _ in range(rng.randint(1, 8)))

    generators = [
        lambda: some(assigned, 6),
        lambda: some(letters, 6),
        lambda: some(letters, 2) + some(marks, 3) + some(letters, 1),
        lambda: some(numbers, 3),
        lambda: chr(rng.randrange(0xD800)) + chr(rng.randrange(0xE000, 0x110000)),
        of_one_block,
        of_one_block,
        lambda: rng.choice(words),
        lambda: "&" + rng.choice(names)[: rng.randint(1, 40)] + rng.choice([";", "", "x", "&"]),
        lambda: f"&#{rng.randrange(0x11000 if rng.random() < 0.5 else 0x180)}" + rng.choice([";", "", "a"]),
        lambda: rng.choice("'’‘ʼ‛＇") + rng.choice("s t re ve m ll d S RE ſ sx l".split()),
        lambda: rng.choice("\t\n\r\x0b\x0c\x1c\x1f \x85\xa0\u2003\u2028\u3000"),
        lambda: chr(rng.randrange(0x20)) + rng.choice(["", "[", "[1m", "[0;3"]),
        lambda: "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(1, 12))),
        lambda: "".join(rng.choice("aehnotsOHA!.-") for _ in range(rng.randint(1, 30))),
        lambda: str(rng.randrange(10 ** rng.randint(1, 9))),
    ]
    for _ in range(NUM_RANDOM):
        separator = rng.choice(["", "", " ", rng.choice(["\n", "_", "-", "\u200d"])])
        yield separator.join(rng.choice(generators)() for _ in range(rng.randint(1, 8)))


def invalid_utf8(_metadata):
    """Byte strings; all other groups yield str."""
    rng = random.Random(20261124)
    seeds = [text.encode() for text in unescape_list(NAMES)]
    odd = [b"\xc0\x80", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
           b"\xf0\x9f\x98", b"\xff\xfe", b"\xfe", b"\x80", b"\xbf", b"\xf8\x88\x80\x80\x80", b"\xe0\x80\xaf", b"\xc1", b"\xf5"]
    yield from odd
    yield from (b"a" + text + b"b" for text in odd)
    for _ in range(NUM_INVALID):
        text = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text) + 1)
            kind = rng.randrange(3)
            if kind == 0:
                text[at:at] = rng.choice(odd)
            elif kind == 1:
                del text[at : at + rng.randint(1, 2)]
            else:
                text[at:at] = bytes([rng.randrange(256)])
        yield bytes(text[: rng.randint(1, len(text) + 1)])


GROUPS = {
    "imagenet": lambda metadata: prompts(metadata.IMAGENET_CLASSNAMES, metadata.OPENAI_IMAGENET_TEMPLATES),
    "imagenet_cased": lambda metadata: cased(metadata.IMAGENET_CLASSNAMES, metadata.OPENAI_IMAGENET_TEMPLATES),
    "cifar100": lambda metadata: prompts(cifar100_names(), metadata.OPENAI_IMAGENET_TEMPLATES),
    "cifar100_cased": lambda metadata: cased(cifar100_names(), metadata.OPENAI_IMAGENET_TEMPLATES),
    "code_points": code_points,
    "names_in_scripts": names_in_scripts,
    "edges": edges,
    "entities": entities,
    "random": random_texts,
    "invalid_utf8": invalid_utf8,
}
