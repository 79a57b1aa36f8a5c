"""Messages as people see them: formatting, answers, the past, and whatever else may be in them."""

import json
import urllib.request

from acts import EVIL, inline, last_update, message_menu, opens, overflowing, person, says, start
from conftest import ROOT, TOKEN

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


def album(telegram, *captions, chat=1001, kind="photo", **more):
    """The bot sends an album; the numbers of its messages."""
    boundary = "album"
    name = "dot.png" if kind == "photo" else "fees.yml"
    media = [{"type": kind, "media": f"attach://f{place}", **({"caption": caption, "parse_mode": "HTML"} if caption else {})}
             for place, caption in enumerate(captions)]
    fields = {"chat_id": str(chat), "media": json.dumps(media), **{field: json.dumps(value) for field, value in more.items()}}
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode() for field, value in fields.items()]
    picture = (ROOT / "crates/sim/samples/photo.png").read_bytes()
    for place in range(len(captions)):
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="f{place}"; filename="{name}"\r\n\r\n'.encode()
                     + (picture if kind == "photo" else b"a: 1") + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    request = urllib.request.Request(f"{telegram.url}/bot{TOKEN}/sendMediaGroup", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    with urllib.request.urlopen(request) as response:
        return [message["message_id"] for message in json.load(response)["result"]]


def test_an_album_is_one_and_its_messages_are_still_each_their_own(page, telegram):
    start(telegram, 1001)
    bot_says(telegram, "before")
    photos = album(telegram, "the <b>first</b>", None, None)
    files = album(telegram, None, "and <i>this</i>", kind="document")
    bot_says(telegram, "after")
    page.sees(f"{ANNA} .chat", "after")
    groups = page.run("""
        return [...document.querySelectorAll(arguments[0])].map((e) => [e.getAttribute("aria-label"), [...e.children].map((m) => Number(m.dataset.id))]);
    """, f"{ANNA} .album")
    assert groups == [["Album, 3 photos", photos], ["Album, 2 files", files]]
    assert page.count(f"{ANNA} .chat > .message") == 3, "what is not of an album stands alone"
    page.sees(f"{ANNA} [data-id='{photos[0]}'] .text b", "first")
    page.sees(f"{ANNA} [data-id='{files[1]}'] .text i", "this")
    boxes = page.run("return arguments[0].map((id) => document.querySelector(`[data-id='${id}']`).getBoundingClientRect()).map((r) => [r.left, r.top])", photos)
    assert boxes[1][1] == boxes[2][1] > boxes[0][1] and boxes[1][0] < boxes[2][0], "one across, two side by side below"
    telegram.bot("editMessageCaption", chat_id=1001, message_id=photos[1], caption="a caption for the second")
    page.sees(f"{ANNA} .album [data-id='{photos[1]}'] .text", "a caption for the second")
    page.sees(f"{ANNA} .album [data-id='{photos[1]}'] .meta", "edited")
    telegram.bot("deleteMessage", chat_id=1001, message_id=photos[2])
    page.one(f"{ANNA} .album .deleted[data-id='{photos[2]}']")
    message_menu(page, 1001, photos[1], "Reply")
    says(page, 1001, "nice one")
    assert last_update(telegram)["reply_to_message"]["message_id"] == photos[1]


def test_an_album_stays_together_when_it_is_forwarded_into_a_group(page, telegram):
    start(telegram, 1001)
    chat = telegram.room("supergroup", "Team")
    numbers = album(telegram, None, None, "the last")
    sent = telegram.bot("forwardMessages", chat_id=chat, from_chat_id=1001, message_ids=numbers)
    opens(page, 1002, "Team")
    page.sees(f"{person(1002)} .album .text", "the last")
    assert page.count(f"{person(1002)} .album .message") == len(sent) == 3
    assert page.count(f"{person(1002)} .album .forwarded") == 1 == page.count(f"{person(1002)} .album .sender")


def test_a_quotation_shows_the_part_that_is_answered(page, telegram):
    start(telegram, 1001)
    whole = bot_says(telegram, "The fees go up on Monday, and the rates stay as they are.")
    bot_says(telegram, "do they?", reply_parameters={"message_id": whole, "quote": "the rates stay"})
    page.wait(lambda: page.text(f"{ANNA} .quoted span") == "the rates stay", "the quotation and nothing else")
    page.one(f"{ANNA} .quoted.part")
    bot_says(telegram, "yes", reply_parameters={"message_id": whole})
    page.sees(f"{ANNA} .quoted:not(.part) span", "The fees go up on Monday")


def test_reactions_come_change_and_go(page, telegram):
    start(telegram, 1001)
    mine = telegram.says(1001, "the fees are in")
    page.sees(f"{ANNA} .message.own", "the fees are in")
    react = lambda *emoji: telegram.bot("setMessageReaction", chat_id=1001, message_id=mine, reaction=[{"type": "emoji", "emoji": each} for each in emoji])
    react("👍")
    page.sees(f"{ANNA} [data-id='{mine}'] .reactions", "👍 from Bot")
    react("🔥")
    page.sees(f"{ANNA} [data-id='{mine}'] .reactions", "🔥")
    assert "👍" not in page.text(f"{ANNA} .reactions")
    telegram.control("/users/1001/edit", message_id=mine, text="the fees are all in")
    page.sees(f"{ANNA} [data-id='{mine}'] .text", "all in")
    page.one(f"{ANNA} [data-id='{mine}'] .reactions")
    react()
    page.gone(f"{ANNA} .reactions")


def test_the_same_reaction_of_two_bots_is_counted(page, telegram):
    telegram.control("/bots", token="9990001111:SIMULATED-not-a-secret-0123456789abcd", username="other_bot", first_name="Other")
    chat = telegram.room("supergroup", "Team", bots=[{"status": "administrator"}, {"bot": 9990001111, "status": "administrator"}])
    said = telegram.control(f"/chats/{chat}/messages", **{"from": 1001, "text": "well?"})["message_id"]
    for token in (TOKEN, "9990001111:SIMULATED-not-a-secret-0123456789abcd"):
        telegram.post(f"/bot{token}/setMessageReaction", {"chat_id": chat, "message_id": said, "reaction": [{"type": "emoji", "emoji": "👍"}]})
    opens(page, 1002, "Team")
    page.sees(f"{person(1002)} .reactions", "2")
    assert page.run("return document.querySelector('.reactions li').title") == "Bot, Other"


def test_a_covered_photo_is_uncovered_first_and_a_caption_may_be_above(page, telegram):
    start(telegram, 1001)
    telegram.control("/users/1001/samples/photo.png")
    photo = last_update(telegram)["photo"][-1]["file_id"]
    telegram.bot("sendPhoto", chat_id=1001, photo=photo, has_spoiler=True, show_caption_above_media=True, caption="<b>guess</b>", parse_mode="HTML")
    page.sees(f"{ANNA} .message.bot .text b", "guess")
    order = page.run("return [...document.querySelector('.message.bot .bubble').children].map((e) => e.className)")
    assert order.index("text") < order.index("photo-link covered")
    page.click(f"{ANNA} .covered")
    page.gone(f"{ANNA} .covered")
    page.one(f"{ANNA} .message.bot .photo-link")


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
