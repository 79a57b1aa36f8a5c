"""The simulator's page in a real Chromium: what people do there reaches the bot, what the bot does is seen at once."""

import json

KEYBOARD = {"inline_keyboard": [[{"text": "Overwrite", "callback_data": "o"}, {"text": "Cancel", "callback_data": "c"}]]}
MENU = [
    {"command": "set_fees", "description": "Upload the fees"},
    {"command": "get_fees", "description": "Send the current fees"},
    {"command": "cancel", "description": "Leave it"},
]


def person(user):
    return f"#person-{user}"


def start(telegram, user):
    """The person is known to the bot already, and the updates of that are confirmed."""
    telegram.says(user, "/start")
    last = telegram.updates()[-1]["update_id"]
    telegram.updates(offset=last + 1)


def test_two_admins_and_a_stranger_side_by_side(page):
    page.sees(f"{person(1001)} h2", "Anna")
    page.sees(f"{person(1002)} h2", "Борис")
    page.sees(f"{person(1003)} .note", "stranger")
    boxes = page.run("return [...document.querySelectorAll('.person')].map(e => e.getBoundingClientRect()).map(r => [r.left, r.top])")
    assert len(boxes) == 3 and boxes[0][0] < boxes[1][0] < boxes[2][0]
    assert len({top for _, top in boxes}) == 1


def test_start_and_a_typed_message_reach_the_bot(page, telegram):
    page.one(f"{person(1001)} .start").click()
    update = telegram.updates(timeout=10)[0]
    assert update["message"]["text"] == "/start"
    page.one(f"{person(1001)} textarea").type("hello\ue007")
    update = telegram.updates(offset=update["update_id"] + 1, timeout=10)[0]
    assert update["message"]["text"] == "hello"
    page.sees(f"{person(1001)} .message.user", "hello")
    assert page.run("return arguments[0]; ", "") == "" and page.run(
        f"return document.querySelector('{person(1001)} textarea').value") == ""


def test_edits_are_seen_live_with_their_history(page, telegram):
    start(telegram, 1001)
    sent = telegram.bot("sendMessage", chat_id=1001, text="⏳ Downloading and validating…")
    page.sees(f"{person(1001)} .message.bot .text", "Downloading")
    telegram.bot("editMessageText", chat_id=1001, message_id=sent["message_id"], text="✅ fees.yml updated")
    page.sees(f"{person(1001)} .message.bot .text", "✅ fees.yml updated")
    assert "Downloading" not in page.text(f"{person(1001)} .message.bot .text")
    page.one(f"{person(1001)} .message.bot .meta button").click()
    page.one(f"{person(1001)} .message.bot .history")
    page.sees(f"{person(1001)} .message.bot .history", "Downloading")
    telegram.bot("deleteMessage", chat_id=1001, message_id=sent["message_id"])
    page.one(f"{person(1001)} .message.bot.deleted")


def test_what_people_and_bots_write_is_text(page, telegram):
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    start(telegram, 1001)
    telegram.says(1001, evil)
    telegram.bot("sendMessage", chat_id=1001, text=evil)
    page.sees(f"{person(1001)} .message.user .text", evil)
    page.sees(f"{person(1001)} .message.bot .text", evil)
    telegram.bot("sendMessage", chat_id=1001, text="x", entities=[
        {"type": "text_link", "offset": 0, "length": 1, "url": "tg://resolve?domain=x"}])
    page.sees(f"{person(1001)} .message:last-child .text", "x")
    page.one(f"{person(1001)} .text .no-link")
    assert not page.all(f"{person(1001)} .text img, {person(1001)} .text a")
    assert page.run("return document.title") == "natrium-sim"


