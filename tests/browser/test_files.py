"""Files on their way in and out: picked, dropped, pasted, saved."""

import base64

from acts import drop, last_update, person, start

ANNA = person(1001)
# One grey pixel.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")


def chosen(page, telegram, tmp_path, name, content, entry):
    """Picks a file as a person does, in the browser's own dialog."""
    path = tmp_path / name
    path.write_bytes(content)
    page.run("HTMLInputElement.prototype.click = function () {}")
    page.click(f"{ANNA} button[aria-label='Send a file']")
    page.click(".menu button", entry)
    picker = page.all(f"{ANNA} input[type=file]")[0]
    picker.type(str(path))
    page.one(f"{ANNA} .attach-sheet")


def test_a_picked_picture_is_sent_as_a_photo_with_a_caption(page, telegram, tmp_path):
    start(telegram, 1001)
    chosen(page, telegram, tmp_path, "dot.png", PNG, "Choose a photo…")
    page.wait(lambda: page.count(f"{ANNA} .chosen-files img"), "what it looks like")
    page.one(f"{ANNA} .attach-sheet textarea").type("a <b>dot</b>")
    page.click(f"{ANNA} .attach-sheet button", "Send")
    message = last_update(telegram)
    assert message["photo"][0]["width"] == 1 and message["caption"] == "a <b>dot</b>"
    page.gone(f"{ANNA} .attach-sheet")
    page.wait(lambda: page.run("return document.querySelector('.photo')?.naturalWidth") == 1, "the photo is shown")
    page.sees(f"{ANNA} .message.own .text", "a <b>dot</b>")


def test_a_picked_picture_can_be_sent_as_a_document(page, telegram, tmp_path):
    start(telegram, 1001)
    chosen(page, telegram, tmp_path, "dot.png", PNG, "Choose a photo…")
    page.click(f"{ANNA} .attach-sheet label", "as a document")
    page.click(f"{ANNA} .attach-sheet button", "Send")
    message = last_update(telegram)
    assert message["document"]["file_name"] == "dot.png" and message["document"]["file_size"] == len(PNG)


def test_files_are_dropped_where_they_are_sent_at_once_or_asked_about(page, telegram):
    start(telegram, 1001)
    drop(page, f"{ANNA} .chat", [["at-once.yml", "text/yaml", "a: 1"]])
    assert last_update(telegram)["document"]["file_name"] == "at-once.yml"
    drop(page, f"{ANNA} [data-zone=ask]", [["one.yml", "text/yaml", "a: 1"], ["two.yml", "text/yaml", "b: 22"]])
    page.sees(f"{ANNA} .chosen-files", "two.yml")
    page.click(f"{ANNA} button[aria-label='Leave out one.yml']")
    page.one(f"{ANNA} .attach-sheet textarea").type("the second")
    page.click(f"{ANNA} .attach-sheet button", "Send")
    message = last_update(telegram)
    assert (message["document"]["file_name"], message["document"]["file_size"], message["caption"]) == ("two.yml", 5, "the second")


def test_a_pasted_picture_is_asked_about(page, telegram):
    start(telegram, 1001)
    page.run("""
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(arguments[1]), (c) => c.charCodeAt(0))], "image.png", { type: "image/png" }));
        document.querySelector(arguments[0]).dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    """, f"{ANNA} .composer textarea", base64.b64encode(PNG).decode())
    page.sees(f"{ANNA} .chosen-files", "image.png")
    page.click(f"{ANNA} .attach-sheet button", "Send")
    assert last_update(telegram)["photo"][0]["file_size"] == len(PNG)


def test_what_is_too_large_or_empty_is_said_before_it_is_sent(page, telegram):
    start(telegram, 1001)
    drop(page, f"{ANNA} .chat", [["huge.bin", "", 129]])
    page.sees(f"{ANNA} .toast.bad", "huge.bin is 129 MiB; at most 128 MiB can be sent here")
    drop(page, f"{ANNA} .chat", [["empty.yml", "", ""]])
    page.sees(f"{ANNA} .toast.bad", "empty.yml is empty")
    page.click(f"{ANNA} .back")
    assert page.count(f"{ANNA} .toast") == 0, "it was about that chat"
    page.click(f"{ANNA} .chat-row")
    drop(page, f"{ANNA} [data-zone=ask]", [["large.png", "image/png", 11]])
    page.sees(f"{ANNA} .chosen-files .why", "large.png is 11 MiB; a photo has at most 10 MiB")
    assert page.run("return document.querySelector('.attach-sheet [type=submit]').disabled")
    page.click(f"{ANNA} .attach-sheet label", "as a document")
    page.gone(f"{ANNA} .chosen-files .why")
    page.click(f"{ANNA} .attach-sheet button", "Cancel")
    drop(page, f"{ANNA} [data-zone=ask]", [["big.yml", "", 21]])
    page.sees(f"{ANNA} .chosen-files .why", "bots are told of it but cannot download it")
    page.click(f"{ANNA} .attach-sheet button", "Cancel")
    assert telegram.updates() == []


def test_what_is_dropped_where_nothing_can_be_sent_is_refused_with_the_reason(page, telegram):
    drop(page, f"{person(1003)} .chat", [["x.yml", "", "a: 1"]])
    page.sees(f"{person(1003)} .toast.bad", "Press Start first.")


def test_a_file_that_is_no_picture_is_refused_in_the_simulators_words(page, telegram):
    page.expects("status of 400")
    start(telegram, 1001)
    drop(page, f"{ANNA} [data-zone=ask]", [["fake.png", "image/png", "not a picture"]])
    page.click(f"{ANNA} .attach-sheet button", "Send")
    page.sees(f"{ANNA} .toast.bad", "neither a PNG nor a JPEG")
    page.sees(f"{ANNA} .chosen-files", "fake.png")
