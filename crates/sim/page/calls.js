// The log of Bot API calls: what the bot asked, and what it was told.

import { $, el, soon, time } from "/page/view/dom.js";
import { control, query } from "/page/control.js";
import { CALLS } from "/page/live.js";
import { store } from "/page/store.js";

const PAGE = 50;
/** So many calls are kept here; the simulator has more. */
const KEPT = 2000;

let page = 0;
let begins = true;

const isEmptyPoll = (call) => call.method === "getUpdates" && !call.fault
  && (call.status === undefined ? !call.abandoned : call.response === '{"ok":true,"result":[]}');
const isBad = (call) => call.status >= 400 || call.abandoned || Boolean(call.fault);

function matches(call) {
  const which = $("call-which").value;
  if (isEmptyPoll(call) && !$("empty-polls").checked) return false;
  if (which === "failed" && !isBad(call)) return false;
  if (which === "faults" && !call.fault) return false;
  if (which === "unsimulated" && !call.unsimulated) return false;
  const words = $("call-filter").value.trim().toLowerCase();
  if (!words) return true;
  return [call.method, call.bot, JSON.stringify(call.parameters), call.response].join("\n").toLowerCase().includes(words);
}

/** What a call was about, in a few words. */
function gist(call) {
  const { text, caption, action, offset, file_id: fileId, document, chat_id: chat } = call.parameters;
  const to = chat ? `${chat}: ` : "";
  if (document?.file_name) return `${to}${document.file_name}`;
  const said = text ?? caption ?? action;
  if (said) return `${to}${typeof said === "string" ? said : JSON.stringify(said)}`;
  if (fileId) return String(fileId);
  if (offset) return `offset ${offset}`;
  return chat ? String(chat) : "";
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // cut short or a page of HTML: shown as it is
  }
}

function body(view) {
  const notes = [
    view.unsimulated && "Not simulated: the simulator refused it with 501.",
    view.ignored?.length && `Unknown to Telegram and ignored: ${view.ignored.join(", ")}`,
    view.fault && `Fault: ${view.fault.kind}`,
    view.abandoned && "The client went away before it was answered.",
  ].filter(Boolean);
  const block = (title, text) => [el("h4", {}, title), el("pre", { tabIndex: 0 }, text)];
  return el("div", { className: "call-body" },
    ...notes.map((note) => el("p", { className: "call-note" }, note)),
    ...block("Asked", `${view.path}  (${view.encoding || "unread"})\n\n${JSON.stringify(view.parameters, null, 2)}`),
    ...block("Told", view.response === undefined ? "no answer" : pretty(view.response)));
}

function row(view, wasOpen) {
  const status = view.status ?? (view.abandoned ? "gone" : view.fault ? "none" : "…");
  const mark = view.unsimulated ? el("span", { className: "mark bad" }, "not simulated")
    : view.fault ? el("span", { className: "mark warn" }, `fault: ${view.fault.kind.replaceAll("_", " ")}`) : undefined;
  const details = el("details", {}, el("summary", {},
    time(view.at, true),
    el("b", {}, view.method),
    el("span", { className: "gist" }, mark, gist(view)),
    el("span", { className: "took" }, view.took === undefined ? "" : `${view.took} ms`),
    el("span", { className: `code ${view.status === undefined ? "none" : isBad(view) ? "bad" : ""}` }, String(status))));
  const fill = () => { if (details.open && details.childElementCount < 2) details.append(body(view)); };
  details.ontoggle = fill;
  if (wasOpen) { details.open = true; fill(); }
  return el("li", { "data-number": String(view.number) }, details);
}

/** The calls that match, latest first. */
const matching = () => [...store.calls.values()].filter(matches).reverse();

function draw() {
  const unsimulated = store.counters?.unsimulated ?? 0;
  $("call-count").hidden = !unsimulated;
  $("call-count").textContent = `${unsimulated} not simulated`;
  if (!$("calls").open) return;
  const all = matching();
  const last = Math.max(0, Math.ceil(all.length / PAGE) - 1);
  page = Math.min(page, last + (begins ? 0 : 1));
  const shown = all.slice(page * PAGE, page * PAGE + PAGE);
  const list = $("call-list");
  const open = new Set([...list.querySelectorAll("details[open]")].map((each) => each.closest("li").dataset.number));
  const before = new Map([...list.children].map((each) => [each.dataset.number, each]));
  const nodes = shown.map((call) => {
    const old = before.get(String(call.number));
    if (old?.call === call) return old;
    const node = row(call, open.has(String(call.number)));
    node.call = call;
    return node;
  });
  place(list, nodes);
  $("call-empty").hidden = shown.length > 0;
  $("call-place").textContent = all.length ? `${page * PAGE + 1}–${page * PAGE + shown.length} of ${all.length}${begins ? "" : "+"}` : "";
  $("call-newer").disabled = page === 0;
  $("call-older").disabled = page >= last && begins;
}

/** Puts the rows in their order without touching those that are in place: what has the focus keeps it. */
function place(list, nodes) {
  const keep = new Set(nodes);
  for (const old of [...list.children]) if (!keep.has(old)) old.remove();
  nodes.forEach((node, index) => { if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null); });
}

export const drawCalls = soon(draw);

/** A call came or was answered. */
export function tookCall() {
  while (store.calls.size > KEPT) {
    store.calls.delete(store.calls.keys().next().value);
    begins = false;
  }
  drawCalls();
}

/** After the state was read again. */
export function callsLoaded() {
  begins = store.calls.size < CALLS || store.calls.keys().next().value === 1;
  page = 0;
  drawCalls();
}

async function older() {
  page += 1;
  while (!begins && matching().length <= page * PAGE + PAGE) {
    const first = store.calls.keys().next().value;
    const more = await control("GET", query("/calls", { before: first, limit: CALLS }));
    if (more.length < CALLS) begins = true;
    store.calls = new Map([...more.map((call) => [call.number, call]), ...store.calls]);
    if (store.calls.size > 3 * KEPT) break;
  }
  drawCalls();
}

export function setUpCalls() {
  $("calls").ontoggle = drawCalls;
  $("call-older").onclick = () => older();
  $("call-newer").onclick = () => { page = Math.max(0, page - 1); drawCalls(); };
  const anew = () => { page = 0; drawCalls(); };
  for (const id of ["empty-polls", "call-which"]) $(id).onchange = anew;
  $("call-filter").oninput = anew;
  $("call-form").onsubmit = (event) => event.preventDefault();
}
