"""The published dataset: parquet files in the GDI's form, the manifest, and the archive that a node takes.

Format: GenomicDataInfrastructure/gdi-node-standalone, docs/package-format.md (manifest version 1) and
docs/gdi-dataset-tool.md (population labels, floor).
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scripts.federation.suppress import MERGED, TOTAL, Published
from scripts.lib.checksums import sha256
from scripts.lib.files import aside, write_json
from scripts.lib.refusal import Refusal
from scripts.lib.registry.federation import GDI, POPULATION, RIGHTS, Dataset

MANIFEST = "manifest.json"


def dataset_id(dataset: Dataset, release: str) -> str:
    """As the GDI names datasets, e.g. GDI-IT-CNR-20261122. Raises Refusal when the release is not digits."""
    if not (release.isascii() and release.isdigit() and len(release) <= 17):
        raise Refusal("--release", repr(release), "up to 17 digits, as 20261122", "give the release a number")
    return f"{dataset.prefix}-{dataset.country}-{dataset.organisation}-{release}"


def check_labels(populations: Mapping[str, int]) -> None:
    """Raise Refusal for a population that the GDI would not know."""
    for name in populations:
        if name and not POPULATION.fullmatch(name):
            cure = "correct `population` in samples.tsv, or leave it empty"
            raise Refusal("population", repr(name), "a country's two letters, as IT (of men: IT_M)", cure)


def write(
    folder: Path, dataset: Dataset, release: str, assembly: str, published: Published, about: Mapping[str, Any]
) -> dict:
    """Write `allele-freq.*.parquet` and `manifest.json` into a new folder; returns the manifest.

    about  the table's own words: donors by population, digest, number of alleles before anything was withheld
    """
    paths = _write_blocks(folder, dataset.block_range, published.rows, about["digest"][:16])
    manifest = _manifest(dataset, release, assembly, published, about)
    members = {path.name: {"sha256": sha256(path), "size": path.stat().st_size} for path in paths}
    manifest["payload"] = {"algorithm": "sha256", "members": members}
    write_json(folder / MANIFEST, manifest)
    return manifest


def _write_blocks(folder: Path, block_range: int, rows: pa.Table, source: str) -> list[Path]:
    """One file for each chromosome and block of positions; CHROM is in the file's name alone."""
    paths = []
    for chrom in sorted(pc.unique(rows["CHROM"]).to_pylist()):
        own = rows.filter(pc.equal(rows["CHROM"], chrom)).drop_columns("CHROM")
        blocks = pc.divide(own["POS"], block_range)
        for block in sorted(pc.unique(blocks).to_pylist()):
            name = f"allele-freq.chr{chrom}.{block}.br{block_range}.{source}.parquet"
            with aside(folder / name) as part:
                # Small groups of rows: a question reads the one that holds its position.
                pq.write_table(own.filter(pc.equal(blocks, block)), part, compression="zstd", row_group_size=20_000)
            paths.append(folder / name)
    return sorted(paths)


def alleles(rows: pa.Table) -> int:
    """How many different alleles there are in rows of any schema that names them."""
    return rows.group_by(["CHROM", "POS", "REF", "ALT"]).aggregate([]).num_rows


def _manifest(dataset: Dataset, release: str, assembly: str, published: Published, about: Mapping[str, Any]) -> dict:
    rows = published.rows
    populations = sorted(pc.unique(rows["POPULATION"]).to_pylist())
    emitted = alleles(rows)
    contact = {"fn": dataset.contact.name, "hasEmail": f"mailto:{dataset.contact.email}"}
    metadata = {
        "datasetId": dataset_id(dataset, release),
        "catalog": dataset.catalog,
        "title": dataset.title,
        "description": dataset.description,
        "accessRights": RIGHTS + dataset.access_rights,
        "applicableLegislation": list(dataset.legislation),
        "license": dataset.license,
        "creator": [{"name": name} for name in dataset.creator],
        "healthCategory": [f"{GDI}HealthCategoryHumanGenomic"],
        "contactPoint": contact | ({"hasURL": dataset.contact.url} if dataset.contact.url else {}),
        "keywords": list(dataset.keywords),
        "numberOfUniqueIndividuals": sum(about["donors"].values()),
        "numberOfRecords": emitted,
        "populations": populations,
        "conformsTo": [GDI + name for name in dataset.conforms_to],
        "legalBasis": list(dataset.legal_basis),
    }
    named = {"afSource": dataset.source, "afSourceReference": dataset.source_address}
    source = {"path": "counts.parquet", "sha256": about["digest"]}
    source["conversion"] = _conversion(published, about, populations, emitted)
    return {
        "metadata": {name: value for name, value in metadata.items() if value != []},
        "files": [{"category": "allele counts", "reference": assembly, "files": [source]}],
        "config": {
            "mode": "aggregated",
            "blockRange": dataset.block_range,
            **{name: value for name, value in named.items() if value},
            "minAlleleCount": dataset.min_allele_count,
            "assembly": {"reference": assembly},
            "manifestVersion": 1,
            "generatedBy": "filiera",
        },
    }


def _conversion(published: Published, about: Mapping[str, Any], populations: list[str], emitted: int) -> dict:
    """What was withheld, as the GDI's tool counts it. One allele is one record here."""
    known = about["alleles"]
    return {
        "input": {
            "records": known,
            "nonPassRecords": 0,
            "gvcfReferenceBlocks": 0,
            "populationsRecognized": sorted({*(name or MERGED for name in about["donors"]), TOTAL}),
        },
        "discarded": {
            "recordsUnsupportedContig": 0,
            "recordsNoSupportedAlt": 0,
            "recordsAllRowsWithheld": known - emitted,
            "recordsNoAf": 0,
            "alleles": 0,
            "ignoredInfoFields": [],
            "populationsWithoutAf": [],
        },
        "suppressed": {
            "rowsBelowFloor": published.below_floor,
            "rowsCollapsedToTotal": published.collapsed,
            "variantsCollapsedToTotal": published.variants_collapsed,
        },
        "output": {
            "records": emitted,
            "recordsEmitted": emitted,
            "rows": published.rows.num_rows,
            "populations": populations,
        },
    }


def archive(folder: Path, target: BinaryIO) -> None:
    """The dataset as an uncompressed TAR, manifest first; the same dataset is always the same bytes."""
    names = [MANIFEST, *sorted(path.name for path in folder.glob("allele-freq.*.parquet"))]
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            content = (folder / name).read_bytes()
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
