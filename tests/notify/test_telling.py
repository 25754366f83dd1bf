"""Who is told what, by servers that are not ours: a run's first failure, its end, and what is due."""

from __future__ import annotations

import json
import shutil
import socketserver
import subprocess
import sys
import threading
import time
from email import message_from_string
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError

from scripts.cli import journal, notify
from scripts.lib.registry.models import Mail, Notify

SECRET = "a-secret-that-nobody-reads"
WORDS = Path(__file__).parents[1] / "branches" / "words"
ORDER = "P1/CNR-IBIOM/TXT-WORDS"


class Hook(HTTPServer):
    """A webhook that keeps what it was given, and answers with `status`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.given, self.status, self.to = [], 204, ""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{SECRET}"

    @property
    def news(self) -> list[dict]:
        return [news for news, _ in self.given]


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.given.append((json.loads(self.rfile.read(length)), dict(self.headers)))
        self.send_response(self.server.status)
        if self.server.to:
            self.send_header("Location", self.server.to)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    server = Hook()
    yield server
    server.shutdown()
    server.server_close()


class _Post(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one message takes."""

    def handle(self):
        self.say(b"220 here")
        while line := self.rfile.readline().strip():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say(b"354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(text.decode())
            self.say(b"221 bye" if verb == b"QUIT" else b"250 well")
            if verb == b"QUIT":
                return

    def say(self, words: bytes):
        self.wfile.write(words + b"\r\n")


@pytest.fixture
def post():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Post)
    server.letters = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_webhook_is_given_json_and_the_token(hook, tmp_path, monkeypatch):
    monkeypatch.setenv(notify.TOKEN, SECRET)
    monkeypatch.setenv("THE_HOOK", hook.address)
    assert notify.tell(Notify(webhook="$THE_HOOK"), "end", tmp_path / "lab", "it ended", orders={ORDER: "delivered"})
    ((news, headers),) = hook.given
    assert news == {"event": "end", "site": "lab", "subject": "it ended", "orders": {ORDER: "delivered"}}
    assert headers["Authorization"] == f"Bearer {SECRET}"


def test_a_letter_is_sent(post, tmp_path):
    mail = Mail(host="127.0.0.1", port=post.server_address[1], tls="none", sender="a@lab.example", to=["b@lab.example"])
    assert notify.tell(Notify(mail=mail), "end", tmp_path / "lab", "it ended", orders={ORDER: "delivered"})
    letter = message_from_string(post.letters[0])
    assert (letter["To"], letter["Subject"]) == ("b@lab.example", "Filiera, lab: it ended")
    assert f"{ORDER}: delivered" in letter.get_payload()


def test_a_command_is_given_the_news(tmp_path):
    ways = Notify(
        command=[sys.executable, "-c", f"import sys; open({str(tmp_path / 'news')!r}, 'w').write(sys.stdin.read())"]
    )
    assert notify.tell(ways, "due", tmp_path, "2 things due", due=["one", "two"])
    assert json.loads((tmp_path / "news").read_text())["due"] == ["one", "two"]


def test_nobody_is_told_what_was_not_asked_for(hook, tmp_path):
    assert notify.tell(Notify(webhook=hook.address, events=["end"]), "due", tmp_path, "something due")
    assert hook.given == []


FAILING = {
    "command": lambda hook, post: Notify(command=["/no/such/program", SECRET]),
    "command that fails": lambda hook, post: Notify(command=[sys.executable, "-c", f"exit('{SECRET}')"]),
    "webhook": lambda hook, post: Notify(webhook=hook.address),
    "no address": lambda hook, post: Notify(webhook="$NO_SUCH_VARIABLE"),
    "e-mail": lambda hook, post: Notify(
        mail=Mail(host="127.0.0.1", port=post.server_address[1], user=SECRET, sender="a@b", to=["c@d"])
    ),
}


