"""The two encoders of any open_clip model as TorchScript."""
from torch import nn

from .open_clip_import import open_clip
from .plain_towers import text_eot_token_id, text_pool_type, text_tower
from .wrapped_towers import PlainTextTower, WrappedImageEncoder, WrappedTextEncoder, prepare_to_compile


class UnsupportedModel(Exception):
    """The model has a part that cannot become an archive; the message names it."""


def check_supported(model: nn.Module) -> None:
    """Raises UnsupportedModel where no encoder could keep what models/README.md promises."""
    image_size, text = model.visual.image_size, text_tower(model)
    if isinstance(image_size, tuple) and len(set(image_size)) != 1:
        raise UnsupportedModel(f"pictures are {image_size} pixels, not square")
    if getattr(model.visual, "pool_type", "tok") == "none" and getattr(model.visual, "attn_pool", None) is None:
        raise UnsupportedModel("the image tower does not pool its tokens")
    if not isinstance(text, (open_clip.CLIP, open_clip.transformer.TextTransformer)):
        raise UnsupportedModel(f"the text tower is a {type(text).__name__}, which does not read CLIP's tokens")
    if text_pool_type(text) == "none" and getattr(text, "cls_emb", None) is None:
        raise UnsupportedModel("the text tower does not pool its tokens")


def build_image_encoder(model: nn.Module) -> nn.Module:
    """In eval mode; it may share its weights with `model`."""
    visual = model.visual
    return WrappedImageEncoder(prepare_to_compile(visual), getattr(visual, "output_tokens", False)).eval()


def build_text_encoder(model: nn.Module) -> nn.Module:
    """In eval mode; it may share its weights with `model`."""
    text = text_tower(model)
    eot_token_id = text_eot_token_id(text)
    if getattr(text, "cls_emb", None) is not None or getattr(text, "use_pad_mask", False):  # CoCa
        return WrappedTextEncoder(text, text.context_length, eot_token_id, text.output_tokens).eval()
    tower = PlainTextTower(text, text_pool_type(text), eot_token_id)
    return WrappedTextEncoder(tower, text.context_length, eot_token_id, returns_tokens=False).eval()
