// One person: who they are, the list of their chats, and the chat that is open.

import { avatar, el, iconButton, soon } from "/page/view/dom.js";
import { message as messageView } from "/page/view/message.js";
import { Timeline } from "/page/timeline.js";
import { Composer } from "/page/composer.js";
import { Files } from "/page/attach.js";
import { doing, drawChatList } from "/page/chatlist.js";
import { attempt, closeMenu, confirm, item, quiet, toast, toggleMenu } from "/page/menu.js";
import { askMembers, askRoom, askTitle } from "/page/rooms.js";
import { conversation, conversationsOf, fullName, messagesOf, nameOf, roomKey, store } from "/page/store.js";
import * as deeds from "/page/deeds.js";

/** Who spoke within this time just before needs no name again, in milliseconds. */
const TOGETHER = 600_000;

export class Column {
  /** `seen()` is told when unread counts change. */
  constructor(id, { seen }) {
    this.id = id;
    this.seen = seen;
    this.unread = new Map();
    this.open = undefined;
    this.news = undefined;
    this.drawSoon = soon(() => this.drawNews());
    this.build();
    this.openChat(conversationsOf(id)[0]);
  }

  build() {
    const { id } = this;
    this.name = el("h2", { id: `name-${id}` });
    this.facts = el("p");
    this.face = el("span");
    this.list = el("nav", { className: "chat-list", "aria-label": "Chats", hidden: true });
    this.back = iconButton("back", "Chats", { className: "icon back", onclick: () => this.showList() });
    this.backBadge = el("span", { className: "badge", hidden: true });
    this.back.append(this.backBadge);
    this.talkFace = el("span");
    this.title = el("h3", { id: `title-${id}`, dir: "auto" });
    this.subtitle = el("p");
    this.more = iconButton("dots", "More", { "aria-haspopup": "menu", "aria-expanded": "false" });
    this.root = el("section", { className: "person", id: `person-${id}`, "aria-labelledby": `name-${id}` });
    this.files = new Files(this);
    this.composer = new Composer(this);
    this.timeline = new Timeline({
      label: `title-${id}`,
      draw: (message, before, old) => this.drawMessage(message, before, old),
      signature: (message, before) => [message, this.quoted(message), this.isJoined(message, before), this.nameAbove(message, before), isTogether(message, before)],
      group: (message) => this.album(message),
    });
    this.talk = el("div", { className: "talk" },
      el("header", {}, this.back, this.talkFace, el("div", { className: "who" }, this.title, this.subtitle), this.more),
      this.timeline.box, ...this.composer.parts.slice(0, -1), this.files.sheet, this.composer.form);
    this.root.append(el("header", { className: "self" }, this.face, el("div", { className: "who" }, this.name, this.facts)),
      this.list, this.talk, this.files.picker, this.files.zones);
    this.more.onclick = () => toggleMenu(this.root, this.more, () => this.moreMenu(), "under");
  }

  where() {
    return this.open && conversation(this.open, this.id);
  }

  toast(text, how) {
    toast(this.root, text, how);
  }

  // The list and the open chat

  showList() {
    closeMenu();
    quiet(this.root);
    this.composer.turn(this.open, undefined);
    this.open = undefined;
    this.talk.hidden = true;
    this.list.hidden = false;
    this.drawList();
    this.list.querySelector("button")?.focus();
  }

  drawList() {
    if (this.list.hidden) return;
    const at = document.activeElement?.closest?.(".chat-row")?.dataset.key;
    drawChatList(this.list, this.id, {
      unread: (key) => this.unread.get(key) ?? 0,
      open: (key) => { this.openChat(key); this.composer.text.focus(); },
      make: (kind) => askRoom(kind, this.id, (chat) => this.openRoom(chat)),
    });
    if (at) this.list.querySelector(`[data-key="${at}"]`)?.focus();
  }

  openRoom(chat) {
    this.wanted = roomKey(chat);
    if (store.rooms.has(chat)) this.openChat(this.wanted);
  }

