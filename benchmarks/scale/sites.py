"""Sites of any number of samples, of mixed services, whose received files are empty: enough to check and to plan.

Of ten proposals with ten samples each, four order genomes (two lanes a sample), two exomes, three untargeted
metabolomes (two of them share a batch with two pools and a blank), one a targeted one (with calibrators, controls and a
blank). Nothing of it can be run.
"""

from __future__ import annotations

from pathlib import Path

from scripts.lib.files import write_tsv, written

EACH = 10  # samples of a proposal
MIX = ("GEN-WGS-30X",) * 4 + ("GEN-WES",) * 2 + ("MET-UNTARGETED",) * 3 + ("MET-TARGETED",)
LEVELS = (1, 3, 10, 30, 100, 300)
CONFIG = "references:\n  demo1: {fasta: reference/demo1.fa}\n"


def make(site: Path, samples: int) -> Path:
    """A site with so many samples of proposals (a multiple of ten)."""
    rows = {name: [] for name in ("proposals", "samples", "runs")}
    for number in range(samples // EACH):
        _proposal(rows, f"P{number:04d}", number, MIX[number % len(MIX)])
    for name, own in rows.items():
        columns = dict.fromkeys(column for row in own for column in row)
        write_tsv(site / "config" / f"{name}.tsv", list(columns), own)
    _targeted(site / "config")
    (site / "raw").mkdir()
    for run in rows["runs"]:
        for key in ("read1", "read2", "file"):
            if key in run:
                (site / run[key]).touch()
    for path, text in {
        "config/config.yaml": CONFIG,
        "reference/demo1.fa": ">chr1\n" + "ACGT" * 250 + "\n",
        "reference/targets.bed": "chr1\t100\t900\n",
    }.items():
        (site / path).parent.mkdir(exist_ok=True)
        with written(site / path) as handle:
            handle.write(text)
    return site


def _proposal(rows: dict[str, list[dict]], proposal: str, number: int, service: str) -> None:
    rows["proposals"].append(
        {"proposal": proposal, "call": "SCALE", "title": "Planned", "status": "awarded", "human_data": "no"}
    )
    genomics = service.startswith("GEN")
    same = {"facility": "CNR-IBIOM" if genomics else "CNR-IBSBC", "service": service}
    own = {**same, "proposal": proposal, "role": "sample"}
    names = [f"{proposal}-{each}" for each in range(EACH)]
    if genomics:
        own |= {"reference": "demo1", "organism": "Demoa exempli"}
        own |= {"targets": "reference/targets.bed"} if service == "GEN-WES" else {}
        for name in names:
            rows["samples"].append({**own, "sample": name})
            rows["runs"] += [_lane(name, lane) for lane in (1, 2)]
        return
    batch = f"B{number // 2:04d}" if service == "MET-UNTARGETED" else f"T{number:04d}"
    measured = [{**own, "sample": name} for name in names]
    shared = {**same, "proposal": "-"}
    if service == "MET-TARGETED":
        levels = [("calibrator", f"L{level}") for level in LEVELS] + [("control", "L3"), ("control", "L100")]
        for place, (role, level) in enumerate([*levels, ("blank", "")]):
            measured.append({**shared, "sample": f"{batch}-{place}", "role": role, "level": level})
    elif not any(run.get("batch") == batch for run in rows["runs"][-30:]):
        for role in ("pool1", "pool2", "blank"):
            measured.append({**shared, "sample": f"{batch}-{role}", "role": role.rstrip("12")})
    rows["samples"] += measured
    before = sum(run.get("batch") == batch for run in rows["runs"][-30:])
    for place, sample in enumerate(measured, start=before + 1):
        run = {"sample": sample["sample"], "run": f"{batch}-{place:02d}", "file": f"raw/{sample['sample']}.mzML"}
        rows["runs"].append(run | {"batch": batch, "polarity": "positive", "injection": place})


def _lane(name: str, lane: int) -> dict:
    run = {"sample": name, "run": f"{name}-L{lane}", "platform": "ILLUMINA", "flowcell": "HSCALE", "lane": lane}
    return run | {f"read{mate}": f"raw/{name}_{lane}.{mate}.fastq.gz" for mate in (1, 2)}


def _targeted(config: Path) -> None:
    """Six compounds, each with its labelled standard."""
    target = {"service": "MET-TARGETED", "adduct": "[M+H]+", "rt_s": 60}
    targets, concentrations = [], []
    for carbons in range(6, 12):
        name = f"compound {carbons}"
        formula, labelled = f"C{carbons}H{2 * carbons}O2", f"C[13]3C{carbons - 3}H{2 * carbons}O2"
        targets.append({**target, "compound": name, "formula": formula, "internal_standard": f"{name} IS"})
        targets.append({**target, "compound": f"{name} IS", "role": "internal_standard", "formula": labelled})
        for level in LEVELS:
            concentrations.append({"level": f"L{level}", "compound": name, "concentration": level, "unit": "nmol/L"})
    write_tsv(config / "targets.tsv", list(dict.fromkeys(key for row in targets for key in row)), targets)
    write_tsv(config / "concentrations.tsv", list(concentrations[0]), concentrations)
