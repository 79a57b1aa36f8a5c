"""Messages as people see them: formatting, answers, the past, and whatever else may be in them."""

from acts import EVIL, inline, last_update, message_menu, overflowing, person, says, start

ANNA = person(1001)


def bot_says(telegram, text, user=1001, **more):
    return telegram.bot("sendMessage", chat_id=user, text=text, **more)["message_id"]


def test_entities_are_nested_as_they_were_written(page, telegram):
    start(telegram, 1001)
    bot_says(telegram, parse_mode="HTML", text='<b>bold <i>both <u>three</u></i></b> <s>gone</s> <pre><code class="language-yaml">a: 1</code></pre>'
             ' <blockquote>said <b>loud</b></blockquote> <a href="https://example.org/x">there</a> #tag')
    bubble = f"{ANNA} .message.bot"
    for css, text in [("b i u", "three"), ("s", "gone"), ("pre .language", "yaml"), ("pre code", "a: 1"), ("blockquote b", "loud"), (".tag", "#tag")]:
        page.sees(f"{bubble} {css}", text)
    link = page.run("const a = document.querySelector('.message.bot .text a'); return [a.href, a.rel, a.target]")
    assert link == ["https://example.org/x", "noopener noreferrer", "_blank"]


def test_a_spoiler_opens_when_it_is_touched_and_not_before(page, telegram):
    start(telegram, 1001)
    bot_says(telegram, 'the end: <tg-spoiler>he <a href="https://example.org">wins</a></tg-spoiler>', parse_mode="HTML")
    page.one(f"{ANNA} .spoiler")
    colour = "return getComputedStyle(document.querySelector('.spoiler .inside')).color"
    assert page.run(colour) == "rgba(0, 0, 0, 0)"
    page.one(f"{ANNA} .spoiler").type("\ue007")
    page.wait(lambda: page.run(colour) != "rgba(0, 0, 0, 0)", "it is open")
    assert page.run("return document.querySelector('.spoiler .inside').inert") is False


def test_a_long_folded_quotation_unfolds(page, telegram):
    start(telegram, 1001)
    bot_says(telegram, f"<blockquote expandable>{'many words ' * 40}</blockquote>", parse_mode="HTML")
    height = "return document.querySelector('.text blockquote').offsetHeight"
    page.one(f"{ANNA} .fold")
    folded = page.run(height)
    page.click(f"{ANNA} .fold")
    assert page.run(height) > 2 * folded


def test_an_answer_shows_what_it_answers_and_leads_there(page, telegram):
    start(telegram, 1001)
    first = bot_says(telegram, "Which file?")
    for number in range(30):
        bot_says(telegram, f"line {number}")
    page.sees(f"{ANNA} .chat", "line 29")
    page.run("document.querySelector(arguments[0]).scrollTop = 0", f"{ANNA} .chat")
    message_menu(page, 1001, first, "Reply")
    page.sees(f"{ANNA} .about", "Which file?")
    says(page, 1001, "fees.yml")
    message = last_update(telegram)
    assert message["text"] == "fees.yml" and message["reply_to_message"]["message_id"] == first
    page.sees(f"{ANNA} .message.own .quoted", "Which file?")
    page.click(f"{ANNA} .quoted")
    page.wait(lambda: page.run("""
        const [chat, message] = [".chat", `[data-id="${arguments[1]}"]`].map((css) => document.querySelector(`${arguments[0]} ${css}`).getBoundingClientRect());
        return message.top >= chat.top && message.bottom <= chat.bottom;
    """, ANNA, first), "the answered message is in sight")


def test_a_person_changes_what_they_said_and_the_past_can_be_looked_at(page, telegram):
    start(telegram, 1001)
    mine = telegram.says(1001, "helo")
    page.sees(f"{ANNA} .message.own", "helo")
    message_menu(page, 1001, mine, "Edit")
    page.one(f"{ANNA} textarea").clear()
    says(page, 1001, "hello")
    assert last_update(telegram, "edited_message")["text"] == "hello"
    page.sees(f"{ANNA} [data-id='{mine}'] .text", "hello")
    page.click(f"{ANNA} [data-id='{mine}'] .meta .link", "edited")
    page.sees(f"{ANNA} [data-id='{mine}'] .history", "helo")
    assert page.count(f"{ANNA} [data-id='{mine}']") == 1


def test_the_past_has_formatting_and_buttons_too(page, telegram):
    start(telegram, 1001)
    sent = bot_says(telegram, "<b>Overwrite?</b>", parse_mode="HTML", reply_markup=inline([("Yes", "y"), ("No", "n")]))
    telegram.bot("editMessageText", chat_id=1001, message_id=sent, text="Done")
    page.click(f"{ANNA} .message.bot .meta .link", "edited")
    page.sees(f"{ANNA} .history b", "Overwrite?")
    page.sees(f"{ANNA} .history .had", "Yes · No")
    assert not page.all(f"{ANNA} .message.bot .keyboard")


def test_a_forwarded_message_says_whose_it_was(page, telegram):
    start(telegram, 1001)
    start(telegram, 1002)
    theirs = telegram.says(1002, "the fees")
    telegram.bot("forwardMessage", chat_id=1001, from_chat_id=1002, message_id=theirs)
    page.sees(f"{ANNA} .message.bot .forwarded", "Forwarded from Борис")
    page.sees(f"{ANNA} .message.bot .text", "the fees")


def test_days_are_told_apart(page, telegram):
    start(telegram, 1001)
    telegram.control("/clock", millis=86_400_000)
    telegram.says(1001, "tomorrow")
    page.sees(f"{ANNA} .chat", "tomorrow")
    days = page.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", f"{ANNA} .day")
    assert len(days) == 2 and days[0] != days[1]


