// What the page knows of the simulator. It is filled by live.js; it draws nothing and asks nobody.

export const store = {
  bots: new Map(), users: new Map(), chats: new Map(), rooms: new Map(),
  /** By conversation: message by number. Only of conversations that somebody here looks at. */
  messages: new Map(),
  faults: [], samples: [], calls: new Map(), counters: undefined,
  /** How far the simulator's clock is ahead of this machine's, in milliseconds. */
  ahead: 0,
};

/** Names a conversation: the private one of a bot and a person, or a shared chat. */
export const privateKey = (bot, user) => `p${bot}:${user}`;
export const roomKey = (chat) => `r${chat}`;

const THERE = ["creator", "administrator", "member", "restricted"];
export const isThere = (status) => THERE.includes(status);
export const isAdmin = (status) => status === "creator" || status === "administrator";
export const statusIn = (room, id) => room.members.find((member) => member.id === id)?.status ?? "left";

export const fullName = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");

/** What somebody is called: a person or a bot. */
export function nameOf(id) {
  const user = store.users.get(id);
  if (user) return fullName(user);
  const bot = store.bots.get(id);
  return bot ? bot.first_name : `${id}`;
}

/** The conversations that a person has: every bot, then the shared chats they are or were in. */
export function conversationsOf(user) {
  const bots = [...store.bots.keys()].map((bot) => privateKey(bot, user));
  const rooms = [...store.rooms.values()].filter((room) => room.members.some((member) => member.id === user));
  return [...bots, ...rooms.map((room) => roomKey(room.chat))];
}

/** Messages of a conversation in their order. */
export function messagesOf(key) {
  return [...(store.messages.get(key)?.values() ?? [])];
}

export function latestOf(key) {
  const known = store.messages.get(key);
  if (!known?.size) return undefined;
  let latest;
  for (const message of known.values()) if (!message.deleted) latest = message;
  return latest;
}

const momentOf = (message) => message.history.at(-1)?.moment ?? 0;

/**
 * Keeps a message unless a later state of it is known already. Returns whether it is news. Not every change is a moment of
 * its own (a reaction is none): events come in their order, so of one moment theirs is the later state; an `answer` is not.
 */
export function keepMessage(key, message, { answer = false } = {}) {
  const known = store.messages.get(key);
  if (!known) return false;
  const before = known.get(message.message_id);
  const since = before ? momentOf(message) - momentOf(before) : 1;
  if (since < 0 || (since === 0 && answer)) return false;
  const newest = before ? undefined : [...known.keys()].at(-1);
  known.set(message.message_id, message);
  if (newest !== undefined && newest > message.message_id) {
    store.messages.set(key, new Map([...known].sort(([a], [b]) => a - b)));
  }
  return true;
}

/** Where a conversation is in the control API, what it is called, and what a person may do in it. */
export function conversation(key, user) {
  const privately = /^p(-?\d+):(-?\d+)$/.exec(key);
  return privately ? privateConversation(key, Number(privately[1]), user) : sharedConversation(key, Number(key.slice(1)), user);
}

function privateConversation(key, bot, user) {
  const view = store.bots.get(bot);
  const chat = store.chats.get(key);
  const who = store.users.get(user);
  return {
    key, kind: "private", bot, chat: user, id: bot,
    title: view?.first_name ?? String(bot),
    facts: view ? `@${view.username} · bot` : "bot",
    actions: chat?.action ? [chat.action] : [],
    actors: ["the bot"],
    commands: chat?.commands ?? [],
    blocked: Boolean(chat?.blocked),
    silent: chat?.blocked ? `${who ? fullName(who) : user} has blocked the bot` : undefined,
    start: !chat?.open && !chat?.blocked,
    admin: false,
  };
}

const OVER = { left: "no longer here", kicked: "thrown out", restricted: "not allowed to write" };

function sharedConversation(key, chat, user) {
  const room = store.rooms.get(chat);
  if (!room) return { key, kind: "gone", chat, id: chat, title: "gone", facts: "", actions: [], actors: [], silent: "This chat is gone" };
  const status = statusIn(room, user);
  const admin = isAdmin(status);
  const present = room.members.filter((member) => isThere(member.status)).length;
  const people = room.kind === "channel" ? "subscriber" : "member";
  let silent = OVER[status] && `${nameOf(user)} is ${OVER[status]}`;
  if (room.migrated_to) silent = "This group became a supergroup";
  else if (!silent && room.kind === "channel" && !admin) silent = "Only administrators post in this channel";
  return {
    key, kind: room.kind, chat, id: chat, room, status, admin, silent, start: false,
    title: room.title,
    facts: [room.kind, room.username && `@${room.username}`, `${present} ${people}${present === 1 ? "" : "s"}`].filter(Boolean).join(" · "),
    actions: (room.actions ?? []).map((each) => each.action),
    actors: (room.actions ?? []).map((each) => nameOf(each.bot)),
  };
}
