"""An ordinary aiogram bot. Only the API root is not Telegram's: it is told by $API_ROOT, the token by $BOT_TOKEN. It polls; with
$WEBHOOK_SECRET it listens to a webhook instead.

It does what the tour asks for (tests/foreign.rs), and tells people what went wrong in the library's own words.
"""

import asyncio
import logging
import os
import sys
from io import BytesIO

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import AiogramError, TelegramAPIError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

router = Router()
KEYBOARD = InlineKeyboardMarkup(inline_keyboard=[
    [InlineKeyboardButton(text=name, callback_data=name.lower()) for name in ("Toast", "Alert")],
    [InlineKeyboardButton(text=name, callback_data=name.lower()) for name in ("Edit", "Delete")],
])


def told(error: AiogramError) -> str:
    """The error as the library knows it: its class, its text, and what else it took from the answer."""
    words = [f"{type(error).__name__}: {getattr(error, 'message', error)}"]
    if isinstance(error, TelegramRetryAfter):
        words.append(f"retry_after={error.retry_after}")
    if isinstance(error, TelegramMigrateToChat):
        words.append(f"migrate_to_chat_id={error.migrate_to_chat_id}")
    return " ".join(words)


@router.message(CommandStart())
async def start(message: Message, bot: Bot) -> None:
    await bot.set_my_commands(
        [BotCommand(command="keyboard", description="For you alone")], scope=BotCommandScopeChat(chat_id=message.chat.id))
    await message.reply(f"Hello, <b>{message.from_user.first_name}</b> &amp; welcome", parse_mode=ParseMode.HTML)


@router.message(Command("markdown"))
async def markdown(message: Message) -> None:
    await message.answer(r"*bold* _italic_ `code` [link](http://example\.com/)\!", parse_mode=ParseMode.MARKDOWN_V2)


@router.message(Command("keyboard"))
async def keyboard(message: Message) -> None:
    await message.answer("Choose", reply_markup=KEYBOARD)


@router.message(Command("write", "patient"))
async def write(message: Message, command: CommandObject, bot: Bot) -> None:
    """Writes to another chat and says how that went; /patient waits as long as Telegram asks it to."""
    chat, text = command.args.split(maxsplit=1)
    while True:
        try:
            sent = await bot.send_message(chat, text)
            await message.answer(f"sent {sent.message_id}")
        except TelegramRetryAfter as error:
            if command.command == "patient":
                await asyncio.sleep(error.retry_after)
                continue
            await message.answer(told(error))
        except AiogramError as error:
            await message.answer(told(error))
        return


@router.message(Command("broken"))
async def broken(message: Message) -> None:
    try:
        await message.answer("<b>never closed", parse_mode=ParseMode.HTML)
    except TelegramAPIError as error:
        await message.answer(told(error))


@router.message(F.document)
async def document(message: Message, bot: Bot) -> None:
    """The same bytes come back, once from memory and once by file_id."""
    try:
        await bot.send_chat_action(message.chat.id, "upload_document")
        content = await bot.download(message.document, BytesIO())
        back = BufferedInputFile(content.read(), filename=f"back-{message.document.file_name}")
        await message.answer_document(back, caption="from memory")
        await message.answer_document(message.document.file_id, caption="by file_id")
    except TelegramAPIError as error:
        await message.reply(told(error))


@router.message(F.photo)
async def photo(message: Message, bot: Bot) -> None:
    """The largest size comes back, once from memory and once by file_id."""
    try:
        largest = message.photo[-1]
        content = await bot.download(largest, BytesIO())
        await message.answer_photo(BufferedInputFile(content.read(), filename="back.png"), caption="from memory")
        await message.answer_photo(largest.file_id, caption="by file_id")
    except TelegramAPIError as error:
        await message.reply(told(error))


@router.callback_query(F.data == "toast")
async def toast(query: CallbackQuery) -> None:
    await query.answer("a toast")


@router.callback_query(F.data == "alert")
async def alert(query: CallbackQuery) -> None:
    await query.answer("an alert", show_alert=True)


@router.callback_query(F.data == "edit")
async def edit(query: CallbackQuery) -> None:
    try:
        await query.message.edit_text("Edited", reply_markup=KEYBOARD)
        await query.answer("edited")
    except TelegramAPIError as error:
        # Every bot author knows this text.
        await query.answer("nothing new" if "message is not modified" in error.message else told(error))


@router.callback_query(F.data == "delete")
async def delete(query: CallbackQuery) -> None:
    await query.message.delete()
    try:
        await query.message.delete()
    except TelegramAPIError as error:
        await query.answer(told(error))


@router.message(F.text)
async def echo(message: Message) -> None:
    await message.answer(f"{message.chat.type}: {message.text}")


async def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["API_ROOT"]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session)
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    await bot.set_my_commands([BotCommand(command="start", description="Begin")])
    await bot.set_my_commands(
        [BotCommand(command="start", description="Начать")], scope=BotCommandScopeAllPrivateChats(), language_code="ru")
    if secret := os.environ.get("WEBHOOK_SECRET"):
        await serve(bot, dispatcher, secret)
    else:
        await dispatcher.start_polling(bot)


async def serve(bot: Bot, dispatcher: Dispatcher, secret: str) -> None:
    """The library's own handler, on a free port of the loopback."""
    application = web.Application()
    SimpleRequestHandler(dispatcher=dispatcher, bot=bot, secret_token=secret).register(application, path="/hook")
    setup_application(application, dispatcher, bot=bot)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token=secret)
    await asyncio.Event().wait()


asyncio.run(main())