def test_formatting_follows_utf16_offsets(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, parse_mode="HTML", text="😀 <b>bold <i>both</i></b> <pre>a: 1</pre> /help")
    page.sees(f"{person(1001)} .message.bot b", "bold")
    page.sees(f"{person(1001)} .message.bot b i", "both")
    page.sees(f"{person(1001)} .message.bot pre", "a: 1")
    page.one(f"{person(1001)} .message.bot .command").click()
    assert telegram.updates(timeout=10)[-1]["message"]["text"] == "/help"


def test_a_button_is_pressed_and_answered(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="Anna changed it. Overwrite?", reply_markup=KEYBOARD)
    page.one(f"{person(1001)} .keyboard button[data-data=o]").click()
    query = telegram.updates(timeout=10)[-1]["callback_query"]
    assert query["data"] == "o"
    page.one(f"{person(1001)} .keyboard button.waiting")
    telegram.bot("answerCallbackQuery", callback_query_id=query["id"], text="Overwritten")
    page.sees(f"{person(1001)} .toast", "Overwritten")
    page.wait(lambda: not page.all(f"{person(1001)} .waiting"), "the button rests")


def test_sample_files_are_one_click_away(page, telegram):
    start(telegram, 1001)
    offset = 0
    for name, size in [("fees.yml", None), ("fees-utf16.yml", None), ("fees-30MiB.yml", 30 << 20), ("photo.png", None)]:
        page.one(f"{person(1001)} button[aria-label='Send a file']").click()
        page.wait(lambda: page.run(
            "const b = [...document.querySelectorAll('.menu button')].find(b => b.querySelector('b').textContent === arguments[0]);"
            "b?.click(); return Boolean(b)", name), name)
        update = telegram.updates(offset=offset, timeout=20)[-1]
        offset = update["update_id"] + 1
        if name == "photo.png":
            assert update["message"]["photo"][-1]["width"] == 480
        else:
            assert update["message"]["document"]["file_name"] == name
            assert size is None or update["message"]["document"]["file_size"] == size
    page.wait(lambda: page.run("return document.querySelector('.photo')?.naturalWidth") == 480, "the photo is shown")


def test_files_are_dropped_and_chosen(page, telegram):
    start(telegram, 1002)
    page.run("""
        const data = new DataTransfer();
        data.items.add(new File(["brackets: []"], "прайс <1>.yml"));
        const target = document.querySelector(arguments[0]);
        target.dispatchEvent(new DragEvent("dragenter", { dataTransfer: data, bubbles: true }));
        target.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    """, f"{person(1002)} .chat")
    document = telegram.updates(timeout=10)[-1]["message"]["document"]
    assert (document["file_name"], document["file_size"]) == ("прайс <1>.yml", 12)
    page.sees(f"{person(1002)} .file", "прайс <1>.yml")
    assert not page.all(f"{person(1002)}.dropping")


def test_documents_of_the_bot_can_be_saved(page, telegram):
    start(telegram, 1001)
    key = telegram.control("/users/1001/samples/fees.yml")
    assert key["message_id"]
    document = telegram.updates()[-1]["message"]["document"]
    telegram.bot("sendDocument", chat_id=1001, document=document["file_id"], caption="the present one")
    page.one(f"{person(1001)} .message.bot .file")
    saved = page.run_async("""
        const done = arguments[0];
        fetch(document.querySelector(".message.bot .file").href).then(async (response) =>
            done([response.headers.get("content-disposition"), await response.text()]));
    """)
    assert saved[0] == "attachment" and saved[1].startswith("# What a transfer costs")


def test_the_menu_comes_from_set_my_commands(page, telegram):
    start(telegram, 1001)
    telegram.bot("setMyCommands", commands=MENU)
    page.one(f"{person(1001)} button[aria-label=Commands]").click()
    page.sees(".menu", "Upload the fees")
    page.one(".menu button").click()
    assert telegram.updates(timeout=10)[-1]["message"]["text"] == "/set_fees"


