// The people side by side; on a narrow screen one at a time, with tabs.

import { $, el } from "/page/view/dom.js";
import { Column } from "/page/column.js";
import { conversationsOf, store } from "/page/store.js";
import { closeMenu } from "/page/menu.js";

/** So many people are shown at most; a load test makes thousands. */
const MOST = 12;

export const columns = new Map();
let chosen;

export function setUpPeople() {
  $("tabs").onkeydown = (event) => {
    const ids = [...columns.keys()];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(ids[(ids.indexOf(chosen) + step + ids.length) % ids.length]);
    $(`tab-${chosen}`)?.focus();
  };
}

/** Whether a person has a column, and so is worth keeping messages for. */
export const isShown = (user) => columns.has(user);

/** The people who have a column or get one. */
export function shownUsers() {
  return [...store.users.keys()].slice(0, MOST);
}

/** A column for everybody who should have one; those who are gone lose theirs. */
export function drawPeople() {
  for (const id of [...columns.keys()]) {
    if (store.users.has(id)) continue;
    columns.get(id).root.remove();
    columns.delete(id);
  }
  for (const id of store.users.keys()) if (!columns.has(id) && columns.size < MOST) addColumn(id);
  for (const column of columns.values()) column.draw();
  if (!columns.has(chosen)) chosen = columns.keys().next().value;
  const more = store.users.size - columns.size;
  $("more-people").hidden = more <= 0;
  $("more-people").textContent = `and ${more} more people, not shown`;
  $("nobody").hidden = store.users.size > 0;
  drawTabs();
}

function addColumn(id) {
  const column = new Column(id, { seen: drawTabs });
  columns.set(id, column);
  $("people").insertBefore(column.root, $("nobody"));
}

/** After the state was read again: the same chats are open, with what is in them now. */
export function redrawAll() {
  closeMenu();
  drawPeople();
  for (const column of columns.values()) {
    const known = conversationsOf(column.id);
    if (column.open && known.includes(column.open)) column.showMessages();
    else if (column.open || !known.length) column.openChat(known[0]);
    column.draw();
  }
}

let drawnTabs;

export function drawTabs() {
  const tabs = [...columns.values()].map((column) => {
    const isChosen = column.id === chosen;
    column.root.classList.toggle("chosen", isChosen);
    const unread = !isChosen && [...column.unread.values()].some(Boolean);
    return el("button", {
      type: "button", role: "tab", id: `tab-${column.id}`, "aria-selected": String(isChosen), "aria-controls": `person-${column.id}`,
      tabIndex: isChosen ? 0 : -1, className: unread ? "unread" : "", onclick: () => choose(column.id),
    }, el("span", { dir: "auto" }, store.users.get(column.id)?.first_name ?? String(column.id)), unread && el("span", { className: "unseen" }, " (unread)"));
  });
  // Tabs that look the same stay the elements they are, so that a press that has begun ends on them.
  const looks = tabs.map((tab) => tab.outerHTML).join();
  if (looks === drawnTabs) return;
  drawnTabs = looks;
  const focused = document.activeElement?.id;
  $("tabs").replaceChildren(...tabs);
  if (focused?.startsWith("tab-")) $(focused)?.focus();
}

/** Shows a person where only one can be seen. */
export function choose(id) {
  chosen = id;
  const column = columns.get(id);
  if (column?.open) column.unread.delete(column.open);
  drawTabs();
  if (!column) return;
  column.draw();
  if (column.timeline.pinned) column.timeline.settle();
  column.root.scrollIntoView({ block: "nearest", inline: "nearest" });
}
