"""The service with a simulated Telegram, as the demo starts it, and what its admins do in their chats."""

import http.client
import os
import pathlib
import re
import subprocess
import urllib.parse

from conftest import Telegram, built


class Service:
    """A running demo: the real service, whose admins are Anna and Boris, and the simulator that it talks with."""

    def __init__(self):
        self.process = subprocess.Popen([built("natrium-demo")], stdout=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C ends everything"):
                break
        said = "".join(said)
        found = re.search(r"page to play on:\s+(http://\S+?)/\n", said)
        assert found, f"the demo did not start: {said}"
        self.telegram = Telegram(found.group(1))
        self.published = pathlib.Path(re.search(r"published files:\s+(\S+)", said).group(1))

    def close(self):
        self.process.terminate()
        # What it says at its end must not fill the pipe.
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def says(self, user, text):
        """Answers when that was, in the simulator's order."""
        return self.telegram.control(f"/users/{user}/messages", text=text)["moment"]

    def sees(self, user, text, after=0):
        """Waits for the bot's words in this person's chat, later than that."""
        wanted = {"for": "message", "user": user, "contains": text, "after": after, "timeout": 30000}
        met = self.telegram.control("/wait", **wanted)
        assert "message" in met, met
        return met["message"]

    def saves(self, user, kind, content):
        """The person uploads a version."""
        asked = self.says(user, f"/set_{kind}")
        self.sees(user, f"{kind}.yml", asked)
        name = urllib.parse.quote(f"{kind}.yml")
        wire = http.client.HTTPConnection(self.telegram.url.removeprefix("http://"), timeout=60)
        wire.request("POST", f"/control/users/{user}/documents?name={name}", content.encode())
        assert wire.getresponse().status == 200
        wire.close()
        self.sees(user, "✅", asked)

    def link(self, user):
        """What the bot answers to /page: an address that signs in once."""
        asked = self.says(user, "/page")
        return re.search(r"http://127\.0\.0\.1:\S+", self.sees(user, "http://127.0.0.1", asked)["text"]["text"]).group(0)
