"""A site of two orders that share a batch: the first ended long ago and is due by the machine's own clock, the second
lives. The sheets can be bent as somebody would who wants another's files deleted."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scripts.delivery import bag, publish
from scripts.ledger import keys, moves
from scripts.ledger.states import Termination
from scripts.ledger.store import Ledger
from scripts.lib import registry
from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv, write_json, write_tsv

ONE, TWO = "P001/CNR-IBSBC/MET-UNTARGETED", "P002/CNR-IBSBC/MET-UNTARGETED"
WHERE = {"facility": "CNR-IBSBC", "service": "MET-UNTARGETED"}
NOW = datetime.now(UTC)
PUBLISHED, ENDED = NOW - timedelta(days=500), NOW - timedelta(days=300)
RECORD = ".filiera/runs/20250101T000000Z-1"
CONFIG = "references: {demo: {fasta: reference/demo.fa.gz}}\nbackups: [tape]\n"


def make(site: Path, url: str = "") -> Path:
    """Sheets, files that they name, results, packages, the record of a run, ledger and key."""
    head = {"call": "C1", "title": "T", "status": "awarded", "human_data": "no", "recipients": "keys/scientist.pub"}
    proposals = [{"proposal": name, **head} for name in ("P001", "P002")]
    samples = [{"sample": f"M{n}", "proposal": f"P00{n}", **WHERE, "role": "sample", "targets": ""} for n in (1, 2)]
    samples[1]["targets"] = "targets/regions.bed"
    samples.append({"sample": "POOL", "proposal": "-", **WHERE, "role": "pool"})
    runs = [run(sample["sample"], f"R-{sample['sample']}", f"raw/{sample['sample']}.mzML") for sample in samples]
    for name, rows in (("proposals", proposals), ("samples", samples), ("runs", runs)):
        write_tsv(site / "config" / f"{name}.tsv", list(rows[0]), rows)
    ledger = f"ledger: '{url}'\n" if url else ""
    write(site / "config/config.yaml", CONFIG + ledger)
    write(site / "config/catalogue.yaml", "services: {MET-UNTARGETED: {recipe: {library: library/compounds.tsv}}}\n")
    write(site / "config/facilities.yaml", "facilities: {CNR-IBSBC: {logo: logos/ours.txt}}\n")
    for name in ("reference/demo.fa.gz", "library/compounds.tsv", "logos/ours.txt", "keys/scientist.pub"):
        write(site / name, name)
    write(site / "private/reception_keys.tsv", "sample\tname\tproposal\tparcel\n")
    for name in ("targets/regions.bed", "reports/CNR-IBSBC/index.html", ".snakemake/x"):
        write(site / name, name)
    for each in runs:
        write(site / each["file"], f"spectra of {each['sample']}")
    keys.make(site / "private" / "signing_key.pem")
    found = registry.load(site)
    assert not found.problems, found.problems
    for order in found.orders.values():
        _run(site, Ledger(site, url), order)
    record(site, RECORD, [ONE, TWO])
    return site


def _run(site: Path, ledger: Ledger, order) -> None:
    """What a run leaves of an order, and what it enters."""
    name, sample = order.id, order.samples[0].sample
    for each in order.all_runs():
        write(site / "results/CNR-IBSBC/runs/MET-UNTARGETED" / each[1].key / "features.mzML", each[1].run)
    write(site / "results/CNR-IBSBC/batches/MET-UNTARGETED/B1/parameters.tsv", "B1")
    package = site / "results" / order.path / "package"
    rows = []
    for path in ("README.md", f"data/{sample}/received/{sample}.mzML"):
        write(package / path, f"{path} of {name}")
        about = {"path": path, "size": (package / path).stat().st_size, "sha256": sha256(package / path)}
        rows.append(about | {"facility": "CNR-IBSBC", "proposal": order.proposal.proposal, "service": "MET-UNTARGETED"})
    write_tsv(package / "manifest.tsv", list(rows[0]), rows)
    done = publish.publish(package, site / "deliveries" / name, bag.about(order))
    files, runs = [f"raw/{sample}.mzML"], [order.runs[sample][0].key]

    def enter(decide, now: datetime) -> None:
        ledger.enter(name, decide, "ada", now)

    enter(lambda account: moves.begin(account, files, runs, Path(RECORD).name), PUBLISHED)
    enter(lambda account: moves.package(account, 1, bag.fingerprint(done.version), "", []), PUBLISHED)
    if name == ONE:
        enter(moves.release, PUBLISHED)
        rules = Termination(ENDED.date(), "Europe/Rome", 3, 1, 2)
        enter(lambda account: moves.terminate(account, rules), ENDED)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(sample: str, name: str, file: str, batch: str = "B1") -> dict[str, str]:
    return {"sample": sample, "run": name, "file": file, "batch": batch}


def record(site: Path, folder: str, orders: list[str]) -> None:
    """The record of a run with the sheets of now."""
    write_json(site / folder / "run.json", {"orders": orders})
    for path in (site / "config").iterdir():
        write(site / folder / "config" / path.name, path.read_text())


def name_in_runs(site: Path, file: str, sample: str = "M1") -> None:
    """One more row of a sample, of the ended order if none is named."""
    sheet = site / "config/runs.tsv"
    rows = read_tsv(sheet)
    write_tsv(sheet, list(rows[0]), [*rows, run(sample, f"X{len(rows)}", file)])


def forget(site: Path, order: str) -> None:
    """Take the rows of an order out of the sheets."""
    proposal = order.split("/")[0]
    gone = {row["sample"] for row in read_tsv(site / "config/samples.tsv") if row["proposal"] == proposal}
    for name in ("proposals", "samples", "runs"):
        sheet = site / "config" / f"{name}.tsv"
        rows = read_tsv(sheet)
        kept = [row for row in rows if row.get("proposal") != proposal and row.get("sample") not in gone]
        write_tsv(sheet, list(rows[0]), kept)


def declare(site: Path, *folders: str) -> None:
    """Say in the configuration where received files arrive."""
    path = site / "config/config.yaml"
    path.write_text(path.read_text() + f"received: {json.dumps(folders)}\n")


def content(site: Path) -> dict[str, str]:
    """Path -> what stands there, of every file and link but the ledger's and the lock."""
    found = {}
    for where, _, names in os.walk(site):
        for name in names:
            path = Path(where, name)
            if path.relative_to(site).parts[0] != "ledger" and path != site / ".filiera/lock":
                found[str(path.relative_to(site))] = os.readlink(path) if path.is_symlink() else _digest(path)
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
