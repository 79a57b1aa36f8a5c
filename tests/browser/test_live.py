"""The page and the simulator lose each other, and find each other again."""

import socket
import threading

from acts import opens, person, says, start

ANNA = person(1001)


class Cable:
    """What lies between the browser and the simulator, and can be cut."""

    def __init__(self, url):
        self.target = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.ends = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.target)
            except OSError:
                return
            self.ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        """Ends every connection that there is; new ones are carried as before."""
        ends, self.ends = self.ends, []
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def close(self):
        self.listener.close()
        self.cut()


def numbers(page):
    return page.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.dataset.id)", f"{ANNA} .message")


def test_it_says_that_the_simulator_is_gone_and_comes_back_with_another_one(page, telegram):
    page.expects("net::ERR_")
    start(telegram, 1001)
    telegram.says(1001, "before")
    page.sees(f"{ANNA} .chat", "before")
    page.one(f"{ANNA} .composer textarea").type("half a sentence")
    telegram.close()
    page.sees("#lost:not([hidden])", "The simulator is gone")
    telegram.start(telegram.url.removeprefix("http://"))
    page.gone("#lost")
    page.wait(lambda: numbers(page) == [], "it knows nothing of what was said to the other one")
    page.click(f"{ANNA} .start")
    page.sees(f"{ANNA} .message.own", "/start")
    assert page.run("return document.querySelector(arguments[0]).value", f"{ANNA} .composer textarea") == "half a sentence"


def test_a_stream_that_is_cut_is_taken_up_without_doubles_or_gaps(page, telegram):
    page.expects("net::ERR_")
    start(telegram, 1001)
    cable = Cable(telegram.url)
    try:
        page.opens(cable.url)
        telegram.says(1001, "one")
        page.sees(f"{ANNA} .chat", "one")
        for round in range(3):
            page.run("document.body.dataset.ready = ''")
            cable.cut()
            telegram.says(1001, f"while it was cut {round}")
            page.wait(lambda: page.run("return document.body.dataset.ready"), "the page has read everything again")
            telegram.says(1001, f"afterwards {round}")
            page.sees(f"{ANNA} .chat", f"afterwards {round}")
        seen = numbers(page)
        texts = page.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", f"{ANNA} .message .text")
        assert texts == ["/start", "one"] + [f"{what} {round}" for round in range(3) for what in ("while it was cut", "afterwards")]
        assert len(set(seen)) == len(seen)
        says(page, 1001, "through the cable")
        page.sees(f"{ANNA} .message.own", "through the cable")
    finally:
        page.go("about:blank")
        cable.close()


def test_while_the_state_is_read_what_happens_is_not_lost(page, telegram):
    start(telegram, 1001)
    stop = threading.Event()

    def talk():
        number = 0
        while not stop.wait(0.003):
            telegram.says(1001, f"n{number}")
            number += 1

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        for _ in range(3):
            page.opens(telegram.url)
    finally:
        stop.set()
        talker.join()
    last = telegram.says(1001, "the last one")
    page.sees(f"{ANNA} .chat", "the last one")
    seen = [int(each) for each in numbers(page)]
    assert seen == list(range(seen[0], last + 1))


HOLD = """
    // Answers to requests for the messages of shared chats: asked for when `ask()` is called, told when `tell()` is,
    // with a message more at their end, by which it is seen that they were taken.
    const real = window.fetch;
    const asked = new Promise((go) => { window.ask = go; });
    const told = new Promise((go) => { window.tell = go; });
    window.fetch = async (path, options) => {
        if (!/chats.-?[0-9]+.messages$/.test(path)) return real(path, options);
        window.wanted = true;
        await asked;
        const answer = await (await real(path, options)).json();
        answer.push({ ...answer.at(-1), message_id: 9999, text: { text: "the end of the answer", entities: [] } });
        window.held = true;
        await told;
        return Response.json(answer);
    };
"""


def test_an_older_state_that_arrives_late_does_not_win(page, telegram):
    """The page asks for the messages of a new group; before it is told, events say what became of them meanwhile."""
    page.run(HOLD)
    chat = telegram.room("supergroup", "Team")
    page.wait(lambda: page.run("return window.wanted"), "the page asks for the messages")
    opens(page, 1001, "Team")
    changed, deleted, liked = (telegram.bot("sendMessage", chat_id=chat, text=f"{what}, as it was")["message_id"] for what in ("changed", "deleted", "liked"))
    page.sees(f"{ANNA} .chat", "liked, as it was")
    page.run("window.ask()")
    page.wait(lambda: page.run("return window.held"), "the answer is on its way")
    telegram.bot("editMessageText", chat_id=chat, message_id=changed, text="changed, as it is")
    telegram.bot("deleteMessage", chat_id=chat, message_id=deleted)
    telegram.bot("setMessageReaction", chat_id=chat, message_id=liked, reaction=[{"type": "emoji", "emoji": "👍"}])
    page.sees(f"{ANNA} .reactions", "👍")
    page.run("window.tell()")
    page.sees(f"{ANNA} .chat", "the end of the answer")
    assert page.text(f"{ANNA} [data-id='{changed}'] > .line > .bubble > .text") == "changed, as it is"
    assert page.count(f"{ANNA} .deleted[data-id='{deleted}']") == 1
    assert page.text(f"{ANNA} [data-id='{liked}'] .reactions li") == "👍 from Bot"
