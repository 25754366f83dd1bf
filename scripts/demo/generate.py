"""Write a complete demo site: sheets, reference, FASTQ, mzML, and beside them, under `truth/`, what was planted.

Four proposals. P001 ordered genomics and metabolomics, P002 genomics alone, P003 has its data on disk but was never
awarded, so the workflow must refuse it. P004, at another facility, says that its data are human: they are as invented
as all others, and show how such data leave. The same seed and size always give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pysam

from scripts.demo import genome, illumina, recipients, spectra, targeted
from scripts.demo.seeds import stream
from scripts.lib.checksums import sha256
from scripts.lib.files import aside, read_tsv, write_json, write_tsv, written

COMPOUNDS = Path(__file__).resolve().parents[2] / "resources" / "demo" / "compounds.tsv"
REFERENCE = "reference/demo1.fa.gz"
ORGANISM = "Demoa exempli"
#: What the library allows to say of the planted compounds, in turn: time and fragments, time alone, mass alone.
LEVELS = (1, 2, 4)
GENOMICS, METABOLOMICS, TARGETED = "GEN-WGS-30X", "MET-UNTARGETED", "MET-TARGETED"

CONFIG = f"""\
references:
  demo1: {{fasta: {REFERENCE}}}
received: [raw]
backups: ["nightly tape backup of the facility, kept 90 days"]
"""
#: In a genome of 100 kb the contigs' ends, where coverage falls off, are a visible share: the demo does not insist.
CATALOGUE = f"""\
services:
  {GENOMICS}:
    acceptance:
      pct_autosomes_15x: {{severity: warn}}
  {METABOLOMICS}:
    recipe: {{library: library/compounds.tsv}}
