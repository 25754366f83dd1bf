"""`./filiera beacon`: answer Beacon v2 questions from a published dataset, to this machine alone unless told so."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from scripts.cli import console


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, help="folder that `federate release` made")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=int, default=5050, help="port to listen on (default: 5050)")
    parser.add_argument("--root", default="", metavar="URL", help="address as clients see it, behind a proxy")
    parser.add_argument(
        "--a-minute", type=int, default=60, metavar="N", help="questions from one address (default: 60)"
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="note each question's kind and time, and nothing else")


def main(arguments) -> int:
    # The web server is imported by this command alone.
    import uvicorn

    from scripts.federation.beacon.server import application

    root = arguments.root or f"http://{arguments.host}:{arguments.port}"
    app = application(arguments.dataset, root, arguments.a_minute, arguments.log)
    console.say(f"Beacon of {arguments.dataset.name} at {root} (Ctrl-C ends it)")
    uvicorn.run(app, host=arguments.host, port=arguments.port, access_log=False, log_level="warning")
    return 0
