"""Writes the seeds of the fuzzers, tests/fuzz/corpus: small inputs that are right in every format and some that lie.

    .venv/bin/python tests/fuzz/make_corpus.py

The result is committed, so that neither the fuzzers nor the tests that replay the seeds need Python. (The pictures of
tests/data/images/decode are seeds as well.)
"""

import io
import json
import shutil
import struct
import sys
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "golden"))

import numpy as np
import torch
from crushed_samples import crushed
from dds_samples import FOUR_CC, MASKS, dds
from jpeg_png_samples import chunk, exif_block, png
from other_samples import bmp_files, lying_files, pnm_files, psd_files, tga_files
from page_samples import random_apng, random_gif
from safetensors.torch import save as save_safetensors
from checkpoint_seeds import checkpoint_config_seeds, model_card_seeds
from tokenizer_seeds import merges_seeds, tokenizer_bin_seeds, tokenizer_json_seeds, vocab_txt_seeds

CORPUS = ROOT / "tests" / "fuzz" / "corpus"
SMALL_PICTURES = ("palette_1bit.bmp", "top_down.bmp", "rgb_565.bmp", "rgb_16bit.tga", "comment.pgm", "rgb_13.ppm_", "plain.pgm",
                  "plain.ppm_", "rgba_rle.psd")


def hdr_files():
    head = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n"
    yield "plain.hdr", head + b"-Y 3 +X 4\n" + bytes(range(48))
    row = b"\2\2\0\x0a" + 4 * (b"\x8a\x40") + 4 * (b"\x0a" + bytes(range(100, 110)))
    yield "rle.hdr", head + b"-Y 1 +X 10\n" + row[:12]
    yield "runs.hdr", head + b"-Y 2 +X 10\n" + 2 * (b"\2\2\0\x0a" + 4 * b"\x8a\x40")


def lying_pictures():
    """Headers that ask for gigabytes."""
    yield "huge.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"x\x9c") + chunk(b"IEND", b"")
    yield "huge.gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + b"\0" * 6 + b",\0\0\0\0\xff\xff\xff\xff\0\2\2\x44\1\0;"
    yield "huge.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 2_000_000_000, 2_000_000_000, 1, 24, 0, 0, 0, 0, 0, 0)
    yield "huge.pnm", b"P6 4000000000 4000000000 255\n"
    yield "huge.dds", dds(60000, 60000, MASKS, b"", bits=24, masks=(0xFF, 0xFF00, 0xFF0000, 0))
    yield "huge_blocks.dds", dds(60000, 60000, FOUR_CC, bytes(16), dxgi=98)
    yield "huge.psd", b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 30000, 30000, 8, 3) + b"\0" * 14
    yield "huge.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2000000000 +X 2000000000\n"
    yield "huge.tga", struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 65535, 65535, 24, 0)
    yield "huge.webp", b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + b"\xff\xff\xff\xff\xff\xff"
    yield "huge.jpg", (b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 65535, 65535, 3) + b"\1\x22\0\2\x11\1\3\x11\1" + b"\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0" + b"\0" * 8)


def pictures():
    for files in (bmp_files(), tga_files(), pnm_files(), psd_files()):
        yield from ((name, data) for name, data in files if name in SMALL_PICTURES)
    yield "small.png", png(3, 2, 8, 2, [bytes(9), bytes(9)])
    yield "crushed.png", crushed(np.arange(96, dtype=np.uint8).reshape(4, 6, 4))
    yield "frames.png", random_apng(4)
    yield "indexed_frames.png", random_apng(2)
    yield "frames.gif", random_gif(3)
    yield from hdr_files()
    yield from (*lying_pictures(), *lying_files())


def exif_seeds():
    for orientation in (1, 6, 9):
        yield f"little_{orientation}", exif_block(orientation)
        yield f"big_{orientation}", exif_block(orientation, big_endian=True)
    yield "no_prefix", exif_block(3)[6:]
    yield "xmp_attribute", b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    yield "xmp_element", b"<x:xmpmeta><tiff:Orientation>8</tiff:Orientation></x:xmpmeta>"


