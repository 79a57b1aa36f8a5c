// The list of a person's chats, as their app would show it.

import { avatar, el, time } from "/page/view/dom.js";
import { summary } from "/page/view/message.js";
import { conversation, conversationsOf, latestOf, nameOf } from "/page/store.js";

const KIND = { group: "group", supergroup: "supergroup", channel: "channel" };

/** The chats of a person, the one in which something was said last first; those without a word at the end. */
export function ordered(user) {
  const when = (key) => latestOf(key)?.sent ?? 0;
  const keys = conversationsOf(user);
  return keys.map((key, index) => ({ key, index, at: when(key) }))
    .sort((a, b) => b.at - a.at || a.index - b.index).map(({ key }) => key);
}

function preview(where, latest, user) {
  if (where.actions.length) return `${where.actors[0]} is ${doing(where.actions[0])}…`;
  if (!latest) return where.kind === "private" ? "nothing said yet" : "no messages yet";
  const words = summary(latest);
  if (latest.service || where.kind === "private" || where.kind === "channel") return words;
  return `${latest.from === user ? "You" : nameOf(latest.from)}: ${words}`;
}

const DOING = { upload_document: "sending a file", upload_photo: "sending a photo" };
export const doing = (action) => DOING[action] ?? action.replaceAll("_", " ");

/** Draws the list into `root`. `unread(key)` counts what was not seen yet, `open(key)` opens a chat. */
export function drawChatList(root, user, { unread, open, make }) {
  const rows = ordered(user).map((key) => {
    const where = conversation(key, user);
    const latest = latestOf(key);
    const count = unread(key);
    return el("li", {}, el("button", { type: "button", className: "chat-row", "data-key": key, onclick: () => open(key) },
      avatar(where.title, where.id),
      el("span", { className: "what" },
        el("span", { className: "first" }, el("b", { dir: "auto" }, where.title), KIND[where.kind] && el("small", { className: "kind" }, KIND[where.kind]), latest && time(latest.sent)),
        el("span", { className: "second" }, el("span", { dir: "auto" }, preview(where, latest, user)),
          count > 0 && el("span", { className: "badge", "aria-label": `${count} unread` }, String(count))))));
  });
  root.replaceChildren(
    el("ul", { className: "chat-rows" }, ...rows),
    el("div", { className: "chips" },
      el("button", { type: "button", className: "quiet", "aria-haspopup": "dialog", onclick: () => make("group") }, "New group"),
      el("button", { type: "button", className: "quiet", "aria-haspopup": "dialog", onclick: () => make("channel") }, "New channel")));
}
