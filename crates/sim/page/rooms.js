// Dialogs about people and shared chats: a new person, a new group or channel, its members, its title.

import { $, avatar, el } from "/page/view/dom.js";
import { fullName, isAdmin, nameOf, statusIn, store } from "/page/store.js";
import * as deeds from "/page/deeds.js";

/** Opens a dialog whose form does `deed`; what went wrong is said in it. */
function ask(dialog, deed) {
  const form = dialog.querySelector("form");
  const problem = dialog.querySelector(".problem");
  problem.textContent = "";
  form.onsubmit = async (event) => {
    event.preventDefault();
    problem.textContent = "";
    try {
      await deed(form.elements);
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  for (const button of dialog.querySelectorAll("[data-close]")) button.onclick = () => dialog.close();
  dialog.showModal();
}

export function askPerson(done) {
  const form = $("person-form");
  form.reset();
  form.elements.id.value = String(Math.max(1000, ...store.users.keys()) + 1);
  ask($("person-dialog"), async (fields) => {
    const text = (name) => fields[name].value.trim() || undefined;
    const user = await deeds.putUser({
      id: Number(fields.id.value), first_name: fields.first_name.value.trim(), last_name: text("last_name"),
      username: text("username")?.replace(/^@/, ""), language_code: text("language_code"), note: text("note"),
    });
    done(user.id);
  });
}

const person = (user) => [avatar(user.first_name, user.id, true), el("span", { className: "what" },
  el("b", { dir: "auto" }, fullName(user)), el("small", {}, user.username ? `@${user.username}` : `id ${user.id}`))];
const machine = (bot) => [avatar(bot.first_name, bot.id, true), el("span", { className: "what" },
  el("b", { dir: "auto" }, bot.first_name), el("small", {}, `@${bot.username}`))];

function statusSelect(name, options, chosen, label) {
  return el("select", { name, "aria-label": label }, ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
}

/** A new shared chat of `owner`; `kind` is what is offered first. */
export function askRoom(kind, owner, done) {
  const form = $("room-form");
  form.reset();
  form.elements.kind.value = kind;
  const bots = [...store.bots.values()];
  const people = [...store.users.values()].filter((user) => user.id !== owner).slice(0, 50);
  const draw = () => {
    const chosen = form.elements.kind.value;
    const channel = chosen === "channel";
    $("room-title").textContent = channel ? "New channel" : "New group";
    $("room-username").hidden = chosen === "group";
    $("room-preview").hidden = !channel;
    $("room-people").replaceChildren(el("legend", {}, channel ? "Subscribers" : "Members"),
      ...people.map((user) => el("label", { className: "member" }, el("input", { type: "checkbox", name: "member", value: String(user.id), checked: !user.note?.includes("stranger") }), ...person(user))),
      ...bots.map((bot) => el("label", { className: "member" }, ...machine(bot),
        statusSelect(`bot-${bot.id}`, channel ? [["administrator", "administrator"], ["", "not there"]] : [["member", "member"], ["administrator", "administrator"], ["", "not there"]],
          channel ? "administrator" : "member", `What ${bot.first_name} is`))));
  };
  form.elements.kind.onchange = draw;
  draw();
  ask($("room-dialog"), async (fields) => {
    const wanted = fields.kind.value;
    const text = (name) => fields[name].value.trim() || undefined;
    const room = await deeds.createRoom({
      kind: wanted, title: fields.title.value.trim(), owner,
      username: wanted === "group" ? undefined : text("username")?.replace(/^@/, ""),
      description: text("description"),
      preview: fields.preview.checked,
      members: [...form.querySelectorAll("[name=member]:checked")].map((box) => Number(box.value)),
      bots: bots.map((bot) => ({ bot: bot.id, status: fields[`bot-${bot.id}`].value })).filter((each) => each.status),
    });
    done(room.chat);
  });
}

const STATUSES = [["administrator", "administrator"], ["member", "member"], ["restricted", "may not write"], ["left", "not there"], ["kicked", "thrown out"]];

/** Who is in a shared chat; administrators change it. */
export function askMembers(chat, by) {
  const dialog = $("members-dialog");
  dialog.dataset.chat = String(chat);
  dialog.dataset.by = String(by);
  dialog.querySelector(".problem").textContent = "";
  for (const button of dialog.querySelectorAll("[data-close]")) button.onclick = () => dialog.close();
  drawMembers();
  dialog.showModal();
}

/** Draws the members anew if they are looked at. */
export function drawMembers() {
  const dialog = $("members-dialog");
  const room = store.rooms.get(Number(dialog.dataset.chat));
  if (!room) { dialog.close(); return; }
  const by = Number(dialog.dataset.by);
  const may = isAdmin(statusIn(room, by)) && !room.migrated_to;
  $("members-title").textContent = room.title;
  $("members-about").textContent = may ? `${nameOf(by)} decides who is here, and as what.` : `${nameOf(by)} is not an administrator and can only look.`;
  const focused = document.activeElement?.name;
  const row = (id, view) => {
    const status = statusIn(room, id);
    const label = `What ${nameOf(id)} is`;
    const select = status === "creator" ? el("span", { className: "tag" }, "owner")
      : statusSelect(`status-${id}`, STATUSES, status, label);
    if (select.tagName === "SELECT") {
      select.disabled = !may;
      select.onchange = () => change(room.chat, id, select.value, by);
    }
    return el("li", { className: "member" }, ...view, select);
  };
  // Everybody who was ever here, then whoever could come.
  const here = new Set(room.members.map((member) => member.id));
  const rank = (each) => (here.has(each.id) ? 0 : 1);
  const everybody = [...[...store.users.values()].map((user) => ({ id: user.id, view: () => person(user) })),
    ...[...store.bots.values()].map((bot) => ({ id: bot.id, view: () => machine(bot) }))];
  $("members-list").replaceChildren(...everybody.sort((a, b) => rank(a) - rank(b)).slice(0, 100).map((each) => row(each.id, each.view())));
  if (focused) dialog.querySelector(`[name="${focused}"]`)?.focus();
}

async function change(chat, id, status, by) {
  const problem = $("members-dialog").querySelector(".problem");
  problem.textContent = "";
  try {
    await deeds.setMember(chat, id, status, by);
  } catch (error) {
    problem.textContent = error.message;
    drawMembers();
  }
}

export function askTitle(chat, by) {
  $("title-form").elements.title.value = store.rooms.get(chat)?.title ?? "";
  ask($("title-dialog"), (fields) => deeds.retitle(chat, fields.title.value.trim(), by));
}
