#!/usr/bin/env python3
"""Checks who includes whom: the table of the design, over every file under include and src.

A header lies beside its .cpp unless a program outside needs it, and is included by its path from src; the headers of a
folder in a room (model/libtorch/…) are that room's own. Third-party headers stay in the files that are named here.
The library knows no command line: no string of it names a flag (cli/flags/parameter_names.cpp turns parameters into
flags), and none of its errors is of the kind kUsage. A type has one definition: of two of one name, in folders that do not
know each other, the linker takes the functions of either for both. Exit code 1 and one line for each include or type that
breaks a rule.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# module -> headers, by how they are included, that it may include besides its own folder's; a trailing / means the whole folder.
# "clipcls" is include/clipcls: what programs outside see includes nothing of src.
ALLOWED = {
    "clipcls": [],
    "base": [],
    "files": ["base/"],
    "json": ["base/", "files/", "text_output/"],
    "text_output": ["base/"],
    "processor": ["base/"],
    "text": ["base/", "json/"],
    "image": ["base/", "processor/", "files/file_descriptor.h"],
    # A model's vocabulary decides what its token ids mean, so that finding and checking a model needs the tokenizer.
    "model": ["base/", "files/", "json/", "text_output/", "processor/", "image/image.h", "image/preprocess.h",
              "text/tokenizer.h", "text/text_cleaning.h", "text/tokenizer_import.h", "text/tokenizer_checksum.h"],
    "zero_shot": ["base/", "files/", "json/", "text_output/", "processor/", "text/", "model/clip_model.h", "model/model_config.h"],
    "pipeline": ["base/", "files/", "json/", "image/", "model/clip_model.h", "model/long_run.h", "zero_shot/classifier.h"],
    # Mathematics on numbers: it knows nothing of images, labels or models, so that any of its figures can be checked alone.
    "evaluation/statistics": ["base/"],
    "evaluation": ["base/", "files/", "json/", "model/clip_model.h", "model/precision.h", "zero_shot/", "pipeline/", "evaluation/statistics/"],
    "report": ["base/", "files/", "json/", "text_output/", "pipeline/image_result.h", "zero_shot/answer_names.h", "zero_shot/classifier.h",
               "evaluation/evaluation.h", "evaluation/statistics/metrics.h", "evaluation/statistics/paired_comparison.h"],
    "fetch": ["base/", "files/", "json/", "model/model_folders.h", "model/partial_model.h"],
    "photos": ["base/", "files/", "json/"],
    "serve": ["base/", "files/", "json/", "text_output/", "image/", "model/clip_model.h", "zero_shot/", "pipeline/", "report/base64.h",
              "report/report.h"],
    # What programs outside see, made of the rooms below.
    "interface": ["clipcls/", "base/", "files/", "processor/", "text/", "image/", "model/", "zero_shot/", "pipeline/",
                  "fetch/model_catalogue.h"],
    "cli": ["clipcls/", "interface/", "base/", "files/", "json/", "text_output/", "processor/", "text/", "image/", "model/", "zero_shot/", "pipeline/", "evaluation/",
            "evaluation/statistics/", "report/", "fetch/", "photos/", "serve/"],
}

# Of include/clipcls what every room may include: the one exception type.
EVERYWHERE = ["clipcls/error.h"]

# Folders in a room that are rooms of their own.
INNER_ROOMS = ["evaluation/statistics"]

# third-party header -> the source files that may include it
THIRD_PARTY = {
    r"(torch|ATen|c10|caffe2)/": ["src/model/libtorch/"],
    r"CLI/": ["src/cli/flags/declaration.cpp", "src/cli/flags/declared_options.cpp", "src/cli/flags/configuration_file.cpp"],
    r"boost/": ["src/serve/http_server.cpp", "src/serve/http_session.h", "src/serve/http_session.cpp", "src/serve/socket_client.cpp"],
    r"curl/": ["src/fetch/http_request.cpp"],
    r"openssl/": ["src/fetch/sha256.cpp"],
    r"libxml/": ["src/photos/xmp_document.h"],
    r"fmt/": ["src/"],  # header-only, and no part of a header here
    r"nlohmann/": ["src/json/", "src/model/model_reference.cpp",
                   "src/model/checkpoint/safetensors.cpp", "src/report/json_report.cpp", "src/report/evaluation_json.cpp",
                   "src/report/report_rows.cpp", "src/pipeline/embedding_info.cpp", "src/fetch/hub_model.cpp",
                   "src/fetch/model_catalogue.cpp", "src/photos/journal_line.cpp", "src/zero_shot/label_set_json.cpp", "src/zero_shot/label_set_json_text.h",
                   "src/serve/classification_request.cpp", "src/serve/classification_service.cpp", "src/serve/encoder_service.cpp", "src/serve/served_model.cpp",
                   "src/cli/commands/", "src/cli/results/resumable_file.cpp", "src/model/checkpoint/vocabulary.cpp", "src/text/pipeline/",
                   "src/zero_shot/calibration_file.cpp"],
    r"stb/|stb_image": ["src/image/decode/stb_decoder.cpp"],
    r"jpeglib\.h|jerror\.h": ["src/image/decode/decode_jpeg.cpp", "src/image/encode_jpeg.cpp"],
    r"webp/": ["src/image/decode/decode_webp.cpp"],
    r"tiffio\.h": ["src/image/decode/decode_tiff.cpp"],
    r"libheif/": ["src/image/decode/decode_heif.cpp"],
    r"avif/": ["src/image/decode/decode_avif.cpp"],
    r"jxl/": ["src/image/decode/decode_jxl.cpp"],
    r"openjpeg\.h": ["src/image/decode/decode_jpeg2000.cpp"],
    r"lcms2\.h": ["src/image/decode/lab_colors.cpp"],
    r"zlib\.h": ["src/image/decode/inflate.cpp", "src/model/checkpoint/tensor_checksums.cpp"],
    r"xxhash\.h": ["src/base/content_hash.cpp"],
    r"unicode/": ["src/text/", "src/zero_shot/labels.cpp", "src/text_output/display_text.cpp",
                    "src/photos/label_folder.cpp"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
# A style sheet has var(--x) and --x: besides, and a remedy may be a Python script with flags of its own.
FLAG = re.compile(r"(?<!var\()(?<!\.py )(?<![\w-])--(?:[a-z]|\d+-[a-z])[a-z-]*(?![a-z-]|\s*:)")
# Where kUsage is declared and named.
USAGE_PLACES = ["include/clipcls/error.h", "src/base/error.cpp"]

# A type of the namespace itself: nested ones are indented, declared ones end in a semicolon.
TYPE = re.compile(r"^(?:struct|class|enum class) (\w+)\b(?!::)[^;\n]*$", re.MULTILINE)


def module_of(path: Path) -> str:
    """The folder under include or src that holds `path`, "" for the top."""
    base = ROOT / "include" if path.is_relative_to(ROOT / "include") else ROOT / "src"
    return room_of(str(path.relative_to(base)))


def room_of(target: str) -> str:
    """The room that holds the file or header `target`, "" for the top."""
    inner = [room for room in INNER_ROOMS if target.startswith(room + "/")]
    return inner[0] if inner else target.split("/")[0] if "/" in target else ""


def problem_of(path: Path, header: str) -> str | None:
    """Why `path` may not include `header`, or None."""
    module = module_of(path)
    name = str(path.relative_to(ROOT))
    if header.startswith("clipcls/") or (ROOT / "src" / header).exists():
        room = room_of(header)
        if room == module or header in EVERYWHERE:
            return None
        if "/" in header.removeprefix(room + "/"):
            return f"it is private to src/{room}"
        allowed = any(header == rule or (rule == room + "/") for rule in ALLOWED[module])
        return None if allowed else f"{module} may not include it"
    for pattern, places in THIRD_PARTY.items():
        if re.match(pattern, header):
            may = any(name == place or (place.endswith("/") and name.startswith(place)) for place in places)
            public = name.startswith("include/")
            return "no third-party header in a public header" if public else None if may else f"only {', '.join(places)}"
    return None


def command_line_words(path: Path, text: str) -> list[str]:
    """What a file of the library says that only a command line knows."""
    name = str(path.relative_to(ROOT))
    if module_of(path) == "cli":
        return []
    problems = [f"{name}: a string names a flag, {flag}; name the parameter in backticks" for flag in flags_in_strings(text)]
    if "kUsage" in text and name not in USAGE_PLACES:
        problems.append(f"{name}: kUsage is the command line's; the library throws kInvalidArgument")
    return problems


def flags_in_strings(text: str) -> list[str]:
    """The flags that stand in the string literals of C++ code; custom properties of a style sheet are none."""
    flags = []
    for line in text.splitlines():
        if line.lstrip().startswith("//"):
            continue
        for literal in LITERAL.findall(line):
            flags += FLAG.findall(literal)
    return flags


# Headers that stand in for others in a build without a part; no build has both.
STAND_INS = {"src/cli/flags/no_photos.h", "src/cli/flags/no_via.h"}


def types_defined_twice(headers: list[Path]) -> list[str]:
    place_of: dict[str, Path] = {}
    problems = []
    for path in headers:
        for name in TYPE.findall(path.read_text(encoding="utf-8")):
            if name in place_of:
                problems.append(f"{path.relative_to(ROOT)}: {name} is also defined in {place_of[name].relative_to(ROOT)}")
            place_of[name] = path
    return problems


def main() -> int:
    files = [path for folder in ("include", "src") for path in sorted((ROOT / folder).rglob("*"))
             if path.suffix in (".h", ".cpp")]
    if len(files) < 20:
        print(f"check_layering: found only {len(files)} files under {ROOT}", file=sys.stderr)
        return 1
    num_problems = 0
    for path in files:
        if module_of(path) not in ALLOWED:
            print(f"{path.relative_to(ROOT)}: folder is not in the table of scripts/check_layering.py")
            num_problems += 1
            continue
        text = path.read_text(encoding="utf-8")
        for problem in command_line_words(path, text):
            print(problem)
            num_problems += 1
        for _, header in INCLUDE.findall(text):
            problem = problem_of(path, header)
            if problem:
                print(f"{path.relative_to(ROOT)}: includes {header}: {problem}")
                num_problems += 1
    headers = [path for path in files if path.suffix == ".h" and str(path.relative_to(ROOT)) not in STAND_INS]
    for problem in types_defined_twice(headers):
        print(problem)
        num_problems += 1
    return 1 if num_problems else 0


if __name__ == "__main__":
    sys.exit(main())
