"""Behind the scenes: faults, the call log, the simulator itself."""

import json
import time
import urllib.request

from acts import last_update, person, start
from conftest import TOKEN

ANNA = person(1001)


def faults(telegram):
    with urllib.request.urlopen(f"{telegram.url}/control/faults") as response:
        return json.load(response)


def inject(page, kind, **fields):
    page.choose("#fault-kind", kind)
    for name, value in fields.items():
        if name in ("method", "chat"):
            page.choose(f"#fault-form [name={name}]", str(value))
        elif value is True:
            page.click(f"#fault-form [name={name}]")
        else:
            field = page.one(f"#fault-form [name={name}]")
            field.clear()
            field.type(str(value))
    page.click("#fault-form button", "Inject")


def test_every_kind_of_fault_can_be_put_in_force(page, telegram):
    page.click("#faults > summary")
    kinds = page.run("return [...document.querySelector('#fault-kind').options].map((o) => o.value)")
    assert set(kinds) == {"latency", "hang", "drop", "truncated", "slow_body", "too_many_requests", "server_error", "unauthorized", "conflict", "outage"}
    for count, kind in enumerate(kinds, 1):
        inject(page, kind)
        page.wait(lambda: page.count("#fault-list li") == count, kind)
    assert [fault["kind"] for fault in faults(telegram)] == kinds
    page.sees("#alarm", "10 faults in force")
    page.click("#fault-clear")
    page.gone("#alarm")
    assert faults(telegram) == []


def test_a_fault_is_for_a_method_a_chat_a_window_and_a_chance(page, telegram):
    start(telegram, 1001)
    page.click("#faults > summary")
    page.click("#fault-more > summary")
    inject(page, "too_many_requests", retry_after=9, method="sendMessage", chat=1001, calls=4, skip=1, percent="12.5", until=90, **{"from": 1.5})
    page.sees("#fault-list", "says 429, retry after 9 s for sendMessage in Anna")
    (fault,) = faults(telegram)
    wanted = {"kind": "too_many_requests", "retry_after": 9, "method": "sendMessage", "chat": 1001, "calls": 4, "skip": 1,
              "probability": 0.125, "from_millis": 1500, "until_millis": 90000}
    assert {name: fault[name] for name in wanted} == wanted
    for words in ("4 times", "12.5 %", "after 1 that go well", "from 1.5 s on", "for 88.5 s"):
        page.sees("#fault-list", words)


def test_hits_are_counted_and_the_answer_alone_can_be_lost(page, telegram):
    start(telegram, 1001)
    page.click("#faults > summary")
    inject(page, "drop", method="sendMessage", after=True)
    page.sees("#fault-list", "after doing it")
    for _ in range(2):
        try:
            telegram.post(f"/bot{TOKEN}/sendMessage", {"chat_id": 1001, "text": "you will not know"})
        except OSError:
            pass
    page.sees("#fault-list .hits", "2 hits")
    page.sees(f"{ANNA} .message.bot", "you will not know")
    page.click("#fault-list button")
    page.gone("#fault-list li")


def test_a_wrong_fault_is_refused_in_words(page, telegram):
    page.expects("status of 400")
    page.click("#faults > summary")
    inject(page, "server_error", status=200)
    page.sees("#fault-problem", "500 to 599")
    assert faults(telegram) == []


def test_one_press_makes_an_outage_and_one_ends_it(page, telegram):
    page.click("#faults > summary")
    page.click("#outage")
    page.sees("#alarm", "cannot be reached")
    page.one("#outage[aria-pressed=true]").click()
    page.gone("#alarm")
    assert faults(telegram) == []


