"""Seeds of the fuzzers of what stands beside published weights, for make_corpus.py: configurations and model cards."""

import json


def checkpoint_config_seeds():
    vision = {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32}
    text = {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}
    yield "bare", json.dumps({"embed_dim": 512, "quick_gelu": True, "vision_cfg": vision, "text_cfg": text})
    preprocess = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic", "resize_mode": "shortest"}
    yield "open_clip", json.dumps({"model_cfg": {"embed_dim": 512, "vision_cfg": vision, "text_cfg": text}, "preprocess_cfg": preprocess})
    yield "resnet", json.dumps({"embed_dim": 1024, "vision_cfg": {"image_size": 224, "layers": [3, 4, 6, 3], "width": 64, "patch_size": None}, "text_cfg": text})
    yield "transformers", json.dumps({"model_type": "clip", "projection_dim": 24, "logit_scale_init_value": 2.6592,
        "text_config": {"hidden_size": 40, "num_attention_heads": 5, "intermediate_size": 100, "num_hidden_layers": 3, "hidden_act": "gelu",
                        "layer_norm_eps": 3e-3, "eos_token_id": 49407, "vocab_size": 49408, "max_position_embeddings": 16},
        "vision_config": {"hidden_size": 48, "num_attention_heads": 3, "intermediate_size": 80, "num_hidden_layers": 2, "image_size": 32, "patch_size": 8}})
    siglip = {"hidden_size": 40, "num_attention_heads": 5, "intermediate_size": 96, "num_hidden_layers": 3}
    yield "siglip", json.dumps({"model_type": "siglip", "vision_config": {**siglip, "image_size": 44, "patch_size": 8},
                                "text_config": {**siglip, "projection_size": 40, "vocab_size": 300, "hidden_act": "gelu_pytorch_tanh"}})
    yield "chinese_clip", json.dumps({"model_type": "chinese_clip", "projection_dim": 24, "vision_config": {"patch_size": 16},
                                      "text_config": {"vocab_size": 21128, "max_position_embeddings": 512, "type_vocab_size": 2}})
    tower = {"image_size": 224, "timm_model_name": "vit_base_patch16_siglip_224", "timm_pool": "map", "timm_proj": "none"}
    last = {"context_length": 64, "vocab_size": 32000, "hf_tokenizer_name": "timm/ViT-B-16-SigLIP", "pool_type": "last", "no_causal_mask": True,
            "proj_bias": True, "tokenizer_kwargs": {"clean": "canonicalize"}, "norm_kwargs": {"eps": 1e-6}, "act_kwargs": {"approximate": "tanh"}}
    yield "open_clip_siglip", json.dumps({"embed_dim": 768, "init_logit_bias": -10, "custom_text": True, "vision_cfg": tower, "text_cfg": last})
    bert = {"hf_model_name": "bert-base-uncased", "hf_proj_type": "mlp", "hf_pooler_type": "cls_last_hidden_state_pooler", "context_length": 256}
    tower = {"timm_model_name": "vit_base_patch16_224", "timm_pool": "", "timm_proj": "linear"}
    yield "biomed_clip", json.dumps({"model_cfg": {"embed_dim": 512, "vision_cfg": tower, "text_cfg": bert}})


def model_card_seeds():
    yield "word", "---\nlicense: apache-2.0\ntags:\n- vision\n---\n# Model\n"
    yield "list", "---\ntags:\n- vision\nlicense:\n- mit\n- other\n---\n"
    yield "named", "---\nlicense: other\nlicense_name: 'apple-amlr'\r\n---\n"
    yield "open", "---\nlicense: \"mit"
    yield "none", "# Model\n"
