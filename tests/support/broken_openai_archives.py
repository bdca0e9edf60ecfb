"""Files that look like one of OpenAI's archives and cannot be used, and what the program's error has to name."""
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

StateDict = dict[str, Tensor]
NUM_TOKENS = 600  # of the shortened vocabulary: most archives fail before it matters


@dataclass(frozen=True)
class BrokenArchive:
    name: str
    expected_words: tuple[str, ...]              # each is in the one line on stderr
    write: Callable[[StateDict, Path], None]     # makes the file from a good state dict


def save_archive(state_dict: StateDict, path: Path) -> None:
    """A TorchScript archive that holds these tensors and no methods."""
    root = nn.Module()
    for name, tensor in state_dict.items():
        *parents, last = name.split(".")
        module = root
        for parent in parents:
            if parent not in module._modules:
                module.add_module(parent, nn.Module())
            module = module.get_submodule(parent)
        module.register_buffer(last, tensor)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(root).save(path)


def change(**changes: Tensor | None) -> Callable[[StateDict, Path], None]:
    """Replaces tensors, or with None removes them; "visual__proj" is visual.proj."""
    def write(state_dict: StateDict, path: Path) -> None:
        changed = state_dict | {name.replace("__", "."): tensor for name, tensor in changes.items()}
        save_archive({name: tensor for name, tensor in changed.items() if tensor is not None}, path)
    return write


def write_bytes(content: bytes) -> Callable[[StateDict, Path], None]:
    return lambda state_dict, path: path.write_bytes(content) and None


def write_plain_zip(state_dict: StateDict, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/readme.txt", "no TorchScript")


def write_truncated(state_dict: StateDict, path: Path) -> None:
    save_archive(state_dict, path)
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])


def write_other_model(state_dict: StateDict, path: Path) -> None:
    save_archive({"weight": torch.zeros(2, 2)}, path)


def write_without_block(state_dict: StateDict, path: Path) -> None:
    save_archive({name: tensor for name, tensor in state_dict.items()
                  if not name.startswith("transformer.resblocks.1.")}, path)


def write_with_nan(state_dict: StateDict, path: Path) -> None:
    """The vocabulary is whole: such a file is found out when it is used."""
    embedding = torch.zeros(49408, state_dict["positional_embedding"].shape[1], dtype=torch.half)
    bias = torch.full_like(state_dict["ln_final.bias"], float("nan"))
    change(token_embedding__weight=embedding, vocab_size=torch.tensor(49408), ln_final__bias=bias)(state_dict, path)


BROKEN_ARCHIVES = (
    BrokenArchive("empty", ("neither a model folder nor a TorchScript archive",), write_bytes(b"")),
    BrokenArchive("text", ("neither a model folder nor a TorchScript archive",), write_bytes(b"this is no archive\n" * 100)),
    BrokenArchive("plain_zip", ("zip file", "TorchScript"), write_plain_zip),
    BrokenArchive("truncated", ("zip file", "truncated"), write_truncated),
    BrokenArchive("python_checkpoint", ("Python checkpoint", "clipcls model import"),
                  lambda state_dict, path: torch.save(state_dict, path)),
    BrokenArchive("python_checkpoint_of_old", ("Python checkpoint", "clipcls model import"),
                  lambda state_dict, path: torch.save(state_dict, path, _use_new_zipfile_serialization=False)),
    BrokenArchive("other_model", ("has no tensor visual.conv1.weight",), write_other_model),
    BrokenArchive("missing_norm", ("has no tensor visual.ln_post.weight",), change(visual__ln_post__weight=None)),
    BrokenArchive("missing_projection", ("has no tensor visual.proj",), change(visual__proj=None)),
    BrokenArchive("missing_scale", ("has no tensor logit_scale",), change(logit_scale=None)),
    BrokenArchive("missing_block", ("transformer.resblocks.2.", "no CLIP of OpenAI's has"), write_without_block),
    BrokenArchive("extra_tensor", ("visual.layer_scale", "no CLIP of OpenAI's has"),
                  change(visual__layer_scale=torch.ones(4))),
    BrokenArchive("other_embed_dim", ("tensor visual.proj has shape [128, 48]", "expected [128, 40]"),
                  change(text_projection=torch.zeros(128, 40))),
    BrokenArchive("short_attention", ("visual.transformer.resblocks.1.attn.in_proj_weight has shape [256, 128]",
                                      "expected [384, 128]"),
                  change(visual__transformer__resblocks__1__attn__in_proj_weight=torch.zeros(256, 128))),
    BrokenArchive("flat_conv", ("visual.conv1.weight has shape [128, 768]", "expected 4 sizes"),
                  change(visual__conv1__weight=torch.zeros(128, 768))),
    BrokenArchive("no_patches", ("visual.conv1.weight has shape [128, 3, 0, 0]",),
                  change(visual__conv1__weight=torch.zeros(128, 3, 0, 0))),
    BrokenArchive("odd_width", ("visual.conv1.weight", "100 wide", "multiple of 64"),
                  change(visual__conv1__weight=torch.zeros(100, 3, 16, 16))),
    BrokenArchive("no_square", ("visual.positional_embedding has 18 rows", "square"),
                  change(visual__positional_embedding=torch.zeros(18, 128))),
    BrokenArchive("other_resolution", ("input_resolution is 224", "visual.positional_embedding", "64"),
                  change(input_resolution=torch.tensor(224))),
    BrokenArchive("other_context", ("context_length is 64", "positional_embedding", "77"),
                  change(context_length=torch.tensor(64))),
    BrokenArchive("integer_weights", ("ln_final.weight holds Int",), change(
        ln_final__weight=torch.ones(128, dtype=torch.int32))),
    BrokenArchive("infinite_scale", ("logit_scale is 1000",), change(logit_scale=torch.tensor(1000.0))),
    BrokenArchive("other_vocabulary", (f"vocab_size is {NUM_TOKENS}", "49408"), change()),
    BrokenArchive("nan_weights", ("not a finite number",), write_with_nan),
)


def make_broken_archives(good: Path, output: Path) -> None:
    output.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state_dict = dict(torch.jit.load(good, map_location="cpu").state_dict())
    state_dict["token_embedding.weight"] = state_dict["token_embedding.weight"][:NUM_TOKENS].clone()
    state_dict["vocab_size"] = torch.tensor(NUM_TOKENS)
    for archive in BROKEN_ARCHIVES:
        archive.write(state_dict, output / f"{archive.name}.pt")