@pytest.mark.parametrize("ways", FAILING.values(), ids=FAILING)
def test_who_cannot_be_told_stops_nothing_and_no_secret_is_said(hook, post, tmp_path, capsys, monkeypatch, ways):
    monkeypatch.setenv(notify.PASSWORD, SECRET)
    monkeypatch.setenv(notify.TOKEN, SECRET)
    hook.status = 500
    assert not notify.tell(ways(hook, post), "end", tmp_path, "it ended")
    said = capsys.readouterr()
    assert "Nobody was told by" in said.err
    assert SECRET not in said.out + said.err
    assert not post.letters


class _Strange(socketserver.StreamRequestHandler):
    """A server that takes what it is given, and answers with what is no HTTP or SMTP, a byte at a time."""

    def handle(self):
        for _ in range(100):
            self.wfile.write(self.server.answer)
            self.wfile.flush()
            if self.server.over.wait(self.server.pause):
                return


@pytest.fixture
def strange():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Strange)
    server.daemon_threads, server.over, server.answer, server.pause = True, threading.Event(), b"what?\r\n", 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


STRANGE = {
    "webhook": lambda port: Notify(webhook=f"http://127.0.0.1:{port}/{SECRET}"),
    "e-mail": lambda port: Notify(mail=Mail(host="127.0.0.1", port=port, tls="none", sender="a@b", to=["c@d"])),
}


@pytest.mark.parametrize("ways", STRANGE.values(), ids=STRANGE)
def test_an_answer_that_is_none_stops_nothing(strange, tmp_path, capsys, ways):
    assert not notify.tell(ways(strange.server_address[1]), "end", tmp_path, "it ended")
    said = capsys.readouterr().err
    assert "Nobody was told by" in said and SECRET not in said and "Traceback" not in said


@pytest.mark.parametrize("ways", STRANGE.values(), ids=STRANGE)
def test_a_server_that_answers_a_byte_now_and_then_is_not_waited_for(strange, tmp_path, capsys, monkeypatch, ways):
    monkeypatch.setattr(notify, "PATIENCE", 0.5)
    strange.answer, strange.pause = b"2", 0.2
    began = time.monotonic()
    assert not notify.tell(ways(strange.server_address[1]), "end", tmp_path, "it ended")
    assert time.monotonic() - began < 5
    assert "no answer in time" in capsys.readouterr().err


@pytest.mark.parametrize("address", [f"https://nowhere.invalid/a b{SECRET}", f"https://[{SECRET}", f"http:///{SECRET}"])
def test_an_address_that_is_none_is_told_without_its_secret(tmp_path, capsys, monkeypatch, address):
    monkeypatch.setenv("THE_HOOK", address)
    assert not notify.tell(Notify(webhook="$THE_HOOK"), "end", tmp_path, "it ended")
    said = capsys.readouterr().err
    assert "Nobody was told by webhook" in said and SECRET not in said


def test_what_a_command_leaves_running_is_not_waited_for(tmp_path):
    began = time.monotonic()
    assert notify.tell(Notify(command=["sh", "-c", "cat > /dev/null; sleep 30 &"]), "end", tmp_path, "it ended")
    assert time.monotonic() - began < 10


def test_the_token_goes_to_no_other_address(hook, tmp_path, monkeypatch):
    monkeypatch.setenv(notify.TOKEN, SECRET)
    other = Hook()
    hook.status, hook.to = 302, other.address
    assert not notify.tell(Notify(webhook=hook.address), "end", tmp_path, "it ended")
    assert other.given == []
    other.shutdown()


@pytest.mark.parametrize(
    "webhook",
    ["http://elsewhere.example/x", "https://user:word@example.org/x", "https://example.org/x?key=1", "ftp://a/b"],
)
def test_an_address_that_holds_a_secret_is_no_configuration(webhook):
    with pytest.raises(ValidationError):
        Notify(webhook=webhook)