def test_whatever_is_written_breaks_nothing(page, telegram):
    start(telegram, 1001)
    for text in ("m" * 4096, "שלום עולם, this is " * 20, "👩‍👩‍👧‍👦🏳️‍🌈" * 60, "a\n" * 200 + "end", "https://example.org/" + "x" * 400):
        bot_says(telegram, text)
    bot_says(telegram, "<pre>" + "wide " * 300 + "</pre>", parse_mode="HTML")
    telegram.control("/users", id=1001, first_name="W" * 60, last_name="مرحبا " * 9, username="anna_sim")
    page.sees(f"{ANNA} h2", "WWWW")
    page.sees(f"{ANNA} .chat", "wide")
    for width in (1280, 360):
        page.size(width, 740)
        page.wait(lambda: overflowing(page) == [], f"at {width} pixels: {overflowing(page)}")
    assert page.run("const c = document.querySelector('.chat'); return c.scrollWidth <= c.clientWidth")


def test_nothing_that_people_or_bots_name_becomes_markup(page, telegram):
    start(telegram, 1001)
    telegram.control("/users", id=1001, first_name=EVIL[:60], last_name=EVIL[:64], note=EVIL)
    telegram.bot("setMyCommands", commands=[{"command": "x", "description": EVIL}])
    telegram.control("/bots", token="9990001111:SIMULATED-not-a-secret-0123456789abcd", first_name=EVIL, username="evil_bot")
    sent = bot_says(telegram, EVIL, reply_markup=inline([(EVIL, "x")]))
    bot_says(telegram, EVIL, reply_markup={"keyboard": [[{"text": EVIL}]]})
    telegram.control(f"/users/1001/documents?name={'%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D1%3E.yml'}")
    telegram.control("/users/1001/messages", text=EVIL, reply_to=sent)
    telegram.bot("editMessageText", chat_id=1001, message_id=sent, text=EVIL + "!", reply_markup=inline([(EVIL, "x")]))
    page.sees(f"{ANNA} .quoted", "<img src=x")
    for css in (".note", ".message.bot .text", ".keyboard button", ".below button", ".history .was"):
        page.sees(f"{ANNA} {css}", "<img src=x")
    page.click(f"{ANNA} button[aria-label=Commands]")
    page.sees(".menu", "<img src=x")
    page.click(f"{ANNA} button[aria-label=Commands]")
    telegram.bot("answerCallbackQuery", callback_query_id=press(page, telegram), text=EVIL[:190], show_alert=True)
    page.sees(f"{ANNA} .toast", "<img src=x")
    page.click(".toast button", "OK")
    page.click("#calls > summary")
    page.click("#call-list summary", "sendMessage")
    page.sees("#call-list pre", "<img src=x")
    page.click("#machine > summary")
    page.sees("#bot-list", "<img src=x")
    page.click(f"{ANNA} .back")
    page.sees(f"{ANNA} .chat-list", "<img src=x")
    opens_first(page)
    assert page.count("main img, .panels img, main script, .panels script") == 0
    assert page.run("return document.title") == "natrium-sim"


def press(page, telegram):
    page.click(f"{ANNA} .message .keyboard button")
    return last_update(telegram, "callback_query")["id"]


def opens_first(page):
    page.click(f"{ANNA} .chat-row", "Bot")
    page.sees(f"{ANNA} h3", "Bot")


def test_two_thousand_messages_are_drawn_a_few_at_a_time(page, telegram):
    start(telegram, 1001)
    page.go("about:blank")
    for number in range(1900):
        telegram.says(1001, f"message {number}")
    page.opens(telegram.url)
    for number in range(1900, 2000):
        telegram.says(1001, f"message {number}")
    page.sees(f"{ANNA} .chat", "message 1999")
    assert page.count(f"{ANNA} .message") <= 151
    page.opens(telegram.url)
    page.sees(f"{ANNA} .chat", "message 1999")
    assert page.count(f"{ANNA} .message") <= 60
    up = lambda: page.run("""
        const chat = document.querySelector(arguments[0]);
        chat.scrollTop = 0;
        return [document.querySelectorAll(`${arguments[0]} .message`).length, chat.textContent.includes("message 0")];
    """, f"{ANNA} .chat")
    most = 0

    def at_the_beginning():
        nonlocal most
        drawn, done = up()
        most = max(most, drawn)
        return done

    page.wait(at_the_beginning, "the first message")
    assert most <= 151
    page.click(f"{ANNA} .down")
    page.sees(f"{ANNA} .chat", "message 1999")
    telegram.says(1001, "one more")
    page.sees(f"{ANNA} .chat", "one more")


def test_who_reads_further_up_stays_there_and_is_told_of_what_comes(page, telegram):
    start(telegram, 1001)
    for number in range(60):
        bot_says(telegram, f"line {number}")
    page.sees(f"{ANNA} .chat", "line 59")
    page.run("document.querySelector(arguments[0]).scrollTop = 200", f"{ANNA} .chat")
    page.one(f"{ANNA} .down")
    place = "return [...document.querySelectorAll('.chat .message')].find((e) => e.textContent.includes('line 55')).getBoundingClientRect().top"
    before = page.run(place)
    bot_says(telegram, "news")
    page.sees(f"{ANNA} .down .badge", "1")
    assert abs(page.run(place) - before) < 2
    page.click(f"{ANNA} .down")
    page.gone(f"{ANNA} .down")
