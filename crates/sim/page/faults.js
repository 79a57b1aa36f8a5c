// The panel that makes Telegram misbehave.

import { $, el, iconButton } from "/page/view/dom.js";
import { control } from "/page/control.js";
import { nameOf, store } from "/page/store.js";

/** Per kind: its name, and the fields it has beside those of every fault: label, name, value, whether it may be empty. */
const KINDS = {
  latency: ["Late answer", ["Milliseconds", "millis", 2000], ["At most (by chance)", "up_to_millis", "", true]],
  hang: ["No answer ever"],
  drop: ["Connection closed"],
  truncated: ["Answer ends in the middle"],
  slow_body: ["Answer comes in pieces", ["Milliseconds", "millis", 3000]],
  too_many_requests: ["429 Too Many Requests", ["Seconds to wait", "retry_after", 5]],
  server_error: ["5xx with a page of HTML", ["Status", "status", 502]],
  unauthorized: ["401 Unauthorized"],
  conflict: ["409 Conflict"],
  outage: ["Telegram cannot be reached"],
};
/** Kinds for which “do it, lose the answer” means nothing. */
const ALWAYS_DONE = ["latency", "outage", "truncated", "slow_body"];
const METHODS = ["getUpdates", "getMe", "sendMessage", "editMessageText", "editMessageReplyMarkup", "deleteMessage", "sendDocument", "sendPhoto",
  "getFile", "download", "answerCallbackQuery", "setMyCommands", "sendChatAction", "copyMessage", "forwardMessage", "setWebhook", "deleteWebhook"];
const PRESETS = [
  ["Everything 2 s late", { kind: "latency", millis: 2000 }],
  ["Flood wait on the next send", { kind: "too_many_requests", retry_after: 5, method: "sendMessage", calls: 1 }],
  ["Lose the next answer to sendMessage", { kind: "drop", method: "sendMessage", calls: 1, after: true }],
  ["502 for three polls", { kind: "server_error", status: 502, method: "getUpdates", calls: 3 }],
  ["Another poller somewhere", { kind: "conflict", method: "getUpdates", calls: 2 }],
];

const seconds = (millis) => `${Number((millis / 1000).toFixed(1))} s`;

/** What a fault does, in words. */
export function faultWords(fault) {
  const what = {
    latency: () => fault.up_to_millis ? `answers ${fault.millis} to ${fault.up_to_millis} ms late` : `answers ${fault.millis} ms late`,
    hang: () => "never answers",
    drop: () => "closes the connection",
    truncated: () => "ends its answer in the middle",
    slow_body: () => `answers in pieces, over ${seconds(fault.millis)}`,
    too_many_requests: () => `says 429, retry after ${fault.retry_after} s`,
    server_error: () => `says ${fault.status} with a page of HTML`,
    unauthorized: () => "says 401 Unauthorized",
    conflict: () => "says 409 Conflict",
    outage: () => "cannot be reached",
  }[fault.kind]?.() ?? fault.kind;
  const often = fault.calls === undefined ? "until cleared" : fault.calls === 1 ? "once" : `${fault.calls} times`;
  const chat = fault.chat === undefined ? "" : ` in ${store.rooms.get(fault.chat)?.title ?? nameOf(fault.chat)}`;
  const where = `${fault.method ? ` for ${fault.method}` : ""}${chat}`;
  const parts = [`Telegram ${what}${where}`, often,
    fault.probability !== undefined && `${Number((fault.probability * 100).toFixed(2))} % of the calls`,
    fault.skip && `after ${fault.skip} that go well`,
    fault.from_millis && `from ${seconds(fault.from_millis)} on`,
    fault.until_millis !== undefined && `for ${seconds(fault.until_millis - (fault.from_millis ?? 0))}`,
    fault.after && "after doing it"];
  return parts.filter(Boolean).join(", ");
}

async function tell(request) {
  const problem = $("fault-problem");
  problem.textContent = "";
  try {
    await request();
  } catch (error) {
    problem.textContent = error.message;
  }
}

const inject = (fault) => tell(() => control("POST", "/faults", fault));
const clear = (id) => tell(() => control("DELETE", id === undefined ? "/faults" : `/faults/${id}`));

