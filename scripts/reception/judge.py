"""Whether a tube is accepted: the order it is sent for, and the service's input requirements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from scripts.lib.registry import models
from scripts.lib.registry.catalogue import Criterion, InputRequirement
from scripts.lib.registry.parcels import Parcel, Received
from scripts.lib.registry.private import Key
from scripts.lib.registry.problems import one_of
from scripts.lib.registry.site import Site

NAMES = {
    "volume_ul": ("volume", " \u00b5l"),
    "concentration_ng_ul": ("concentration", " ng/\u00b5l"),
    "amount_ng": ("amount", " ng"),
    "mass_mg": ("mass", " mg"),
    "rin": ("RIN", ""),
    "din": ("DIN", ""),
}


@dataclass(frozen=True)
class Verdict:
    """What reception says of one tube.

    status  `accepted`, `remark` (accepted with remark) or `rejected`
    words   every reason and remark, as sentences without a full stop
    """

    tube: Received
    status: str
    words: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        return self.status != "rejected"


def judge(parcel: Parcel, site: Site, keys: list[Key]) -> list[Verdict]:
    """One verdict for each tube, in the order of the sheet. keys: what was received before, this parcel included."""
    known = {(key.parcel, key.barcode): key.sample for key in keys}
    present: Counter[tuple[str, str, str]] = Counter()
    for sample in site.samples.values():
        own = any(key.sample == sample.sample and key.parcel == parcel.id for key in keys)
        if sample.role == "sample" and sample.status != "withdrawn" and not own:
            present[sample.proposal, sample.facility, sample.service] += 1
    verdicts = []
    for tube in parcel.tubes:
        rejections, remarks = _by_service(tube, site)
        rejections = _by_order(tube, site, present) + rejections
        elsewhere = [key.parcel for key in keys if key.barcode == tube.barcode and key.proposal == tube.proposal]
        if (parcel.id, tube.barcode) not in known and elsewhere:
            rejections.append(f"barcode {tube.barcode} came before, in parcel {elsewhere[0]}")
        if not rejections:
            present[tube.proposal, tube.facility, tube.service] += 1
        status = "rejected" if rejections else "remark" if remarks else "accepted"
        verdicts.append(Verdict(tube, status, tuple(rejections + remarks)))
    return verdicts


def _by_order(tube: Received, site: Site, present: Counter) -> list[str]:
    """Why the order does not allow the tube."""
    proposal, words = site.proposals[tube.proposal], []
    order = (tube.proposal, tube.facility, tube.service)
    if proposal.status != "awarded":
        words.append(f"proposal {tube.proposal} is {proposal.status}, not awarded")
    if tube.facility not in site.services[tube.service].facilities:
        words.append(f"{tube.facility} does not offer {tube.service}")
    limited = any(award.proposal == tube.proposal for award in site.awards.values())
    award = site.awards.get(order)
    if limited and award is None:
        words.append(f"{tube.service} at {tube.facility} was not awarded to {tube.proposal}")
    elif award and present[order] >= award.units:
        words.append(f"the {award.units} samples awarded to {'/'.join(order)} are here already")
    if models.is_human(tube.organism) and proposal.human_data == "no":
        words.append(f"human sample, but proposal {tube.proposal} declares no human data")
    return words


def _by_service(tube: Received, site: Site) -> tuple[list[str], list[str]]:
    """What the service's input requirements reject, and what they remark upon."""
    requirements = site.services[tube.service].input_requirements
    if not requirements:
        return [], []
    if tube.material not in requirements:
        return [f"{tube.service} takes {one_of(requirements)}, not {tube.material}"], []
    requirement: InputRequirement = requirements[tube.material]
    words: dict[str, list[str]] = {"fail": [], "warn": []}
    if tube.condition in requirement.tolerated:
        words["warn"].append(f"arrived {tube.condition}")
    elif tube.condition not in requirement.conditions:
        words["fail"].append(f"arrived {tube.condition}")
    for measure, criterion in requirement.criteria.items():
        if missed := _missed(measure, tube.measure(measure), criterion):
            words[criterion.severity].append(missed)
    return words["fail"], words["warn"]


def _missed(measure: str, value: float | None, criterion: Criterion) -> str:
    """How a measure misses its criterion, or ''."""
    name, unit = NAMES[measure]
    if value is None:
        return f"{name} not measured"
    if criterion.min is not None and value < criterion.min:
        return f"{name} {value:g}{unit}, at least {criterion.min:g} needed"
    if criterion.max is not None and value > criterion.max:
        return f"{name} {value:g}{unit}, at most {criterion.max:g} allowed"
    return ""