def resize_seeds():
    for name, sizes in (("shrink", (60, 40, 7, 5)), ("grow", (3, 2, 50, 63)), ("tall", (9, 63, 8, 3)), ("same", (20, 10, 20, 5))):
        for kernel in (0, 1):
            yield f"{name}_{kernel}", bytes(side - 1 for side in sizes) + bytes([kernel, 0, 255, 128, 255, 0, 0, 0, 17])


def text_seeds():
    yield "plain", "a photo of a aquarium_fish."
    yield "contractions", "it's we'll they'RE 'S don't ''''s"
    yield "scripts", "Crème brûlée Straße ΟΔΟΣ İstanbul 日本語 한국어 ไทย हिन्दी 👩‍👩‍👧 ½²³"
    yield "entities", "&lt;b&gt; &amp;amp; &#x41; &#65; &notit; &EACUTE; &hellip"
    yield "specials", "<start_of_text><end_of_text> <|startoftext|> <START_OF_TEXT>"
    yield "long_word", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaabababababababab" * 3
    yield "controls", "\x00\x01\t\r\n\x1b[1m\u2028\u0345\u00a0\ufeff ﬁ ＡＢ “x” ‘y’"
    yield "invalid", b"\xff\xfe\xc3\x28\xed\xa0\x80\xf4\x90\x80\x80 ok"


def labels_seeds():
    yield "text", "\ufeff# animals\ncat\n  aquarium_fish \n\ndog\ta dog.\ta photo of the {}.\t\n"
    yield "list", '["cat", {"label": "dog", "prompts": ["a dog."], "synonyms": ["hound"], "negative_prompts": ["no dog"]}, {"label": "fish", "bin": ["shark", "ray"]}]'
    yield "map", '{"cat": ["a cat.", "a kitten."], "dog": [], "fish": "a {}."}'
    yield "versioned", '{"format": "clipcls-labels", "format_version": 1, "labels": ["cat", {"label": "dog"}]}'
    weights = {"format": "clipcls-labels", "format_version": 1, "model": "m", "image_fingerprint": "a", "text_fingerprint": "b", "embed_dim": 2,
               "labels": [{"label": "cat", "embedding": [1, 0]}, {"label": "dog", "embedding": [0.6, 0.8], "norm": 2.5, "bias": -0.125}]}
    yield "weights", json.dumps(weights)
    yield "bracket", "[not json\nfish\n"
    yield "wrapped", '{"labels": ["shark", "cat", "shark"]}'
    yield "commented", '// mine\n["shark", "cat"]'
    yield "twice", '{"cat": [], "cat": ["a cat."]}'
    yield "returns", "shark\r\u200bcat\r\r\u00a0shark\u3000\rcat\ta cat.\r"
    yield "utf16", "shark\ncat\n".encode("utf-16")
    yield "deep", "[" * 300 + "]" * 300


def csv_seeds():
    yield "plain", "image,label\na.png,cat\nb.png,dog\n"
    yield "quoted", '\ufeffimage,label\r\n"a, b.png","the ""cat"""\r\n"two\nlines",dog\r\n\r\n'
    yield "returns", 'path,label\ra.png,cat\r"b\rc.png",dog\r'
    yield "broken", 'image,label\n"a"x,b\n"never closed'