/** Outage is in force or it is not: one press for either. */
function toggleOutage() {
  const standing = store.faults.filter((fault) => fault.kind === "outage");
  if (standing.length) standing.forEach((fault) => clear(fault.id));
  else inject({ kind: "outage" });
}

function numberField([label, name, value, optional]) {
  return el("label", {}, label, el("input", { name, type: "number", min: "0", required: !optional, value: String(value), inputMode: "numeric" }));
}

/** A fault from what was filled in. */
function fromForm(form) {
  const value = (name) => form.elements[name]?.value.trim() ?? "";
  const number = (name) => (value(name) === "" ? undefined : Number(value(name)));
  const times = (name, factor) => (number(name) === undefined ? undefined : Math.round(number(name) * factor));
  const [, ...fields] = KINDS[value("kind")];
  const fault = { kind: value("kind") };
  for (const [, name] of fields) fault[name] = number(name);
  fault.method = value("method") || undefined;
  fault.chat = number("chat");
  fault.calls = number("calls");
  fault.skip = number("skip");
  fault.from_millis = times("from", 1000);
  fault.until_millis = times("until", 1000);
  fault.probability = number("percent") === undefined ? undefined : number("percent") / 100;
  if (!$("fault-after").hidden && form.elements.after.checked) fault.after = true;
  return fault;
}

export function setUpFaults() {
  const kind = $("fault-kind");
  kind.replaceChildren(...Object.entries(KINDS).map(([value, [name]]) => el("option", { value }, name)));
  $("fault-method").replaceChildren(el("option", { value: "" }, "all of them"),
    ...METHODS.map((method) => el("option", { value: method }, method === "download" ? "download of a file" : method)));
  const adapt = () => {
    const [, ...fields] = KINDS[kind.value];
    $("fault-fields").replaceChildren(...fields.map(numberField));
    $("fault-after").hidden = ALWAYS_DONE.includes(kind.value);
  };
  kind.onchange = adapt;
  adapt();
  $("fault-presets").replaceChildren(
    el("button", { type: "button", id: "outage", "aria-pressed": "false", onclick: toggleOutage }, "Outage"),
    ...PRESETS.map(([name, fault]) => el("button", { type: "button", className: "quiet", onclick: () => inject(fault) }, name)));
  $("fault-form").onsubmit = (event) => { event.preventDefault(); inject(fromForm(event.target)); };
  $("fault-clear").onclick = () => clear();
}

/** The chats that a fault can be for. */
export function drawFaultChats() {
  const select = $("fault-chat");
  const chosen = select.value;
  const rooms = [...store.rooms.values()].map((room) => [room.chat, room.title]);
  const people = [...store.users.values()].slice(0, 50).map((user) => [user.id, `${nameOf(user.id)} (private)`]);
  select.replaceChildren(el("option", { value: "" }, "all of them"),
    ...[...rooms, ...people].map(([id, name]) => el("option", { value: String(id), selected: String(id) === chosen }, name)));
}

/** A fault's row stays the element it is while only its hits are counted. */
function drawList(list) {
  const before = new Map([...$("fault-list").children].map((row) => [row.dataset.fault, row]));
  const rows = list.map((fault) => before.get(String(fault.id)) ?? el("li", { "data-fault": String(fault.id) }, el("span"), el("b", { className: "hits" }),
    iconButton("close", "Clear this fault", { onclick: () => clear(fault.id) })));
  list.forEach((fault, index) => {
    rows[index].children[0].textContent = faultWords(fault);
    rows[index].children[1].textContent = fault.hits === 1 ? "1 hit" : `${fault.hits} hits`;
  });
  if (rows.length !== before.size || rows.some((row) => !row.isConnected)) $("fault-list").replaceChildren(...rows);
}

export function drawFaults() {
  const list = store.faults;
  $("fault-count").textContent = String(list.length);
  $("fault-count").hidden = !list.length;
  $("fault-clear").hidden = list.length < 2;
  $("alarm").hidden = !list.length;
  $("alarm").textContent = list.length === 1 ? faultWords(list[0]) : `${list.length} faults in force`;
  const out = list.some((fault) => fault.kind === "outage");
  $("outage").setAttribute("aria-pressed", String(out));
  drawList(list);
}
