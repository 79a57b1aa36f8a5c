// The simulator itself: its bots, its clock, what it counted, and the way back to the beginning.

import { $, el, moment } from "/page/view/dom.js";
import { control } from "/page/control.js";
import { confirm } from "/page/menu.js";
import { store } from "/page/store.js";

const DAY = 86_400_000;
const STEPS = [["1 minute", 60_000], ["1 hour", 3_600_000], ["1 day", DAY]];
/** Between two polls nobody waits for a moment; that is not worth a word, in milliseconds. */
const QUIET = 700;

const quietSince = new Map();

/** Whether a bot has not polled for a while. */
function isQuiet(bot) {
  if (bot.polling) { quietSince.delete(bot.id); return false; }
  if (!quietSince.has(bot.id)) { quietSince.set(bot.id, Date.now()); setTimeout(drawBots, QUIET + 50); }
  return Date.now() - quietSince.get(bot.id) > QUIET;
}

/** What a bot is about, in a few words, and whether that is well. */
function botWords(bot) {
  const waiting = bot.pending_updates ? `, ${bot.pending_updates} waiting` : "";
  const name = `@${bot.username}`;
  if (bot.revoked) return { text: `${name}: the token is revoked`, good: false };
  if (bot.webhook) return { text: `${name} has a webhook${waiting}`, good: true };
  return isQuiet(bot) ? { text: `${name} is not polling${waiting}`, good: false } : { text: `${name} is polling${waiting}`, good: true };
}

const rows = new Map();

/** The row of a bot; it stays the element it is, for it changes with every poll. */
function botRow(bot) {
  if (!rows.has(bot.id)) {
    const name = el("div", { className: "bot-name" });
    const button = el("button", { type: "button", className: "quiet revoke", onclick: () => revoke(store.bots.get(bot.id)) }, "Revoke the token");
    const facts = el("dl");
    rows.set(bot.id, { node: el("li", {}, name, facts, button), name, facts, button });
  }
  const row = rows.get(bot.id);
  const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, value));
  const { webhook } = bot;
  row.name.replaceChildren(el("b", { dir: "auto" }, bot.first_name), el("small", {}, `@${bot.username} · id ${bot.id}`));
  row.button.disabled = bot.revoked;
  row.facts.replaceChildren(...[
    fact("Asks for updates", bot.revoked ? "cannot: the token is revoked" : webhook ? "by webhook" : bot.polling ? "a poll waits" : "nobody polls"),
    fact("Updates waiting", String(bot.pending_updates)),
    fact("Webhook", webhook ? webhook.url : "none"),
    webhook && fact("Delivered", `${webhook.delivered}, ${webhook.failed} failed, ${webhook.under_way} under way`),
    webhook?.last_error && fact("Last error", webhook.last_error.message),
  ].filter(Boolean));
  return row.node;
}

async function revoke(bot) {
  if (await confirm(`Revoke the token of @${bot.username}? It gets 401 until it is given a new one over the control API.`, "Revoke")) {
    tell(() => control("POST", "/revoke", { bot: bot.id }));
  }
}

export function drawBots() {
  const bots = [...store.bots.values()];
  const said = bots.slice(0, 3).map(botWords);
  const pill = $("status");
  pill.textContent = said.map((each) => each.text).join(" · ") + (bots.length > 3 ? ` · ${bots.length - 3} more` : "") || "no bot";
  pill.className = `pill ${said.length && said.every((each) => each.good) ? "good" : ""}`;
  if (!$("machine").open) return;
  const list = $("bot-list");
  const nodes = bots.slice(0, 20).map(botRow);
  if (nodes.length !== list.childElementCount || nodes.some((node, index) => list.children[index] !== node)) list.replaceChildren(...nodes);
}

const NAMES = { calls: "Calls", unsimulated: "Not simulated", faults: "Hit by faults", conflicts: "Conflicts (409)", pollers: "Polls waiting", pollers_max: "Most polls at once" };

export function drawCounters() {
  if (!$("machine").open || !store.counters) return;
  const known = Object.keys(NAMES).filter((name) => name in store.counters);
  const others = Object.keys(store.counters).filter((name) => !(name in NAMES) && typeof store.counters[name] === "number");
  $("counters").replaceChildren(...[...known, ...others].map((name) =>
    el("div", {}, el("dt", {}, NAMES[name] ?? name.replaceAll("_", " ")), el("dd", {}, String(store.counters[name])))));
}

let counting;
/** Counters have no event of their own; they are asked for after calls, twice a second at most. */
export function count() {
  counting ??= setTimeout(async () => {
    counting = undefined;
    try {
      store.counters = await control("GET", "/counters");
    } catch { return; }
    drawCounters();
    counted?.();
  }, 500);
}
let counted;
export const onCounted = (then) => { counted = then; };

function drawClock() {
  if ($("machine").open) $("now").textContent = moment(Date.now() + store.ahead);
}

async function tell(request) {
  $("machine-problem").textContent = "";
  try {
    await request();
  } catch (error) {
    $("machine-problem").textContent = error.message;
  }
}

const advance = (millis) => tell(async () => {
  await control("POST", "/clock", { millis });
  store.ahead += millis;
  drawClock();
});

export function setUpMachine() {
  $("clock-steps").replaceChildren(...STEPS.map(([name, millis]) =>
    el("button", { type: "button", className: "quiet", id: millis === DAY ? "day" : undefined, onclick: () => advance(millis) }, `+ ${name}`)));
  $("clock-form").onsubmit = (event) => {
    event.preventDefault();
    const fields = event.target.elements;
    advance(Math.round(Number(fields.amount.value) * Number(fields.unit.value)));
  };
  $("reset").onclick = async () => {
    if (await confirm("Forget all chats, groups, faults and calls? Bots and their tokens stay.", "Start over")) tell(() => control("POST", "/reset", {}));
  };
  $("machine").ontoggle = () => { drawBots(); drawClock(); drawCounters(); count(); };
  setInterval(drawClock, 1000);
}