def config_seeds():
    config = json.loads((ROOT / "models" / "everyday" / "config.json").read_text())
    yield "everyday", json.dumps(config)
    yield "sigmoid", json.dumps({**config, "activation": "sigmoid", "logit_bias": -10.5, "prompt_templates": ["a {}.", "{} photo"]})
    yield "transformers", '{"model_type": "clip"}'
    transformer = {"width": 64, "layers": 2, "heads": 2, "mlp_width": 128, "activation": "quick_gelu", "layer_norm_eps": 1e-5, "layer_scale": False}
    text = {"kind": "text_transformer", **transformer, "causal": True, "vocab_size": config["text"]["vocab_size"], "end_token": "highest_id", "projection_bias": False}
    for name, image in (("built", {"kind": "vision_transformer", **transformer, "patch_size": 8, "ln_pre": True}),
                        ("resnet", {"kind": "modified_resnet", "width": 16, "layers": [1, 2, 1, 1], "heads": 8}),
                        ("conv_net", {"kind": "conv_net", "stem_width": 8, "widths": [16, 24], "convolutions": 3, "mirror_image": True})):
        yield name, json.dumps({**config, "format_version": 2, "architecture": {"image": image, "text": text}})


def reference_seeds():
    picture = {"width": 8, "height": 6, "source_fnv1a64": "0" * 16, "resized_fnv1a64": "f" * 16}
    reference = {"computed_by": "torch", "pictures": [picture, picture], "texts": [{"text": "a", "token_ids": [1, 2]}, {"text": "b", "token_ids": [3]}],
                 "image_features": [[0.5, 1e-3], [1, 2]], "text_features": [[3, 4.25]], "logits": [[10.5], [-1]]}
    yield "small", json.dumps(reference)
    yield "empty", json.dumps({**reference, "pictures": [], "texts": [], "image_features": [], "text_features": [], "logits": []})
    yield "ragged", json.dumps({**reference, "logits": [[1, 2, 3], [4]]})


STATE_DICT = {"w": torch.arange(6, dtype=torch.float32).reshape(2, 3), "b": torch.ones(3, dtype=torch.float16), "n": torch.tensor(7)}


def saved(value):
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def data_pickle(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as archive_file:
        name = next(name for name in archive_file.namelist() if name.endswith("/data.pkl"))
        return archive_file.read(name)


def safetensors_seeds():
    yield "three", save_safetensors(STATE_DICT)
    checksums = {"crc32.x": f"{zlib.crc32(bytes(8)):08x}"}
    yield "checksums", save_safetensors({"x": torch.zeros(2, 2, dtype=torch.bfloat16)}, metadata=checksums)
    yield "metadata", save_safetensors({"x": torch.zeros(2, 2, dtype=torch.bfloat16)}, metadata={"format": "pt"})
    header = b'{"a":{"dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,4]}}'
    yield "lie", struct.pack("<Q", len(header)) + header + b"\0\0\0\0"


def pickle_seeds():
    yield "state_dict", data_pickle(saved(STATE_DICT))
    yield "module", data_pickle(saved(torch.nn.Linear(2, 3).state_dict()))
    yield "training", data_pickle(saved({"epoch": 3, "loss": 0.5, "state_dict": STATE_DICT, "name": None, "flags": [True, False, 1 << 40]}))
    yield "shared", data_pickle(saved({"a": STATE_DICT["w"], "b": STATE_DICT["w"].t(), "c": torch.nn.Parameter(STATE_DICT["w"])}))


def weights_seeds():
    yield "saved.pt", saved(STATE_DICT)
    yield "training.pt", saved({"state_dict": {"w": STATE_DICT["w"].t()}, "epoch": 1})
    yield "three.safetensors", save_safetensors(STATE_DICT)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(STATE_DICT))) as stored, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as deflated:
        for name in stored.namelist():
            deflated.writestr(zipfile.ZipInfo(name), stored.read(name), zipfile.ZIP_DEFLATED)
    yield "deflated.pt", packed.getvalue()