  openChat(key) {
    if (!key) { this.showList(); return; }
    this.wanted = undefined;
    if (key !== this.open) quiet(this.root);
    this.composer.turn(this.open, key);
    this.open = key;
    this.news = undefined;
    this.unread.delete(key);
    this.list.hidden = true;
    this.talk.hidden = false;
    this.files.forget();
    this.showMessages();
    this.draw();
    this.seen();
  }

  showMessages() {
    const where = this.where();
    this.timeline.show(messagesOf(this.open), where.kind === "private" ? "Nothing said yet. Press Start, as everybody does first." : "No messages yet.");
  }

  /** Everything but the messages. */
  draw() {
    const user = store.users.get(this.id);
    if (!user) return;
    const known = conversationsOf(this.id);
    if (this.wanted && known.includes(this.wanted)) { this.openChat(this.wanted); return; }
    if (this.open && !known.includes(this.open)) { this.openChat(known[0]); return; }
    this.name.replaceChildren(el("span", { dir: "auto" }, fullName(user)));
    if (user.note) this.name.append(el("span", { className: "note", dir: "auto" }, user.note));
    this.face.replaceChildren(avatar(user.first_name, user.id, true));
    this.facts.textContent = [`id ${user.id}`, user.username && `@${user.username}`, user.language_code].filter(Boolean).join(" · ");
    const elsewhere = [...this.unread].reduce((sum, [key, count]) => sum + (key === this.open ? 0 : count), 0);
    this.backBadge.hidden = !elsewhere;
    this.backBadge.textContent = String(elsewhere);
    this.drawList();
    if (this.open) this.drawTalk();
  }

  drawTalk() {
    const where = this.where();
    this.talkFace.replaceChildren(avatar(where.title, where.id));
    this.title.textContent = where.title;
    const acting = where.actions.length > 0;
    this.subtitle.textContent = where.blocked ? where.silent
      : acting ? `${where.actors.join(", ")} ${where.actors.length > 1 ? "are" : "is"} ${doing(where.actions[0])}…` : where.facts;
    this.subtitle.classList.toggle("acting", acting && !where.blocked);
    this.composer.draw(where);
  }

  // Messages

  /** A message is new or changed in one of this person's chats. */
  put(key, message, added) {
    const theirs = !this.isOwn(message);
    if (key === this.open) {
      this.news ??= { own: false, added: 0 };
      this.news.own ||= added && !theirs;
      this.news.added += added ? 1 : 0;
      if (added && theirs) this.news.latest = message;
    }
    const seen = key === this.open && this.root.offsetParent;
    if (added && theirs && !seen && !message.deleted) this.unread.set(key, (this.unread.get(key) ?? 0) + 1);
    this.drawSoon();
    return !seen && added && theirs;
  }

  /** However much was said since the last frame, it is drawn once. */
  drawNews() {
    const { news } = this;
    this.news = undefined;
    if (news && this.open) this.timeline.update(messagesOf(this.open), news);
    this.draw();
    if (news?.latest) this.composer.asked(news.latest);
  }

  isOwn(message) {
    return message.author === "user" && (message.from ?? this.id) === this.id;
  }

  quoted(message) {
    return message.reply_to ? store.messages.get(this.open)?.get(message.reply_to) : undefined;
  }

  isJoined(message, before) {
    return Boolean(before && !before.service && !message.service && before.author === message.author
      && before.from === message.from && message.sent - before.sent < TOGETHER);
  }

  /** Messages of an album are shown as one. */
  album({ album, file, author, from }) {
    if (!album) return undefined;
    const what = file?.photo ? "photos" : "files";
    const own = this.isOwn({ author, from }) ? " own" : "";
    return { id: album, className: `album ${what}${own}`, label: (count) => `Album, ${count} ${what}` };
  }

  nameAbove(message, before) {
    const kind = this.open?.startsWith("r") && store.rooms.get(Number(this.open.slice(1)))?.kind;
    if (!kind || kind === "channel" || message.from === this.id || this.isJoined(message, before)) return undefined;
    return nameOf(message.from);
  }

