"""Models whose text tower is a BERT: Chinese-CLIP as transformers publishes it, BiomedCLIP as open_clip does."""
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from export.open_clip_import import open_clip  # before transformers: it makes torchvision importable
from PIL import Image
from torch import Tensor

from .published import PublishedModel, randomise
from .tokenizer_files import bert_json, read_json, write_tokenizer, write_vocabulary

SMALL_BERT = {"hidden_size": 40, "num_attention_heads": 5, "intermediate_size": 96, "num_hidden_layers": 3,
              "max_position_embeddings": 60}
SMALL_VISION = {"hidden_size": 48, "num_attention_heads": 3, "intermediate_size": 80, "num_hidden_layers": 2, "image_size": 40,
                "patch_size": 8}
BIOMED_BERT = "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract"
PUBMED_BERT = "microsoft/BiomedNLP-PubMedBERT-base-uncased-abstract"  # its name before


def chinese_clip(folder: Path, pictures: Sequence[Path], is_small: bool, tokenizer_json: Path | None = None) -> PublishedModel:
    """OFA-Sys/chinese-clip-vit-base-patch16: its vocabulary is a vocab.txt."""
    from transformers import BertTokenizer, ChineseCLIPConfig, ChineseCLIPModel
    from transformers.models.chinese_clip.image_processing_pil_chinese_clip import ChineseCLIPImageProcessorPil
    num_tokens = write_vocabulary(folder, read_json(tokenizer_json) if tokenizer_json else bert_json(),
                                  tokenizer_class="BertTokenizer", do_lower_case=True)
    text = {"vocab_size": num_tokens} | (SMALL_BERT if is_small else {})
    vision = SMALL_VISION if is_small else {"patch_size": 16}
    dim = 24 if is_small else 512
    model = ChineseCLIPModel(ChineseCLIPConfig(text_config=text, vision_config=vision, projection_dim=dim))
    model = model.eval().requires_grad_(False)
    randomise(model, seed=7)
    size = model.config.vision_config.image_size
    processor = ChineseCLIPImageProcessorPil(size={"height": size, "width": size}, do_center_crop=False)
    tokenizer = BertTokenizer.from_pretrained(folder)

    def token_ids(texts: Sequence[str]) -> Tensor:
        return tokenizer(list(texts), padding=True, return_tensors="pt").input_ids

    def pixel_values(picture: Image.Image) -> Tensor:
        return processor(picture, return_tensors="pt").pixel_values[0]

    published = PublishedModel(
        folder, model, pixel_values, token_ids, lambda pixels: model.get_image_features(pixels).pooler_output,
        lambda ids: model.get_text_features(ids, attention_mask=(ids != 0).long()).pooler_output, template="{}的照片")
    published.centre_logits(pictures)
    model.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps({
        "model_type": "chinese_clip", "projection_dim": dim, "text_config": text, "vision_config": vision}), "utf-8")
    processor.save_pretrained(folder)
    return published


def quilt_net(folder: Path, pictures: Sequence[Path], is_small: bool, tokenizer_json: Path | None = None) -> PublishedModel:
    """wisdomik/QuiltNet-B-16-PMB: BiomedCLIP's towers under PubMedBERT's name, and a vocab.txt beside the tokenizer.json."""
    published = biomed_clip(folder, pictures, is_small, tokenizer_json, bert_name=PUBMED_BERT, seed=9)
    vocabulary = read_json(folder / "tokenizer.json")["model"]["vocab"]
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in sorted(vocabulary, key=vocabulary.get)), "utf-8")
    return published


def biomed_clip(folder: Path, pictures: Sequence[Path], is_small: bool, tokenizer_json: Path | None = None,
                bert_name: str = BIOMED_BERT, seed: int = 8) -> PublishedModel:
    """microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224: a pickle, with a buffer of positions in it. timm's image
    tower and the BERT have one size; small is the vocabulary alone."""
    from transformers import BertConfig
    num_tokens = write_tokenizer(folder, read_json(tokenizer_json) if tokenizer_json else bert_json(),
                                 tokenizer_class="BertTokenizer", do_lower_case=True, pad_token="[PAD]", unk_token="[UNK]",
                                 cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    bert = BertConfig(vocab_size=30522)
    assert num_tokens <= bert.vocab_size
    (folder / "bert").mkdir()
    bert.save_pretrained(folder / "bert")
    vision = {"timm_model_name": "vit_base_patch16_224", "timm_model_pretrained": False, "timm_pool": "", "timm_proj": "linear",
              "image_size": 224}
    text = {"hf_model_name": bert_name, "hf_tokenizer_name": bert_name, "hf_proj_type": "mlp",
            "hf_pooler_type": "cls_last_hidden_state_pooler", "context_length": 256}
    local = text | {"hf_model_name": str(folder / "bert"), "hf_model_pretrained": False}
    model = open_clip.CustomTextCLIP(embed_dim=512, vision_cfg=vision, text_cfg=local).eval().requires_grad_(False)
    randomise(model, seed=seed)
    image_cfg = open_clip.transform.PreprocessCfg(size=224)
    transform = open_clip.transform.image_transform_v2(image_cfg, is_train=False)
    tokenizer = open_clip.tokenizer.HFTokenizer(str(folder), context_length=256)
    published = PublishedModel(folder, model, transform, lambda texts: tokenizer(list(texts)), model.encode_image,
                               model.encode_text)
    published.centre_logits(pictures)
    state_dict = dict(model.state_dict())
    state_dict["text.transformer.embeddings.position_ids"] = torch.arange(512)[None]
    torch.save(state_dict, folder / "open_clip_pytorch_model.bin")
    preprocess = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}
    (folder / "open_clip_config.json").write_text(json.dumps({
        "model_cfg": {"embed_dim": 512, "vision_cfg": vision, "text_cfg": text}, "preprocess_cfg": preprocess}), "utf-8")
    return published
