"""A site of two orders that share a batch, as it is after its run and after both agreements ended."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from scripts.delivery import bag, publish
from scripts.ledger import claims, holdings, keys, moves, purge
from scripts.ledger.states import Termination
from scripts.ledger.store import Ledger
from scripts.lib import registry
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json, write_tsv
from scripts.lib.plan import batches

ONE, TWO = "P001/CNR-IBSBC/MET-UNTARGETED", "P002/CNR-IBSBC/MET-UNTARGETED"
OVER = datetime(2027, 3, 1, 0, 0, tzinfo=UTC)
END = Termination(date(2026, 11, 30), "Europe/Rome", 3, 1, 2)
BACKUPS = ["nightly tape backup, kept 90 days"]
RESULTS = "results/CNR-IBSBC/P001/MET-UNTARGETED"


def make(site: Path, ended: bool = True, url: str = "", rehearsal: bool = True) -> Path:
    """Sheets, received files, results, logs, packages, records of runs, ledger and key.

    ended      whether the packages were released and the agreements ended
    url        the ledger's, if it is PostgreSQL
    rehearsal  whether times may be given
    """
    head = {"call": "C1", "title": "T", "status": "awarded", "human_data": "no"}
    proposals = [head | {"proposal": name} for name in ("P001", "P002")]
    service = {"facility": "CNR-IBSBC", "service": "MET-UNTARGETED"}
    samples = [service | {"sample": f"M{n}", "proposal": f"P00{n}", "role": "sample"} for n in (1, 2)]
    samples.append(service | {"sample": "POOL", "proposal": "-", "role": "pool"})
    runs = [{"sample": s["sample"], "run": f"R-{s['sample']}", "batch": "B1"} for s in samples]
    for run in runs:
        run["file"] = f"raw/{run['sample']}.mzML"
        write(site / run["file"], f"spectra of {run['sample']}")
    for name, rows in (("proposals", proposals), ("samples", samples), ("runs", runs)):
        write_tsv(site / "config" / f"{name}.tsv", list(rows[0]), rows)
    write(site / "config" / "config.yaml", f"backups: ['{BACKUPS[0]}']\nledger: '{url}'\n")
    found = registry.load(site)
    assert not found.problems, found.problems
    ledger = Ledger(site, url)
    if rehearsal:
        ledger.begin_rehearsal("ada", datetime(2026, 1, 1, tzinfo=UTC))
    for order in found.orders.values():
        _run(site, ledger, order, ended)
    for name, orders in (("both", [ONE, TWO]), ("one", [ONE])):
        write_json(site / ".filiera" / "runs" / name / "run.json", {"orders": orders})
    write(site / "results" / "references" / "demo.fa", "ACGT")
    keys.make(site / "private" / "signing_key.pem")
    return site


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _run(site: Path, ledger: Ledger, order, ended: bool) -> None:
    """What a run leaves of an order, and what it enters."""
    for _, run in order.all_runs():
        for top in ("results", "logs", "benchmarks"):
            write(site / top / "CNR-IBSBC" / "runs" / "MET-UNTARGETED" / run.key / "features.txt", run.run)
        # What shared pools propose, and what an order's own runs propose of a batch that has none.
        for batch in (*batches.names(order), f"B2+{order.proposal.proposal}"):
            for top in ("results", "logs", "benchmarks"):
                write(site / top / "CNR-IBSBC" / "batches" / "MET-UNTARGETED" / batch / "parameters.txt", batch)
    for top in ("logs", "benchmarks"):
        write(site / top / order.path / "report.txt", order.id)
    sample = order.samples[0].sample
    package, name = site / "results" / order.path / "package", f"data/{sample}/received/{sample}.mzML"
    write(package / "README.md", f"read me, {order.id}")
    (package / name).parent.mkdir(parents=True)
    os.symlink(os.path.relpath(site / "raw" / f"{sample}.mzML", (package / name).parent), package / name)
    rows = [
        {"path": path, "size": (package / path).stat().st_size, "sha256": sha256(package / path)}
        for path in ("README.md", name)
    ]
    write_tsv(package / "manifest.tsv", list(rows[0]), rows)
    done = publish.publish(package, site / "deliveries" / order.id, bag.about(order))
    now = datetime(2026, 6, 1, tzinfo=UTC)
    files, keys_ = [f"raw/{sample}.mzML"], [order.runs[sample][0].key]

    def enter(decide) -> None:
        ledger.enter(order.id, decide, "ada", now)

    enter(lambda account: moves.begin(account, files, keys_, "both"))
    enter(lambda account: moves.package(account, 1, bag.fingerprint(done.version), "", []))
    if ended:
        enter(moves.release)
        enter(lambda account: moves.terminate(account, END))


def act(site: Path, order: str = ONE, now: datetime = OVER, actor: str = "bruno") -> purge.Act:
    found = registry.load(site)
    ledger = Ledger(site)
    held = holdings.of(found, ledger.accounts(), order, claims.past(site))
    return purge.Act(ledger, order, held, keys.load(site / "private" / "signing_key.pem"), BACKUPS, actor, now)


def tree(site: Path) -> set[str]:
    """Every file and link of a site, but the ledger's own."""
    return {
        str(path.relative_to(site))
        for path in site.rglob("*")
        if not (path.is_dir() and not path.is_symlink()) and path.relative_to(site).parts[0] != "ledger"
    }