"""


@dataclass(frozen=True)
class Size:
    """How much to generate; the defaults are the demo's, tests use less.

    contigs    length of each contig of the reference, bases
    spacing    mean distance between the population's variant sites beyond the least distance, bases
    depth      sequenced bases per reference base, per sample
    cycles     read length, bases
    compounds  how many of the shipped compounds that come from samples are planted
    gradient   length of an LC-MS run, s
    human      whether there is the order with human data
    targets    known compounds of the targeted order, 0: no such order
    """

    contigs: dict[str, int] = field(default_factory=lambda: {"chr1": 60_000, "chr2": 40_000})
    spacing: float = 300
    depth: float = 36
    cycles: int = 150
    compounds: int = 64
    gradient: float = 240
    human: bool = True
    targets: int = 6


@dataclass(frozen=True)
class Sequenced:
    """A genomics sample and the lanes it was sequenced on."""

    sample: str
    proposal: str
    facility: str
    lanes: tuple[illumina.Lane, ...]


@dataclass(frozen=True)
class Measured:
    """A sample, pool or blank of the metabolomics batch and its injections."""

    sample: str
    role: str
    group: str
    injections: tuple[spectra.Injection, ...]

    @property
    def proposal(self) -> str:
        """Pools and blanks belong to the batch, not to a proposal."""
        return "P001" if self.role == "sample" else "-"


def _lane(flowcell: str, lane: int, number: int, library: str, index: str) -> illumina.Lane:
    return illumina.Lane(f"{flowcell}-{lane}-{number:02d}", library, flowcell, lane, number, index)


def _injection(number: int, profile: bool = False) -> spectra.Injection:
    return spectra.Injection(f"LC0311-{number:02d}", number, "2026-03-11", profile)


PROPOSALS = [
    {
        "proposal": "P001",
        "title": "Drought response of the demo plant, genome and metabolome",
        "status": "awarded",
        "agreement_start": "2026-01-15",
        "agreement_end": "2026-12-31",
    },
    {
        "proposal": "P002",
        "title": "Wild relatives of the demo plant",
        "status": "awarded",
        "agreement_start": "2026-01-15",
        "agreement_end": "2026-12-31",
    },
    {"proposal": "P003", "title": "Landraces of the demo plant", "status": "submitted"},
]
HUMAN_PROPOSAL = {
    "proposal": "P004",
    "title": "An invented person",
    "status": "awarded",
    "agreement_start": "2026-01-15",
    "agreement_end": "2026-12-31",
    "human_data": "yes",
    "recipients": ",".join(map(recipients.public_file, recipients.RECIPIENTS)),
    "duo": "DUO:0000004",
}
SEQUENCED = (
    Sequenced(
        "G001",
        "P001",
        "CNR-IBIOM",
        (_lane("HDEMOA", 1, 1, "G001-a", "ATCACGAT"), _lane("HDEMOA", 2, 1, "G001-a", "ATCACGAT")),
    ),
    Sequenced(
        "G002",
        "P001",
        "CNR-IBIOM",
        (_lane("HDEMOA", 1, 2, "G002-a", "CGATGTCT"), _lane("HDEMOA", 2, 2, "G002-b", "TTAGGCAG")),
    ),
    Sequenced(
        "G003",
        "P002",
        "CNR-IBIOM",
        (_lane("HDEMOB", 3, 1, "G003-a", "TGACCATC"), _lane("HDEMOB", 4, 1, "G003-a", "TGACCATC")),
    ),
    Sequenced(
        "G004",
        "P003",
        "CNR-IBIOM",
        (_lane("HDEMOA", 1, 3, "G004-a", "ACAGTGGA"), _lane("HDEMOA", 2, 3, "G004-a", "ACAGTGGA")),
    ),
)
PERSON = Sequenced("G005", "P004", "UNIBA-DBBA", (_lane("HDEMOC", 1, 1, "G005-a", "CTTGTAAT"),))
MEASURED = (
    Measured("BLANK1", "blank", "", (_injection(1),)),
    Measured("POOL1", "pool", "", (_injection(2), _injection(6))),
    Measured("M001", "sample", "watered", (_injection(3),)),
    Measured("M002", "sample", "dry", (_injection(4, profile=True),)),
    Measured("M003", "sample", "dry", (_injection(5),)),
)
METABOLOMICS_FACILITY, BATCH = "CNR-IBSBC", "LC0311"


def _proposals(size: Size) -> list[dict]:
    return [*PROPOSALS, *([HUMAN_PROPOSAL] if size.human else [])]


def _sequenced(size: Size) -> list[Sequenced]:
    return [*SEQUENCED, *([PERSON] if size.human else [])]


def _write_genomics(site: Path, seed: int, size: Size) -> list[dict]:
    """Reference, reads and truth of every sequenced sample; returns their rows for the runs sheet."""
    rng = stream(seed, "genome")
    sequences, closed = genome.random_genome(rng, size.contigs)
    sites = genome.population_sites(rng, sequences, closed, size.spacing)
    with aside(site / REFERENCE) as part, pysam.BGZFile(str(part), "wb") as handle:
        for name, sequence in sequences.items():
            lines = [sequence[start : start + 80] for start in range(0, len(sequence), 80)]
            handle.write(("\n".join([f">{name}", *lines]) + "\n").encode())
    rows = []
    for each in _sequenced(size):
        rng = stream(seed, "sample", each.sample)
        alleles = genome.genotypes(rng, len(sites))
        carried = [[sites[number] for number in np.flatnonzero(alleles[:, copy])] for copy in (0, 1)]
        copies = {
            name: tuple(genome.haplotype(name, sequence, variants) for variants in carried)
            for name, sequence in sequences.items()
        }
        files, truth = illumina.simulate(rng, copies, list(each.lanes), size.depth, size.cycles)
        with written(site / "truth" / f"{each.sample}.vcf") as handle:
            handle.write(genome.vcf(each.sample, sequences, sites, alleles))
        write_json(site / "truth" / f"{each.sample}.json", {"sample": each.sample, **truth})
        for lane in each.lanes:
            row = {"sample": each.sample, "run": lane.run, "platform": "ILLUMINA"}
            row |= {"library": lane.library, "flowcell": lane.flowcell, "lane": lane.lane, "acquired": "2026-03-02"}
            for mate, content in enumerate(files[lane.run], start=1):
                name = f"raw/genomics/{lane.run}_R{mate}.fastq.gz"
                with written(site / name, "wb") as handle:
                    handle.write(content)
                row |= {f"read{mate}": name, f"read{mate}_sha256": sha256(site / name)}
            rows.append(row)
    return rows


def _factors(rng: np.random.Generator, origins: list[str]) -> dict[str, list[float]]:
    """Concentration of every compound in every sample, relative to its abundance.

    Solvent contaminants and the internal standard, which is added to everything, are the same everywhere; one compound
    in ten is missing from a sample; a pool is the mean of the samples it was mixed from; a blank holds nothing else.
    """
    constant = np.array([origin != "sample" for origin in origins])
    samples = {}
    for each in MEASURED:
        if each.role == "sample":
            factor = np.exp(np.clip(rng.normal(0, 0.5, len(origins)), -1, 1))
            factor[rng.random(len(origins)) < 0.1] = 0
            samples[each.sample] = np.where(constant, 1, factor)
    others = {"pool": np.mean(list(samples.values()), axis=0), "blank": constant.astype(float)}
    return {
        each.sample: [round(float(value), 4) for value in samples.get(each.sample, others.get(each.role))]
        for each in MEASURED
    }


def _write_library(site: Path, compounds: list[spectra.Compound], origins: list[str]) -> None:
    """What the facility knows of its standards: of some time and fragments, of some the time, of others the mass."""
    rows = []
    for number, (compound, origin) in enumerate(zip(compounds, origins, strict=True)):
        level = LEVELS[number % len(LEVELS)]
        row = {"compound": compound.name, "formula": compound.formula, "adduct": "[M+H]+"}
        row["rt_s"] = compound.rt if level < 4 else ""
        row["role"] = {"standard": "internal_standard"}.get(origin, "shown" if number == 0 else "")
        row["ms2"] = " ".join(f"{mz:.4f}:{share:.4f}" for mz, share in compound.fragments) if level == 1 else ""
        rows.append(row)
    write_tsv(site / "library" / "compounds.tsv", ["compound", "formula", "adduct", "rt_s", "role", "ms2"], rows)


def _write_metabolomics(site: Path, seed: int, size: Size) -> list[dict]:
    """mzML and truth of the batch; returns its rows for the runs sheet."""
    rng = stream(seed, "compounds")
    shipped = read_tsv(COMPOUNDS)
    known = [row for row in shipped if row["origin"] == "sample"][: size.compounds]
    known += [row for row in shipped if row["origin"] != "sample"]
    compounds = spectra.planted(rng, {row["compound"]: row["formula"] for row in known}, size.gradient)
    factors = _factors(rng, [row["origin"] for row in known])
    rows = []
    for each in MEASURED:
        for injection in each.injections:
            name = f"raw/metabolomics/{injection.run}.mzML"
            spectra.write_run(site / name, seed, injection, compounds, factors[each.sample], size.gradient)
            row = {"sample": each.sample, "run": injection.run, "file": name, "sha256": sha256(site / name)}
            row |= {"batch": BATCH, "polarity": "positive", "injection": injection.number}
            rows.append(row | {"acquired": injection.acquired})
    columns = {f"{each.sample}:{run.run}": factors[each.sample] for each in MEASURED for run in each.injections}
    _write_library(site, compounds, [row["origin"] for row in known])
    write_tsv(
        site / "truth" / "compounds.tsv",
        ["compound", "formula", "mz", "rt_s", "level", *columns],
        (
            {"compound": compound.name, "formula": compound.formula, "mz": compound.mz, "rt_s": compound.rt}
            | {"level": LEVELS[number % len(LEVELS)]}
            | {column: values[number] for column, values in columns.items()}
            for number, compound in enumerate(compounds)
        ),
    )
    return rows


def _write_targeted(site: Path, seed: int, size: Size) -> dict[str, list[dict]]:
    """mzML and truth of the targeted batch; returns the rows of its sheets."""
    if not size.targets:
        return {name: [] for name in ("samples", "runs", "targets", "concentrations")}
    shipped = [row for row in read_tsv(COMPOUNDS) if row["origin"] == "sample"][: size.targets]
    formulas = {row["compound"]: row["formula"] for row in shipped}
    rows = targeted.write(site, seed, targeted.Design(service=TARGETED, gradient=min(size.gradient, 120)), formulas)
    write_tsv(site / "truth" / "concentrations.tsv", ["sample", "compound", "concentration"], rows["truth"])
    return rows


def _samples(size: Size) -> list[dict]:
    sequenced = [
        {"proposal": each.proposal, "sample": each.sample, "facility": each.facility, "service": GENOMICS}
        | {"role": "sample", "organism": "Homo sapiens" if each is PERSON else ORGANISM, "sex": "unknown"}
        | {"reference": "demo1"}
        for each in _sequenced(size)
    ]
    measured = [
        {"proposal": each.proposal, "sample": each.sample, "facility": METABOLOMICS_FACILITY, "service": METABOLOMICS}
        | {"role": each.role, "organism": ORGANISM if each.role == "sample" else "", "group": each.group}
        for each in MEASURED
    ]
    return sequenced + measured


def _orders(size: Size, samples: list[dict]) -> list[dict]:
    """What the comparison needs to know about the orders, so that it does not have to read the sheets."""
    status = {row["proposal"]: row["status"] for row in _proposals(size)}
    orders: dict[tuple, list[str]] = {}
    for row in samples:
        if row["role"] == "sample":
            orders.setdefault((row["proposal"], row["facility"], row["service"]), []).append(row["sample"])
    return [
        {"proposal": order[0], "facility": order[1], "service": order[2]}
        | {"status": status[order[0]], "samples": ",".join(samples)}
        for order, samples in orders.items()
    ]


def generate(site: Path, seed: int = 20261122, size: Size | None = None) -> None:
    """Write the whole site under `site`; files of an earlier demo there are replaced, nothing else is touched.

    The truth lies in `truth/`: `{sample}.vcf` (phased genotypes), `{sample}.json` (see `illumina.simulate`),
    `compounds.tsv` (m/z, apex in s, the level at which the library can name it, and one column `{sample}:{run}`
    with the concentration factor), `concentrations.tsv` (of the targeted samples; 0: absent), `orders.tsv`, and the
    recipients' secret keys, `{name}.sec`.
    No sheet and no config names that folder.
    """
    site, size = Path(site), size or Size()
    if size.human:
        recipients.write(site, seed)
    known = _write_targeted(site, seed, size)
    runs = _write_genomics(site, seed, size) + _write_metabolomics(site, seed, size) + known["runs"]
    samples = _samples(size) + known["samples"]
    orders = _orders(size, samples)
    write_tsv(site / "truth" / "orders.tsv", ["proposal", "facility", "service", "status", "samples"], orders)
    config = site / "config"
    for name, text in (("config.yaml", CONFIG), ("catalogue.yaml", CATALOGUE)):
        with written(config / name) as handle:
            handle.write(text)
    write_tsv(
        config / "proposals.tsv",
        ["proposal", "call", "title", "status", "agreement_start", "agreement_end", "human_data", "recipients"]
        + ["duo"],
        ({"call": "DEMO-2026-1", "human_data": "no"} | row for row in _proposals(size)),
    )
    write_tsv(
        config / "samples.tsv",
        ["sample", "proposal", "facility", "service", "role", "organism", "sex", "group", "reference"]
        + ["level", "dilution"],
        samples,
    )
    if known["targets"]:
        targeted.write_lists(config, known)
    write_tsv(
        config / "runs.tsv",
        ["sample", "run", "read1", "read2", "file", "read1_sha256", "read2_sha256", "sha256", "platform", "library"]
        + ["flowcell", "lane", "batch", "polarity", "injection", "acquired"],
        runs,
    )