def test_a_password_is_not_sent_in_the_clear():
    with pytest.raises(ValidationError):
        Mail(host="h", tls="none", user="u", sender="a@b", to=["c@d"])


def test_the_first_failure_is_told_at_once_and_once(hook, tmp_path):
    written, told = tmp_path / "journal.jsonl", set()
    ways = Notify(webhook=hook.address)
    for _ in range(2):
        with notify.first_failure(ways, tmp_path, written, told):
            for name in ("G001", "G002"):
                journal.note(written, "failed", rule="align", wildcards={"sample": name}, cause="/secret/name.fq")
            until = time.monotonic() + 10
            while not hook.given and time.monotonic() < until:
                time.sleep(0.05)
    (news,) = hook.news
    assert (news["event"], news["step"], news["where"]) == ("first_failure", "align", {"sample": "G001"})
    assert "secret" not in json.dumps(news)


def test_a_journal_is_followed_by_whole_lines(tmp_path):
    written = tmp_path / "journal.jsonl"
    assert journal.since(written, 0) == ([], 0)
    journal.note(written, "started")
    with open(written, "a") as handle:
        handle.write('{"event": "fai')
    first, place = journal.since(written, 0)
    assert [event["event"] for event in first] == ["started"]
    assert journal.since(written, place) == ([], place)
    with open(written, "a") as handle:
        handle.write('led"}\n')
    assert [event["event"] for event in journal.since(written, place)[0]] == ["failed"]
    assert [event["event"] for event in journal.read(written)] == ["started", "failed"]


@pytest.fixture
def site(tmp_path, hook) -> Path:
    """Two texts, of which the second is no text."""
    site = tmp_path / "lab"
    place = "CNR-IBIOM\tTXT-WORDS\n"
    sheets = {
        "proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\n"
        "P1\tC1\tSayings\tawarded\tno\nP2\tC1\tMore\tawarded\tno\n",
        "samples.tsv": f"sample\tproposal\tfacility\tservice\nT1\tP1\t{place}T2\tP2\t{place}",
        "runs.tsv": "sample\trun\tfile\nT1\tr1\traw/one.txt\nT2\tr1\traw/Maria Rossi.txt\n",
        "catalogue.yaml": "services: {TXT-WORDS: {title: Words, domain: texts, facilities: [CNR-IBIOM],"
        " accepts: [text], recipe: {min_letters: 3}, deliverables: [words]}}\n",
        "config.yaml": f"notify: {{webhook: '{hook.address}'}}\n",
    }
    for folder in ("config", "raw"):
        (site / folder).mkdir(parents=True)
    for name, text in sheets.items():
        (site / "config" / name).write_text(text)
    (site / "raw/one.txt").write_text("the quick brown fox\n")
    (site / "raw/Maria Rossi.txt").write_bytes(b"\xff\x00\xfe")
    shutil.copytree(WORDS, site / "branches/words", ignore=shutil.ignore_patterns("__pycache__"))
    return site


def called(root: Path, site: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [root / "filiera", *words, "--directory", site], capture_output=True, text=True, check=False, timeout=300
    )


def test_a_run_tells_of_its_failure_and_of_its_end_and_cron_of_what_is_due(root, site, hook):
    done = called(root, site, "run")
    assert done.returncode == 1, done.stderr
    failure, end = hook.news
    assert failure["event"] == "first_failure"
    assert failure["where"]["run"].startswith("r1-")
    assert (end["event"], end["exit"]) == ("end", 1)
    assert end["orders"] == {ORDER: "delivered", "P2/CNR-IBIOM/TXT-WORDS": "waits"}
    hook.given.clear()
    due = called(root, site, "due", "--tell")
    assert due.returncode == 0, due.stderr
    assert f"{ORDER}: operator: release v1" in due.stdout
    (news,) = hook.news
    assert (news["event"], news["due"]) == ("due", due.stdout.splitlines())
    assert "Maria" not in json.dumps([*hook.news, failure, end])
