"""scripts/soak, small: its 100,000 images take a quarter of an hour. Time and memory are looked at by the script alone."""
import json
import sys

import processes
from conftest import ROOT
from soak_run.collection import make_collection
from soak_run.damage import DAMAGE
from soak_run.figures import cpu_time_growth, killed_figures
from soak_run.runs import Sample, answer_of, is_same_row, killed_run, measured_run, read_rows, unaccounted


def test_every_file_has_its_row_and_kills_change_none(clipcls_binary, tmp_path):
    collection = make_collection(tmp_path / "collection", 600, seed=3)
    assert set(collection.damage.values()) == set(DAMAGE) and len(DAMAGE) >= 20
    samples = measured_run(clipcls_binary, collection, tmp_path / "whole.jsonl")
    assert samples and samples[-1].num_rows <= 600 and samples[-1].resident_kb > 0
    rows_at_kills = killed_run(clipcls_binary, collection, tmp_path / "resumed.jsonl", num_kills=3, seed=3)
    whole, resumed = read_rows(tmp_path / "whole.jsonl"), read_rows(tmp_path / "resumed.jsonl")
    assert unaccounted(collection, whole) == unaccounted(collection, resumed) == []
    assert sum(answer_of(row) == "" for row in whole) > 500
    figures = killed_figures(whole, resumed, rows_at_kills)
    assert len(rows_at_kills) == 3 and figures["num_rows"] == figures["num_rows_equal_within_tolerance"] == 600
    # The checks can fail.
    assert unaccounted(collection, whole[:-1]) != [] and unaccounted(collection, [*whole[:-1], whole[0]]) != []
    other = json.loads(json.dumps(next(row for row in whole if "predictions" in row)))
    assert is_same_row(other, other, 0)
    changed = json.loads(json.dumps(other))
    changed["predictions"][0]["similarity"] += 1e-3
    assert not is_same_row(other, changed, 1e-5)


def test_growth_of_time_is_that_of_the_last_third_and_nothing_in_a_run_too_short_for_the_clock():
    def samples(milliseconds_before, milliseconds_after):
        seconds, run = 0.0, []
        for row in range(1, 1001):
            seconds += (milliseconds_before if row <= 500 else milliseconds_after) / 1000
            run.append(Sample(row, 1000, seconds))
        return run

    assert cpu_time_growth(samples(10, 10)) == 1
    assert cpu_time_growth(samples(10, 12)) == 1.2
    assert cpu_time_growth(samples(0, 10)) is None and cpu_time_growth(samples(10, 0)) is None


def test_the_script_writes_its_figures(clipcls_binary, tmp_path):
    results = tmp_path / "results.json"
    result = processes.run([sys.executable, "-m", "soak_run", "--images", "100", "--kills", "1", "--binary", clipcls_binary, "--results", results],
                           env={"PYTHONPATH": str(ROOT / "scripts"), "XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(tmp_path)},
                           capture_output=True, text=True, timeout=300, check=False)
    assert f"100 images, {len(DAMAGE)} of them damaged in {len(DAMAGE)} ways, seed 1" in result.stdout, result.stdout + result.stderr
    figures = json.loads(results.read_text())
    assert figures["unaccounted"] == [] and figures["killed"]["num_rows_equal_within_tolerance"] == 100
    assert {path.name for path in tmp_path.iterdir()} == {"results.json", "cache"}