  drawMessage(message, before, old) {
    const where = this.where();
    const frame = {
      own: this.isOwn(message),
      quoted: this.quoted(message),
      joined: this.isJoined(message, before),
      sender: this.nameAbove(message, before),
      together: isTogether(message, before),
    };
    const node = messageView(message, frame, {
      say: where.silent ? undefined : (text) => attempt(this.root, () => deeds.say(where, this.id, text)),
      press: (view, button, element) => this.press(where, view, button, element),
      menu: (view, element) => toggleMenu(this.root, element, () => this.messageMenu(where, view, frame.own), "near"),
      copy: (text) => this.copy(text),
      jump: (id) => this.timeline.jump(id),
    });
    // What nobody looks at need not move; nor what was there before the page was opened.
    const live = old || message.message_id > (this.shownUpTo ?? Infinity);
    if (live && this.root.offsetParent) {
      node.classList.add(old ? "changed" : "fresh");
      node.onanimationend = () => node.classList.remove("changed", "fresh");
    }
    if (old?.querySelector(".history:not([hidden])")) node.querySelector(".meta .link")?.click();
    return node;
  }

  async press(where, view, button, element) {
    element.classList.add("waiting");
    element.setAttribute("aria-busy", "true");
    const pressed = await attempt(this.root, () => deeds.press(where, this.id, view.message_id, button.callback_data));
    if (pressed?.query_id) element.dataset.query = pressed.query_id;
    else rest(element);
  }

  /** A press was answered. */
  answered(query) {
    const waiting = this.root.querySelectorAll(`[data-query="${query.query_id}"], [data-id="${query.message_id}"] .waiting`);
    for (const button of waiting) rest(button);
    this.toast(query.answer.text, { alert: query.answer.alert });
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast("Copied");
    } catch {
      this.toast("The browser does not let this page copy.", { bad: true });
    }
  }

  // Menus

  messageMenu(where, view, own) {
    const able = !where.silent && !where.start;
    const text = view.text.text;
    return [
      able && item("Reply", "", () => this.composer.reply(view)),
      able && (own || (where.kind === "channel" && where.admin)) && (text || !view.file) && item("Edit", "", () => this.composer.edit(view)),
      text && item("Copy the text", "", () => this.copy(text)),
      where.room && (own || where.admin) && item("Delete", "for everybody", () => attempt(this.root, () => deeds.remove(where, this.id, view.message_id))),
      el("p", {}, `number ${view.message_id}`),
    ].filter(Boolean);
  }

  moreMenu() {
    const where = this.where();
    const { id, root } = this;
    if (where.kind === "private") {
      return [where.blocked
        ? item("Let the bot talk again", "", () => attempt(root, () => deeds.block(where, id, false)))
        : item("Block the bot", "it gets 403", () => attempt(root, () => deeds.block(where, id, true)))];
    }
    if (!where.room) return [];
    const { chat, room } = where;
    return [
      el("p", {}, `id ${chat}${room.description ? ` · ${room.description}` : ""}`),
      item("Members", "who is here, and as what", () => askMembers(chat, id)),
      where.admin && item("Change the title", "", () => askTitle(chat, id)),
      where.kind === "group" && where.admin && !room.migrated_to && item("Make it a supergroup", "the chat gets another id", async () => {
        if (await confirm(`Make “${room.title}” a supergroup? That cannot be undone.`, "Make it one")) {
          const moved = await attempt(root, () => deeds.migrate(chat, id));
          if (moved) this.openRoom(moved.chat ?? store.rooms.get(chat)?.migrated_to);
        }
      }),
      where.status === "left" || where.status === "kicked"
        ? item("Come back", "", () => attempt(root, () => deeds.setMember(chat, id, "member")))
        : where.status !== "creator" && item("Leave", "", () => attempt(root, () => deeds.setMember(chat, id, "left"))),
      where.kind === "channel" && room.username && room.preview && item("Open the preview", `/s/${room.username}`, () => window.open(`/s/${encodeURIComponent(room.username)}`, "_blank", "noopener")),
    ].filter(Boolean);
  }

  async commands() {
    const where = this.where();
    return where.kind === "private" ? where.commands : deeds.commands(where.chat, this.id);
  }
}

/** Whether a message goes on with the album of the one before it. */
function isTogether(message, before) {
  return Boolean(message.album && before && !before.deleted && before.album === message.album);
}

function rest(button) {
  button.classList.remove("waiting");
  button.removeAttribute("aria-busy");
}
