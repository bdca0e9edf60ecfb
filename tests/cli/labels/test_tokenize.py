"""`clipcls tokenize` prints what the text encoder sees: no more ids than its context length."""
import json
import subprocess

import pytest

from golden.open_clip_files import module_of_open_clip

TEXTS = ["a cat", "x" * 400, "a " * 200, "word " * 75, "word " * 76, "犬" * 100, "q"]
CLIPS = module_of_open_clip("tokenizer").SimpleTokenizer()


def ids_seen(text: str, context_length: int = 77) -> list[int]:
    """open_clip's, as the encoder takes them, without the padding behind the end token."""
    ids = CLIPS([text], context_length)[0].tolist()
    return ids[:ids.index(CLIPS.eot_token_id) + 1]


def test_ids_are_those_that_the_encoder_sees(run_clipcls):
    result = run_clipcls("tokenize", *TEXTS)
    ids = json.loads(result.stdout)
    assert ids == [ids_seen(text) for text in TEXTS] and result.stderr == ""
    assert [len(of_text) for of_text in ids] == [4, 77, 77, 77, 77, 77, 3]
    assert all(of_text[-1] == CLIPS.eot_token_id for of_text in ids)


def test_no_truncate_prints_all(run_clipcls):
    ids = json.loads(run_clipcls("tokenize", "--no-truncate", *TEXTS).stdout)
    assert ids == [[CLIPS.sot_token_id, *CLIPS.encode(text), CLIPS.eot_token_id] for text in TEXTS]
    assert len(ids[1]) == 102


def test_a_model_has_a_context_length_of_its_own(run_clipcls):
    words = " ".join("abcdefghijklmnopqrstuvwxyz")
    ids, = json.loads(run_clipcls("tokenize", words, "-m", "everyday").stdout)
    whole, = json.loads(run_clipcls("tokenize", words, "-m", "everyday", "--no-truncate").stdout)
    assert (len(ids), len(whole)) == (16, 28) and ids == whole[:15] + whole[-1:]


@pytest.mark.parametrize("text, count", [("a\nb\n", 2), ("a\r\nb\r\n", 2), ("a\rb\r", 2), ("\ufeffa\nb", 2), ("a\n\nb", 3), ("a\r\n\r\nb", 3), ("", 0)])
def test_lines_of_standard_input(clipcls_binary, text, count):
    result = subprocess.run([clipcls_binary, "tokenize", "-"], input=text.encode(), capture_output=True, timeout=60, check=True)
    ids = json.loads(result.stdout)
    assert len(ids) == count
    assert [of_text for of_text in ids if len(of_text) > 2] == ([ids_seen("a"), ids_seen("b")] if count else [])
