"""A simulator and a browser for each test, and a bot of a few lines that answers."""

import http.client
import json
import os
import pathlib
import select
import subprocess
import threading

import pytest

from webdriver import Browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "5550001111:SIMULATED-not-a-secret-0123456789abcd"


def built(name):
    """A program as it was built, in cargo's target directory."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    found = target / "debug" / name
    assert found.exists(), f"{found} is not there; run cargo build"
    return str(found)


def program():
    """natrium-sim: $NATRIUM_SIM, or as it was built."""
    return os.environ.get("NATRIUM_SIM") or built("natrium-sim")


class Telegram:
    """A running simulator, with the bot's and the people's side of it."""

    def __init__(self, *options):
        self.options = options
        self.start("127.0.0.1:0")

    def start(self, listen):
        command = [program(), "--no-flood-limits", "--listen", listen, *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.url = line.removeprefix("listening on ").strip()
        self.wires = threading.local()

    def close(self):
        self.process.terminate()
        assert self.process.wait(timeout=10) == 0

    def restart(self):
        """Another simulator at the same address; it knows nothing of what was said."""
        self.close()
        self.start(self.url.removeprefix("http://"))

    def wire(self):
        """This thread's connection, as long as the simulator has not ended it."""
        if not hasattr(self.wires, "wire"):
            self.wires.wire = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        wire = self.wires.wire
        if wire.sock and select.select([wire.sock], [], [], 0)[0]:
            wire.close()
        return wire

    def post(self, path, body):
        data = json.dumps(body).encode()
        wire = self.wire()
        try:
            wire.request("POST", path, data, {"Content-Type": "application/json"})
            with wire.getresponse() as response:
                text = response.read()
        except BaseException:
            wire.close()
            raise
        return json.loads(text) if text else None

    def bot(self, method, **parameters):
        answer = self.post(f"/bot{TOKEN}/{method}", parameters)
        assert answer["ok"], answer
        return answer["result"]

    def control(self, path, **body):
        return self.post(f"/control{path}", body)

    def says(self, user, text):
        return self.control(f"/users/{user}/messages", text=text)["message_id"]

    def room(self, kind, title, **more):
        """A shared chat of Anna's and Борис's with the bot in it; its id."""
        more = {"owner": 1001, "members": [1002], "bots": [{"status": "administrator"}], **more}
        return self.control("/chats", kind=kind, title=title, **more)["chat"]

    def updates(self, offset=0, timeout=0):
        return self.bot("getUpdates", offset=offset, timeout=timeout)


def pytest_addoption(parser):
    parser.addoption("--part", default="1/1", help="which part of the tests, such as 1/2, so that others can be run beside them")


def pytest_collection_modifyitems(config, items):
    part, parts = map(int, config.getoption("--part").split("/"))
    items[:] = items[part - 1::parts]


@pytest.fixture
def telegram():
    running = Telegram()
    yield running
    running.close()


@pytest.fixture(scope="session")
def chromium():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def page(chromium, telegram):
    """The page of the simulator, loaded and listening."""
    chromium.expected = []
    chromium.size(1280, 860)
    chromium.opens(telegram.url)
    yield chromium
    complaints = [each for each in chromium.log() if not any(part in each for part in chromium.expected)]
    # The stream of events must not break before the page is left.
    chromium.go("about:blank")
    assert not complaints, complaints


@pytest.fixture
def screenshots():
    """A directory for screenshots, if somebody wants to look: $NATRIUM_SCREENSHOTS."""
    directory = os.environ.get("NATRIUM_SCREENSHOTS")
    if directory:
        pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
        return lambda browser, name: browser.screenshot(f"{directory}/{name}.png")
    return lambda browser, name: None
