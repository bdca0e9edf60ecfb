"""What scripts/check_layering.py finds in a string of the library; the test `layering` runs it over all sources."""
import pytest
from check_layering import flags_in_strings


@pytest.mark.parametrize("code, flags", [
    ('fail("too large; lower --max-megapixels");', ["--max-megapixels"]),
    ('throw Error(kind, "--device " + name);', ["--device"]),
    ('refuse("too large (--max-body)");', ["--max-body"]),
    ('fail("use --symlink "\n     "or --copy");', ["--symlink", "--copy"]),
    ('fail("lower `max_megapixels`");', []),
    ('// "lower --max-megapixels"', []),
    ('page << "i{color:var(--ink)}" << "<i style=\\"--s:0.5\\">";', []),
    ('fail("scripts/export_torchscript.py --add-reference writes it");', []),
    ('--count; name("a--b");', []),
])
def test_flags_in_strings_are_found(code: str, flags: list[str]):
    assert flags_in_strings(code) == flags
