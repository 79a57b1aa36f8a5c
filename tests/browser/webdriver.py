"""A WebDriver client of a hundred lines, over chromedriver's HTTP; nothing but the standard library.

It owns the browser and its profile, and leaves neither behind. It knows nothing of the page.
"""

import base64
import http.client
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en-GB",
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# The elements that match, can be seen, and say this.
SEEN = """
    const [css, text] = arguments;
    const isSeen = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
    return [...document.querySelectorAll(css)].filter((e) => (text === null || e.textContent.includes(text)) && isSeen(e));
"""


class Failure(Exception):
    """What chromedriver says went wrong."""


class Browser:
    """A headless Chromium with a fresh profile."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="natrium-browser-"))
        port = free_port()
        # One connection for all: a test says a hundred words.
        self.wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        log = (self.directory / "chromedriver.log").open("wb")
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=log, stderr=log, cwd=self.directory)
        log.close()
        self.session = None
        self.expected = []
        try:
            self.wait(lambda: self.status(), "chromedriver")
            options = {"args": [*FLAGS, f"--user-data-dir={self.directory / 'profile'}"]}
            wanted = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
            self.session = self.send("POST", "/session", {"capabilities": wanted})["sessionId"]
        except BaseException:
            self.close()
            raise

    def status(self):
        try:
            return self.send("GET", "/status")["ready"]
        except ConnectionError:
            return False

    def close(self):
        if self.session:
            self.send("DELETE", f"/session/{self.session}")
        self.wire.close()
        self.driver.terminate()
        self.driver.wait(timeout=20)
        shutil.rmtree(self.directory, ignore_errors=True)

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            self.wire.request(method, path, data, {"Content-Type": "application/json"})
            with self.wire.getresponse() as response:
                value = json.load(response)["value"]
        except BaseException:
            self.wire.close()
            raise
        if response.status >= 400:
            raise Failure(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

    def command(self, method, path, body=None):
        return self.send(method, f"/session/{self.session}{path}", body)

    def wait(self, condition, what, seconds=20):
        """Waits until a condition is true; no longer than it must."""
        deadline = time.monotonic() + seconds
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s")
            time.sleep(0.02)

    def go(self, url):
        self.command("POST", "/url", {"url": url})

    def opens(self, url):
        """Opens a page of the simulator and waits until it shows what there is."""
        self.go(url)
        self.wait(lambda: self.run("return document.body.dataset.ready"), "the page is ready")

    def expects(self, *parts):
        """What the browser itself will log, such as a refused request, and is no error of the page."""
        self.expected += parts

    def size(self, width, height):
        """Of what the page has, not of the window."""
        self.cdp("Emulation.setDeviceMetricsOverride",
                 width=width, height=height, deviceScaleFactor=2 if width < 600 else 1, mobile=width < 600)

    def cdp(self, command, **parameters):
        return self.command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def run(self, script, *arguments):
        return self.command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        return self.command("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def all(self, css):
        found = self.command("POST", "/elements", {"using": "css selector", "value": css})
        return [Element(self, reference[ELEMENT]) for reference in found]

    def seen(self, css, text=None):
        return [Element(self, reference[ELEMENT]) for reference in self.run(SEEN, css, text)]

    def one(self, css):
        """The first visible element that matches, as soon as there is one."""
        return self.wait(lambda: self.seen(css), css)[0]

    def gone(self, css):
        """Nothing that matches is there any more."""
        self.wait(lambda: not self.seen(css), f"no {css}")

    def click(self, css, text=None):
        """Clicks on the first visible element that matches, and says this if a text is given."""
        def clicked():
            try:
                return [each.click() or True for each in self.seen(css, text)[:1]]
            except Failure as failure:
                # It was drawn anew meanwhile; a person would press again.
                if "stale element" in str(failure):
                    return False
                raise
        self.wait(clicked, f"{css} “{text or ''}”")

    def choose(self, css, value):
        """Chooses an option of a select, as its change event tells it."""
        self.run("""
            const select = document.querySelector(arguments[0]);
            select.value = arguments[1];
            select.dispatchEvent(new Event("change", { bubbles: true }));
        """, css, value)

    def count(self, css):
        return self.run("return document.querySelectorAll(arguments[0]).length", css)

    def text(self, css):
        return self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join('\\n')", css)

    def sees(self, css, text):
        self.wait(lambda: text in self.text(css), f"“{text}” in {css}")

    def screenshot(self, path):
        """The whole page, once nothing moves any more."""
        self.run_async("""
            const done = arguments[0];
            const finite = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime !== Infinity);
            Promise.allSettled(finite.map((each) => each.finished)).then(() => done());
        """)
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=True)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def log(self):
        """What the page complained about."""
        entries = self.command("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def accept_alert(self):
        self.command("POST", "/alert/accept", {})


class Element:
    """An element of the page."""

    def __init__(self, browser, reference):
        self.browser = browser
        self.reference = reference

    def command(self, method, path, body=None):
        return self.browser.command(method, f"/element/{self.reference}{path}", body)

    def click(self):
        self.command("POST", "/click", {})

    def type(self, text):
        self.command("POST", "/value", {"text": text})

    def clear(self):
        self.command("POST", "/clear", {})