def test_faults_from_the_panel(page, telegram):
    start(telegram, 1001)
    page.one("#faults > summary").click()
    page.run("document.querySelector('#fault-kind').value = 'too_many_requests';"
             "document.querySelector('#fault-kind').dispatchEvent(new Event('change'));"
             "document.querySelector('#fault-method').value = 'sendMessage'")
    page.one("#fault-form [name=calls]").type("1")
    page.one("#fault-form button[type=submit]").click()
    page.sees("#alarm", "429, retry after 5 s for sendMessage, once")
    answer = telegram.post("/bot5550001111:SIMULATED-not-a-secret-0123456789abcd/sendMessage", {"chat_id": 1001, "text": "x"})
    assert answer["parameters"] == {"retry_after": 5}
    page.wait(lambda: not page.one("#faults").browser.run("return document.querySelectorAll('#fault-list li').length"), "used up")
    page.run("[...document.querySelectorAll('#fault-presets button')].find(b => b.textContent === 'Outage').click()")
    page.sees("#alarm", "cannot be reached")
    page.one("#fault-list button").click()
    page.wait(lambda: not page.one("h1") or page.run("return document.querySelector('#alarm').hidden"), "all is well")


def test_the_call_log_is_raw_and_has_no_token(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="<i>raw</i>")
    telegram.post("/bot5550001111:SIMULATED-not-a-secret-0123456789abcd/sendDice", {"chat_id": 1001})
    page.sees("#call-count", "1 not simulated")
    page.one("#calls > summary").click()
    page.sees("#call-list", "sendDice")
    assert "getUpdates" in page.text("#call-list")
    page.run("[...document.querySelectorAll('#call-list li')].find(l => l.textContent.includes('sendMessage')).querySelector('summary').click()")
    page.sees("#call-list pre", '"text": "<i>raw</i>"')
    assert "SIMULATED" not in page.run("return document.documentElement.outerHTML")
    calls = page.run_async("const done = arguments[0]; fetch('/control/calls').then(async (r) => done(await r.text()))")
    assert "SIMULATED" not in calls and json.loads(calls)


def test_a_blocked_bot_and_a_new_person(page, telegram):
    start(telegram, 1003)
    page.one(f"{person(1003)} button[aria-label=More]").click()
    page.one(".menu button").click()
    page.sees(f"{person(1003)} header p", "has blocked the bot")
    page.one(f"{person(1003)} .start").click()
    page.one(f"{person(1003)} .composer")
    page.one("#add-person").click()
    page.one("#person-form [name=first_name]").type("Ольга")
    page.one("#person-form button[type=submit]").click()
    page.sees(f"{person(1004)} h2", "Ольга")


def test_it_comes_back_after_the_simulator_was_reset(page, telegram):
    start(telegram, 1001)
    page.sees(f"{person(1001)} .message.user", "/start")
    telegram.control("/reset")
    page.wait(lambda: page.run("return document.querySelectorAll('.message').length") == 0, "an empty page")
    telegram.says(1001, "again")
    page.sees(f"{person(1001)} .message.user", "again")


def test_nothing_comes_from_elsewhere_and_everything_has_a_name(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="Which?", reply_markup=KEYBOARD)
    page.one(f"{person(1001)} .keyboard")
    places = page.run("return performance.getEntriesByType('resource').map(e => new URL(e.name).origin)")
    assert set(places) == {telegram.url}
    unnamed = page.run("""
        const named = (e) => (e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.[0]?.textContent.trim());
        return [...document.querySelectorAll("button, input, select, textarea, a")].filter((e) => !named(e)).map((e) => e.outerHTML)
    """)
    assert unnamed == []


