// One message with everything that belongs to it: the bubble, its past, its buttons. What is done with it is up to `actions`.

import { bytes, el, icon, iconButton, time } from "/page/view/dom.js";
import { formatted, outside } from "/page/view/text.js";
import { nameOf, store } from "/page/store.js";

/** A photo; one that is covered is uncovered by the first touch, and opened by the next. */
function photo(view, href, covered) {
  const [width, height] = view.photo;
  const link = el("a", { className: `photo-link${covered ? " covered" : ""}`, href, target: "_blank", title: covered ? "Uncover the photo" : "Open the photo" },
    el("img", { className: "photo", loading: "lazy", width, height, alt: covered ? "Covered photo" : "Photo", src: href }));
  link.onclick = (event) => {
    if (!link.classList.contains("covered")) return;
    event.preventDefault();
    link.classList.remove("covered");
    link.title = "Open the photo";
    link.firstChild.alt = "Photo";
  };
  return link;
}

function file(view, covered) {
  const href = `/control/files/${view.key}`;
  if (view.photo) return photo(view, href, covered);
  return el("a", { className: "file", href, download: view.name, title: `Save ${view.name}` },
    el("span", { className: "sheet" }, icon("sheet")),
    el("span", { className: "what" }, el("b", { dir: "auto" }, view.name), el("small", {}, bytes(view.size))));
}

function inlineKeyboard(rows, message, actions) {
  const button = (item) => {
    if (item.url) return outside(item.url, `${item.text} ↗`);
    if (item.copy_text) return el("button", { type: "button", title: `Copies “${item.copy_text}”`, onclick: () => actions.copy(item.copy_text) }, `${item.text} ⧉`);
    return el("button", { type: "button", "data-data": item.callback_data, onclick: (event) => actions.press(message, item, event.currentTarget) }, item.text);
  };
  return el("div", { className: "keyboard", role: "group", "aria-label": "Buttons" },
    ...rows.map((row) => el("div", {}, ...row.map(button))));
}

/** What a service message tells, in words. */
export function serviceWords(message) {
  const { service } = message;
  const who = nameOf(message.from);
  const members = service.members?.map(nameOf).join(", ");
  const words = {
    new_chat_members: () => service.members.length === 1 && service.members[0] === message.from ? `${who} joined` : `${who} added ${members}`,
    left_chat_member: () => service.member === message.from ? `${who} left` : `${who} removed ${nameOf(service.member)}`,
    new_chat_title: () => `${who} changed the title to “${service.title}”`,
    pinned_message: () => `${who} pinned a message`,
    group_chat_created: () => `${who} created the group`,
    supergroup_chat_created: () => `${who} created the supergroup`,
    channel_chat_created: () => "The channel was created",
    migrate_to_chat_id: () => "The group became a supergroup",
    migrate_from_chat_id: () => "This supergroup was a group before",
  }[service.type];
  return words ? words() : service.type.replaceAll("_", " ");
}

/** What stands for a message in a line: in the list of chats, in a quote. */
export function summary(message) {
  if (!message) return "";
  if (message.service) return serviceWords(message);
  if (message.deleted) return "deleted message";
  const text = message.text.text.replace(/\s+/g, " ").trim().slice(0, 160);
  if (!message.file) return text;
  const what = message.file.photo ? "Photo" : message.file.name;
  return text ? `${what}, ${text}` : what;
}

function markupWords(markup) {
  const texts = markup?.inline?.flat().map((item) => item.text) ?? markup?.keyboard?.rows.flat();
  return texts?.length ? el("small", { className: "had" }, `buttons: ${texts.join(" · ")}`) : undefined;
}

function past(view) {
  const earlier = view.history.slice(0, -1);
  return el("ol", { className: "history", hidden: true, "aria-label": "Earlier versions" },
    ...earlier.map((state) => el("li", {}, time(state.at, true),
      el("div", {}, state.text.text ? formatted(state.text, undefined, "was") : "(no text)", markupWords(state.markup)))));
}

function metaLine(view, history) {
  const edits = view.history.length - 1;
  const meta = el("div", { className: "meta" });
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
  return meta;
}

function forwarded({ forwarded_from: id }) {
  return id && el("div", { className: "forwarded" }, "Forwarded from ", el("b", { dir: "auto" }, store.rooms.get(id)?.title ?? nameOf(id)));
}

/** The message that is answered, or the part of it that is quoted. */
function answered(view, { quoted, together }, actions) {
  if (together || (!quoted && !view.quote)) return undefined;
  const said = view.quote?.text ?? (summary(quoted) || "…");
  return el("button", { type: "button", className: `quoted${view.quote ? " part" : ""}`, title: "Go to the message", onclick: () => actions.jump(view.reply_to) },
    quoted && el("b", { dir: "auto" }, nameOf(quoted.from)), el("span", { dir: "auto" }, said));
}

/** Who reacted with what, the same emoji together. */
function reactions({ reactions: list }) {
  if (!list?.length) return undefined;
  const by = Map.groupBy(list, (reaction) => reaction.emoji);
  return el("ul", { className: "reactions", "aria-label": "Reactions" }, ...[...by].map(([emoji, all]) => {
    const names = all.map((reaction) => nameOf(reaction.from)).join(", ");
    return el("li", { title: names }, emoji, all.length > 1 && el("span", {}, String(all.length)), el("span", { className: "unseen" }, ` from ${names}`));
  }));
}

/**
 * A message as one person sees it. `frame` tells what is around it: `own`, `quoted` (the message that it answers),
 * `sender` (a name to show above it), `joined` (the same sender spoke just before), `together` (it continues an album).
 */
export function message(view, frame, actions) {
  if (view.service) {
    return el("article", { className: `message service${view.deleted ? " deleted" : ""}`, "data-id": String(view.message_id) },
      el("p", {}, serviceWords(view)));
  }
  const history = past(view);
  const text = view.text.text && formatted(view.text, actions.say);
  const shown = view.file && file(view.file, view.spoiler);
  const bubble = el("div", { className: "bubble" },
    frame.sender && el("div", { className: `sender ink${Math.abs(view.from) % 5}`, dir: "auto" }, frame.sender),
    !frame.together && forwarded(view), answered(view, frame, actions),
    ...(view.caption_above ? [text, shown] : [shown, text]),
    reactions(view), history, metaLine(view, history));
  const more = view.deleted ? undefined : iconButton("dots", "Message menu", {
    className: "icon beside", "aria-haspopup": "menu", "aria-expanded": "false", onclick: (event) => actions.menu(view, event.currentTarget),
  });
  const keyboard = view.markup?.inline && !view.deleted ? inlineKeyboard(view.markup.inline, view, actions) : undefined;
  return el("article", {
    className: ["message", view.author, frame.own && "own", frame.joined && "joined", view.deleted && "deleted"].filter(Boolean).join(" "),
    "data-id": String(view.message_id),
    "aria-label": `Message from ${frame.own ? "this person" : nameOf(view.from)}`,
  }, el("div", { className: "line" }, bubble, more), keyboard);
}
