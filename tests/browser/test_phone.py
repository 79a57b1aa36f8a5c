"""The page on a phone of 360 pixels: everything reachable, nothing cut off, room for fingers."""

import pytest

from acts import drop, inline, keyboard, last_update, menu, opens, overflowing, person, says, start, too_small
from conftest import TOKEN
from test_page import conversation

ANNA, BORIS = person(1001), person(1002)


@pytest.fixture
def phone(page):
    page.size(360, 740)
    yield page


def fits(page):
    assert overflowing(page) == []
    assert too_small(page) == []


def shown(page):
    return page.run("return [...document.querySelectorAll('.person')].filter((e) => e.offsetParent).map((e) => e.id)")


def test_one_person_at_a_time_and_the_others_a_touch_away(phone, telegram):
    start(telegram, 1001)
    assert shown(phone) == ["person-1001"]
    fits(phone)
    telegram.says(1002, "/start")
    telegram.bot("sendMessage", chat_id=1002, text="for Борис")
    phone.one("#tab-1002.unread").click()
    assert shown(phone) == ["person-1002"]
    phone.sees(f"{BORIS} .chat", "for Борис")
    phone.gone("#tab-1002.unread")
    phone.one("#tab-1002").type("\ue014")
    assert shown(phone) == ["person-1003"]


def test_a_conversation_with_keyboards_and_files(phone, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="Which one? " * 20, reply_markup=inline([("A rather long button", "a"), ("Another one", "b"), ("Third", "c")]))
    telegram.bot("sendMessage", chat_id=1001, text="Or", reply_markup=keyboard(["set the fees", "set the rates"], ["cancel"]))
    fits(phone)
    phone.click(f"{ANNA} .below button", "cancel")
    assert last_update(telegram)["text"] == "cancel"
    drop(phone, f"{ANNA} [data-zone=ask]", [["прайс-лист-на-следующий-год-" + "x" * 80 + ".yml", "", "a: 1"]])
    phone.one(f"{ANNA} .attach-sheet")
    fits(phone)
    phone.click(f"{ANNA} .attach-sheet button", "Send")
    phone.sees(f"{ANNA} .file", "прайс-лист")
    phone.click(f"{ANNA} button[aria-label='Send a file']")
    phone.sees(".menu", "fees.yml")
    fits(phone)
    header, menu_ = phone.run("return ['.talk > header', '.menu'].map((css) => document.querySelector(`${arguments[0]} ${css}`).getBoundingClientRect())", ANNA)
    assert menu_["top"] >= header["bottom"], "whose chat it is stays in sight"
    phone.click(".menu button", "photo.png")
    phone.wait(lambda: phone.run("return document.querySelector('.photo')?.naturalWidth") == 480, "the photo is shown")
    fits(phone)


def test_groups_dialogs_and_members(phone, telegram):
    phone.click(f"{ANNA} .back")
    fits(phone)
    phone.click(f"{ANNA} button", "New group")
    fits(phone)
    phone.one("#room-form [name=title]").type("T" * 100)
    phone.click("#room-form button", "Create")
    phone.sees(f"{ANNA} h3", "TTTT")
    says(phone, 1001, "w" * 300)
    phone.sees(f"{ANNA} .message.own", "www")
    fits(phone)
    menu(phone, 1001, "More", "Members")
    fits(phone)
    phone.click("#members-dialog button", "Done")
    phone.click("#tab-1002")
    opens(phone, 1002, "TTTT")
    fits(phone)


def test_faults_calls_and_the_simulator(phone, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="x" * 500)
    telegram.post(f"/bot{TOKEN}/sendDice", {"chat_id": 1001})
    telegram.control("/faults", kind="latency", millis=20, up_to_millis=40, method="editMessageReplyMarkup", chat=1001, probability=0.5, until_millis=60000)
    for panel in ("#faults", "#calls", "#machine"):
        phone.click(f"{panel} > summary")
    phone.click("#fault-more > summary")
    phone.click("#call-list summary", "sendMessage")
    phone.sees("#call-list pre", "xxx")
    phone.sees("#fault-list", "until cleared")
    fits(phone)