def test_the_call_log_is_filtered_and_read_by_pages(page, telegram):
    start(telegram, 1001)
    for number in range(120):
        telegram.bot("sendMessage", chat_id=1001, text=f"call {number}")
    telegram.post(f"/bot{TOKEN}/sendDice", {"chat_id": 1001})
    telegram.control("/faults", kind="unauthorized", method="getMe", calls=1)
    telegram.post(f"/bot{TOKEN}/getMe", {})
    page.click("#calls > summary")
    page.sees("#call-list", "fault: unauthorized")
    page.sees("#call-list .mark.bad", "not simulated")
    assert page.count("#call-list > li") == 50
    assert page.run("return document.querySelector('#call-newer').disabled")
    page.click("#call-older")
    page.sees("#call-place", "51–100")
    page.click("#call-older")
    page.sees("#call-list", "call 0")
    assert page.run("return document.querySelector('#call-older').disabled")
    page.click("#call-newer")
    page.sees("#call-place", "51–100")
    page.one("#call-filter").type("call 77")
    page.wait(lambda: page.count("#call-list > li") == 1, "only what contains it")
    page.sees("#call-list", "call 77")
    page.one("#call-filter").clear()
    page.choose("#call-which", "unsimulated")
    page.wait(lambda: page.count("#call-list > li") == 1, "only what is not simulated")
    page.click("#call-list summary")
    page.sees("#call-list .call-note", "refused it with 501")
    page.sees("#call-list pre", "Not Implemented")
    page.choose("#call-which", "faults")
    page.sees("#call-list", "getMe")
    page.choose("#call-which", "failed")
    page.wait(lambda: page.count("#call-list > li") == 2, "both failed")


def test_more_calls_than_were_read_are_there_page_by_page(page, telegram):
    start(telegram, 1001)
    page.go("about:blank")
    for number in range(560):
        telegram.bot("sendMessage", chat_id=1001, text=f"call {number}")
    page.opens(telegram.url)
    page.click("#calls > summary")
    page.sees("#call-place", "1–50 of 500+")
    for _ in range(11):
        page.run("document.querySelector('#call-older').click()")
        page.wait(lambda: not page.run("return document.querySelector('#call-list').dataset.busy"), "the page is there")
    page.sees("#call-list", "call 0")


def test_an_open_call_stays_open_while_others_come(page, telegram):
    start(telegram, 1001)
    telegram.bot("sendMessage", chat_id=1001, text="look at me")
    page.click("#calls > summary")
    page.click("#call-list summary", "look at me")
    page.sees("#call-list pre", '"text": "look at me"')
    telegram.bot("sendMessage", chat_id=1001, text="another")
    page.sees("#call-list", "another")
    page.sees("#call-list pre", '"text": "look at me"')
    assert "SIMULATED" not in page.run("return document.documentElement.outerHTML")


def test_the_clock_moves_and_presses_become_too_old(page, telegram):
    start(telegram, 1001)
    page.click("#machine > summary")
    before = page.wait(lambda: page.text("#now"), "the time")
    page.click("#day")
    page.wait(lambda: page.text("#now").split(",")[0] != before.split(",")[0], "another day")
    field = page.one("#clock-form [name=amount]")
    field.clear()
    field.type("24")
    page.choose("#clock-form [name=unit]", "3600000")
    day = page.text("#now").split(",")[0]
    page.click("#clock-form button")
    page.wait(lambda: page.text("#now").split(",")[0] != day, "one more")
    telegram.says(1001, "in two days")
    assert last_update(telegram)["date"] - time.time() > 2 * 86400 - 60


def test_what_waits_for_a_bot_its_webhook_and_what_was_counted(page, telegram):
    telegram.says(1001, "/start")
    telegram.says(1001, "more")
    page.click("#machine > summary")
    page.sees("#bot-list", "Updates waiting2")
    page.sees("#status", "2 waiting")
    telegram.bot("setWebhook", url="http://127.0.0.1:9/hook")
    page.sees("#bot-list", "http://127.0.0.1:9/hook")
    page.sees("#bot-list", "by webhook")
    telegram.bot("deleteWebhook")
    page.sees("#bot-list", "nobody polls")
    page.wait(lambda: "Calls2" in page.text("#counters"), "the calls are counted")


def test_a_revoked_token_and_a_new_beginning_are_asked_about_first(page, telegram):
    start(telegram, 1001)
    page.click("#machine > summary")
    page.click(".revoke")
    page.click("#confirm-dialog button", "Leave it")
    assert telegram.bot("getMe")["is_bot"]
    page.click(".revoke")
    page.click("#confirm-dialog button", "Revoke")
    page.sees("#status", "the token is revoked")
    assert telegram.post(f"/bot{TOKEN}/getMe", {})["error_code"] == 401
    page.click("#reset")
    page.click("#confirm-dialog button", "Start over")
    page.wait(lambda: page.count(".message") == 0, "nothing was said")
