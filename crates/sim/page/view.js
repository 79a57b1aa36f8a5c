// Builds what is seen. Everything people and bots write goes in as text, never as markup.

/** An element with properties, `data-`/`aria-` attributes and children. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.includes("-") || name === "role" || name === "for") node.setAttribute(name, value === true ? "" : value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

const PATHS = {
  send: "M4 12 20 4l-5 16-3.2-6.8z",
  clip: "M8 12.5 14.6 6a3 3 0 0 1 4.3 4.2l-8.2 8.3a5 5 0 0 1-7.1-7L11.5 3.6",
  slash: "M15 5 9 19",
  dots: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  close: "M6 6l12 12M18 6 6 18",
  sheet: "M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12.5h5M10 16h5",
};

/** A small line drawing. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  path.setAttribute("fill", name === "send" ? "currentColor" : "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", name === "dots" ? "2.6" : "1.7");
  path.setAttribute("stroke-linecap", "round");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  return svg;
}

export function iconButton(name, label, properties = {}) {
  return el("button", { type: "button", className: "icon", title: label, "aria-label": label, ...properties }, icon(name));
}

export function bytes(size) {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1).replace(/\.0$/, "")} KiB`;
  return `${(size / 1024 / 1024).toFixed(1).replace(/\.0$/, "")} MiB`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const seconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
export const time = (millis, precise) =>
  el("time", { dateTime: new Date(millis).toISOString() }, (precise ? seconds : clock).format(millis));

/** Only what is really an address on the web becomes a link. */
function safeUrl(url) {
  try {
    const parsed = new URL(url.includes("://") ? url : `https://${url}`);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : undefined;
  } catch {
    return undefined;
  }
}

function outside(url, ...children) {
  const href = safeUrl(url);
  if (!href) return el("span", {}, ...children);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

const SIMPLE = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };

function styled(entity, text, children, onCommand) {
  if (SIMPLE[entity.type]) return el(SIMPLE[entity.type], {}, ...children);
  if (entity.type === "text_link") return outside(entity.url, ...children);
  if (entity.type === "url") return outside(text, ...children);
  if (entity.type === "spoiler") return el("span", { className: "spoiler", tabIndex: 0 }, ...children);
  if (entity.type === "bot_command") {
    return el("button", { type: "button", className: "command", onclick: () => onCommand(text) }, ...children);
  }
  return el("span", { className: "tag" }, ...children);
}

