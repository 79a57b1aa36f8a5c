"""Groups, supergroups and channels, from both admins' and the stranger's side."""

from acts import EVIL, drop, inline, keyboard, last_update, menu, message_menu, opens, person, says, start

ANNA, BORIS, SAM = person(1001), person(1002), person(1003)
END = "const c = document.querySelector('.chat'); return c.scrollHeight - c.scrollTop - c.clientHeight < 2"


def test_a_group_is_created_and_talked_in_from_both_sides(page, telegram):
    page.click(f"{ANNA} .back")
    page.click(f"{ANNA} button", "New group")
    page.one("#room-form [name=title]").type("Fees team")
    page.click("#room-form button", "Create")
    page.sees(f"{ANNA} h3", "Fees team")
    page.sees(f"{ANNA} .message.service", "Anna created the group")
    page.sees(f"{ANNA} .talk header p", "group · 3 members")
    page.sees(f"{BORIS} .back .badge", "1")
    opens(page, 1002, "Fees team")
    says(page, 1002, "здравствуйте")
    page.sees(f"{BORIS} .message.own", "здравствуйте")
    page.sees(f"{ANNA} .message:not(.own) .sender", "Борис")
    says(page, 1001, "hello")
    page.sees(f"{BORIS} .message:not(.own) .text", "hello")
    assert page.count(f"{SAM} .chat-row") == 0 and page.count(f"{ANNA} [data-id]") == page.count(f"{BORIS} [data-id]")


def test_unread_messages_are_counted_until_the_chat_is_opened(page, telegram):
    chat = telegram.room("group", "Team")
    telegram.control(f"/chats/{chat}/messages", **{"from": 1002, "text": "one"})
    telegram.control(f"/chats/{chat}/messages", **{"from": 1002, "text": "two"})
    page.click(f"{ANNA} .back")
    page.sees(f"{ANNA} .chat-row[data-key='r{chat}']", "Борис: two")
    page.one(f"{ANNA} .chat-row[data-key='r{chat}'] .badge")
    page.click(f"{ANNA} .chat-row", "Team")
    page.sees(f"{ANNA} .chat", "two")
    page.click(f"{ANNA} .back")
    page.gone(f"{ANNA} .chat-row[data-key='r{chat}'] .badge")


def test_a_chat_opens_at_its_end_also_above_a_keyboard(page, telegram):
    start(telegram, 1001)
    for number in range(30):
        telegram.bot("sendMessage", chat_id=1001, text=f"line {number}")
    page.sees(f"{ANNA} .chat", "line 29")
    page.click(f"{ANNA} .back")
    telegram.bot("sendMessage", chat_id=1001, text="Which?", reply_markup=keyboard(["a"], ["b"], ["c"]))
    page.sees(f"{ANNA} .chat-list", "Which?")
    page.click(f"{ANNA} .chat-row", "Bot")
    page.one(f"{ANNA} .below")
    page.wait(lambda: page.run(END), "its end is in sight")
    page.gone(f"{ANNA} .down")
    telegram.bot("sendMessage", chat_id=1001, text="And this?")
    page.sees(f"{ANNA} .chat", "And this?")
    page.wait(lambda: page.run(END), "what comes is in sight")
    telegram.bot("sendMessage", chat_id=1001, text="Or one of these?", reply_markup=keyboard(["a"]))
    page.wait(lambda: page.count(f"{ANNA} .below button") == 1, "a smaller keyboard")
    page.wait(lambda: page.run(END), "the end is in sight")
    telegram.bot("sendMessage", chat_id=1001, text="Of these?", reply_markup=keyboard(["a"], ["b"], ["c"], ["d"]))
    page.wait(lambda: page.count(f"{ANNA} .below button") == 4, "a larger keyboard")
    page.wait(lambda: page.run(END), "the end is in sight above it")
    page.size(1280, 640)
    page.wait(lambda: page.run(END), "the end is in sight in a smaller window")
    page.run("""
        // A picture is read, and before that is told, the scrolling of just before is.
        const chat = document.querySelector(".chat");
        chat.lastElementChild.style.paddingBottom = "300px";
        chat.dispatchEvent(new Event("scroll"));
    """)
    page.wait(lambda: page.run(END), "the end is in sight below what has grown")
    page.gone(f"{ANNA} .down")


def test_the_end_stays_in_sight_above_a_field_that_grows(page, telegram):
    start(telegram, 1001)
    for number in range(40):
        telegram.bot("sendMessage", chat_id=1001, text=f"line {number}")
    page.sees(f"{ANNA} .chat", "line 39")
    height = "return document.querySelector('.chat').clientHeight"
    before = page.run(height)
    page.one(f"{ANNA} textarea").type("one\ue008\ue007\ue000two\ue008\ue007\ue000three\ue008\ue007\ue000four")
    page.wait(lambda: page.run(height) < before - 30, "the field takes its place")
    page.wait(lambda: page.run(END), "the end is in sight")


