"""natrium-web's page in a real Chromium, with the real service: admins whom the bot has sent a link look at configs and roll back."""

import pytest

from acts import faint, overflowing
from conftest import ROOT
from service import Service

ANNA, BORIS = 1001, 1002
SAMPLE = (ROOT / "crates/kinds/samples/fees.yml").read_text()
EVIL = "# <script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\n"
TAB, ENTER = "\ue004", "\ue007"


def fees(percent):
    return SAMPLE.replace("percent: 1.5,", f"percent: {percent},")


@pytest.fixture
def service():
    running = Service()
    yield running
    running.close()


@pytest.fixture
def visitor(chromium):
    """A browser in which nobody is signed in."""
    chromium.expected = []
    chromium.size(1100, 760)
    chromium.cdp("Network.clearBrowserCookies")
    yield chromium
    chromium.cdp("Emulation.setEmulatedMedia", features=[])
    complaints = [each for each in chromium.log() if not any(part in each for part in chromium.expected)]
    chromium.go("about:blank")
    assert not complaints, complaints


def signs_in(visitor, service, user):
    visitor.go(service.link(user))
    visitor.click("main button")
    visitor.one("header form")


def says(visitor, text):
    visitor.sees("main", text)


def follows(visitor, *ways):
    for way in ways:
        visitor.click("main a", way)


def test_an_admin_signs_in_looks_around_and_rolls_back(visitor, service):
    service.saves(ANNA, "fees", fees("1.5"))
    service.saves(BORIS, "fees", fees("1.75"))
    visitor.go(service.link(ANNA))
    # Looking at the link is not yet signing in: who looks ahead at links uses none up.
    visitor.command("POST", "/refresh", {})
    visitor.click("main button", "Sign in")
    visitor.sees("header .name", "Anna")
    says(visitor, "Version 2")
    follows(visitor, "History")
    says(visitor, "Boris, ")
    assert visitor.text("main li:first-child .ways").split() == ["Get", "Difference"], "the current one is not rolled back to"
    follows(visitor, "Difference")
    visitor.sees("tr.old", "percent: 1.5,")
    visitor.sees("tr.new", "percent: 1.75,")
    visitor.command("POST", "/back", {})
    follows(visitor, "Roll back")
    says(visitor, "This is what would change in version 2, the current one, saved by Boris")
    visitor.sees("tr.new", "percent: 1.5,")
    visitor.click("main button", "Roll back to version 1")
    says(visitor, "fees.yml is rolled back: version 3 has the content of version 1 again.")
    assert (service.published / "fees.yml").read_text() == fees("1.5")
    # The form that is sent once more is the same request.
    visitor.command("POST", "/refresh", {})
    says(visitor, "version 3 has the content of version 1 again.")
    follows(visitor, "History")
    assert visitor.count("main li") == 3
    says(visitor, "brings back version 1")

    visitor.click("header button", "Sign out")
    visitor.expects("401")
    visitor.command("POST", "/back", {})
    says(visitor, "/page")
    assert "fees" not in visitor.text("body")


def test_a_link_is_good_once(visitor, service):
    link = service.link(ANNA)
    visitor.go(link)
    visitor.click("main button")
    visitor.one("header form")
    visitor.cdp("Network.clearBrowserCookies")
    visitor.go(link)
    visitor.expects("403")
    visitor.click("main button")
    says(visitor, "This address signs nobody in (any more)")
    assert visitor.count("header form") == 0


def test_who_was_faster_is_told_and_what_was_seen_is_what_is_replaced(visitor, service, screenshots):
    for percent in ("1.5", "1.6"):
        service.saves(ANNA, "fees", fees(percent))
    signs_in(visitor, service, ANNA)
    follows(visitor, "History", "Roll back")
    service.saves(BORIS, "fees", fees("1.7"))
    visitor.expects("409")
    visitor.click("main button")
    says(visitor, "Boris")
    visitor.sees("tr.old", "percent: 1.7,")
    assert (service.published / "fees.yml").read_text() == fees("1.7")
    (service.published / "fees.yml").write_text(fees("1.8"))
    service.sees(ANNA, "was changed by hand on the disk")
    visitor.click("main button")
    says(visitor, "by hand")
    visitor.sees("tr.new", "percent: 1.8,")
    screenshots(visitor, "configs-by-hand")
    assert (service.published / "fees.yml").read_text() == fees("1.8")
    visitor.click("main button")
    says(visitor, "version 4 has the content of version 1 again.")
    assert (service.published / "fees.yml").read_text() == fees("1.5")


def test_what_stands_in_files_is_text(visitor, service):
    service.saves(ANNA, "fees", fees("1.5"))
    service.saves(ANNA, "fees", EVIL + fees("1.5"))
    signs_in(visitor, service, ANNA)
    follows(visitor, "History", "Difference")
    visitor.sees("tr.new", EVIL.strip())
    assert visitor.run("return document.title").startswith("fees.yml")
    assert visitor.count("main script, main img") == 0


def test_it_is_in_the_language_of_whoever_asked(visitor, service, screenshots):
    service.saves(BORIS, "fees", fees("1.5"))
    signs_in(visitor, service, BORIS)
    visitor.sees("h1", "Настройки")
    assert visitor.run("return document.documentElement.lang") == "ru"
    follows(visitor, "История")
    says(visitor, "Версия 1")
    screenshots(visitor, "configs-russian")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone_and_every_text_stands_out(visitor, service, screenshots, scheme):
    for percent in ("1.5", "1.6"):
        service.saves(ANNA, "fees", fees(percent) + f"# {'a very long line without any end ' * 20}{'x' * 200}\n")
    visitor.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    for width in (1100, 360):
        visitor.size(width, 740)
        look = lambda name: (screenshots(visitor, f"configs-{name}-{width}-{scheme}"), faint(visitor) + overflowing(visitor))[1]
        visitor.go(service.link(ANNA))
        assert look("sign-in") == []
        visitor.click("main button")
        visitor.one("header form")
        assert look("list") == []
        follows(visitor, "History")
        assert look("history") == []
        follows(visitor, "Difference")
        assert look("diff") == []
        follows(visitor, "History")
        follows(visitor, "Roll back")
        assert look("rollback") == []


def test_the_keyboard_is_enough(visitor, service):
    for percent in ("1.5", "1.6"):
        service.saves(ANNA, "fees", fees(percent))
    press = lambda key: visitor.command("POST", "/actions", {"actions": [
        {"type": "key", "id": "keys", "actions": [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def reaches(name):
        """Goes on by Tab until this has the focus, which can be seen, and presses Enter."""
        for _ in range(30):
            press(TAB)
            found, seen = visitor.run("""
                const e = document.activeElement, style = getComputedStyle(e);
                return [e.textContent.trim(), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1];
            """)
            assert found == "" or seen, f"{found} has the focus and does not show it"
            if found == name:
                return press(ENTER)
        raise AssertionError(f"{name} is not reached")

    visitor.go(service.link(ANNA))
    reaches("Sign in")
    visitor.sees("main", "Version 2")
    reaches("History")
    visitor.sees("h1", "versions")
    reaches("Roll back")
    visitor.sees("h1", "back to version 1")
    reaches("Roll back to version 1")
    says(visitor, "version 3 has the content of version 1 again.")
