"""Alignment is judged before it is used, and linking finds the planted compounds in every run."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pyopenms as oms
import pytest

from scripts.quantification import link, linking, picked
from scripts.quantification.alignment import align, judge, reference_run
from tests.recipes import USUAL, untargeted

TAG = {"facility": "CNR-IBSBC", "proposal": "P1", "service": "MET-UNTARGETED"}
COMPOUNDS = 80


def compounds(rng: np.random.Generator) -> np.ndarray:
    """m/z, time (s), area: some share their m/z to the ppm and differ in time by 20 s at least."""
    mz = np.sort(rng.uniform(100, 600, COMPOUNDS))
    mz[1::10] = mz[::10]
    rt = rng.uniform(30, 570, COMPOUNDS)
    rt[1::10] = rt[::10] + np.where(rt[::10] > 300, -20, 20)
    return np.column_stack([mz, rt, 10 ** rng.uniform(5, 8, COMPOUNDS)])


def features(truth, rng, shift=0.0, stretch=1.0, lost=0.05, strange=5, polarity="positive") -> oms.FeatureMap:
    """A run of these compounds: 2 ppm and 0.1 s of error, some lost, some of its own; `compound` tells them apart."""
    found = oms.FeatureMap()
    rows = [(*row, number) for number, row in enumerate(truth) if rng.random() >= lost]
    rows += [(rng.uniform(100, 600), rng.uniform(30, 570), 1e5, -1) for _ in range(strange)]
    for number, (mz, rt, area, compound) in enumerate(sorted(rows), start=1):
        feature = oms.Feature()
        feature.setUniqueId(number)
        feature.setMZ(mz * (1 + 2e-6 * rng.normal()))
        feature.setRT(stretch * rt + shift + 0.1 * rng.normal())
        feature.setIntensity(area * rng.normal(1, 0.05))
        feature.setCharge(1 if compound % 2 else 0)
        feature.setMetaValue("rt_start", feature.getRT() - 4.0)
        feature.setMetaValue("rt_end", feature.getRT() + 4.0)
        feature.setMetaValue("compound", compound)
        found.push_back(feature)
    found.setUniqueId(1)
    found.setMetaValue("polarity", polarity)
    return found


def run(name, role="sample", polarity="positive"):
    # What a run carries beside the agreed keys is nobody's business here.
    facts = {"batch": "B1", "injection": "", "group": "case", "files": [f"S_{name}_{name}.mzML"]}
    return {"run": name, "sample": f"S_{name}", "role": role, "polarity": polarity, **facts}


def linked(tmp_path, maps, runs, recipe=None, name="out"):
    """What main() writes: consensus map and the rows of the alignment table."""
    paths = []
    for number, each in enumerate(maps):
        paths.append(str(tmp_path / f"{name}_{number}.featureXML"))
        oms.FeatureXMLFile().store(paths[-1], each)
    out = SimpleNamespace(
        parameters=[],
        features=paths,
        consensus=tmp_path / f"{name}.consensusXML",
        alignment=tmp_path / f"{name}.tsv",
        linked=tmp_path / f"{name}.parquet",
        scales=tmp_path / f"{name}.json",
    )
    link.main(out, SimpleNamespace(tag=TAG, runs=runs, **untargeted(recipe)))
    consensus = oms.ConsensusMap()
    oms.ConsensusXMLFile().load(str(out.consensus), consensus)
    with open(out.alignment, encoding="utf-8", newline="") as handle:
        return consensus, list(csv.DictReader(handle, delimiter="\t"))


def aligned(run, reference, options):
    """The alignment of one feature map to another."""
    return align(picked.of(run)[0], picked.of(reference)[0], options)


def members(consensus):
    """Per consensus feature, the set of (map, feature id)."""
    return [{(h.getMapIndex(), h.getUniqueId()) for h in feature.getFeatureList()} for feature in consensus]


def purity(consensus, maps) -> tuple[int, int]:
    """How many compounds have all their features in one consensus feature of their own, and how many there are."""
    wanted: dict[int, set] = {}
    for number, each in enumerate(maps):
        for feature in each:
            if feature.getMetaValue("compound") >= 0:
                wanted.setdefault(feature.getMetaValue("compound"), set()).add((number, feature.getUniqueId()))
    found = members(consensus)
    return sum(group in found for group in wanted.values()), len(wanted)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def truth(rng):
    return compounds(rng)


# --- which run the others are aligned to ------------------------------------------------------------------------------


def test_the_reference_is_the_richest_pool_else_the_richest_run_never_a_blank():
    assert reference_run([900, 80, 90, 500], ["blank", "pool", "pool", "sample"]) == 2
    assert reference_run([900, 0, 300, 500], ["blank", "pool", "sample", "control"]) == 3
    assert reference_run([90, 90], ["pool", "pool"]) == 0
    assert reference_run([900, 0], ["blank", "sample"]) is None
    assert reference_run([], []) is None


# --- alignment --------------------------------------------------------------------------------------------------------


def test_a_drifted_run_is_brought_back(tmp_path, rng, truth):
    maps = [features(truth, rng), features(truth, rng, shift=12.0, stretch=1.01)]
    consensus, (reference, drifted) = linked(tmp_path, maps, [run("A", "pool"), run("B")])
    assert reference["decision"] == "reference" and drifted["reference"] == "S_A:A"
    assert drifted["decision"] == "aligned"
    assert float(drifted["residual_after_s"]) < 0.3
    assert float(drifted["matched_after"]) > 0.8 > float(drifted["matched_before"])
    found, planted = purity(consensus, maps)
    assert found >= 0.97 * planted


def test_a_run_that_lies_right_is_left_alone(tmp_path, rng, truth):
    maps = [features(truth, rng), features(truth, rng)]
    _, (_, row) = linked(tmp_path, maps, [run("A"), run("B")])
    assert row["decision"] == "unchanged"
    assert (row["slope"], row["intercept_s"]) == ("1.0", "0.0")
    assert "mean distance" in row["reason"]


def test_a_run_of_something_else_is_not_bent_onto_the_reference(rng, truth):
    options = USUAL["alignment"]
    stranger = features(compounds(np.random.default_rng(99)), rng)
    result = aligned(stranger, features(truth, rng), options)
    assert result.decision == "unchanged"
    assert (result.slope, result.intercept) == (1.0, 0.0)


def test_a_handful_of_features_does_not_decide_on_a_line(rng, truth):
    result = aligned(features(truth[:6], rng, shift=2.0, lost=0, strange=0), features(truth, rng), USUAL["alignment"])
    assert (result.decision, result.slope) == ("unchanged", 1.0)
    assert result.reason == "too few features shared with the reference"


def test_a_line_that_makes_it_worse_is_refused(rng, truth, monkeypatch):
    monkeypatch.setattr("scripts.quantification.alignment._lines", lambda *_: [(1.0, 11.0)])
    options = {**USUAL["alignment"], "min_features": 0.0}
    result = aligned(features(truth, rng), features(truth, rng), options)
    assert result.decision == "unchanged"
    assert re.fullmatch(r"a line is no gain: the mean distance goes from 0\.\d+ to 5\.000 s", result.reason)
    assert result.after == result.before


def test_the_judge_measures_distance_and_share():
    reference = np.array([[100.0, 50.0], [200.0, 60.0], [200.0, 90.0]])
    fit = judge(np.array([[100.0005, 51.0], [200.0, 88.0], [300.0, 50.0]]), reference, mz_ppm=10, rt_s=5)
    assert fit.matched == pytest.approx(2 / 3)
    assert fit.shift == pytest.approx(0.5)
    assert fit.residual == pytest.approx(1.5)
    assert fit.cost == pytest.approx((1 + 2 + 5) / 3)


# --- linking ----------------------------------------------------------------------------------------------------------


def test_compounds_are_linked_across_many_runs(tmp_path, rng, truth):
    maps = [features(truth, rng, shift=rng.normal(0, 1)) for _ in range(8)]
    consensus, rows = linked(tmp_path, maps, [run(f"R{number}") for number in range(8)])
    found, planted = purity(consensus, maps)
    assert found >= 0.97 * planted
    assert sum(map(len, members(consensus))) == sum(each.size() for each in maps)
    assert [row["features"] for row in rows] == [str(each.size()) for each in maps]


@pytest.mark.parametrize(
    ("ppm", "seconds", "runs", "rows"),
    [
        (4.0, 2.0, (0, 1), 1),  # no run has both: one peak
        (4.0, 2.0, (0, 0), 2),  # a run has both: two peaks
        (4.0, 4.0, (0, 1), 2),  # farther apart than half of the tolerance
        (6.0, 2.0, (0, 1), 2),
    ],
)
def test_duplicates_are_joined_and_neighbours_are_not(ppm, seconds, runs, rows):
    mz, rt = np.array([300.0, 300.0 * (1 + 1e-6 * ppm)]), np.array([100.0, 100.0 + seconds])
    both = picked.Picked("positive", np.arange(2), mz, rt, rt - 4, rt + 4, *(np.ones(2) for _ in range(3)))
    # The same list stands for every run: groups say whose feature it is.
    assert len(linking.joined([[(runs[0], 0)], [(runs[1], 1)]], [both, both], 10.0, 6.0)) == rows


def test_the_file_is_tagged_sorted_named_and_without_paths(tmp_path, rng, truth):
    maps = [features(truth, rng) for _ in range(3)]
    consensus, rows = linked(tmp_path, maps, [run("A"), run("B"), run("C")])
    assert {key: consensus.getMetaValue(f"filiera_{key}") for key in TAG} == TAG
    assert [consensus.getColumnHeaders()[number].filename for number in range(3)] == ["A", "B", "C"]
    places = [(feature.getMZ(), feature.getRT()) for feature in consensus]
    assert places == sorted(places)
    assert [feature.getMetaValue("feature") for feature in consensus][:2] == ["F00001", "F00002"]
    assert all({key: row[key] for key in TAG} == TAG for row in rows)
    text = (tmp_path / "out.consensusXML").read_text(encoding="iso-8859-1")
    assert str(tmp_path) not in text and "date=" not in text.lower()


def test_polarities_are_never_linked_with_each_other(tmp_path, rng, truth):
    maps = [features(truth, rng, polarity=each) for each in ("positive", "positive", "negative", "negative")]
    # The sheet need not say what the spectra state.
    consensus, rows = linked(tmp_path, maps, [run(name, polarity="") for name in "ABCD"])
    for group in members(consensus):
        assert len({number // 2 for number, _ in group}) == 1
    assert [row["polarity"] for row in rows] == ["positive", "positive", "negative", "negative"]
    assert {row["reference"] for row in rows[:2]} <= {"S_A:A", "S_B:B"}
    assert {row["reference"] for row in rows[2:]} <= {"S_C:C", "S_D:D"}


def test_one_run_alone_works(tmp_path, rng, truth):
    maps = [features(truth, rng)]
    consensus, (row,) = linked(tmp_path, maps, [run("A")])
    assert consensus.size() == maps[0].size()
    assert row["decision"] == "reference"


def test_a_run_without_features_stays_in_the_table(tmp_path, rng, truth):
    maps = [oms.FeatureMap(), features(truth, rng), features(truth, rng)]
    consensus, rows = linked(tmp_path, maps, [run("A", "blank"), run("B"), run("C")])
    assert (rows[0]["features"], rows[0]["decision"], rows[0]["reason"]) == ("0", "unchanged", "no features")
    assert len(consensus.getColumnHeaders()) == 3
    assert all(number > 0 for group in members(consensus) for number, _ in group)


def test_no_features_at_all_is_an_empty_result(tmp_path):
    consensus, rows = linked(tmp_path, [oms.FeatureMap(), oms.FeatureMap()], [run("A", "blank"), run("B")])
    assert consensus.size() == 0
    assert [row["decision"] for row in rows] == ["unchanged", "unchanged"]


def test_a_blank_alone_with_a_few_features_is_no_reference(tmp_path, rng, truth):
    consensus, (row,) = linked(tmp_path, [features(truth[:5], rng)], [run("A", "blank")])
    assert consensus.size() > 0
    assert row["reference"] == "" and row["decision"] == "unchanged"


def test_whole_numbers_are_welcome_in_a_recipe(tmp_path, rng, truth):
    recipe = {"alignment": {"max_shift_s": 30}, "linking": {"rt_s": 5, "mz_ppm": 8}}
    consensus, _ = linked(tmp_path, [features(truth, rng), features(truth, rng)], [run("A"), run("B")], recipe)
    assert consensus.size() > 0


def test_another_process_writes_the_same_bytes(tmp_path, root, rng, truth):
    maps = [features(truth, rng, shift=3.0 * number) for number in range(4)]
    runs = [run(name) for name in "ABCD"]
    linked(tmp_path, maps, runs)
    code = (
        "import sys; from types import SimpleNamespace as N; from scripts.quantification import link;"
        "link.main(N(parameters=[], features=sys.argv[4:],"
        "consensus=sys.argv[1], alignment=sys.argv[2], linked=sys.argv[3], scales=sys.argv[3] + '.json'),"
        f"N(tag={TAG!r}, runs={runs!r}, **{untargeted()!r}))"
    )
    inputs = [tmp_path / f"out_{number}.featureXML" for number in range(4)]
    written = []
    for name in ("first", "second"):
        outputs = [tmp_path / f"{name}.{kind}" for kind in ("consensusXML", "tsv", "parquet")]
        subprocess.run([sys.executable, "-c", code, *outputs, *inputs], cwd=root, check=True)
        written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]
    assert written[0][1] == (tmp_path / "out.tsv").read_bytes()


def test_many_runs_are_linked_in_parts_with_the_same_result(rng, monkeypatch):
    truth = compounds(rng)
    lists = [picked.of(features(truth, rng))[0] for _ in range(11)]

    def groups():
        return sorted(sorted(group) for group in linking.linked(lists, 10.0, 6.0))

    whole = groups()
    monkeypatch.setattr(linking, "RUNS_AT_ONCE", 3)
    assert groups() == whole


def test_runs_that_differ_by_less_than_a_peak_are_aligned_to_the_scatter_of_their_apexes(rng, truth):
    result = aligned(features(truth, rng, shift=1.0), features(truth, rng), USUAL["alignment"])
    assert result.decision == "aligned"
    assert abs(result.after.shift) < 0.05
