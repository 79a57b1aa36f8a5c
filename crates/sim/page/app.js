// Keeps the page in step with the simulator: state on connecting, events from then on, and what people do.

import { bytes, call as callView, el, faultWords, icon, iconButton, message as messageView } from "/page/view.js";

const CALLS_SHOWN = 300;
const $ = (id) => document.getElementById(id);

const store = {
  bots: new Map(), users: new Map(), chats: new Map(), messages: new Map(), calls: new Map(),
  faults: [], samples: [], bot: undefined, chosen: undefined,
};
const cards = new Map();

// Talking to the simulator

async function control(method, path, body, raw) {
  const options = { method };
  if (raw) options.body = body;
  else if (body !== undefined) {
    options.headers = { "content-type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/control${path}`, options);
  const text = await response.text();
  if (!response.ok) {
    let reason = text;
    try { reason = JSON.parse(text).error; } catch { /* not JSON: shown as it is */ }
    throw new Error(reason);
  }
  return text ? JSON.parse(text) : undefined;
}

/** Does something for a person and shows what went wrong in their chat. */
async function attempt(user, deed) {
  try {
    return await deed();
  } catch (error) {
    toast(user, error.message, { bad: true });
    return undefined;
  }
}

const about = (user, path) => `/users/${user}${path}`;
const withBot = (path) => `${path}${path.includes("?") ? "&" : "?"}bot=${store.bot}`;

const say = (user, text) => attempt(user, () => control("POST", about(user, "/messages"), { text, bot: store.bot }));

const sendFile = (user, file, asPhoto) => attempt(user, () => asPhoto
  ? control("POST", withBot(about(user, "/photos")), file, true)
  : control("POST", withBot(about(user, `/documents?name=${encodeURIComponent(file.name)}`)), file, true));

async function press(user, message, item, button) {
  button.classList.add("waiting");
  const pressed = await attempt(user, () => control("POST", about(user, "/press"),
    { message_id: message.message_id, data: item.callback_data, bot: store.bot }));
  if (pressed) button.dataset.query = pressed.query_id;
  else button.classList.remove("waiting");
}

// People and their chats

const chatOf = (user) => store.chats.get(`${store.bot}:${user}`);
const messagesOf = (user) => store.messages.get(`${store.bot}:${user}`) ?? new Map();

function card(user) {
  const known = cards.get(user);
  if (known) return known;
  const parts = {
    title: el("h2", { id: `name-${user}` }),
    subtitle: el("p"),
    avatar: el("span", { className: `avatar tone${cards.size % 5}`, "aria-hidden": "true" }),
    chat: el("div", { className: "chat", role: "log", tabIndex: 0, "aria-labelledby": `name-${user}` }),
    hint: el("p", { className: "hint" }, "Nothing said yet. Press Start, as everybody does first."),
    below: el("div", { className: "below keyboard", hidden: true }),
    text: el("textarea", { rows: 1, placeholder: "Message", id: `text-${user}`, enterKeyHint: "send", autocomplete: "off" }),
    start: el("button", { type: "button", className: "start" }, "Start"),
    editing: el("div", { className: "editing", hidden: true }),
    picker: el("input", { type: "file", hidden: true, multiple: true, "aria-label": "File to send" }),
    commands: iconButton("slash", "Commands", { "aria-haspopup": "menu", "aria-expanded": "false" }),
    attach: iconButton("clip", "Send a file", { "aria-haspopup": "menu", "aria-expanded": "false" }),
    more: iconButton("dots", "More", { "aria-haspopup": "menu", "aria-expanded": "false" }),
    edited: undefined,
    photo: false,
    pinned: true,
  };
  const send = iconButton("send", "Send", { className: "icon send" });
  parts.composer = el("form", { className: "composer" }, parts.commands, parts.attach,
    el("label", {}, el("span", { className: "unseen" }, "Message"), parts.text), send);
  parts.root = el("section", { className: "person", id: `person-${user}`, "aria-labelledby": `name-${user}` },
    el("header", {}, parts.avatar, el("div", { className: "who" }, parts.title, parts.subtitle), parts.more),
    parts.chat, parts.below, parts.editing, parts.start, parts.composer, parts.picker);
  parts.chat.append(parts.hint);
  cards.set(user, parts);

  const submit = async () => {
    const text = parts.text.value;
    if (!text.trim()) return;
    const edited = parts.edited;
    const done = edited
      ? await attempt(user, () => control("POST", about(user, "/edit"), { message_id: edited, text, bot: store.bot }))
      : await say(user, text);
    if (!done) return;
    parts.text.value = "";
    stopEditing(parts);
    grow(parts.text);
  };
  parts.composer.onsubmit = (event) => { event.preventDefault(); submit(); };
  send.onclick = submit;
  parts.text.oninput = () => grow(parts.text);
  parts.text.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
    if (event.key === "Escape") stopEditing(parts);
  };
  parts.start.onclick = () => say(user, "/start");
  parts.commands.onclick = () => toggleMenu(parts, parts.commands, () => commandMenu(user));
  parts.attach.onclick = () => toggleMenu(parts, parts.attach, () => fileMenu(user, parts));
  parts.more.onclick = () => toggleMenu(parts, parts.more, () => moreMenu(user), "under");
  parts.picker.onchange = () => {
    for (const file of parts.picker.files) sendFile(user, file, parts.photo);
    parts.picker.value = "";
  };
  // Whoever reads at the end stays there, whatever becomes larger or smaller; who has scrolled up is left alone.
  parts.chat.onscroll = () => {
    parts.pinned = parts.chat.scrollHeight - parts.chat.scrollTop - parts.chat.clientHeight < 80;
  };
  new ResizeObserver(() => { if (parts.pinned) toEnd(parts); }).observe(parts.chat);
  parts.chat.addEventListener("load", () => { if (parts.pinned) toEnd(parts); }, true);
  acceptDrops(user, parts.root);
  $("people").append(parts.root);
  return parts;
}

function toEnd(parts) {
  parts.chat.scrollTop = parts.chat.scrollHeight;
}

function grow(text) {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

function startEditing(user, message) {
  const parts = cards.get(user);
  parts.edited = message.message_id;
  parts.text.value = message.text.text;
  parts.editing.replaceChildren("Editing a message",
    el("button", { type: "button", className: "link", onclick: () => stopEditing(parts) }, "leave it"));
  parts.editing.hidden = false;
  grow(parts.text);
  parts.text.focus();
}

function stopEditing(parts) {
  if (parts.edited) parts.text.value = "";
  parts.edited = undefined;
  parts.editing.hidden = true;
}

function acceptDrops(user, root) {
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  root.addEventListener("dragenter", (event) => { if (hasFiles(event)) { depth += 1; root.classList.add("dropping"); } });
  root.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) root.classList.remove("dropping"); });
  root.addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  root.addEventListener("drop", (event) => {
    depth = 0;
    root.classList.remove("dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    for (const file of event.dataTransfer.files) sendFile(user, file, false);
  });
}

