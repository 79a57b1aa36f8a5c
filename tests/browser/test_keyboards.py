"""Keyboards, menus of commands, and what the bot is doing."""

from acts import inline, keyboard, last_update, menu, person, start

ANNA = person(1001)


def test_a_press_spins_until_it_is_answered_by_an_alert(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="Sure?", reply_markup=inline([("Yes", "y")]))
    page.click(f"{ANNA} .keyboard button", "Yes")
    page.one(f"{ANNA} .keyboard button.waiting[aria-busy=true]")
    query = last_update(telegram, "callback_query")
    telegram.bot("answerCallbackQuery", callback_query_id=query["id"], text="Written down", show_alert=True)
    page.sees(f"{ANNA} .toast[role=alert]", "Written down")
    page.gone(f"{ANNA} .keyboard .waiting")
    page.click(".toast button", "OK")
    page.gone(f"{ANNA} .toast")


def test_a_button_with_an_address_is_a_link_and_no_other_address_is(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="Read", reply_markup={"inline_keyboard": [[{"text": "Docs", "url": "https://example.org/docs"}]]})
    page.sees(f"{ANNA} .keyboard a", "Docs")
    assert page.run("const a = document.querySelector('.keyboard a'); return [a.href, a.rel]") == ["https://example.org/docs", "noopener noreferrer"]
    assert not page.all(".keyboard a[href^='javascript']")


def test_a_reply_keyboard_says_what_is_pressed_and_goes_when_it_is_to(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="Which?", reply_markup=keyboard(["fees", "rates"]))
    page.click(f"{ANNA} .below button", "rates")
    assert last_update(telegram)["text"] == "rates"
    page.one(f"{ANNA} .below")
    telegram.bot("sendMessage", chat_id=1001, text="Thanks", reply_markup={"remove_keyboard": True})
    page.gone(f"{ANNA} .below")


def test_a_one_time_keyboard_goes_with_the_press(page, telegram):
    start(telegram, 1001)
    markup = {**keyboard(["yes"]), "one_time_keyboard": True, "input_field_placeholder": "yes or no"}
    telegram.bot("sendMessage", chat_id=1001, text="Well?", reply_markup=markup)
    page.one(f"{ANNA} .below button")
    assert page.run("return document.querySelector(arguments[0]).placeholder", f"{ANNA} textarea[id]") == "yes or no"
    page.click(f"{ANNA} .below button", "yes")
    page.gone(f"{ANNA} .below")
    assert page.run("return document.querySelector(arguments[0]).placeholder", f"{ANNA} textarea[id]") == "Message"


def test_who_is_asked_to_answer_answers_that_message(page, telegram):
    start(telegram, 1001)
    asked = telegram.bot("sendMessage", chat_id=1001, text="Your name?", reply_markup={"force_reply": True})["message_id"]
    page.sees(f"{ANNA} .about", "Your name?")
    page.one(f"{ANNA} .composer textarea").type("Anna\ue007")
    assert last_update(telegram)["reply_to_message"]["message_id"] == asked
    page.gone(f"{ANNA} .about")


def test_each_person_has_the_menu_that_is_theirs(page, telegram):
    start(telegram, 1001)
    start(telegram, 1002)
    telegram.bot("setMyCommands", commands=[{"command": "help", "description": "For everybody"}])
    telegram.bot("setMyCommands", commands=[{"command": "set_fees", "description": "For Anna"}], scope={"type": "chat", "chat_id": 1001})
    page.click(f"{person(1002)} button[aria-label=Commands]")
    page.sees(".menu", "For everybody")
    menu(page, 1001, "Commands", "/set_fees")
    assert last_update(telegram)["text"] == "/set_fees"


def test_what_the_bot_is_doing_is_seen(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendChatAction", chat_id=1001, action="upload_document")
    page.sees(f"{ANNA} .talk header p", "sending a file")
    telegram.bot("sendMessage", chat_id=1001, text="there")
    page.wait(lambda: "sending" not in page.text(f"{ANNA} .talk header p"), "it is done")


def test_menus_are_used_without_a_mouse(page, telegram):
    start(telegram, 1001)
    telegram.bot("setMyCommands", commands=[{"command": "one", "description": "1"}, {"command": "two", "description": "2"}])
    page.sees(f"{ANNA} .chat", "/start")
    page.one(f"{ANNA} button[aria-label=Commands]").type("\ue007")
    page.sees(".menu", "two")
    focused = "return document.activeElement.textContent"
    assert page.run(focused).startswith("/one")
    page.one(".menu button:focus").type("\ue015")
    assert page.run(focused).startswith("/two")
    assert page.run("const s = getComputedStyle(document.activeElement); return s.outlineStyle") != "none"
    page.one(".menu button:focus").type("\ue00c")
    page.gone(".menu")
    assert page.run("return document.activeElement.title") == "Commands"