def cache_entry_seeds():
    values = np.zeros((3, 4), dtype="<f4")
    values[:, 0] = 1
    head = b"CLIPCLSL" + struct.pack("<II", 1, 4) + b"a" * 32
    yield "plain", head + struct.pack("<QQQ", 3, 4, 0) + bytes(16) + values.tobytes()
    yield "truncated_prompts", head + struct.pack("<QQQ", 3, 4, 2) + bytes(16) + values.tobytes() + struct.pack("<QQQQ", 0, 80, 2, 99)
    yield "other_key", head[:-1] + b"b" + struct.pack("<QQQ", 3, 4, 0) + bytes(16) + values.tobytes()


def npy_seeds():
    for name, array in (("matrix", np.arange(6, dtype="<f4").reshape(2, 3)), ("empty", np.zeros((0, 4), dtype="<f4")), ("doubles", np.ones((2, 2))),
                        ("fortran", np.asfortranarray(np.ones((2, 3), dtype="<f4"))), ("vector", np.ones(3, dtype="<f4"))):
        stream = io.BytesIO()
        np.save(stream, array)
        yield name, stream.getvalue()


def embedding_info_seeds():
    info = {"format_version": 1, "model": "m", "model_fingerprint": "ab", "precision": "fp32", "embed_dim": 512, "num_images": 3, "is_normalized": False}
    yield "plain", json.dumps(info)
    yield "nested", json.dumps({**info, "model": [[{"a": 1}]]})


def row_seeds():
    def row(path, **more):
        return json.dumps({"image": path, "predictions": [{"label": "cat", "score": 0.6, "similarity": 0.2}], **more}) + "\n"

    yield "jsonl", "\0" + row("a.png") + row("b\ufffd.png", image_bytes="YpE=") + '{"image": "c", "error": {"kind": "not_found", "message": "x"}}\n' + row("torn")[:-9]
    header = "image,label_1,score_1,similarity_1,label_2,score_2,similarity_2,error_kind,error_message"
    yield "csv", "\1" + header + '\r\na.png,cat,0.6,0.2,dog,0.3,0.1,,\r\n"two\r\nlines",cat,0.6,0.2,dog,0.3,0.1,,\r\nc,,,,,,,not_found,no such file\r\n"torn'
    yield "escaped_csv", "!" + header + "\r\n'=a.png,cat,0.6,0.2,dog,0.3,0.1,,\r\n"
    yield "tsv", "\2" + header.replace(",", "\t") + "\na\\tb.png\tcat\t0.6\t0.2\tdog\t0.3\t0.1\t\t\n"
    long_header = "image,rank,label,score,similarity,error_kind,error_message"
    yield "long_csv", "\x10" + long_header + "\r\na,1,cat,0.6,0.2,,\r\na,2,dog,0.3,0.1,,\r\nb,1,cat,0.6,0.2,,\r\n"
    yield "long_tsv", "\x11" + long_header.replace(",", "\t") + "\na\t1\tcat\t0.6\t0.2\t\t\na\t2\tdog\t0.3\t0.1\t\t\n"


def journal_seeds():
    header = '{"format":"clipcls-journal","format_version":1}\n'
    identity = '"size":5,"modified_ns":1700000000000000000,"inode":42'
    yield "steps", (header + '{"action":"make_folder","target":"/x/cat"}\n' + '{"action":"move","source":"/a%25b.png","target":"/x/cat/%FF.png",' + identity + "}\n"
                    + '{"action":"symlink","source":"/a.png","target":"/x/a.png",' + identity + "}\n" + '{"action":"torn')
    yield "damaged", header + '{"action":"copy","source":"/a","target":"/b%4","size":-1}\n'


def xmp_seeds():
    wrap = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:digiKam="http://www.digikam.org/ns/1.0/">'
            "{}</rdf:Description></rdf:RDF></x:xmpmeta>")
    yield "empty", wrap.format("")
    yield "subject", wrap.format("<dc:subject><rdf:Bag><rdf:li>cat</rdf:li></rdf:Bag></dc:subject>")
    yield "tags", wrap.format("<digiKam:TagsList><rdf:Seq><rdf:li>a/b</rdf:li></rdf:Seq></digiKam:TagsList>")
    yield "entities", '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + wrap.format("<dc:subject>&b;</dc:subject>")
    yield "no_xmp", "<svg/>"


