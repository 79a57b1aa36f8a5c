// A text with its entities, as nodes.

import { el } from "/page/view/dom.js";

/** Only what is really an address on the web becomes a link. */
function safeUrl(url) {
  try {
    const parsed = new URL(url.includes("://") ? url : `https://${url}`);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : undefined;
  } catch {
    return undefined;
  }
}

/** A link that tells the other side nothing of this page; text if the address is none of the web's. */
export function outside(url, ...children) {
  const href = safeUrl(url);
  if (!href) return el("span", { className: "no-link", title: "not an address that can be opened" }, ...children);
  return el("a", { href, target: "_blank", rel: "noopener noreferrer", title: href }, ...children);
}

const SIMPLE = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote" };

const BLOCKS = ["pre", "blockquote", "expandable_blockquote"];

function spoiler(children) {
  const hidden = el("span", { className: "inside", inert: true }, ...children);
  const node = el("span", { className: "spoiler", role: "button", tabIndex: 0, "aria-expanded": "false", "aria-label": "Spoiler, hidden" }, hidden);
  const open = (event) => {
    if (event.key && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    node.classList.add("open");
    hidden.inert = false;
    for (const name of ["role", "tabindex", "aria-expanded", "aria-label"]) node.removeAttribute(name);
    node.onclick = node.onkeydown = null;
  };
  node.onclick = open;
  node.onkeydown = open;
  return node;
}

function foldedQuote(text, children) {
  const quote = el("blockquote", { className: "folded" }, ...children);
  if (text.length < 120 && text.split("\n").length < 4) {
    quote.classList.remove("folded");
    return quote;
  }
  const toggle = el("button", { type: "button", className: "link fold", "aria-expanded": "false" }, "more");
  toggle.onclick = () => {
    const folded = quote.classList.toggle("folded");
    toggle.textContent = folded ? "more" : "less";
    toggle.setAttribute("aria-expanded", String(!folded));
  };
  return el("div", { className: "fold-box" }, quote, toggle);
}

function codeBlock(language, children) {
  return el("pre", {}, language && el("span", { className: "language" }, language), el("code", {}, ...children));
}

function styled(entity, text, children, onCommand) {
  if (SIMPLE[entity.type]) return el(SIMPLE[entity.type], {}, ...children);
  if (entity.type === "pre") return codeBlock(entity.language, children);
  if (entity.type === "expandable_blockquote") return foldedQuote(text, children);
  if (entity.type === "text_link") return outside(entity.url, ...children);
  if (entity.type === "url") return outside(text, ...children);
  if (entity.type === "spoiler") return spoiler(children);
  if (entity.type === "custom_emoji") return el("span", { className: "emoji", title: `custom emoji ${entity.custom_emoji_id}` }, ...children);
  if (entity.type === "bot_command" && onCommand) {
    return el("button", { type: "button", className: "command", onclick: () => onCommand(text) }, ...children);
  }
  return el("span", { className: "tag", title: entity.user ? `user ${entity.user.id ?? entity.user}` : undefined }, ...children);
}

/** A text with its entities; their offsets are UTF-16 units, as JavaScript counts. */
export function formatted({ text, entities }, onCommand, className = "text") {
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
      // A block ends its line by itself.
      at = BLOCKS.includes(entity.type) && text[end] === "\n" && end < to ? end + 1 : end;
    }
    if (at < to) nodes.push(text.slice(at, to));
    return nodes;
  };
  return el("div", { className, dir: "auto" }, ...build(0, text.length, list));
}
