// Where a person writes: text, answers, changes; the bot's keyboard and its menu of commands.

import { el, iconButton } from "/page/view/dom.js";
import { summary } from "/page/view/message.js";
import { attempt, item, toggleMenu } from "/page/menu.js";
import { messagesOf, nameOf } from "/page/store.js";
import * as deeds from "/page/deeds.js";

const LONGEST = 4096;

export class Composer {
  /** `column` has `id`, `root`, `where()` and `files` (see attach.js). */
  constructor(column) {
    this.column = column;
    this.mode = undefined;
    this.drafts = new Map();
    this.text = el("textarea", { rows: 1, placeholder: "Message", id: `text-${column.id}`, enterKeyHint: "send", autocomplete: "off", dir: "auto" });
    this.commands = iconButton("slash", "Commands", { "aria-haspopup": "menu", "aria-expanded": "false" });
    this.attach = iconButton("clip", "Send a file", { "aria-haspopup": "menu", "aria-expanded": "false" });
    this.send = iconButton("send", "Send", { className: "icon send" });
    this.left = el("span", { className: "left", role: "status", hidden: true });
    this.form = el("form", { className: "composer" }, this.commands, this.attach,
      el("label", {}, el("span", { className: "unseen" }, "Message"), this.text, this.left), this.send);
    this.about = el("div", { className: "about", hidden: true });
    this.below = el("div", { className: "below keyboard", role: "group", "aria-label": "The bot's keyboard", hidden: true });
    this.start = el("button", { type: "button", className: "start", hidden: true }, "Start");
    this.silent = el("div", { className: "silent", hidden: true });
    this.parts = [this.below, this.about, this.silent, this.start, this.form];
    this.listen();
  }

  listen() {
    const { root } = this.column;
    this.form.onsubmit = (event) => { event.preventDefault(); this.submit(); };
    this.send.onclick = () => this.submit();
    this.text.oninput = () => this.grow();
    this.text.onkeydown = (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
      if (event.key === "Escape" && this.mode) { event.stopPropagation(); this.leave(); }
    };
    this.commands.onclick = () => this.offerCommands();
    this.attach.onclick = () => toggleMenu(root, this.attach, () => this.column.files.menu());
  }

  async submit() {
    const { id, root } = this.column;
    const where = this.column.where();
    const text = this.text.value;
    if (!text.trim()) return;
    const { mode } = this;
    const done = await attempt(root, () => mode?.edit
      ? deeds.edit(where, id, mode.edit, text) : deeds.say(where, id, text, mode?.reply));
    if (!done || this.column.where()?.key !== where.key) return;
    this.text.value = "";
    this.leave();
    this.grow();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`;
    const left = LONGEST - [...this.text.value].length;
    this.left.hidden = left > 200;
    this.left.textContent = left < 0 ? `${-left} too many` : `${left} left`;
    this.left.classList.toggle("bad", left < 0);
  }

  /** Another chat is open: what was typed in the other one waits there. */
  turn(before, after) {
    if (before) this.drafts.set(before, this.mode?.edit ? "" : this.text.value);
    this.mode = undefined;
    this.about.hidden = true;
    this.text.value = this.drafts.get(after) ?? "";
    this.grow();
  }

  reply(message) {
    this.begin({ reply: message.message_id }, `Reply to ${nameOf(message.from)}`, message);
  }

  edit(message) {
    this.begin({ edit: message.message_id }, "Edit the message", message);
    this.text.value = message.text.text;
    this.grow();
  }

  begin(mode, title, message) {
    this.leave();
    this.mode = mode;
    this.about.replaceChildren(el("div", {}, el("b", {}, title), el("span", { dir: "auto" }, summary(message))),
      iconButton("close", "Leave it", { onclick: () => this.leave() }));
    this.about.hidden = false;
    this.text.focus();
  }

  leave() {
    if (this.mode?.edit) this.text.value = "";
    this.mode = undefined;
    this.about.hidden = true;
    this.grow();
  }

  /** What can be done here now: write, start, let talk, or nothing. */
  draw(where) {
    const { id, root } = this.column;
    const canWrite = !where.silent && !where.start;
    this.form.hidden = !canWrite;
    this.start.hidden = !where.start && !where.blocked;
    this.start.textContent = where.blocked ? "Let the bot talk again" : "Start";
    this.start.onclick = () => attempt(root, () => where.blocked ? deeds.block(where, id, false) : deeds.say(where, id, "/start"));
    this.silent.hidden = !where.silent || Boolean(where.blocked);
    const onward = where.room?.migrated_to;
    this.silent.replaceChildren(el("span", {}, where.silent ?? ""),
      onward ? el("button", { type: "button", className: "quiet", onclick: () => this.column.openRoom(onward) }, "Open it") : "");
    if (!canWrite) this.about.hidden = true;
    this.drawKeyboard(where, canWrite);
  }

  /** The keyboard of the latest message that set or removed one; a one-time keyboard goes with the next message. */
  drawKeyboard(where, canWrite) {
    const messages = messagesOf(where.key);
    let used = false;
    let standing;
    for (let index = messages.length - 1; index >= 0 && !standing; index -= 1) {
      const message = messages[index];
      if (message.deleted) continue;
      if (this.column.isOwn(message)) used = true;
      else if (message.author === "bot" && message.markup && !message.markup.inline) standing = message;
    }
    const keyboard = standing?.markup.keyboard;
    this.below.hidden = !canWrite || !keyboard || Boolean(keyboard.one_time && used);
    this.drawPlaceholder(where, standing);
    // Keys stay the elements they are, so that a press that has begun ends on them.
    if (this.keyboard === standing) return;
    this.keyboard = standing;
    // In a group the press answers the message, as Telegram's apps do, so that a bot in privacy mode hears of it.
    const answered = where.kind === "private" ? undefined : standing?.message_id;
    this.below.replaceChildren(...(keyboard?.rows ?? []).map((row) => el("div", {}, ...row.map((key) =>
      el("button", { type: "button", onclick: () => attempt(this.column.root, () => deeds.say(where, this.column.id, key, answered)) }, key)))));
  }

  drawPlaceholder(where, standing) {
    const placeholder = standing?.markup.keyboard?.placeholder ?? standing?.markup.force_reply?.placeholder;
    this.text.placeholder = (!this.below.hidden || this.mode?.reply) && placeholder ? placeholder : where.kind === "channel" ? "Post" : "Message";
  }

  /** A message that asks for an answer turns the composer to it, unless the person is busy. */
  asked(message) {
    const asks = Boolean(message.markup?.force_reply);
    if (asks && !this.mode && !this.text.value && !this.form.hidden) {
      const busy = document.activeElement;
      this.reply(message);
      if (busy && busy !== document.body && !this.column.root.contains(busy)) busy.focus();
    }
  }

  async offerCommands() {
    const commands = await attempt(this.column.root, () => this.column.commands());
    if (commands) toggleMenu(this.column.root, this.commands, () => this.commandMenu(commands));
  }

  commandMenu(commands) {
    const { id, root } = this.column;
    const where = this.column.where();
    if (!commands.length) return [el("p", {}, where.kind === "private" ? "The bot has not set a menu for this person." : "No bot has set a menu for this person here.")];
    return commands.map(({ command, description, bot }) => {
      const text = `/${command}${bot ? `@${bot}` : ""}`;
      return item(text, description, () => attempt(root, () => deeds.say(where, id, text)));
    });
  }
}