def test_a_channel_is_read_by_all_and_written_by_its_administrators(page, telegram):
    telegram.room("channel", "Fees news", username="fees_news", members=[1002, 1003])
    opens(page, 1003, "Fees news")
    page.sees(f"{SAM} .silent", "Only administrators post in this channel")
    assert not page.one(f"{SAM} .silent").browser.all(f"{SAM} .composer:not([hidden])")
    opens(page, 1001, "Fees news")
    says(page, 1001, "Fees are lower from Monday")
    assert last_update(telegram, "channel_post")["text"] == "Fees are lower from Monday"
    page.sees(f"{SAM} .message.channel", "Fees are lower from Monday")
    page.sees(f"{ANNA} .message.channel", "Fees are lower from Monday")


def test_an_administrator_changes_what_others_are(page, telegram):
    chat = telegram.room("supergroup", "Team")
    opens(page, 1001, "Team")
    menu(page, 1001, "More", "Members")
    page.choose("[name=status-1003]", "member")
    page.wait(lambda: page.run("return document.querySelector('[name=status-1003]').value") == "member", "Sam is in")
    page.click("#members-dialog button", "Done")
    opens(page, 1003, "Team")
    page.sees(f"{SAM} .message.service", "Anna added Sam")
    menu(page, 1001, "More", "Members")
    page.choose("[name=status-1003]", "restricted")
    page.sees(f"{SAM} .silent", "not allowed to write")
    page.choose("[name=status-1003]", "kicked")
    page.sees(f"{SAM} .silent", "thrown out")
    page.click("#members-dialog button", "Done")
    menu(page, 1003, "More", "Members")
    page.sees("#members-about", "can only look")
    assert page.run("return [...document.querySelectorAll('#members-list select')].every((e) => e.disabled)")
    page.click("#members-dialog button", "Done")
    assert chat < -1_000_000_000_000


def test_a_group_becomes_a_supergroup_and_both_go_along(page, telegram):
    chat = telegram.room("group", "Team")
    telegram.control(f"/chats/{chat}/messages", **{"from": 1002, "text": "before"})
    opens(page, 1001, "Team")
    opens(page, 1002, "Team")
    menu(page, 1001, "More", "Make it a supergroup")
    page.click("#confirm-dialog button", "Make it one")
    page.sees(f"{ANNA} .talk header p", "supergroup")
    page.sees(f"{BORIS} .silent", "This group became a supergroup")
    page.click(f"{BORIS} .silent button", "Open it")
    page.sees(f"{BORIS} .talk header p", "supergroup")
    says(page, 1002, "after")
    page.sees(f"{ANNA} .message", "after")


def test_the_title_is_changed_and_told(page, telegram):
    telegram.room("group", "Team")
    opens(page, 1001, "Team")
    menu(page, 1001, "More", "Change the title")
    field = page.one("#title-form [name=title]")
    field.clear()
    field.type("Better team\ue007")
    page.sees(f"{ANNA} h3", "Better team")
    page.sees(f"{ANNA} .message.service", "Anna changed the title to “Better team”")


def test_a_message_in_a_group_is_answered_changed_and_deleted(page, telegram):
    chat = telegram.room("supergroup", "Team")
    opens(page, 1001, "Team")
    opens(page, 1002, "Team")
    says(page, 1001, "helo")
    page.sees(f"{ANNA} .message.own", "helo")
    mine = page.run("return document.querySelector(arguments[0]).dataset.id", f"{ANNA} .message.own")
    message_menu(page, 1002, mine, "Reply")
    says(page, 1002, "hello?")
    page.sees(f"{ANNA} .quoted", "helo")
    message_menu(page, 1001, mine, "Edit")
    page.one(f"{ANNA} .composer textarea").clear()
    says(page, 1001, "hello")
    page.sees(f"{BORIS} [data-id='{mine}'] .text", "hello")
    page.sees(f"{BORIS} .quoted", "hello")
    message_menu(page, 1001, mine, "Delete")
    page.one(f"{BORIS} .message.deleted[data-id='{mine}']")
    assert chat


