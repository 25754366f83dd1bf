"""A sample whose mass scale is off, in runs whose times bend: somebody else's generator, whole, against its truth."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

PROTON = 1.007276


def read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.mark.parametrize("seed, warp", [(5, 4), (8, 30)])
def test_no_compound_is_lost_to_a_scale(filiera, shared_data, tmp_path, seed, warp):
    generate = shared_data.parent / "cases" / "metabolomics" / "mass_offset" / "generate.py"
    site = tmp_path / "site"
    subprocess.run([sys.executable, generate, site, str(seed), str(warp)], check=True, capture_output=True)
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    package = site / "deliveries" / "PB" / "CNR-IBSBC" / "MET-UNTARGETED" / "v1" / "data"
    rows = read(package / "quantification" / "feature_matrix.tsv")
    samples = [name for name in rows[0] if name.startswith("S")]
    for compound in json.loads((site / "truth.json").read_text())["comp"]:
        if "H" not in compound["add"] or compound.get("only"):
            continue
        mz, rt = compound["M"] + PROTON, compound["rt"]
        mine = [
            row
            for row in rows
            if abs(float(row["mz"]) / mz - 1) < 6e-6 and abs(float(row["rt_s"]) - rt) < 2 + 0.8 * warp
        ]
        assert 1 <= len(mine) <= (2 if compound["id"].startswith("iso") else 1), compound["id"]
        assert all(row[sample] for row in mine for sample in samples), compound["id"]
    judged = {
        row["sample"]: row
        for row in read(package / "00-Reports" / "acceptance.tsv")
        if row["metric"] == "mass_offset_ppm"
    }
    assert float(judged["S3"]["value"]) == pytest.approx(5, abs=0.4)
    assert all(float(judged[name]["value"]) < 0.5 for name in ("S1", "S2", "S4"))
