"""The demo's targeted order: the same bytes from a seed, sound sheets, and a comparison that sees errors."""

from __future__ import annotations

from scripts.demo import targeted
from scripts.demo.compare import concentrations_recovered
from scripts.lib import registry
from scripts.lib.files import write_tsv

FORMULAS = {"choline": "C5H13NO", "creatinine": "C4H7N3O", "proline": "C5H9NO2"}
DESIGN = targeted.Design(samples=1, levels=(1, 1000), gradient=60)


def test_a_seed_gives_the_same_batch_and_its_sheets_are_sound(tmp_path):
    truth = [targeted.write_site(tmp_path / name, 5, DESIGN, FORMULAS) for name in ("one", "two")]
    assert truth[0] == truth[1] and len(truth[0]) == 3
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)
    found = registry.load(tmp_path / "one")
    assert found.problems == []
    assert list(found.orders) == ["P001/CNR-IBSBC/MET-TARGETED"]


def test_the_comparison_counts_what_is_right_missing_wrong_and_invented(tmp_path):
    columns = ["sample", "compound", "concentration"]
    planted = [("S", "A", 10), ("S", "B", 10), ("S", "C", 10), ("S", "D", 0), ("S", "E", 0)]
    found = [("S", "A", 11), ("S", "B", ""), ("S", "C", 12), ("S", "D", 3), ("S", "E", "")]
    for name, rows in (("truth", planted), ("found", found)):
        write_tsv(tmp_path / name, columns, [dict(zip(columns, row, strict=True)) for row in rows])
    counts = concentrations_recovered(tmp_path / "truth", tmp_path / "found")
    assert counts == {"planted": 3, "right": 1, "absent": 2, "invented": 1}