def test_a_button_in_a_group_spins_only_for_who_pressed_it(page, telegram):
    chat = telegram.room("supergroup", "Team")
    telegram.bot("sendMessage", chat_id=chat, text="Approve?", reply_markup=inline([("Yes", "y")]))
    opens(page, 1001, "Team")
    opens(page, 1002, "Team")
    page.click(f"{BORIS} .keyboard button", "Yes")
    page.one(f"{BORIS} .keyboard .waiting")
    assert not page.all(f"{ANNA} .waiting")
    query = last_update(telegram, "callback_query")
    assert query["from"]["id"] == 1002 and query["message"]["chat"]["id"] == chat
    telegram.bot("answerCallbackQuery", callback_query_id=query["id"], text="Thanks, Борис")
    page.sees(f"{BORIS} .toast", "Thanks, Борис")
    page.gone(f"{BORIS} .waiting")
    assert not page.all(f"{ANNA} .toast")


def test_files_go_into_groups_with_their_caption(page, telegram):
    telegram.room("supergroup", "Team")
    opens(page, 1001, "Team")
    drop(page, f"{ANNA} [data-zone=ask]", [["fees.yml", "text/yaml", "a: 1"]])
    page.one(f"{ANNA} .attach-sheet textarea").type("for everybody")
    page.click(f"{ANNA} .attach-sheet button", "Send")
    message = last_update(telegram)
    assert message["document"]["file_name"] == "fees.yml" and message["caption"] == "for everybody"
    opens(page, 1002, "Team")
    page.sees(f"{BORIS} .file", "fees.yml")


def test_ready_made_files_go_into_groups_and_channels(page, telegram):
    telegram.room("supergroup", "Team")
    telegram.room("channel", "News", username="fees_news")
    opens(page, 1001, "Team")
    menu(page, 1001, "Send a file", "fees-utf16.yml")
    message = last_update(telegram)
    assert (message["document"]["file_name"], message["from"]["id"], message["chat"]["title"]) == ("fees-utf16.yml", 1001, "Team")
    page.sees(f"{ANNA} .message.own .file", "fees-utf16.yml")
    menu(page, 1001, "Send a file", "photo.png")
    assert last_update(telegram)["photo"][-1]["width"] == 480
    opens(page, 1001, "News")
    menu(page, 1001, "Send a file", "fees.yml")
    assert last_update(telegram, "channel_post")["document"]["file_name"] == "fees.yml"
    page.gone(f"{ANNA} .toast.bad")


def test_the_menu_in_a_group_is_its_members(page, telegram):
    chat = telegram.room("supergroup", "Team")
    telegram.bot("setMyCommands", commands=[{"command": "all", "description": "Groups"}], scope={"type": "all_group_chats"})
    telegram.bot("setMyCommands", commands=[{"command": "rule", "description": "Administrators"}], scope={"type": "chat_administrators", "chat_id": chat})
    opens(page, 1002, "Team")
    page.click(f"{BORIS} button[aria-label=Commands]")
    page.sees(".menu", "/all@simulated_bot")
    opens(page, 1001, "Team")
    menu(page, 1001, "Commands", "/rule@simulated_bot")
    assert last_update(telegram)["text"] == "/rule@simulated_bot"


def test_who_leaves_can_come_back(page, telegram):
    telegram.room("supergroup", "Team")
    opens(page, 1002, "Team")
    menu(page, 1002, "More", "Leave")
    page.sees(f"{BORIS} .silent", "no longer here")
    menu(page, 1002, "More", "Come back")
    page.one(f"{BORIS} .composer")
    page.sees(f"{BORIS} .message.service", "Борис joined")


def test_names_of_chats_are_text(page, telegram):
    page.click(f"{ANNA} .back")
    page.click(f"{ANNA} button", "New channel")
    page.one("#room-form [name=title]").type(EVIL[:120])
    page.one("#room-form [name=description]").type(EVIL)
    page.click("#room-form button", "Create")
    page.sees(f"{ANNA} h3", "<img src=x")
    page.click(f"{ANNA} .talk > header button[aria-label=More]")
    page.sees(".menu", "<script>")
    page.click(".menu button", "Members")
    page.sees("#members-title", "<img src=x")
    page.click("#members-dialog button", "Done")
    page.click("#faults > summary")
    page.click("#fault-more > summary")
    page.sees("#fault-chat", "<img src=x")
    page.click(f"{ANNA} .back")
    page.sees(f"{ANNA} .chat-row", "<img src=x")
    assert page.count("main img, dialog img, .panels img") == 0 and page.run("return document.title") == "natrium-sim"


def test_a_group_that_cannot_be_made_says_why_in_its_dialog(page, telegram):
    page.expects("status of 4")
    telegram.room("channel", "First", username="same_name")
    page.click(f"{ANNA} .back")
    page.click(f"{ANNA} button", "New channel")
    page.one("#room-form [name=title]").type("Second")
    page.one("#room-form [name=username]").type("same_name")
    page.click("#room-form button", "Create")
    page.wait(lambda: page.text("#room-form .problem"), "the reason")
    assert page.run("return document.querySelector('#room-dialog').open")
    page.click("#room-form button", "Cancel")
