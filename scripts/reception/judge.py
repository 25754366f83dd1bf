"""Whether a tube is accepted: the order it is sent for, and the service's input requirements."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from scripts.lib.refusal import Refusal
from scripts.lib.registry import awards, models
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
    """One verdict for each tube, in the order of the sheet. Raises Refusal where a receipt that was given would be
    contradicted: whoever was told that a tube is accepted keeps its place.

    keys  what was received before, this parcel included
    """
    before = {key.barcode for key in keys if key.parcel == parcel.id}
    places = _taken(site, keys)
    verdicts = []
    for tube in parcel.tubes:
        rejections, remarks = _by_service(tube, site)
        rejections = _by_order(tube, site) + rejections
        if tube.barcode in before:
            if rejections:
                found = f"barcode {tube.barcode}, which its receipt accepted, rejected now ({'; '.join(rejections)})"
                cure = "put that right, or take the receipt back and erase the tube's row in the table of names"
                raise Refusal(parcel.sheet, found, "the verdict that was given", cure)
        else:
            order = (tube.proposal, tube.facility, tube.service)
            rejections = _by_award(tube, site, places) + rejections
            elsewhere = [key.parcel for key in keys if key.barcode == tube.barcode and key.proposal == tube.proposal]
            if elsewhere:
                rejections.append(f"barcode {tube.barcode} came before, in parcel {elsewhere[0]}")
            places[order] += not rejections
        status = "rejected" if rejections else "remark" if remarks else "accepted"
        verdicts.append(Verdict(tube, status, tuple(rejections + remarks)))
    return verdicts


def _taken(site: Site, keys: list[Key]) -> Counter[tuple[str, str, str]]:
    """How many places of each order are taken: by samples of the sheet, and by tubes received and not yet entered."""
    taken: Counter[tuple[str, str, str]] = Counter()
    for sample in site.samples.values():
        if sample.role == "sample" and sample.status != "withdrawn":
            taken[awards.key(sample)] += 1
    for key in keys:
        if key.sample not in site.samples:
            taken[_order(key, site)] += 1
    return taken


def _order(key: Key, site: Site) -> tuple[str, str, str]:
    """What a tube was received for. Raises Refusal where the table does not say it, and it matters."""
    possible = [award for award in site.awards if award[0] == key.proposal]
    if key.service or not possible:
        return key.order
    if len(possible) == 1:
        return possible[0]
    found = f"sample {key.sample} of parcel {key.parcel}, received and never entered, without its service"
    cure = f"receive parcel {key.parcel} again, or fill in facility and service there"
    raise Refusal(site.config.private_names, found, "what it was received for, because awards are limited", cure)


def _by_award(tube: Received, site: Site, places: Counter) -> list[str]:
    """Whether the award is used up."""
    order = (tube.proposal, tube.facility, tube.service)
    award = site.awards.get(order)
    used = award and places[order] >= award.units
    return [f"the {award.units} samples awarded to {'/'.join(order)} are here already"] if used else []


def _by_order(tube: Received, site: Site) -> list[str]:
    """Why the order does not allow the tube."""
    proposal, words = site.proposals[tube.proposal], []
    if proposal.status != "awarded":
        words.append(f"proposal {tube.proposal} is {proposal.status}, not awarded")
    if tube.facility not in site.services[tube.service].facilities:
        words.append(f"{tube.facility} does not offer {tube.service}")
    limited = any(award.proposal == tube.proposal for award in site.awards.values())
    if limited and (tube.proposal, tube.facility, tube.service) not in site.awards:
        words.append(f"{tube.service} at {tube.facility} was not awarded to {tube.proposal}")
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
