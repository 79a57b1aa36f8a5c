// An ordinary grammY bot. Only the API root is not Telegram's: it is told by $API_ROOT, the token by $BOT_TOKEN. It polls; with
// $WEBHOOK_SECRET it listens to a webhook instead.
//
// It does what the tour asks for (tests/foreign.rs), and tells people what went wrong in the library's own words.

import { createServer } from "node:http";
import { Api, Bot, GrammyError, InlineKeyboard, InputFile, webhookCallback } from "grammy";
import { autoRetry } from "@grammyjs/auto-retry";

const token = process.env.BOT_TOKEN;
const apiRoot = process.env.API_ROOT;
const bot = new Bot(token, { client: { apiRoot } });

// Waits as long as Telegram asks it to.
const patient = new Api(token, { apiRoot });
patient.config.use(autoRetry());

const keyboard = new InlineKeyboard().text("Toast", "toast").text("Alert", "alert").row().text("Edit", "edit").text("Delete", "delete");

/** The error as the library knows it: its class, its text, and what else it took from the answer. */
function told(error) {
  if (!(error instanceof GrammyError)) return `${error.name}: ${error.message}`;
  const parameters = Object.entries(error.parameters).map(([name, value]) => ` ${name}=${value}`);
  return `GrammyError ${error.error_code}: ${error.description}${parameters.join("")}`;
}

bot.command("start", async (ctx) => {
  const commands = [{ command: "keyboard", description: "For you alone" }];
  await ctx.api.setMyCommands(commands, { scope: { type: "chat", chat_id: ctx.chat.id } });
  await ctx.reply(`Hello, <b>${ctx.from.first_name}</b> &amp; welcome`, {
    parse_mode: "HTML",
    reply_parameters: { message_id: ctx.msg.message_id },
  });
});

bot.command("markdown", (ctx) =>
  ctx.reply("*bold* _italic_ `code` [link](http://example\\.com/)\\!", { parse_mode: "MarkdownV2" }));

bot.command("keyboard", (ctx) => ctx.reply("Choose", { reply_markup: keyboard }));

bot.command(["write", "patient"], async (ctx) => {
  const [chat, text] = ctx.match.split(/ (.*)/s);
  const api = ctx.msg.text.startsWith("/patient") ? patient : ctx.api;
  try {
    const sent = await api.sendMessage(chat, text);
    await ctx.reply(`sent ${sent.message_id}`);
  } catch (error) {
    await ctx.reply(told(error));
  }
});

bot.command("broken", async (ctx) => {
  try {
    await ctx.reply("<b>never closed", { parse_mode: "HTML" });
  } catch (error) {
    await ctx.reply(told(error));
  }
});

/** Fetches the file that the message is about. */
async function download(ctx) {
  const file = await ctx.getFile();
  const response = await fetch(`${apiRoot}/file/bot${token}/${file.file_path}`);
  return new Uint8Array(await response.arrayBuffer());
}

// The same bytes come back, once from memory and once by file_id.
bot.on("message:document", async (ctx) => {
  const { file_name, file_id } = ctx.msg.document;
  try {
    await ctx.replyWithChatAction("upload_document");
    await ctx.replyWithDocument(new InputFile(await download(ctx), `back-${file_name}`), { caption: "from memory" });
    await ctx.replyWithDocument(file_id, { caption: "by file_id" });
  } catch (error) {
    await ctx.reply(told(error), { reply_parameters: { message_id: ctx.msg.message_id } });
  }
});

bot.on("message:photo", async (ctx) => {
  try {
    await ctx.replyWithPhoto(new InputFile(await download(ctx), "back.png"), { caption: "from memory" });
    await ctx.replyWithPhoto(ctx.msg.photo.at(-1).file_id, { caption: "by file_id" });
  } catch (error) {
    await ctx.reply(told(error), { reply_parameters: { message_id: ctx.msg.message_id } });
  }
});

bot.callbackQuery("toast", (ctx) => ctx.answerCallbackQuery("a toast"));
bot.callbackQuery("alert", (ctx) => ctx.answerCallbackQuery({ text: "an alert", show_alert: true }));

bot.callbackQuery("edit", async (ctx) => {
  try {
    await ctx.editMessageText("Edited", { reply_markup: keyboard });
    await ctx.answerCallbackQuery("edited");
  } catch (error) {
    // Every bot author knows this text.
    await ctx.answerCallbackQuery(error.description.includes("message is not modified") ? "nothing new" : told(error));
  }
});

bot.callbackQuery("delete", async (ctx) => {
  await ctx.deleteMessage();
  try {
    await ctx.deleteMessage();
  } catch (error) {
    await ctx.answerCallbackQuery(told(error));
  }
});

bot.on("message:text", (ctx) => ctx.reply(`${ctx.chat.type}: ${ctx.msg.text}`));

bot.catch(({ error }) => console.error(told(error)));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => bot.stop());

await bot.api.setMyCommands([{ command: "start", description: "Begin" }]);
await bot.api.setMyCommands([{ command: "start", description: "Начать" }], {
  scope: { type: "all_private_chats" },
  language_code: "ru",
});

/** Two of the library's own handlers, on a free port of the loopback: Node's at /hook, that of the fetch API elsewhere. */
async function serve(secretToken) {
  const ofNode = webhookCallback(bot, "http", { secretToken });
  const ofFetch = webhookCallback(bot, "std/http", { secretToken });
  const server = createServer(async (request, response) => {
    if (request.url === "/hook") return ofNode(request, response);
    const body = await new Response(request).arrayBuffer();
    const answer = await ofFetch(new Request(`http://localhost${request.url}`, { method: "POST", headers: request.headers, body }));
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  await bot.api.setWebhook(`http://127.0.0.1:${server.address().port}/hook`, { secret_token: secretToken });
}

const secret = process.env.WEBHOOK_SECRET;
if (secret) await serve(secret);

// grammY gives up on 401 and 409. Whoever runs a bot starts it again, unless it can never work.
for (let running = !secret; running; ) {
  try {
    await bot.start();
    running = false;
  } catch (error) {
    console.error(told(error));
    if (error.error_code !== 409) throw error;
  }
}
