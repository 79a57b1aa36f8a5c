// What opens over a column and goes away again: menus, notes, and questions with yes and no.

import { $, el } from "/page/view/dom.js";

let open;

/** Closes the open menu, if there is one. */
export function closeMenu(refocus) {
  if (!open) return;
  open.menu.remove();
  open.button.setAttribute("aria-expanded", "false");
  if (refocus) open.button.focus();
  open = undefined;
}

/** Opens a menu over a column, or closes it if it is the one that is open. `place`: above the composer, `under` the header, or `near` the button. */
export function toggleMenu(root, button, items, place = "") {
  const same = open?.button === button;
  closeMenu();
  if (same) return;
  const menu = el("div", { className: `menu ${place}`, role: "menu", "aria-label": button.title }, ...items());
  menu.onkeydown = (event) => {
    const buttons = [...menu.querySelectorAll("button")];
    const last = buttons.length - 1;
    const here = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: last }[event.key];
    if (event.key === "Tab") closeMenu(true);
    if (next === undefined || !buttons.length) return;
    event.preventDefault();
    buttons[(next + buttons.length) % buttons.length].focus();
  };
  root.append(menu);
  if (place === "near") putNear(root, button, menu);
  button.setAttribute("aria-expanded", "true");
  open = { menu, button };
  menu.querySelector("button")?.focus();
}

function putNear(root, button, menu) {
  const around = root.getBoundingClientRect();
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom - around.top;
  const top = below + height < around.height - 8 ? below : Math.max(8, at.top - around.top - height);
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.min(Math.max(8, at.right - around.left - width / 2), around.width - width - 8)}px`;
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenu(true); });
document.addEventListener("pointerdown", (event) => {
  if (open && !open.menu.contains(event.target) && !open.button.contains(event.target)) closeMenu();
});

/** An entry of a menu. */
export function item(name, about, act) {
  return el("button", { type: "button", role: "menuitem", onclick: () => { closeMenu(true); act(); } },
    el("b", { dir: "auto" }, name), about ? el("small", { dir: "auto" }, about) : undefined);
}

/** A passing note over a column; `alert`s stay until they are read. */
export function toast(root, text, { bad, alert } = {}) {
  if (!root || !text) return;
  root.querySelector(":scope > .toast")?.remove();
  const note = el("div", { className: `toast${bad ? " bad" : ""}${alert ? " alert" : ""}`, role: alert || bad ? "alert" : "status" },
    el("span", { dir: "auto" }, text));
  if (alert) {
    const button = el("button", { type: "button", onclick: () => note.remove() }, "OK");
    note.append(button);
    root.append(note);
    button.focus();
    return;
  }
  root.append(note);
  setTimeout(() => note.remove(), bad ? 7000 : 4000);
}

/** What was noted of one chat is not left over another one. */
export function quiet(root) {
  root.querySelector(":scope > .toast:not(.alert)")?.remove();
}

/** Does something for a person; what went wrong is shown in their column. */
export async function attempt(root, deed) {
  try {
    return (await deed()) ?? true;
  } catch (error) {
    toast(root, error.message, { bad: true });
    return undefined;
  }
}

/** Asks before something is lost. */
export function confirm(question, yes) {
  const dialog = $("confirm-dialog");
  dialog.querySelector("p").textContent = question;
  dialog.querySelector("[value=yes]").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