def header_seeds():
    yield "range", "HTTP/1.1 206 Partial Content\r\ncontent-length: 50\r\nContent-Range: bytes 100-149/150\r\nETag: \"x\"\r\nLast-Modified: Mon, 23 Nov 2026 00:00:00 GMT\r\n\r\n"
    yield "redirect", "HTTP/2 302\r\nlocation: https://x/y\r\nx-linked-etag: \"" + "a" * 64 + "\"\r\nx-linked-size: 12\r\n\r\nHTTP/2 200\r\ncontent-length: 12\r\netag: \"" + "b" * 64 + "\"\r\n\r\n"
    yield "unknown_length", "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */150\r\n\r\n"


def request_seeds():
    """Media type, query and body, a line each; see fuzz_classification_request.cpp."""
    image = "\x01\x02"

    def form(*parts):
        return "multipart/form-data; boundary=x\n\n" + "".join(f"--x\r\n{head}\r\n\r\n{data}\r\n" for head, data in parts) + "--x--\r\n"

    disposition = "Content-Disposition: form-data; name="
    yield "body", f"image/png\n\n{image}"
    yield "query", f"application/octet-stream\nlabel=a%20cat&label=a+dog&top_k=2&threshold=-0.5&name=x.png\n{image}"
    yield "query_label_set", f"\nlabels=food\n{image}"
    yield "query_json_labels", f"\nlabels=%5B%22cat%22%5D\n{image}"
    yield "form", form((disposition + '"image"; filename="a\\"b.png"\r\nContent-Type: image/png', image), (disposition + '"label"', "a cat"),
                       (disposition + "top_k", "3"))
    yield "form_json_labels", form((disposition + '"image"', image), (disposition + '"labels"', '[{"label": "cat", "prompts": ["a cat."]}]'))
    yield "form_cut", form((disposition + '"image"', image))[:-9]
    yield "json", 'application/json\n\n{"image": "AQI=", "labels": {"cat": ["a cat."], "dog": []}, "top_k": 2, "threshold": 0.25, "name": "x"}'
    yield "json_label", 'application/json; charset=utf-8\n\n{"image": "AQI=", "label": "cat"}'
    yield "json_deep", "application/json\n\n" + 20 * "["
    yield "too_many", "\n" + "&".join(f"label={i}" for i in range(12)) + f"\n{image}"


SEEDS = {"decode_image": pictures, "exif": exif_seeds, "resize": resize_seeds, "tokenizer": text_seeds, "merges": merges_seeds,
         "tokenizer_json": tokenizer_json_seeds, "tokenizer_bin": tokenizer_bin_seeds, "labels": labels_seeds,
         "csv_rows": csv_seeds, "model_config": config_seeds, "model_reference": reference_seeds, "checkpoint_config": checkpoint_config_seeds,
         "safetensors": safetensors_seeds, "pickle": pickle_seeds, "weights_file": weights_seeds, "archive_fingerprint": weights_seeds,
         "cache_entry": cache_entry_seeds, "vocab_txt": vocab_txt_seeds, "model_card": model_card_seeds, "npy": npy_seeds, "embedding_info": embedding_info_seeds, "resumed_rows": row_seeds, "file_journal": journal_seeds, "xmp": xmp_seeds,
         "http_headers": header_seeds, "classification_request": request_seeds}


def main():
    torch.manual_seed(1)
    shutil.rmtree(CORPUS, ignore_errors=True)
    for target, seeds in SEEDS.items():
        folder = CORPUS / target
        folder.mkdir(parents=True)
        for name, content in seeds():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    print(f"{CORPUS}: {sum(file.stat().st_size for file in CORPUS.rglob('*') if file.is_file()) / 1000:.0f} KB")


if __name__ == "__main__":
    main()
