// What people do, wherever they are: the control API's words for private and for shared chats.

import { control, query } from "/page/control.js";

const shared = (where) => where.kind !== "private";
const path = (where, user, what) => shared(where) ? `/chats/${where.chat}${what}` : `/users/${user}${what}`;
const who = (where, user) => shared(where) ? { from: user } : { bot: where.bot };

export const say = (where, user, text, replyTo) =>
  control("POST", path(where, user, "/messages"), { ...who(where, user), text, ...(replyTo ? { reply_to: replyTo } : {}) });

export const edit = (where, user, message, text) =>
  control("POST", path(where, user, "/edit"), { ...who(where, user), message_id: message, text });

export const remove = (where, user, message) =>
  control("POST", path(where, user, "/delete"), { ...who(where, user), message_id: message });

export const press = (where, user, message, data) =>
  control("POST", path(where, user, "/press"), { ...who(where, user), message_id: message, data });

export const sendDocument = (where, user, file, caption) =>
  control("POST", query(path(where, user, "/documents"), { ...who(where, user), name: file.name, caption }), file);

export const sendPhoto = (where, user, file, caption) =>
  control("POST", query(path(where, user, "/photos"), { ...who(where, user), caption }), file);

export const sendSample = (where, user, name) =>
  control("POST", query(path(where, user, `/samples/${encodeURIComponent(name)}`), who(where, user)));

export const block = (where, user, blocked) => control("POST", `/users/${user}/block`, { blocked, bot: where.bot });

export const putUser = (user) => control("POST", "/users", user);
export const createRoom = (room) => control("POST", "/chats", room);
export const setMember = (chat, id, status, by) => control("POST", `/chats/${chat}/members`, { id, status, by });
export const migrate = (chat, by) => control("POST", `/chats/${chat}/migrate`, { by });
export const retitle = (chat, title, by) => control("POST", `/chats/${chat}/title`, { title, by });

/** The commands that a person is offered in a shared chat. */
export const commands = (chat, user) => control("GET", query(`/chats/${chat}/commands`, { user }));

/** The messages of a conversation, as the simulator has them now. */
export const messages = (where, user) =>
  control("GET", shared(where) ? `/chats/${where.chat}/messages` : query(`/users/${user}/messages`, { bot: where.bot }));
