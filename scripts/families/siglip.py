"""SigLIP and SigLIP 2 as transformers and as open_clip publish them."""
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from export.open_clip_import import open_clip  # before transformers: it makes torchvision importable
from PIL import Image
from torch import Tensor

from .published import PublishedModel, open_clip_weights, randomise
from .tokenizer_files import Json, gemma_json, read_json, unigram_json, write_tokenizer

CONTEXT_LENGTH = 64
# Of test size: nothing that could be assumed is right by chance.
SMALL_TEXT = {"hidden_size": 40, "num_attention_heads": 5, "intermediate_size": 96, "num_hidden_layers": 3,
              "projection_size": 48}
SMALL_VISION = {"hidden_size": 48, "num_attention_heads": 3, "intermediate_size": 80, "num_hidden_layers": 2,
                "image_size": 44, "patch_size": 8}  # 4 pixels are left over


def gemma_tokenizer(tokenizer_json: Path | None) -> Json:
    """SigLIP 2's: Gemma's pieces, an end token and no start token."""
    value = read_json(tokenizer_json) if tokenizer_json else gemma_json()
    value["post_processor"] = {
        "type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<eos>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"<eos>": {"id": "<eos>", "ids": [1], "tokens": ["<eos>"]}}}
    return value


def unigram_tokenizer(tokenizer_json: Path | None) -> Json:
    return read_json(tokenizer_json) if tokenizer_json else unigram_json()


def siglip_canonicalize() -> Callable[[str], str]:
    """SiglipTokenizer.canonicalize_text. Its module wants sentencepiece, of which this function uses nothing."""
    sys.modules.setdefault("sentencepiece", ModuleType("sentencepiece"))
    from transformers.models.siglip.tokenization_siglip import SiglipTokenizer
    tokenizer = SiglipTokenizer.__new__(SiglipTokenizer)
    tokenizer.__dict__["do_lower_case"] = True
    return lambda text: SiglipTokenizer.canonicalize_text(tokenizer, text)


def ids_of_file(folder: Path, clean: Callable[[str], str], pad_id: int) -> Callable[[Sequence[str]], Tensor]:
    """What the tokenizers library gives for the folder's tokenizer.json, filled up to the context length."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(CONTEXT_LENGTH)
    tokenizer.enable_padding(length=CONTEXT_LENGTH, pad_id=pad_id)
    return lambda texts: torch.tensor([tokenizer.encode(clean(text)).ids for text in texts])


def transformers_siglip(folder: Path, pictures: Sequence[Path], version: int, is_small: bool,
                        tokenizer_json: Path | None = None, **sizes: Any) -> PublishedModel:
    """google/siglip-base-patch16-224 or google/siglip2-base-patch16-224; `sizes` change SiglipConfig."""
    from transformers import SiglipConfig, SiglipModel
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
    from transformers.models.siglip2.tokenization_siglip2 import Siglip2Tokenizer
    tokenizer = unigram_tokenizer(tokenizer_json) if version == 1 else gemma_tokenizer(tokenizer_json)
    if version == 1:
        num_tokens = write_tokenizer(folder, tokenizer, tokenizer_class="SiglipTokenizer", pad_token="</s>",
                                     do_lower_case=True, model_max_length=64)
    else:
        num_tokens = write_tokenizer(folder, tokenizer, tokenizer_class="GemmaTokenizer", pad_token="<pad>", bos_token="<bos>",
                                     eos_token="<eos>", unk_token="<unk>", add_bos_token=False, add_eos_token=True,
                                     padding_side="right")
    text = {"vocab_size": num_tokens} | (SMALL_TEXT if is_small else {}) | sizes.get("text", {})
    vision = (SMALL_VISION if is_small else {}) | sizes.get("vision", {})
    model = SiglipModel(SiglipConfig(text_config=text, vision_config=vision)).eval().requires_grad_(False)
    randomise(model, seed=version)
    size = model.config.vision_config.image_size
    processor = SiglipImageProcessorPil(size={"height": size, "width": size}, resample=3 if version == 1 else 2)

    if version == 1:
        token_ids = ids_of_file(folder, siglip_canonicalize(), pad_id=1)
    else:
        siglip2 = Siglip2Tokenizer.from_pretrained(folder)

        def token_ids(texts: Sequence[str]) -> Tensor:
            return siglip2(list(texts), padding="max_length", max_length=CONTEXT_LENGTH, truncation=True,
                           return_tensors="pt").input_ids

    def pixel_values(picture: Image.Image) -> Tensor:
        return processor(picture, return_tensors="pt").pixel_values[0]

    published = PublishedModel(folder, model, pixel_values, token_ids,
                               lambda pixels: model.get_image_features(pixels).pooler_output,
                               lambda ids: model.get_text_features(ids).pooler_output)
    published.centre_logits(pictures)
    model.save_pretrained(folder)
    # As the makers' file: what is the default is not in it.
    defaults = {"text_config": {"vocab_size": num_tokens, **text}, "vision_config": vision}
    (folder / "config.json").write_text(json.dumps({"model_type": "siglip", "architectures": ["SiglipModel"], **{
        name: {"model_type": f"siglip_{name.removesuffix('_config')}_model", **values} for name, values in defaults.items()}}), "utf-8")
    processor.save_pretrained(folder)
    return published


def fashion_siglip(folder: Path, pictures: Sequence[Path], is_small: bool, tokenizer_json: Path | None = None) -> PublishedModel:
    """Marqo/marqo-fashionSigLIP: pushed to the hub by open_clip, whose T5 tokenizer brought its extra ids; and beside it a
    config.json of transformers' for code of the repository's own."""
    published = open_clip_siglip(folder, pictures, "ViT-B-16-SigLIP", is_small, tokenizer_json, num_extra_ids=100)
    (folder / "config.json").write_text(json.dumps({
        "model_type": "siglip", "open_clip_model_name": "hf-hub:Marqo/marqo-fashionSigLIP",
        "auto_map": {"AutoModel": "marqo_fashionSigLIP.MarqoFashionSigLIP"}}), "utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps({
        "image_processor_type": "SiglipImageProcessor", "size": {"height": 224, "width": 224}, "resample": 3}), "utf-8")
    return published


def open_clip_siglip(folder: Path, pictures: Sequence[Path], name: str, is_small: bool = False,
                     tokenizer_json: Path | None = None, keeps_vocabulary: bool = False, num_extra_ids: int = 0) -> PublishedModel:
    """timm/`name`, such as ViT-B-16-SigLIP: open_clip_config.json and open_clip_model.safetensors. timm's image towers
    have one size; small are the text tower and the tokenizer. `keeps_vocabulary`: there are embeddings of as many tokens as
    open_clip's configuration says, also where the tokenizer has fewer. `num_extra_ids`: so many of T5's <extra_id_0> … stand behind
    the pieces of a unigram, and the model has no embeddings of them."""
    config = open_clip.get_model_config(name)
    is_second = "SigLIP2" in name
    tokenizer = gemma_tokenizer(tokenizer_json) if is_second else unigram_tokenizer(tokenizer_json)
    if is_second:
        num_tokens = write_tokenizer(folder, tokenizer, tokenizer_class="GemmaTokenizer", pad_token="<pad>", bos_token="<bos>",
                                     eos_token="<eos>", unk_token="<unk>", add_bos_token=False, add_eos_token=True,
                                     padding_side="right")
    else:
        num_pieces = len(tokenizer["model"]["vocab"])
        tokenizer["added_tokens"] += [
            {"id": num_pieces + i, "content": f"<extra_id_{num_extra_ids - 1 - i}>", "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": True} for i in range(num_extra_ids)]
        num_tokens = write_tokenizer(folder, tokenizer, tokenizer_class="T5Tokenizer", pad_token="</s>", eos_token="</s>",
                                     unk_token="<unk>", extra_ids=num_extra_ids) - num_extra_ids
    if not keeps_vocabulary:
        config["text_cfg"]["vocab_size"] = num_tokens
    if is_small:
        config["text_cfg"] |= {"width": 40, "heads": 5, "layers": 2, "mlp_ratio": 2.4}
    model = open_clip.CustomTextCLIP(**{key: value for key, value in config.items() if key != "custom_text"})
    model = model.eval().requires_grad_(False)
    randomise(model, seed=len(name))
    preprocess = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic", "resize_mode": "squash"}
    image_cfg = open_clip.transform.PreprocessCfg(size=config["vision_cfg"]["image_size"], **preprocess)
    transform = open_clip.transform.image_transform_v2(image_cfg, is_train=False)
    hf_tokenizer = open_clip.tokenizer.HFTokenizer(str(folder), context_length=config["text_cfg"]["context_length"],
                                                   **config["text_cfg"]["tokenizer_kwargs"])
    published = PublishedModel(folder, model, transform, lambda texts: hf_tokenizer(list(texts)),
                               model.encode_image, model.encode_text)
    # The stand-in tokenizer cuts a sentence into its letters: the template alone would fill a short context.
    if tokenizer_json is None and config["text_cfg"]["context_length"] < 32:
        published.template = "{}"
    published.centre_logits(pictures)
    open_clip_weights(model, folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": preprocess}), "utf-8")
    return published
