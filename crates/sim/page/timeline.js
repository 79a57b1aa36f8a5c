// The messages of the open chat, as few of them at a time as are looked at: a chat of thousands stays as light as a short one.

import { day, el, iconButton } from "/page/view/dom.js";

/** So many messages are added when the edge of what is drawn comes near, and so many are drawn at most. */
const STEP = 50;
const MOST = 150;
const NEAR = 500;

export class Timeline {
  /**
   * `draw(message, before)` makes a message's element; `signature(message, before)` lists what it is made from, so that
   * it is made anew only if some of that changed; `group(message)` tells what it is shown together with: `id`, `className`,
   * and `label`.
   */
  constructor({ label, draw, signature, group }) {
    this.draw = draw;
    this.signature = signature;
    this.groupOf = group;
    this.groups = new Map();
    this.list = [];
    this.drawn = new Map();
    this.from = 0;
    this.to = 0;
    this.pinned = true;
    this.missed = 0;
    this.hint = el("p", { className: "hint" });
    this.root = el("div", { className: "chat", role: "log", tabIndex: 0, "aria-labelledby": label });
    this.down = iconButton("down", "To the latest message", { className: "icon down", hidden: true, onclick: () => this.toEnd() });
    this.badge = el("span", { className: "badge", hidden: true });
    this.down.append(this.badge);
    this.box = el("div", { className: "chat-box" }, this.root, this.down);
    this.root.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => { if (this.pinned) this.settle(); }).observe(this.root);
    this.root.addEventListener("load", () => { if (this.pinned) this.settle(); }, true);
  }

  /** Another chat, or the same one from scratch: from its end. */
  show(list, hint) {
    this.list = list;
    this.drawn.clear();
    this.groups.clear();
    this.root.replaceChildren();
    this.hint.textContent = hint;
    this.from = list.length;
    this.toEnd();
  }

  /** The list changed at one place or at its end. `own` messages are always followed to. */
  update(list, { own, added } = {}) {
    const atEnd = this.to >= this.list.length;
    this.list = list;
    if (own || (this.pinned && atEnd)) this.toEnd();
    else {
      this.missed += added ?? 0;
      if (atEnd) this.to = Math.min(list.length, this.from + MOST);
      this.to = Math.min(this.to, list.length);
      this.render();
    }
  }

  toEnd() {
    this.pinned = true;
    this.to = this.list.length;
    const last = Math.max(0, this.to - STEP);
    this.from = this.to - this.from > MOST ? last : Math.min(this.from, last);
    this.missed = 0;
    this.render();
    this.settle();
  }

  /** Whoever reads at the end stays there, whatever becomes larger or smaller. */
  settle() {
    this.height = this.root.clientHeight;
    this.root.scrollTop = this.root.scrollHeight;
    this.top = this.root.scrollTop;
    this.tellDown();
  }

  /** Shows one message in the middle of its surroundings. */
  jump(id) {
    const index = this.list.findIndex((message) => message.message_id === id);
    if (index < 0) return;
    if (index < this.from || index >= this.to) {
      this.from = Math.max(0, index - STEP / 2);
      this.to = Math.min(this.list.length, this.from + STEP);
    }
    this.pinned = false;
    this.render();
    const node = this.root.querySelector(`[data-id="${id}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("changed");
    if (node) node.onanimationend = () => node.classList.remove("changed");
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.root;
    // A keyboard came or went below, or a picture in here became as large as it is: that is no wish to read further up.
    if (this.pinned && (clientHeight !== this.height || scrollTop >= this.top)) { this.settle(); return; }
    const below = scrollHeight - scrollTop - clientHeight;
    this.pinned = below < 80 && this.to >= this.list.length;
    if (this.pinned) this.missed = 0;
    if (scrollTop < NEAR && this.from > 0) {
      this.from = Math.max(0, this.from - STEP);
      this.to = Math.min(this.to, this.from + MOST);
      this.render(true);
    } else if (below < NEAR && this.to < this.list.length) {
      this.to = Math.min(this.list.length, this.to + STEP);
      this.from = Math.max(this.from, this.to - MOST);
      this.render(true);
    }
    this.tellDown();
  }

  tellDown() {
    this.down.hidden = this.pinned;
    this.badge.hidden = !this.missed;
    this.badge.textContent = String(this.missed);
  }

  /** Makes the elements what they have to be; what is looked at stays where it is on the screen. */
  render(keepPlace = !this.pinned) {
    const wanted = this.wanted();
    const anchor = keepPlace ? this.firstSeen(new Set(wanted)) : undefined;
    const before = anchor?.getBoundingClientRect().top;
    for (const { node, children } of this.groups.values()) arrange(node, children);
    arrange(this.root, wanted);
    if (anchor) this.root.scrollTop += anchor.getBoundingClientRect().top - before;
    this.tellDown();
  }

  wanted() {
    if (!this.list.length) return [this.hint];
    const nodes = [];
    const drawn = new Map();
    const groups = new Map();
    for (let index = this.from; index < this.to; index += 1) {
      const message = this.list[index];
      const before = this.list[index - 1];
      const signature = this.signature(message, before);
      let known = this.drawn.get(message.message_id);
      if (!known || known.signature.some((part, place) => part !== signature[place])) {
        const node = this.draw(message, before, known?.node);
        known = { signature, node };
      }
      const date = day(message.sent);
      if (index === this.from || date !== day(before.sent)) {
        known.day ??= el("p", { className: "day" });
        known.day.textContent = date;
        nodes.push(known.day);
      }
      drawn.set(message.message_id, known);
      const group = this.groupOf(message);
      if (!group) { nodes.push(known.node); continue; }
      if (!groups.has(group.id)) {
        const node = this.groups.get(group.id)?.node ?? el("div", { role: "group" });
        groups.set(group.id, { node, children: [] });
        nodes.push(node);
      }
      const { node, children } = groups.get(group.id);
      children.push(known.node);
      node.className = group.className;
      node.setAttribute("aria-label", group.label(children.length));
    }
    this.drawn = drawn;
    this.groups = groups;
    return nodes;
  }

  firstSeen(staying) {
    const top = this.root.getBoundingClientRect().top;
    return [...this.root.children].find((node) => staying.has(node) && node.getBoundingClientRect().bottom > top);
  }
}

/** Gives an element these children in this order; those that are in place are not touched. */
function arrange(parent, wanted) {
  const keep = new Set(wanted);
  let at = parent.firstChild;
  const skip = () => { const gone = at; at = at.nextSibling; gone.remove(); };
  for (const node of wanted) {
    while (at && !keep.has(at)) skip();
    if (at === node) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at) skip();
}
