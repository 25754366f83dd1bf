"""`./filiera federate`: count a facility's donors, add facilities up, publish once what is common enough."""

from __future__ import annotations

import io
import shutil
from argparse import ArgumentParser
from pathlib import Path

from scripts.cli import console, outcome
from scripts.delivery import crypt, publish
from scripts.delivery.versions import listed
from scripts.federation import donors, people, pool, release, suppress, table
from scripts.lib import dcat, files, keys, registry
from scripts.lib.plan.paths import ORDER, REFERENCE, fields_of
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site, entry
from scripts.lib.registry.federation import Dataset, load_dataset
from scripts.lib.registry.private import read_keys
from scripts.lib.registry.site import SAMPLES

TABLES, RELEASES = "federation/tables", "federation/releases"
SECRET = "federation_tables.key"  # beside the table of original names
DECLARE = "who declares, and when, that donors whom no code tells apart are different people"
THRESHOLDS = ("min_callable_depth", "min_callable_mapping_quality", "min_callable_base_quality", "min_genotype_quality")


def arguments(parser: ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    count = steps.add_parser(
        "aggregate", help="add up the delivered human samples of a facility, or of a proposal there"
    )
    console.site_argument(count)
    count.add_argument("--facility", required=True, metavar="ID")
    count.add_argument("--proposal", default="", metavar="ID", help="this proposal alone")
    count.add_argument("--declare", type=str.strip, default="", metavar="WHO", help=DECLARE)
    combine = steps.add_parser("combine", help="add facilities' tables; nothing is withheld yet")
    combine.add_argument("table", type=Path, nargs="+", help="folders that aggregate or combine made")
    combine.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the sum is written")
    combine.add_argument("--declare", type=str.strip, default="", metavar="WHO", help=DECLARE)
    publish_ = steps.add_parser("release", help="withhold what is rare, and pack the rest for a node")
    console.site_argument(publish_)
    publish_.add_argument("table", type=Path, help="folder that aggregate or combine made")
    publish_.add_argument("--release", required=True, metavar="NUMBER", help="digits that end the dataset's id")


def main(arguments) -> int:
    return {"aggregate": _aggregate, "combine": _combine, "release": _release}[arguments.step](arguments)


def _aggregate(arguments) -> int:
    site = registry.load(arguments.directory)
    if arguments.facility not in site.facilities:
        there = ", ".join(site.facilities)
        raise Refusal("--facility", repr(arguments.facility), f"one of {there}", "check the spelling")
    orders = [
        order
        for order in site.select(arguments.proposal)
        if order.facility_id == arguments.facility and order.branch.counted(order)
    ]
    source = "-".join(filter(None, [arguments.facility, arguments.proposal]))
    members, references, thresholds = [], set(), []
    known = _people(site)
    for order in orders:
        for member, reference in _delivered(site, order, known):
            members.append(member)
            references.add(reference)
            thresholds.append({name: getattr(order.service.recipe, name) for name in THRESHOLDS})
    if len(references) > 1 or any(one != thresholds[0] for one in thresholds):
        raise Refusal(source, "several references or thresholds", "one", "aggregate each proposal by itself")
    left = known.left(name for name, sample in site.samples.items() if sample.status == "withdrawn")
    stay = [member for member in members if member.sample not in left]
    chosen = pool.one_each(stay)
    about = {"thresholds": thresholds[0]} if thresholds else {}
    for name in references:
        collection = files.read_json(site.directory / f"{REFERENCE}/{{reference}}.seqcol.json".format(reference=name))
        about |= {"reference": collection["digest"], "reference_name": name}
    secret = donors.site_secret((site.directory / site.config.private_names).with_name(SECRET))
    disjoint = _disjoint(site, source, chosen, known, arguments.declare)
    done = pool.pooled(source, chosen, _key(site), secret, disjoint, **about)
    folder = site.directory / TABLES / source
    pool.write(folder, done)
    console.sheets(site.told)
    if wrong := sorted({name for problem in site.problems for name in problem.proposals}):
        console.say(f"Not counted, because ./filiera check does not let them run: {', '.join(wrong)}.")
    console.tell(
        f"{len(members)} delivered samples: {len(members) - len(stay)} of donors who withdrew,"
        f" {len(stay) - len(chosen)} of donors counted already."
    )
    told = f"{done.number} donors ({done.about['disjoint']}), {done.table.counts.num_rows} alleles"
    console.tell(f"{source}: {told}: {console.shown(folder)}")
    console.tell("Unsuppressed: for the federation's members alone. What is published is made by `federate release`.")
    return 0


def _people(site: Site) -> people.People:
    """The persons behind the site's samples. Raises Refusal where a row that may withdraw somebody cannot be read."""
    entry.check_configured(site)
    entry.check_read(site, SAMPLES)
    noted = {key.sample: (key.donor_code, key.donor_name) for key in read_keys(site.directory, site.config)}
    return people.People(
        people.Told(sample.sample, sample.donor or sample.sample, *noted.get(sample.sample, ("", "")))
        for sample in site.samples.values()
    )


def _disjoint(site: Site, source: str, members: list[pool.Member], known: people.People, declared: str) -> str:
    """How it is known that a facility's donors are different people. Raises Refusal where somebody must answer for it:
    reception knows donors by name within a proposal alone."""
    unknown = [member for member in members if not member.code]
    if not unknown:
        return pool.CHECKED
    if declared:
        return f"{pool.DECLARED}{declared}"
    proposals = {site.samples[member.sample].proposal for member in members}
    if len(proposals) > 1:
        alike = known.namesakes(member.sample for member in members)
        found = f"{len(unknown)} donors without a code, in {len(proposals)} proposals"
        found += f" ({alike} of them with a name that another has)" if alike else ""
        cure = "add the codes at reception, aggregate each proposal by itself, or declare (--declare) who knows"
        raise Refusal(source, found, "a code for each, because one person may have several pseudonyms", cure)
    return f"by pseudonym: {len(unknown)} of {len(members)} donors have no code"


def _delivered(site: Site, order: Order, known: people.People):
    """The samples of an order's newest published version, each with the name of its reference."""
    versions = publish.versions(outcome.deliveries(site.directory, order))
    rows = listed(versions[-1]) if versions else []
    if rows is None:
        found, cure = "no listing", f"put back the backup of {versions[-1].name}"
        raise Refusal(console.shown(versions[-1]), found, "that of the samples that were delivered", cure)
    delivered = {row["sample"] for row in rows}
    for sample in order.samples:
        if sample.sample in delivered and sample.role == "sample":
            folder = site.directory / ORDER.format(**fields_of(order)) / "federation" / sample.sample
            person, code = known.person(sample.sample), known.code(sample.sample)
            marks = known.marks(sample.sample)
            yield pool.Member(sample.sample, person, sample.population, code, folder, marks), sample.reference


def _key(site: Site) -> bytes | None:
    """The federation key, where the site is of a federation."""
    if not (site.directory / "config" / "federation.yaml").exists():
        return None
    path = site.directory / load_dataset(site.directory).federation_key
    return donors.read_key(path.read_text(encoding="utf-8"), str(path)) if path.exists() else None


def _combine(arguments) -> int:
    if arguments.out.resolve() in [path.resolve() for path in arguments.table]:
        raise Refusal("--out", str(arguments.out), "another folder than the tables'", "choose a new one")
    pools = {}
    for number, path in enumerate(arguments.table):
        if path.resolve() in [other.resolve() for other in arguments.table[:number]]:
            raise Refusal(str(path), "a table that is named twice", "each once", "leave it out the second time")
        pools[path.resolve().name if path.resolve().name not in pools else str(path)] = pool.read(path)
    done = pool.combined(pools, arguments.declare)
    pool.write(arguments.out, done)
    console.tell(
        f"{len(pools)} tables, {done.number} donors ({done.about['disjoint']}): {console.shown(arguments.out)}"
    )
    return 0


def _release(arguments) -> int:
    site = registry.load(arguments.directory)
    dataset, source = load_dataset(arguments.directory), pool.read(arguments.table)
    name = release.dataset_id(dataset, arguments.release)
    release.check_labels(source.about["donors"])
    reference = source.about["reference_name"]
    if reference not in dataset.assemblies:
        where = "config/federation.yaml, column assemblies"
        raise Refusal(where, "nothing", f"the assembly of reference {reference}", "add it")
    recipients = [keys.public_key(site.directory / path) for path in dataset.recipients]
    labels = suppress.labels(source.about["donors"], dataset.min_donors)
    sites = table.sites(source.table)
    published = suppress.suppress(sites, labels, dataset.min_allele_count)
    if not published.rows.num_rows:
        found = f"no allele of {dataset.min_allele_count} copies"
        raise Refusal(str(arguments.table), found, "some that may be published", "wait for more donors")
    folder = site.directory / RELEASES / name
    part = folder.with_name(f".part-{name}")
    shutil.rmtree(part, ignore_errors=True)
    about = source.about | {"digest": pool.digest(arguments.table), "alleles": release.alleles(sites)}
    manifest = release.write(part, dataset, arguments.release, dataset.assemblies[reference], published, about)
    with files.written(part / "dataset.ttl") as handle:
        handle.write(dcat.turtle(_described(dataset, name, manifest["metadata"])))
    if folder.exists():
        if (folder / release.MANIFEST).read_bytes() != (part / release.MANIFEST).read_bytes():
            shutil.rmtree(part)
            raise Refusal(str(folder), "another release of that number", "a new number", "choose the next")
        shutil.rmtree(part)
    else:
        part.rename(folder)
    if recipients:
        _pack(folder, folder.with_name(f"{name}.tar.c4gh"), recipients)
    told = manifest["metadata"]
    console.tell(
        f"{name}: {told['numberOfRecords']} of {about['alleles']} alleles of {told['numberOfUniqueIndividuals']} donors"
        f" ({', '.join(told['populations'])}): {console.shown(folder)}"
    )
    return 0


def _pack(folder: Path, target: Path, recipients: list[str]) -> None:
    """The dataset as the archive that nodes take, encrypted for them."""
    clear = io.BytesIO()
    release.archive(folder, clear)
    clear.seek(0)
    with files.written(target, "wb") as handle:
        crypt.encrypt(clear, handle, recipients)


def _described(dataset: Dataset, name: str, metadata: dict) -> dcat.Description:
    address = f"{dataset.address.rstrip('/')}/{name}"
    return dcat.Description(
        address=address,
        identifier=name,
        title=dataset.title,
        description=dataset.description,
        creators=dataset.creator,
        publisher=dataset.publisher,
        contact=dataset.contact.name,
        email=dataset.contact.email,
        access=address,
        url=dataset.contact.url,
        access_rights=dataset.access_rights,
        legislation=dataset.legislation,
        keywords=dataset.keywords,
        records=metadata["numberOfRecords"],
        individuals=metadata["numberOfUniqueIndividuals"],
        **dataset.told,
    )