// Menus

let openMenu;

function closeMenu(refocus) {
  if (!openMenu) return;
  openMenu.menu.remove();
  openMenu.button.setAttribute("aria-expanded", "false");
  if (refocus) openMenu.button.focus();
  openMenu = undefined;
}

function toggleMenu(parts, button, items, place = "") {
  const same = openMenu?.button === button;
  closeMenu();
  if (same) return;
  const menu = el("div", { className: `menu ${place}`, role: "menu", "aria-label": button.title }, ...items());
  menu.onkeydown = (event) => {
    const buttons = [...menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !buttons.length) return;
    event.preventDefault();
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
  };
  parts.root.append(menu);
  button.setAttribute("aria-expanded", "true");
  openMenu = { menu, button };
  menu.querySelector("button")?.focus();
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenu(true); });
document.addEventListener("pointerdown", (event) => {
  if (openMenu && !openMenu.menu.contains(event.target) && !openMenu.button.contains(event.target)) closeMenu();
});

function item(name, about, act) {
  return el("button", { type: "button", role: "menuitem", onclick: () => { closeMenu(true); act(); } },
    el("b", {}, name), about ? el("small", {}, about) : undefined);
}

function commandMenu(user) {
  const commands = chatOf(user)?.commands ?? [];
  if (!commands.length) return [el("p", {}, "The bot has not set a menu for this person.")];
  return commands.map(({ command, description }) => item(`/${command}`, description, () => say(user, `/${command}`)));
}

