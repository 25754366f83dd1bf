"""The steroid series of the shared data as a site: areas that were integrated elsewhere, in one table."""

from __future__ import annotations

from pathlib import Path

from steroids import ROLES, STEROIDS, table

SERVICE = "MET-TARGETED"


def sheet(path: Path, rows: list[dict]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = ["\t".join(columns), *("\t".join(str(row.get(column, "")) for column in columns) for row in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def steroid_site(site: Path, data: Path) -> None:
    """Two samples each of two proposals, and the batch's calibrators, controls and blanks."""
    config, analyses = site / "config", table(data / "analyses.tsv")
    proposals = [
        {"proposal": name, "call": "C1", "title": title, "status": "awarded", "human_data": "no"}
        for name, title in (("P1", "Adrenals"), ("P2", "Others"))
    ]
    sheet(config / "proposals.tsv", proposals)
    samples, runs = [], []
    for number, row in enumerate(analyses, start=1):
        name, role = (
            row["analysis_id"],
            ROLES.get(row["sample_type"], "sample" if row["sample_type"] == "SPL" else "blank"),
        )
        proposal = {"SPL1": "P1", "SPL2": "P1"}.get(name, "P2") if role == "sample" else "-"
        samples.append(
            {"sample": name.replace("_", "-"), "proposal": proposal, "facility": "CNR-IBSBC", "service": SERVICE}
            | {"role": role, "level": row["sample_id"] if role in ("calibrator", "control") else ""}
            | ({"dilution": 2} if name == "SPL2" else {})
        )
        run = {"sample": name.replace("_", "-"), "run": name, "file": "raw/areas.tsv", "batch": "B1"}
        runs.append({**run, "injection": number, "polarity": "positive"})
    sheet(config / "samples.tsv", samples)
    sheet(config / "runs.tsv", runs)
    features = sorted({row["feature"] for row in table(data / "areas.tsv")})
    standard = {name.split(" ")[0]: name for name in features if name.endswith("(ISTD)")}
    targets = [
        {"service": SERVICE, "compound": name, "role": "target" if name in STEROIDS else "internal_standard"}
        | {"mz": 350, "rt_s": 180, "internal_standard": standard[name] if name in STEROIDS else ""}
        for name in features
    ]
    sheet(config / "targets.tsv", targets)
    held = [
        {"level": row["sample_id"], "compound": row["analyte_id"], "concentration": row["concentration"]}
        | {"unit": row["concentration_unit"]}
        for row in table(data / "nominal_concentrations.tsv")
    ]
    sheet(config / "concentrations.tsv", held)
    (site / "raw").mkdir()
    (site / "raw" / "areas.tsv").write_bytes((data / "areas.tsv").read_bytes())
