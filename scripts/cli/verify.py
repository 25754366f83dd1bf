"""`./filiera verify`: prove packages whole, offline, wherever they lie."""

from __future__ import annotations

import getpass
import json
import os
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from scripts.cli import console
from scripts.delivery import verify
from scripts.lib import keys
from scripts.lib.refusal import Refusal, printable


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "packages", nargs="+", type=Path, metavar="PACKAGE", help="the folder of a version, v1 for example"
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="SECRET",
        help="a recipient's secret key: also prove what is encrypted",
    )
    parser.add_argument("--json", action="store_true", help="for machines: of one package, or a list of several")


def main(arguments) -> int:
    secret = keys.secret_key(arguments.key, _passphrase) if arguments.key else None
    told, well = [], True
    for package in arguments.packages:
        try:
            proof = verify.verify(package, secret)
        except (Refusal, OSError) as why:  # the others are looked at all the same
            well = False
            console.say(f"filiera: {why}")
            told.append({"package": str(package), "whole": False, "refused": str(why)})
            continue
        well &= proof.whole
        told.append(as_plain(proof))
        if not arguments.json:
            console.tell(said(proof))
    if arguments.json:
        console.tell(json.dumps(told if arguments.packages[1:] else told[0], indent=2))
    return 0 if well else 1


def as_plain(proof: verify.Proof) -> dict:
    """A proof for machines."""
    return {**asdict(proof), "package": str(proof.package), "whole": proof.whole}


def said(proof: verify.Proof) -> str:
    """A proof for people: a line for each finding, and whether the package is whole."""
    where = console.shown(proof.package)
    if proof.whole:
        return f"{where} is whole: {proof.files} files, {proof.size:,} bytes, fingerprint {proof.fingerprint}."
    lines = [printable(f"{finding.fault:<10} {finding.path}: {finding.detail}") for finding in proof.findings]
    return "\n".join([*lines, f"{where} is NOT whole: {len(lines)} of its files are not what they should be."])


def _passphrase() -> str:
    """As crypt4gh's own command has it: from its variable, or asked for."""
    return os.environ.get("C4GH_PASSPHRASE") or getpass.getpass("Passphrase of the secret key: ")
