"""The real service with a simulated Telegram, and what its admins do in their chats."""

import os
import pathlib
import re
import subprocess
import tempfile
import urllib.request

from conftest import Telegram, built

# Bots with the same token keep each other from running, across this machine.
TOKEN = f"{7_000_000_000 + os.getpid()}:SIMULATED-not-a-secret-0123456789abcd"
PEOPLE = {1001: "Anna", 1002: "Boris"}


class Service:
    """natriumd in a directory of its own, with all its workers. Anna and Boris are its owners; he speaks Russian."""

    def __init__(self):
        self.telegram = Telegram("--bot", TOKEN)
        self.directory = tempfile.TemporaryDirectory(prefix="natrium-page-")
        root = pathlib.Path(self.directory.name)
        self.published = root / "published"
        for name in ("state", "run", "published"):
            (root / name).mkdir(mode=0o700)
        (root / "token").touch(0o600)
        (root / "token").write_text(TOKEN)
        admins = ", ".join(f"{{ id: {user}, name: {name} }}" for user, name in PEOPLE.items())
        (root / "natrium.yml").write_text(f"""
directories: {{ state: {root}/state, runtime: {root}/run, published: {root}/published }}
telegram: {{ api_url: "{self.telegram.url}", token: {{ file: {root}/token }} }}
web: {{ api: 127.0.0.1:0, page: 127.0.0.1:0 }}
admins: [{admins}]
""")
        with (root / "log").open("w") as log:
            command = [built("natriumd"), "--settings", root / "natrium.yml"]
            self.process = subprocess.Popen(command, env={"PATH": "/usr/bin:/bin"}, stdout=log, stderr=log)

    def close(self):
        self.process.terminate()
        try:
            status = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            # Its workers go with it.
            self.process.kill()
            status = self.process.wait()
        log = (pathlib.Path(self.directory.name) / "log").read_text()
        self.telegram.close()
        self.directory.cleanup()
        assert status == 0, log

    def says(self, user, text):
        """Answers when that was, in the simulator's order."""
        return self.telegram.control(f"/users/{user}/messages", text=text)["moment"]

    def sees(self, user, text, after=0):
        """Waits for the bot's words in this person's chat, later than that."""
        wanted = {"for": "message", "user": user, "contains": text, "after": after, "timeout": 30000}
        met = self.telegram.control("/wait", **wanted)
        assert "message" in met, met
        return met["message"]["text"]["text"]

    def saves(self, user, kind, content):
        """The person uploads a version."""
        asked = self.says(user, f"/set_{kind}")
        self.sees(user, f"{kind}.yml", asked)
        address = f"{self.telegram.url}/control/users/{user}/documents?name={kind}.yml"
        with urllib.request.urlopen(urllib.request.Request(address, content.encode(), method="POST"), timeout=60):
            pass
        self.sees(user, "✅", asked)

    def link(self, user):
        """What the bot answers to /page: an address that signs in once. While web is only being started it is asked again."""
        for _ in range(20):
            said = self.sees(user, "", self.says(user, "/page"))
            found = re.search(r"http://\S+", said)
            if found:
                return found.group(0)
        raise AssertionError(f"no link: {said}")
