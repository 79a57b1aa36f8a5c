"""What the tests of the page have people do, in words."""


EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def person(user):
    return f"#person-{user}"


def start(telegram, user):
    """The person is known to the bot already, and the updates of that are confirmed."""
    telegram.says(user, "/start")
    last = telegram.updates()[-1]["update_id"]
    telegram.updates(offset=last + 1)


def opens(page, user, title):
    """The person leaves the chat that is open and opens another one."""
    page.click(f"{person(user)} .back")
    page.click(f"{person(user)} .chat-row", title)
    page.sees(f"{person(user)} h3", title)


def says(page, user, text):
    page.one(f"{person(user)} .composer textarea").type(text + "\ue007")


def menu(page, user, button, entry):
    """Opens a menu of the column and takes an entry."""
    page.click(f"{person(user)} .talk > header button[aria-label='{button}']" if button == "More" else f"{person(user)} button[aria-label='{button}']")
    page.click(".menu button", entry)


def message_menu(page, user, message, entry):
    page.click(f"{person(user)} [data-id='{message}'] .beside")
    page.click(".menu button", entry)


def drop(page, css, files, paste=False):
    """Drops files, or pastes them: (name, type, text or a size in MiB)."""
    page.run("""
        const [css, files, paste] = arguments;
        const data = new DataTransfer();
        for (const [name, type, content] of files) {
            const mebibyte = new Uint8Array(1 << 20);
            const parts = typeof content === "number" ? Array(content).fill(mebibyte) : [content];
            data.items.add(new File(parts, name, { type }));
        }
        const target = document.querySelector(css);
        if (paste) target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        else for (const type of ["dragenter", "dragover", "drop"])
            target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    """, css, files, paste)


def last_update(telegram, kind="message"):
    """Waits for an update of this kind; the latest one."""
    offset = 0
    while True:
        found = telegram.updates(offset=offset, timeout=10)
        assert found, f"no {kind}"
        offset = found[-1]["update_id"] + 1
        for update in reversed(found):
            if kind in update:
                telegram.updates(offset=offset)
                return update[kind]


def overflowing(page):
    """Elements that reach beyond the screen's sides, and those whose text is wider than they are without a sign of it."""
    return page.run("""
        const beyond = (e) => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1); };
        const inside = (e) => e.closest(".tabs, pre, .unseen, option");
        const bad = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !inside(e) && beyond(e));
        if (document.documentElement.scrollWidth > innerWidth) bad.push(document.documentElement);
        return bad.map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`);
    """)


def too_small(page, css="body"):
    """Targets that a finger would miss: less than 40 pixels either way, counting what reacts around them."""
    return page.run("""
        const targets = [...document.querySelectorAll(arguments[0] + " :is(button, summary, select, input, textarea, a)")];
        const inText = (e) => e.matches(".text *, .file, .photo-link, [hidden] *") || e.type === "file";
        return targets.filter((e) => e.checkVisibility() && !e.closest("[inert]") && !inText(e)).filter((e) => {
            const box = (e.type === "checkbox" || e.type === "radio" ? e.closest("label") : e).getBoundingClientRect();
            if (!box.width || (box.height >= 40 && box.width >= 40)) return false;
            const around = getComputedStyle(e, "::after");
            return around.position !== "absolute" || parseFloat(around.height) < 39.5;
        }).map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 20)} ${Math.round(e.getBoundingClientRect().height)}`);
    """, css)


def faint(page, css="body"):
    """Texts that stand out less from what is behind them than WCAG AA asks for: 4.5 to 1, large ones 3 to 1."""
    return page.run("""
        const parse = (text) => {
            const [r, g, b, a = 1] = text.match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
            return text.startsWith("color(") ? [r, g, b, a] : [r / 255, g / 255, b / 255, a];
        };
        const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
        const light = (c) => { const [r, g, b] = c.map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = (e) => {
            const ground = e.parentElement ? behind(e.parentElement) : [1, 1, 1];
            const style = getComputedStyle(e);
            const [r, g, b, a] = parse(style.backgroundColor);
            return over([r, g, b, a * style.opacity], ground);
        };
        const shown = (e) => { let o = 1; for (; e; e = e.parentElement) o *= getComputedStyle(e).opacity; return o; };
        const counts = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("[inert], :disabled, [aria-hidden=true], .unseen, option");
        const texts = [...document.querySelectorAll(arguments[0] + " *")].filter((e) => counts(e)
            && ([...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || e.matches("input, textarea, select")));
        return texts.map((e) => {
            const style = getComputedStyle(e, e.matches(":placeholder-shown") ? "::placeholder" : null);
            const ground = behind(e);
            const [r, g, b, a] = parse(style.color);
            const [high, low] = [light(over([r, g, b, a * shown(e)], ground)), light(ground)].sort((x, y) => y - x);
            const size = parseFloat(style.fontSize);
            const enough = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
            const ratio = (high + 0.05) / (low + 0.05);
            return [ratio < enough, `${e.tagName}.${e.className} “${e.textContent.slice(0, 20)}” ${ratio.toFixed(2)}`];
        }).filter(([bad]) => bad).map(([, words]) => words);
    """, css)


def keyboard(*rows):
    return {"keyboard": [[{"text": text} for text in row] for row in rows]}


def inline(*rows):
    return {"inline_keyboard": [[dict(zip(("text", "callback_data"), button)) for button in row] for row in rows]}
