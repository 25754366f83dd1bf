"""Telling somebody who does not look: by a command, an e-mail or a webhook, as config.yaml says.

The news names orders, samples by their pseudonyms, and steps. What a log says stays in the house: it may quote names of
received files. Whoever cannot be told stops nothing, and no sentence quotes an address or a password.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from scripts.cli import console, journal
from scripts.lib.registry.models import Mail, Notify

PASSWORD, TOKEN = "FILIERA_SMTP_PASSWORD", "FILIERA_WEBHOOK_TOKEN"
PATIENCE = 20.0  # seconds that a command, or each answer of a server, is waited for; a way in all twice as long
EVERY = 1.0  # seconds between looks at the journal
News = Mapping[str, Any]


def tell(ways: Notify, event: str, site: Path, subject: str, **about: Any) -> bool:
    """Tell the news by every way; returns whether all that were asked for worked."""
    if event not in ways.events:
        return True
    news = {"event": event, "site": site.resolve().name, "subject": subject, **about}
    sent = []
    for way, act in _ways(ways):
        fault = _fault(act, news)
        if fault:
            console.say(f"Nobody was told by {way} ({fault}): see `notify` in config/config.yaml.")
        sent.append(not fault)
    return all(sent)


def _fault(act: Callable[[News], None], news: News) -> str:
    """Tell the news one way; what kind of error came of it, or '': its words may quote addresses and passwords."""
    faults: list[str] = ["no answer in time"]

    def acted() -> None:
        try:
            act(news)
            faults.clear()
        except Exception as error:  # whatever libraries meet, and no way to be told may end a run
            faults[:] = [type(error).__name__]

    # Libraries wait so long for each byte: who sends one now and then would never be done with.
    acting = threading.Thread(target=acted, daemon=True)
    acting.start()
    acting.join(2 * PATIENCE)
    return faults[0] if faults else ""


def is_set(ways: Notify) -> bool:
    return bool(_ways(ways))


def _ways(ways: Notify) -> list[tuple[str, Callable[[News], None]]]:
    found: list[tuple[str, Callable[[News], None]]] = []
    if ways.command:
        found.append(("command", lambda news: _run(ways.command, news)))
    if (mail := ways.mail) is not None:
        found.append(("e-mail", lambda news: _send(mail, news)))
    if (address := ways.webhook) is not None:
        found.append(("webhook", lambda news: _post(address, news)))
    return found


def _run(command: list[str], news: News) -> None:
    text = json.dumps(news)
    # What it says is not ours to log, and what it leaves running is not waited for.
    quiet = subprocess.DEVNULL
    subprocess.run(command, input=text, text=True, timeout=PATIENCE, check=True, stdout=quiet, stderr=quiet)


def _send(mail: Mail, news: News) -> None:
    message = EmailMessage()
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message["Subject"] = f"Filiera, {news['site']}: {news['subject']}".replace("\n", " ")
    message.set_content(_letter(news))
    secured = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE, context=secured)
        if mail.tls == "tls"
        else smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE)
    )
    with server:
        if mail.tls == "starttls":
            server.starttls(context=secured)
        if mail.user:
            server.login(mail.user, os.environ.get(PASSWORD, ""))
        server.send_message(message)


def _letter(news: News) -> str:
    """The news as lines of text."""
    lines = [str(news["subject"]), ""]
    for name, value in news.items():
        if isinstance(value, Mapping):
            lines += [f"{key}: {each}" for key, each in value.items()]
        elif isinstance(value, list):
            lines += [str(each) for each in value]
        elif name not in ("event", "site", "subject"):
            lines.append(f"{name}: {value}")
    return "\n".join([*lines, "", "What happened and why: ./filiera status", ""])


class _Stay(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that was named, and to no other."""

    def redirect_request(self, *_asked):
        return None


def _post(address: str, news: News) -> None:
    url = os.environ.get(address[1:], "") if address.startswith("$") else address
    headers = {"Content-Type": "application/json"}
    if token := os.environ.get(TOKEN):
        headers["Authorization"] = f"Bearer {token}"
    if not url.startswith(("https://", "http://")):
        raise ValueError("no address")
    request = urllib.request.Request(url, json.dumps(news).encode(), headers, method="POST")
    with urllib.request.build_opener(_Stay).open(request, timeout=PATIENCE):
        pass


@contextmanager
def first_failure(ways: Notify, site: Path, written: Path, told: set[str]) -> Iterator[None]:
    """Watch a run's journal, and tell of the first job that fails; `told` remembers it between passes of a run."""
    over, place = threading.Event(), 0

    def look() -> None:
        nonlocal place
        if told:
            return
        events, place = journal.since(written, place)
        failed = next((event for event in events if event["event"] == "failed"), None)
        if failed:
            told.add(failed["rule"])
            where = {
                name: value
                for name, value in failed["wildcards"].items()
                if name in ("proposal", "facility", "service", "sample", "run", "batch")
            }
            subject = f"{failed['rule']} failed; the other orders go on"
            tell(ways, "first_failure", site, subject, step=failed["rule"], where=where)

    def watch() -> None:
        while not over.wait(EVERY):
            look()

    watcher = threading.Thread(target=watch, daemon=True)
    if is_set(ways):
        watcher.start()
    try:
        yield
    finally:
        over.set()
        if watcher.ident is not None:
            watcher.join()
            look()


def ended(ways: Notify, site: Path, run: str, code: int, outcomes: Mapping[str, str]) -> None:
    """Tell that a run has ended, and what became of each order."""
    subject = f"run {run} ended, {'all is well' if code == 0 else 'something needs a look'}"
    tell(ways, "end", site, subject, run=run, exit=code, orders=dict(outcomes))
