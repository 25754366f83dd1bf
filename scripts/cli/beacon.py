"""`./filiera beacon`: answer Beacon v2 questions from a published dataset, to this machine alone unless told so."""

from __future__ import annotations

import ipaddress
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from scripts.cli import console


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, help="folder that `federate release` made")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=_whole(1, 65535), default=5050, help="port to listen on (default: 5050)")
    parser.add_argument("--root", default="", metavar="URL", help="address as clients see it, behind a proxy")
    parser.add_argument(
        "--proxy",
        type=_network,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or network of a proxy in front, whose X-Forwarded-For says who asks (default: nobody's does);"
        " may be repeated",
    )
    parser.add_argument(
        "--a-minute",
        type=_whole(1, 1_000_000),
        default=60,
        metavar="N",
        help="questions from one address, or one IPv6 /64 network (default: 60)",
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="note each question's kind and time, and nothing else")


def _whole(least: int, most: int):
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ArgumentTypeError(f"found {text!r}, expected a whole number from {least} to {most}")
        return int(text)

    return number


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ArgumentTypeError(f"found {text!r}, expected an address or network as 10.0.0.1 or 10.0.0.0/24") from None


def main(arguments) -> int:
    # The web server is imported by this command alone.
    import uvicorn

    from scripts.federation.beacon.server import application

    root = arguments.root or f"http://{arguments.host}:{arguments.port}"
    app = application(arguments.dataset, root, arguments.a_minute, arguments.log, proxies=arguments.proxy)
    console.say(f"Beacon of {arguments.dataset.name} at {root} (Ctrl-C ends it)")
    # Whom a proxy asks for is the application's to judge; the server's own way believes any header from this machine.
    uvicorn.run(
        app,
        host=arguments.host,
        port=arguments.port,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
    )
    return 0