function fileMenu(user, parts) {
  const choose = (photo) => {
    parts.photo = photo;
    parts.picker.accept = photo ? "image/png,image/jpeg" : "";
    parts.picker.click();
  };
  const send = (sample) => attempt(user, () => control("POST", withBot(about(user, `/samples/${encodeURIComponent(sample.name)}`))));
  return [
    item("Choose a document…", "or drop it on the chat", () => choose(false)),
    item("Choose a photo…", "PNG or JPEG", () => choose(true)),
    el("p", {}, "Ready-made"),
    ...store.samples.map((sample) => item(sample.name, `${sample.about} · ${bytes(sample.size)}`, () => send(sample))),
  ];
}

function moreMenu(user) {
  const blocked = chatOf(user)?.blocked;
  const set = (value) => attempt(user, () => control("POST", about(user, "/block"), { blocked: value, bot: store.bot }));
  return [blocked ? item("Let the bot talk again", "", () => set(false)) : item("Block the bot", "it gets 403", () => set(true))];
}

function toast(user, text, { bad, alert } = {}) {
  const root = cards.get(user)?.root;
  if (!root || !text) return;
  root.querySelector(".toast")?.remove();
  const note = el("div", { className: `toast${bad ? " bad" : ""}`, role: alert || bad ? "alert" : "status" }, text);
  if (alert) note.append(el("button", { type: "button", onclick: () => note.remove() }, "OK"));
  else setTimeout(() => note.remove(), 4000);
  root.append(note);
}

// Drawing

const ACTIONS = { typing: "typing", upload_document: "sending a document", upload_photo: "sending a photo" };

function drawPerson(user) {
  const parts = card(user.id);
  const chat = chatOf(user.id);
  parts.title.replaceChildren([user.first_name, user.last_name].filter(Boolean).join(" "));
  if (user.note) parts.title.append(el("span", { className: "note" }, user.note));
  parts.avatar.textContent = [...user.first_name][0]?.toUpperCase() ?? "?";
  const acting = chat?.action && `the bot is ${ACTIONS[chat.action] ?? chat.action.replaceAll("_", " ")}…`;
  const facts = [`id ${user.id}`, user.username && `@${user.username}`, user.language_code].filter(Boolean).join(" · ");
  parts.subtitle.textContent = chat?.blocked ? "has blocked the bot" : acting || facts;
  parts.subtitle.classList.toggle("acting", Boolean(acting));
  const silent = !chat?.open || chat?.blocked;
  parts.start.hidden = !silent;
  parts.start.textContent = chat?.blocked ? "Let the bot talk again" : "Start";
  parts.start.onclick = chat?.blocked
    ? () => attempt(user.id, () => control("POST", about(user.id, "/block"), { blocked: false, bot: store.bot }))
    : () => say(user.id, "/start");
  parts.composer.hidden = silent;
  drawTabs();
}

function drawTabs() {
  const tabs = [...store.users.values()].map((user) => {
    const chosen = user.id === store.chosen;
    cards.get(user.id)?.root.classList.toggle("chosen", chosen);
    const old = $(`tab-${user.id}`);
    return el("button", {
      type: "button", role: "tab", id: `tab-${user.id}`, "aria-selected": String(chosen), "aria-controls": `person-${user.id}`,
      className: old?.classList.contains("unread") && !chosen ? "unread" : "", onclick: () => choose(user.id),
    }, user.first_name);
  });
  $("tabs").replaceChildren(...tabs);
}