def test_dark_and_still_if_that_is_wished(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="Sure?", reply_markup=inline([("Yes", "y")]))
    page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}, {"name": "prefers-reduced-motion", "value": "reduce"}])
    try:
        contrast = """
            const rgb = (text) => text.match(/[\\d.]+/g).map(Number).slice(0, 3).map((c) => (text.startsWith("color(") ? c : c / 255));
            const light = (c) => { const [r, g, b] = c.map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)|\\/ 0\\)/.test(c)) return c; } return "rgb(255,255,255)"; };
            return arguments[0].map((css) => {
                const e = document.querySelector(css);
                const [a, b] = [light(rgb(getComputedStyle(e).color)), light(rgb(behind(e)))].sort((x, y) => y - x);
                return [css, (a + 0.05) / (b + 0.05)];
            }).filter(([, ratio]) => ratio < 4.5);
        """
        places = ["h2", "h3", ".self p", ".talk header p", ".message.own .text", ".message.own .meta", ".message.bot .text", ".message.bot .meta",
                  ".keyboard button", ".day", "#status", "#faults small", ".send"]
        page.sees(f"{ANNA} .keyboard", "Yes")
        assert page.run(contrast, places) == []
        page.click(f"{ANNA} .keyboard button")
        page.one(f"{ANNA} .waiting")
        assert page.run("return document.getAnimations().length") == 0
        page.cdp("Emulation.setEmulatedMedia", features=[])
        assert page.run(contrast, places) == []
    finally:
        page.cdp("Emulation.setEmulatedMedia", features=[])


def test_pictures_to_look_at(page, telegram, screenshots):
    """The page with all that it has, in both lights and sizes; kept if $NATRIUM_SCREENSHOTS says where."""
    page.size(1400, 900)
    conversation(telegram)
    group = telegram.room("supergroup", "Fees team", bots=[{"status": "administrator"}])
    telegram.room("channel", "Fees news", username="fees_news", members=[1002, 1003])
    for user, text in ((1001, "The new fees are in, please look."), (1002, "Смотрю."), (1002, "Всё верно, можно публиковать.")):
        telegram.control(f"/chats/{group}/messages", **{"from": user, "text": text})
    telegram.bot("sendMessage", chat_id=group, parse_mode="HTML", text="<b>fees.yml</b>, version 8\n<pre><code class=\"language-yaml\">percent: 1.5\nminimum: 2 EUR</code></pre>"
                 "<blockquote>percent was 1.4</blockquote>\nApproved by <tg-spoiler>Борис</tg-spoiler>?", reply_markup=inline([("Approve", "y"), ("Reject", "n")]))
    page.sees(f"{BORIS} .message.bot", "Что делать")
    screenshots(page, "desktop")
    opens(page, 1001, "Fees team")
    opens(page, 1003, "Fees news")
    page.click(f"{BORIS} .back")
    telegram.bot("sendMessage", chat_id=1002, text="Which?", reply_markup=keyboard(["fees", "rates"], ["cancel"]))
    page.sees(f"{BORIS} .chat-list", "Which?")
    screenshots(page, "desktop-groups")
    dark(page, True)
    screenshots(page, "desktop-groups-dark")
    telegram.post(f"/bot{TOKEN}/sendDice", {"chat_id": 1001})
    telegram.control("/faults", kind="too_many_requests", retry_after=5, method="sendMessage", calls=1)
    telegram.post(f"/bot{TOKEN}/sendMessage", {"chat_id": 1001, "text": "x"})
    telegram.control("/faults", kind="server_error", status=502, method="getUpdates", probability=0.3)
    telegram.control("/faults", kind="latency", millis=700, chat=1001)
    for panel in ("#faults", "#calls", "#machine"):
        page.click(f"{panel} > summary")
    page.sees("#counters", "Not simulated1")
    screenshots(page, "desktop-panels-dark")
    dark(page, False)
    screenshots(page, "desktop-panels")
    page.size(360, 740)
    screenshots(page, "phone-panels")
    for panel in ("#faults", "#calls", "#machine"):
        page.click(f"{panel} > summary")
    screenshots(page, "phone-group")
    page.click("#tab-1002")
    screenshots(page, "phone-list")
    page.click(f"{BORIS} .chat-row", "Bot")
    screenshots(page, "phone-keyboard")
    menu(page, 1002, "Send a file", "fees.yml")
    drop(page, f"{BORIS} [data-zone=ask]", [["fees-2027.yml", "", "a: 1"]])
    page.one(f"{BORIS} .attach-sheet")
    screenshots(page, "phone-send")
    page.click(f"{BORIS} .attach-sheet button", "Cancel")
    page.click(f"{BORIS} .back")
    page.click(f"{BORIS} button", "New group")
    screenshots(page, "phone-new-group")
    page.click("#room-form button", "Cancel")
    dark(page, True)
    page.click("#tab-1001")
    screenshots(page, "phone-group-dark")
    dark(page, False)


def dark(page, on):
    page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}] if on else [])
