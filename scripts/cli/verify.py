"""`./filiera verify`: prove a package whole, offline, wherever it lies."""

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


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("package", type=Path, metavar="PACKAGE", help="the folder of a version, v1 for example")
    parser.add_argument(
        "--key",
        type=Path,
        metavar="SECRET",
        help="a recipient's secret key: also prove what is encrypted",
    )
    parser.add_argument("--json", action="store_true", help="for machines")


def main(arguments) -> int:
    secret = keys.secret_key(arguments.key, _passphrase) if arguments.key else None
    proof = verify.verify(arguments.package, secret)
    if arguments.json:
        console.tell(json.dumps({**asdict(proof), "package": str(proof.package), "whole": proof.whole}, indent=2))
        return 0 if proof.whole else 1
    for finding in proof.findings:
        console.tell(f"{finding.fault:<10} {finding.path}: {finding.detail}")
    where = console.shown(proof.package)
    if proof.whole:
        console.tell(f"{where} is whole: {proof.files} files, {proof.size:,} bytes, fingerprint {proof.fingerprint}.")
        return 0
    console.tell(f"{where} is NOT whole: {len(proof.findings)} of its files are not what they should be.")
    return 1


def _passphrase() -> str:
    """As crypt4gh's own command has it: from its variable, or asked for."""
    return os.environ.get("C4GH_PASSPHRASE") or getpass.getpass("Passphrase of the secret key: ")