function choose(user) {
  store.chosen = user;
  drawTabs();
  const parts = cards.get(user);
  if (parts) toEnd(parts);
}

function drawMessage(user, view, live) {
  const parts = card(user);
  const actions = {
    say: (text) => say(user, text),
    edit: (message) => startEditing(user, message),
    press: (message, item, button) => press(user, message, item, button),
  };
  const quoted = view.reply_to && messagesOf(user).get(view.reply_to);
  const node = messageView(view, quoted, actions);
  const old = parts.chat.querySelector(`[data-id="${view.message_id}"]`);
  parts.hint.remove();
  if (old) old.replaceWith(node);
  else parts.chat.append(node);
  // What nobody looks at need not move; later it must not either.
  if (live && parts.root.offsetParent) {
    node.classList.add(old ? "changed" : "fresh");
    node.onanimationend = () => node.classList.remove("changed", "fresh");
  }
  if (!live || view.author === "user") parts.pinned = true;
  if (parts.pinned) toEnd(parts);
  if (live && user !== store.chosen && view.author === "bot") $(`tab-${user}`)?.classList.add("unread");
  drawReplyKeyboard(user, parts);
}

/** The keyboard of the latest message that set or removed one. */
function drawReplyKeyboard(user, parts) {
  const standing = [...messagesOf(user).values()].filter((view) => !view.deleted && view.author === "bot" && view.markup && !view.markup.inline);
  const keyboard = standing.at(-1)?.markup.keyboard;
  const used = keyboard?.one_time && [...messagesOf(user).values()].at(-1)?.author === "user";
  parts.below.hidden = !keyboard || Boolean(used);
  parts.below.replaceChildren(...(keyboard?.rows ?? []).map((row) => el("div", {},
    ...row.map((text) => el("button", { type: "button", onclick: () => say(user, text) }, text)))));
}

let quietSince;
function drawStatus() {
  const bot = store.bots.get(store.bot);
  if (!bot) { $("status").textContent = "no bot"; return; }
  if (bot.polling) quietSince = undefined;
  else quietSince ??= Date.now();
  // Between two polls nobody waits for a moment; that is not worth a word.
  const quiet = quietSince && Date.now() - quietSince > 700;
  if (quietSince && !quiet) setTimeout(drawStatus, 750);
  const waiting = bot.pending_updates ? `, ${bot.pending_updates} waiting` : "";
  const listens = !quiet && !bot.revoked && !bot.webhook;
  $("status").className = `pill ${listens ? "good" : ""}`;
  $("status").textContent = bot.revoked ? "the token is revoked"
    : bot.webhook ? `webhook set${waiting}`
      : quiet ? `@${bot.username} is not polling${waiting}` : `@${bot.username} is polling${waiting}`;
}

function drawBots() {
  const select = $("bot");
  select.replaceChildren(...[...store.bots.values()].map((bot) =>
    el("option", { value: String(bot.id), selected: bot.id === store.bot }, bot.first_name)));
  select.parentElement.hidden = store.bots.size < 2;
}

function drawFaults() {
  const list = store.faults;
  $("fault-count").textContent = String(list.length);
  $("fault-count").hidden = !list.length;
  $("alarm").hidden = !list.length;
  $("alarm").textContent = list.length === 1 ? faultWords(list[0]) : `${list.length} faults in force`;
  $("fault-list").replaceChildren(...list.map((fault) => el("li", {}, el("span", {}, `${faultWords(fault)} · hit ${fault.hits}×`),
    iconButton("close", "Clear this fault", { onclick: () => control("DELETE", `/faults/${fault.id}`) }))));
}

const isEmptyPoll = (call) => call.method === "getUpdates" && (call.status === undefined ? !call.fault : call.response === '{"ok":true,"result":[]}');

