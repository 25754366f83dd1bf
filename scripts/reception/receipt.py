"""The receipt for the sender, as Markdown, and the same as a table.

It names tubes by the sender's barcodes and by the pseudonyms under which results come back. Names of samples and donors
are not in it: only who labelled the tubes can tell whose they are.
"""

from __future__ import annotations

from scripts.lib.harmless import in_markdown
from scripts.lib.registry.private import Key
from scripts.lib.registry.site import Site
from scripts.reception.judge import Verdict

SAID = {"accepted": "accepted", "remark": "accepted with remark", "rejected": "rejected"}
COLUMNS = ("barcode", "sample", "proposal", "facility", "service", "material", "received", "verdict", "reason")


def rows(verdicts: list[Verdict], keys: dict[str, Key]) -> list[dict[str, str]]:
    """One row a tube."""
    return [
        {name: str(getattr(each.tube, name)) for name in COLUMNS if hasattr(each.tube, name)}
        | {"sample": keys[each.tube.barcode].sample if each.accepted else "", "verdict": SAID[each.status]}
        | {"reason": "; ".join(each.words)}
        for each in verdicts
    ]


def receipt(parcel: str, site: Site, verdicts: list[Verdict], keys: dict[str, Key]) -> str:
    """The whole receipt."""
    first = verdicts[0].tube
    facility, count = site.facilities[first.facility], sum(each.accepted for each in verdicts)
    header = ["barcode", "sample", "material", "verdict", "reason"]
    table = [[in_markdown(row[name]) or "-" for name in header] for row in rows(verdicts, keys)]
    lines = [header, ["---"] * len(header), *table]
    parts = [
        f"# Receipt for parcel {parcel}",
        "\n".join(map(in_markdown, filter(None, [facility.name, facility.contact]))),
        f"Proposal {first.proposal}, received {min(each.tube.received for each in verdicts)}:"
        f" {len(verdicts)} tubes, {count} accepted.",
        "\n".join(f"| {' | '.join(line)} |" for line in lines),
        "Results come under the name in the column *sample*. Please keep this page: who of your donors is behind a"
        " barcode is known to you, and stands in nothing that we deliver.",
    ]
    if count < len(verdicts):
        parts.append("Please tell us whether to return or to discard the rejected tubes.")
    return "\n\n".join(parts) + "\n"
