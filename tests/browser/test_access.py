"""For everybody: by the keyboard alone, with what a screen reader is told, and with enough contrast."""

import pytest

from acts import faint, inline, keyboard, last_update, opens, overflowing, person, says, start
from conftest import TOKEN
from test_messages import album

ANNA, BORIS = person(1001), person(1002)
TAB, ENTER, ESCAPE, SPACE = "\ue004", "\ue007", "\ue00c", "\ue00d"


def everything(page, telegram):
    """One of each that the page can show."""
    for user in (1001, 1002):
        start(telegram, user)
    chat = telegram.room("supergroup", "Team")
    said = telegram.control(f"/chats/{chat}/messages", **{"from": 1002, "text": "Please look at /help and https://example.org #fees"})["message_id"]
    bot = lambda method, **more: telegram.bot(method, chat_id=chat, **more)
    bot("setMessageReaction", message_id=said, reaction=[{"type": "emoji", "emoji": "👍"}])
    bot("sendMessage", parse_mode="HTML", text="<b>bold</b> <code>code</code> <pre><code class='language-yaml'>a: 1</code></pre><blockquote>said</blockquote> @anna_sim",
        reply_parameters={"message_id": said, "quote": "look"}, reply_markup=inline([("Yes", "y"), ("No", "n")]))
    telegram.control(f"/chats/{chat}/messages", **{"from": 1001, "text": "mine", "reply_to": said})
    telegram.control(f"/chats/{chat}/samples/fees.yml?from=1001")
    album(telegram, "a caption", None, None, chat=chat)
    edited = bot("sendMessage", text="as it was")["message_id"]
    bot("editMessageText", message_id=edited, text="as it is")
    gone = bot("sendMessage", text="not for long")["message_id"]
    bot("deleteMessage", message_id=gone)
    telegram.bot("forwardMessage", chat_id=chat, from_chat_id=1002, message_id=telegram.says(1002, "theirs"))
    bot("sendMessage", text="Which?", reply_markup=keyboard(["fees", "rates"]))
    telegram.control("/faults", kind="latency", millis=20, method="sendMessage")
    telegram.control("/faults", kind="unauthorized", method="getMe", calls=1)
    telegram.post(f"/bot{TOKEN}/sendDice", {"chat_id": 1001})
    telegram.post(f"/bot{TOKEN}/getMe", {})
    opens(page, 1001, "Team")
    page.sees(f"{ANNA} .chat", "Which?")
    page.click(f"{ANNA} [data-id='{edited}'] .meta .link")
    page.click(f"{BORIS} .back")
    for panel in ("#faults", "#calls", "#machine"):
        page.click(f"{panel} > summary")
    page.sees("#call-list", "sendDice")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(page, telegram, scheme):
    page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}])
    try:
        everything(page, telegram)
        page.click("#call-list summary", "sendDice")
        assert "\n".join(faint(page)) == ""
        for opener, dialog in (("#add-person", "#person-dialog"), (f"{BORIS} .chat-list .chips button", "#room-dialog")):
            page.click(opener)
            assert "\n".join(faint(page, dialog)) == ""
            page.click(f"{dialog} [data-close]")
        page.click(f"{ANNA} button[aria-label='Send a file']")
        page.one(".menu")
        assert "\n".join(faint(page, ".menu")) == ""
        page.size(360, 740)
        assert "\n".join(faint(page) + overflowing(page)) == ""
    finally:
        page.cdp("Emulation.setEmulatedMedia", features=[])


def press(page, key):
    page.command("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})


def test_whatever_has_the_focus_shows_it_and_says_what_it_is(page, telegram):
    everything(page, telegram)
    telegram.control("/faults", kind="drop", method="getMe", chat=1001)
    page.run("document.querySelector('#add-person').focus()")
    seen = []
    for _ in range(250):
        press(page, TAB)
        where = page.run("""
            const e = document.activeElement;
            if (e === document.body) return null;
            window.visited ??= new Set();
            const again = window.visited.has(e);
            window.visited.add(e);
            const style = getComputedStyle(e);
            const name = e.getAttribute("aria-label") || e.labels?.[0]?.textContent.trim() || e.textContent.trim() || e.querySelector("img[alt]")?.alt || document.getElementById(e.getAttribute("aria-labelledby"))?.textContent;
            const box = e.getBoundingClientRect();
            const inSight = box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0;
            return [again, `${e.tagName}.${e.className}#${e.id}`, Boolean(name), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, inSight];
        """)
        if where is None or where[0]:
            break
        seen.append(where[1:])
    assert len(seen) > 60, "the way through the page"
    assert [each for each in seen if not all(each[1:])] == []
    visited = " ".join(each[0] for each in seen)
    for part in ("chat-row", "TEXTAREA", "photo-link", "quoted", "#fault-kind", "#call-filter", "#reset"):
        assert part in visited, part


def test_a_person_is_played_without_a_mouse(page, telegram):
    def focus(css):
        page.run("document.querySelector(arguments[0]).focus()", css)

    page.one(f"{ANNA} .start")
    focus(f"{ANNA} .start")
    press(page, ENTER)
    assert last_update(telegram)["text"] == "/start"
    telegram.bot("sendMessage", chat_id=1001, text="Sure?", reply_markup=inline([("Yes", "y")]))
    page.one(f"{ANNA} .keyboard button")
    focus(f"{ANNA} .keyboard button")
    press(page, SPACE)
    assert last_update(telegram, "callback_query")["data"] == "y"
    focus(f"{ANNA} .back")
    press(page, ENTER)
    page.wait(lambda: page.run("return document.activeElement.className") == "chat-row", "the list has the focus")
    press(page, ENTER)
    page.wait(lambda: page.run("return document.activeElement.tagName") == "TEXTAREA", "the chat is written in")
    focus("#add-person")
    press(page, ENTER)
    page.one("#person-dialog")
    assert page.run("return document.activeElement.closest('dialog')?.id") == "person-dialog"
    press(page, ESCAPE)
    page.gone("#person-dialog")
    assert page.run("return document.activeElement.id") == "add-person"
    assert page.count("dialog[open]") == 0
    says(page, 1001, "done")
    assert last_update(telegram)["text"] == "done"
