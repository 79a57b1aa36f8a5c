// Keeps the store in step with the simulator: its state on connecting, its events from then on, again after every break.

import { control } from "/page/control.js";
import { conversation, isThere, keepMessage, privateKey, roomKey, store } from "/page/store.js";
import { messages } from "/page/deeds.js";

/** Wait before connecting again, in milliseconds: the first time and at most. */
const SOON = 250;
const LATE = 2000;
/** Calls asked for at once. */
export const CALLS = 500;

let source;
let delay = SOON;
let pending;
let again = false;
let told;

/**
 * Begins. `listener` has a method for each kind of event, called when the store has it, `loaded()` after the state was
 * read, `lost()` when the simulator is gone, and `shown()`: the people whose messages are wanted.
 */
export function listen(listener) {
  told = listener;
  connect();
}

function connect() {
  source = new EventSource("/control/events");
  source.onopen = () => { delay = SOON; load(); };
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (pending) pending.push(event);
    else take(event);
  };
  source.onerror = () => {
    source.close();
    pending = undefined;
    told.lost();
    setTimeout(connect, delay);
    delay = Math.min(delay * 2, LATE);
  };
}

/** Reads everything. What happens meanwhile waits, and is taken afterwards; what is older than what was read is left out. */
async function load() {
  if (pending) { again = true; return; }
  const mine = [];
  pending = mine;
  const from = source;
  try {
    await readState();
  } catch {
    // The stream will break as well, or has: then it all begins anew.
    if (from === source) source.onerror();
    return;
  }
  if (from !== source || pending !== mine) return;
  pending = undefined;
  told.loaded();
  for (const event of mine) take(event);
  if (again) { again = false; load(); }
}

async function readState() {
  const state = await control("GET", "/state");
  store.bots = new Map(state.bots.map((bot) => [bot.id, bot]));
  store.users = new Map(state.users.map((user) => [user.id, user]));
  store.chats = new Map(state.chats.map((chat) => [privateKey(chat.bot, chat.chat), chat]));
  store.rooms = new Map((state.rooms ?? []).map((room) => [room.chat, room]));
  store.faults = state.faults;
  store.samples = state.samples;
  store.counters = state.counters;
  store.ahead = state.now - Date.now();
  const people = told.shown();
  const keys = people.flatMap((user) => state.bots.map((bot) => [privateKey(bot.id, user), user]));
  for (const room of store.rooms.values()) keys.push([roomKey(room.chat), undefined]);
  const read = await Promise.all(keys.map(([key, user]) => readMessages(key, user)));
  store.messages = new Map(read);
  const calls = await control("GET", `/calls?limit=${CALLS}`);
  store.calls = new Map(calls.map((call) => [call.number, call]));
}

async function readMessages(key, user) {
  const list = await messages(conversation(key, user), user);
  return [key, new Map(list.map((message) => [message.message_id, message]))];
}

/** A conversation that is new here is read whole before it is shown; its later events are not lost by that. */
async function meet(key, user) {
  if (store.messages.has(key)) return;
  store.messages.set(key, new Map());
  try {
    const [, list] = await readMessages(key, user);
    for (const message of list.values()) {
      if (keepMessage(key, message, { answer: true })) told.message({ key, message, added: false });
    }
  } catch { /* it is gone again, or so is the simulator */ }
}

const MESSAGE_KEY = ({ bot, chat }) => bot === undefined || bot === null || chat < 0 ? roomKey(chat) : privateKey(bot, chat);

const keep = {
  message(event) {
    const key = MESSAGE_KEY(event);
    const { message } = event;
    const added = !store.messages.get(key)?.has(message.message_id);
    if (keepMessage(key, message)) told.message({ key, message, added });
  },
  chat({ chat }) {
    store.chats.set(privateKey(chat.bot, chat.chat), chat);
    told.chat(chat.chat);
  },
  room({ room }) {
    store.rooms.set(room.chat, room);
    meet(roomKey(room.chat));
    told.room(room);
  },
  user({ user }) {
    const isNew = !store.users.has(user.id);
    store.users.set(user.id, user);
    told.user(user);
    if (isNew && told.shown().includes(user.id)) for (const bot of store.bots.keys()) meet(privateKey(bot, user.id), user.id);
  },
  bot({ bot }) {
    const isNew = !store.bots.has(bot.id);
    store.bots.set(bot.id, bot);
    if (isNew) for (const user of told.shown()) meet(privateKey(bot.id, user), user);
    told.bot(bot, isNew);
  },
  query({ query }) { if (query.answer) told.answered(query); },
  faults({ faults }) { store.faults = faults; told.faults(); },
  call({ call }) { store.calls.set(call.number, call); told.call(call); },
  reset() { load(); },
};

function take(event) {
  keep[event.type]?.(event);
}

/** Whether a person is in a shared chat. */
export const isIn = (room, user) => room.members.some((member) => member.id === user && isThere(member.status));
