"""`./filiera due`: what waits for whom and what is due, in lines; from cron with --tell, by the ways of config.yaml."""

from __future__ import annotations

from argparse import ArgumentParser

from scripts.cli import console, desk, facility, notify
from scripts.report.facility import SOON


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    console.now_argument(parser)
    parser.add_argument(
        "--tell", action="store_true", help="tell it by `notify` of config.yaml too, where there is any"
    )


def main(arguments) -> int:
    site, ledger = desk.opened(arguments.directory)
    found = []
    for name, lines in facility.lines(site, ledger, arguments.now).items():
        today = desk.today(arguments.now, site.facilities[name].time_zone)
        for line in lines:
            found += [f"{line.order}: {who}: {what}" for who, what in line.waits(today)]
            left = line.days_left(today)
            if left is not None and 0 <= left <= SOON and line.state != "deleted":
                found.append(f"{line.order}: kept to the end of {line.kept_to}, {left} days left")
    for sentence in found:
        console.tell(sentence)
    if not found:
        console.tell("Nothing is due.")
    elif arguments.tell:
        if not notify.is_set(site.config.notify):
            console.say("Nobody is told: config/config.yaml has no `notify`.")
            return 1
        subject = f"{len(found)} thing{'s' * (len(found) > 1)} due"
        return 0 if notify.tell(site.config.notify, "due", arguments.directory, subject, due=found) else 1
    return 0