/** A text with its entities; their offsets are UTF-16 units, as JavaScript counts. */
export function formatted({ text, entities }, onCommand) {
  const list = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const build = (from, to, inner) => {
    const nodes = [];
    let at = from;
    let index = 0;
    while (index < inner.length) {
      const entity = inner[index++];
      const end = Math.min(entity.offset + entity.length, to);
      if (entity.offset < at || end <= entity.offset) continue;
      if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
      const nested = [];
      while (index < inner.length && inner[index].offset < end) nested.push(inner[index++]);
      nodes.push(styled(entity, text.slice(entity.offset, end), build(entity.offset, end, nested), onCommand));
      at = end;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return el("div", { className: "text", dir: "auto" }, ...build(0, text.length, list));
}

function file(view) {
  const href = `/control/files/${view.key}`;
  if (view.photo) {
    const [width, height] = view.photo;
    return el("a", { href, target: "_blank" }, el("img", { className: "photo", src: href, alt: "Photo", width, height }));
  }
  return el("a", { className: "file", href, download: view.name, title: `Save ${view.name}` },
    el("span", { className: "sheet" }, icon("sheet")),
    el("span", {}, el("b", {}, view.name), el("small", {}, bytes(view.size))));
}

function inlineKeyboard(rows, message, actions) {
  const button = (item) => item.url
    ? outside(item.url, `${item.text} ↗`)
    : el("button", { type: "button", "data-data": item.callback_data, onclick: (event) => actions.press(message, item, event.currentTarget) }, item.text);
  return el("div", { className: "keyboard", role: "group", "aria-label": "Buttons" },
    ...rows.map((row) => el("div", {}, ...row.map(button))));
}

/** One message with everything that belongs to it. `quoted` is the message that it answers. */
export function message(view, quoted, actions) {
  const edits = view.history.length - 1;
  const own = view.author === "user";
  const history = el("ol", { className: "history", hidden: true, "aria-label": "Earlier versions" },
    ...view.history.slice(0, -1).map((state) => el("li", {}, time(state.at, true), state.text.text || "(no text)")));
  const meta = el("div", { className: "meta" });
  if (own && view.text.text && !view.file && !view.deleted) {
    meta.append(el("button", { type: "button", className: "link edit", onclick: () => actions.edit(view) }, "edit"));
  }
  if (view.deleted) meta.append(el("span", {}, "deleted"));
  if (edits > 0) {
    const toggle = el("button", { type: "button", className: "link", "aria-expanded": "false", title: "Show earlier versions" },
      edits === 1 ? "edited" : `edited ×${edits}`);
    toggle.onclick = () => {
      history.hidden = !history.hidden;
      toggle.setAttribute("aria-expanded", String(!history.hidden));
    };
    meta.append(toggle);
  }
  meta.append(time(view.sent));
  const bubble = el("div", { className: "bubble" },
    quoted && el("div", { className: "quoted" }, quoted.text.text || quoted.file?.name || "…"),
    view.file && file(view.file),
    view.text.text ? formatted(view.text, actions.say) : undefined,
    history, meta);
  const keyboard = view.markup?.inline && !view.deleted ? inlineKeyboard(view.markup.inline, view, actions) : undefined;
  return el("article", {
    className: `message ${view.author}${view.deleted ? " deleted" : ""}`,
    "data-id": String(view.message_id),
    "aria-label": own ? "Message from this person" : "Message from the bot",
  }, bubble, keyboard);
}

/** What a fault does, in words. */
export function faultWords(fault) {
  const what = {
    latency: () => `answers ${fault.millis} ms late`,
    hang: () => "never answers",
    drop: () => "closes the connection",
    too_many_requests: () => `says 429, retry after ${fault.retry_after} s`,
    server_error: () => `says ${fault.status} with a page of HTML`,
    unauthorized: () => "says 401 Unauthorized",
    conflict: () => "says 409 Conflict",
    outage: () => "cannot be reached",
  }[fault.kind]?.() ?? fault.kind;
  const often = fault.calls === undefined ? "until cleared" : fault.calls === 1 ? "once" : `${fault.calls} times`;
  const where = fault.method ? ` for ${fault.method}` : "";
  return `Telegram ${what}${where}, ${often}${fault.after ? ", after doing it" : ""}`;
}

/** What a call was about, in a few words. */
function gist(call) {
  const { text, caption, action, offset, file_id: fileId, document, chat_id: chat } = call.parameters;
  const to = chat ? `${chat}: ` : "";
  if (document?.file_name) return `${to}${document.file_name}`;
  const said = text ?? caption ?? action;
  if (said) return `${to}${said}`;
  if (fileId) return fileId;
  if (offset) return `offset ${offset}`;
  return chat ? String(chat) : "";
}

/** One entry of the call log. */
export function call(view) {
  const failed = view.status >= 400 || view.abandoned;
  const status = view.status ?? (view.abandoned ? "gone" : view.fault ? "none" : "…");
  const label = view.fault ? `${status} ⚡` : String(status);
  const details = el("details", {}, el("summary", {},
    time(view.at, true),
    el("b", {}, view.method),
    el("span", { className: "gist" }, gist(view)),
    el("span", { className: "took" }, view.took === undefined ? "" : `${view.took} ms`),
    el("span", { className: `code ${view.status === undefined ? "none" : failed ? "bad" : ""}` }, label)));
  details.ontoggle = () => {
    if (!details.open || details.childElementCount > 1) return;
    let answer = view.response ?? "no answer";
    try {
      answer = JSON.stringify(JSON.parse(answer), null, 2);
    } catch { /* cut short or a page of HTML: shown as it is */ }
    const notes = [
      view.unsimulated && "Not simulated.",
      view.ignored?.length && `Unknown to Telegram and ignored: ${view.ignored.join(", ")}`,
      view.fault && `Fault: ${view.fault.kind}`,
      view.abandoned && "The client went away before it was answered.",
    ].filter(Boolean);
    details.append(el("pre", { tabIndex: 0 },
      [`${view.path}  (${view.encoding || "unread"})`, JSON.stringify(view.parameters, null, 2), ...notes, answer].join("\n\n")));
  };
  return el("li", { "data-number": String(view.number) }, details);
}