def conversation(telegram):
    """Something to look at."""
    for user in (1001, 1002, 1003):
        telegram.says(user, "/start")
    telegram.bot("setMyCommands", commands=MENU)
    say = lambda user, text, **more: telegram.bot("sendMessage", chat_id=user, text=text, **more)["message_id"]
    say(1001, "Hello, Anna. I keep <b>fees.yml</b> and <b>rates.yml</b>.\n\n/set_fees uploads the fees,\n/get_fees sends them.", parse_mode="HTML")
    say(1002, "Здравствуйте, Борис. Я храню <b>fees.yml</b> и <b>rates.yml</b>.\n\n/set_fees — загрузить, /get_fees — получить.", parse_mode="HTML")
    say(1003, "This bot is for its admins only. Nothing to see here, sorry.")
    telegram.says(1001, "/set_fees")
    say(1001, "Send me fees.yml as a document, or /cancel.")
    telegram.control("/users/1001/samples/fees.yml")
    progress = say(1001, "⏳ Downloading and validating…")
    for text in ("🔒 Acquiring lock and saving…", "✅ fees.yml updated successfully!"):
        telegram.bot("editMessageText", chat_id=1001, message_id=progress, text=text)
    telegram.says(1002, "/set_fees")
    telegram.control("/users/1002/samples/fees-broken.yml")
    say(1002, "Файл не принят:\n<pre>строка 4, столбец 5: скобка 50–1000 EUR пересекается с 0–100\nстрока 5: percent 109 больше 100</pre>", parse_mode="HTML")
    telegram.control("/users/1002/samples/fees.yml")
    say(1002, "Анна изменила fees.yml две минуты назад. Что делать?", reply_markup={"inline_keyboard": [
        [{"text": "Показать разницу", "callback_data": "d"}], [{"text": "Перезаписать", "callback_data": "o"}, {"text": "Отменить", "callback_data": "c"}]]})
    document = telegram.updates()[-1]["message"]["document"]["file_id"]
    telegram.bot("sendDocument", chat_id=1001, document=document, caption="fees.yml, version 7, by Борис")
    telegram.says(1003, "but I have the best fees")
    telegram.control("/users/1003/samples/photo.png")
    telegram.bot("sendChatAction", chat_id=1003, action="typing")


def test_it_fits_a_phone(page, telegram, screenshots):
    conversation(telegram)
    page.sees(f"{person(1002)} .message.bot", "Что делать")
    screenshots(page, "desktop")
    page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    screenshots(page, "desktop-dark")
    page.one("#faults > summary").click()
    page.one("#calls > summary").click()
    telegram.control("/faults", kind="too_many_requests", retry_after=5, method="sendMessage", calls=1)
    page.sees("#alarm", "429")
    screenshots(page, "desktop-dark-panels")
    page.cdp("Emulation.setEmulatedMedia", features=[])
    screenshots(page, "desktop-panels")
    page.one("#faults > summary").click()
    page.one("#calls > summary").click()

    page.size(400, 860)
    shown = lambda: page.run("return [...document.querySelectorAll('.person')].filter(e => e.offsetParent).map(e => e.id)")
    page.wait(lambda: shown() == ["person-1001"], "one chat at a time")
    screenshots(page, "phone")
    page.one("#tab-1002").click()
    page.wait(lambda: shown() == ["person-1002"], "the other chat")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    screenshots(page, "phone-ru")
    page.one(f"{person(1002)} button[aria-label='Send a file']").click()
    page.one(".menu")
    screenshots(page, "phone-files")
    page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    page.one("#tab-1003").click()
    screenshots(page, "phone-dark")
    page.one("#faults > summary").click()
    page.one("#calls > summary").click()
    assert page.run("return document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    page.cdp("Emulation.setEmulatedMedia", features=[])
    screenshots(page, "phone-panels")
    small = page.run("""
        return [...document.querySelectorAll(".person.chosen button, .tabs button, #fault-form button")]
            .filter((e) => e.offsetParent && !e.matches(".link, .command"))
            .map((e) => [e.getBoundingClientRect().height, e.textContent || e.title]).filter(([height]) => height < 34)
    """)
    assert small == [], "fingers need room"
    page.run("document.querySelectorAll('.panels details').forEach(d => d.open = false)")