function drawCall(call) {
  const list = $("call-list");
  const old = list.querySelector(`[data-number="${call.number}"]`);
  if (isEmptyPoll(call) && !$("empty-polls").checked) { old?.remove(); }
  else {
    const node = callView(call);
    if (old) old.replaceWith(node);
    else {
      const after = [...list.children].find((other) => Number(other.dataset.number) < call.number);
      list.insertBefore(node, after ?? null);
    }
  }
  while (list.childElementCount > CALLS_SHOWN) list.lastElementChild.remove();
  const bad = [...store.calls.values()].filter((each) => each.unsimulated).length;
  $("call-count").hidden = !bad;
  $("call-count").textContent = `${bad} not simulated`;
}

function drawCalls() {
  $("call-list").replaceChildren();
  for (const call of store.calls.values()) drawCall(call);
}

// Events

function keepCall(call) {
  store.calls.set(call.number, call);
  if (store.calls.size > CALLS_SHOWN * 3) store.calls.delete(store.calls.keys().next().value);
}

const on = {
  message({ bot, chat, message }) {
    const key = `${bot}:${chat}`;
    if (!store.messages.has(key)) store.messages.set(key, new Map());
    store.messages.get(key).set(message.message_id, message);
    if (bot === store.bot) drawMessage(chat, message, true);
  },
  chat({ chat }) {
    store.chats.set(`${chat.bot}:${chat.chat}`, chat);
    const user = store.users.get(chat.chat);
    if (user && chat.bot === store.bot) drawPerson(user);
  },
  user({ user }) {
    store.users.set(user.id, user);
    store.chosen ??= user.id;
    drawPerson(user);
  },
  bot({ bot }) {
    const known = store.bots.has(bot.id);
    store.bots.set(bot.id, bot);
    store.bot ??= bot.id;
    if (!known) drawBots();
    drawStatus();
  },
  query({ query }) {
    if (!query.answer || query.bot !== store.bot) return;
    for (const button of document.querySelectorAll(`#person-${query.chat} [data-query="${query.query_id}"]`)) button.classList.remove("waiting");
    for (const button of document.querySelectorAll(`#person-${query.chat} [data-id="${query.message_id}"] .waiting`)) button.classList.remove("waiting");
    toast(query.chat, query.answer.text, { alert: query.answer.alert });
  },
  faults({ faults }) { store.faults = faults; drawFaults(); },
  call({ call }) { keepCall(call); drawCall(call); },
  reset() { load(); },
};

let pending;
async function load() {
  pending ??= [];
  const state = await control("GET", "/state");
  store.bots = new Map(state.bots.map((bot) => [bot.id, bot]));
  if (!store.bots.has(store.bot)) store.bot = state.bots[0]?.id;
  store.users = new Map(state.users.map((user) => [user.id, user]));
  if (!store.users.has(store.chosen)) store.chosen = state.users[0]?.id;
  store.chats = new Map(state.chats.map((chat) => [`${chat.bot}:${chat.chat}`, chat]));
  store.messages = new Map();
  store.faults = state.faults;
  store.samples = state.samples;
  const lists = await Promise.all(state.users.map((user) => store.bot ? control("GET", withBot(about(user.id, "/messages"))) : []));
  state.users.forEach((user, index) => store.messages.set(`${store.bot}:${user.id}`,
    new Map(lists[index].map((message) => [message.message_id, message]))));
  store.calls = new Map((await control("GET", "/calls")).map((call) => [call.number, call]));
  closeMenu();
  cards.clear();
  $("people").replaceChildren();
  drawBots();
  for (const user of store.users.values()) {
    drawPerson(user);
    for (const message of messagesOf(user.id).values()) drawMessage(user.id, message, false);
  }
  drawStatus();
  drawFaults();
  drawCalls();
  const missed = pending;
  pending = undefined;
  for (const event of missed) if (event.type !== "reset") on[event.type]?.(event);
  document.body.dataset.ready = "true";
}

function listen() {
  const events = new EventSource("/control/events");
  events.onopen = () => load();
  events.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (pending) pending.push(event);
    else on[event.type]?.(event);
  };
  events.onerror = () => {
    $("status").className = "pill warn";
    $("status").textContent = "the simulator is gone; trying again…";
  };
}

// The fault panel

const KINDS = {
  latency: ["Late answer", "Milliseconds", "millis", 2000],
  hang: ["No answer ever"],
  drop: ["Connection closed"],
  too_many_requests: ["429 Too Many Requests", "Seconds to wait", "retry_after", 5],
  server_error: ["5xx with a page of HTML", "Status", "status", 502],
  unauthorized: ["401 Unauthorized"],
  conflict: ["409 Conflict"],
  outage: ["Telegram cannot be reached"],
};
const METHODS = ["getUpdates", "getMe", "sendMessage", "editMessageText", "deleteMessage", "sendDocument", "getFile", "download",
  "answerCallbackQuery", "setMyCommands", "sendChatAction"];
const PRESETS = [
  ["Outage", { kind: "outage" }],
  ["Everything 2 s late", { kind: "latency", millis: 2000 }],
  ["Flood wait on the next send", { kind: "too_many_requests", retry_after: 5, method: "sendMessage", calls: 1 }],
  ["Lose the next answer to sendMessage", { kind: "drop", method: "sendMessage", calls: 1, after: true }],
  ["502 for three polls", { kind: "server_error", status: 502, method: "getUpdates", calls: 3 }],
  ["Another poller somewhere", { kind: "conflict", method: "getUpdates", calls: 2 }],
];

async function inject(fault) {
  try {
    await control("POST", "/faults", fault);
  } catch (error) {
    window.alert(error.message);
  }
}

function setUpFaults() {
  const kind = $("fault-kind");
  const amount = $("fault-amount");
  kind.replaceChildren(...Object.entries(KINDS).map(([value, [name]]) => el("option", { value }, name)));
  $("fault-method").replaceChildren(el("option", { value: "" }, "all of them"),
    ...METHODS.map((method) => el("option", { value: method }, method === "download" ? "download of a file" : method)));
  const adapt = () => {
    const [, label, , value] = KINDS[kind.value];
    amount.hidden = !label;
    const input = amount.querySelector("input");
    input.disabled = !label;
    $("fault-amount-label").textContent = label ?? "";
    input.value = value ?? "";
    $("fault-after").hidden = kind.value === "latency" || kind.value === "outage";
  };
  kind.onchange = adapt;
  adapt();
  $("fault-presets").replaceChildren(...PRESETS.map(([name, fault]) =>
    el("button", { type: "button", className: "quiet", onclick: () => inject(fault) }, name)));
  $("fault-form").onsubmit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const fault = { kind: kind.value };
    const [, , field] = KINDS[kind.value];
    if (field) fault[field] = Number(form.get("amount"));
    if (form.get("method")) fault.method = form.get("method");
    if (form.get("calls")) fault.calls = Number(form.get("calls"));
    if (form.get("after") && !$("fault-after").hidden) fault.after = true;
    inject(fault);
  };
  $("revoke").onclick = () => {
    if (window.confirm("Revoke the bot's token? It gets 401 until it is started with a new one.")) control("POST", "/revoke", { bot: store.bot });
  };
  $("day").onclick = () => control("POST", "/clock", { millis: 86_400_000 });
  $("reset").onclick = () => {
    if (window.confirm("Forget all chats, faults and calls?")) control("POST", "/reset", {});
  };
}

function setUpPersonDialog() {
  const dialog = $("person-dialog");
  const form = $("person-form");
  $("add-person").onclick = () => {
    form.elements.id.value = String(Math.max(1000, ...store.users.keys()) + 1);
    dialog.showModal();
  };
  $("person-cancel").onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const user = { id: Number(form.elements.id.value), first_name: form.elements.first_name.value.trim() };
    if (form.elements.language_code.value) user.language_code = form.elements.language_code.value.trim();
    try {
      await control("POST", "/users", user);
      form.reset();
      dialog.close();
      choose(user.id);
    } catch (error) {
      window.alert(error.message);
    }
  };
}

$("bot").onchange = (event) => { store.bot = Number(event.target.value); load(); };
$("empty-polls").onchange = drawCalls;
setUpFaults();
setUpPersonDialog();
listen();
