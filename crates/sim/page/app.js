// Puts the page together: who is told of what.

import { $ } from "/page/view/dom.js";
import { listen } from "/page/live.js";
import { choose, columns, drawPeople, drawTabs, isShown, redrawAll, setUpPeople, shownUsers } from "/page/people.js";
import { callsLoaded, drawCalls, setUpCalls, tookCall } from "/page/calls.js";
import { drawFaultChats, drawFaults, setUpFaults } from "/page/faults.js";
import { count, drawBots, drawCounters, onCounted, setUpMachine } from "/page/machine.js";
import { askPerson, drawMembers } from "/page/rooms.js";
import { conversationsOf, statusIn, store } from "/page/store.js";

/** Columns that have this conversation. */
const withChat = (key) => [...columns.values()].filter((column) => conversationsOf(column.id).includes(key));

const told = {
  shown: shownUsers,
  loaded() {
    redrawAll();
    drawBots();
    drawFaultChats();
    drawFaults();
    drawCounters();
    callsLoaded();
    const wasLost = !$("lost").hidden;
    $("lost").hidden = true;
    document.body.classList.remove("offline");
    if (wasLost) $("announcer").textContent = "The simulator is back.";
    document.body.dataset.ready = "true";
  },
  lost() {
    document.body.classList.add("offline");
    $("lost").hidden = false;
  },
  message({ key, message, added }) {
    let unread = false;
    for (const column of withChat(key)) unread = column.put(key, message, added) || unread;
    if (unread) drawTabs();
  },
  chat(user) { columns.get(user)?.draw(); },
  room(room) {
    drawFaultChats();
    for (const column of columns.values()) if (statusIn(room, column.id) !== "left" || column.open) column.draw();
    if ($("members-dialog").open) drawMembers();
  },
  user(user) {
    if (!isShown(user.id) || columns.get(user.id)) drawPeople();
    drawFaultChats();
  },
  bot(bot, isNew) {
    drawBots();
    if (isNew) for (const column of columns.values()) column.draw();
  },
  answered(query) {
    for (const column of columns.values()) {
      if (query.from === undefined ? column.id === query.chat : column.id === query.from) column.answered(query);
    }
  },
  faults: drawFaults,
  call() { tookCall(); count(); },
};

setUpPeople();
setUpFaults();
setUpCalls();
setUpMachine();
onCounted(drawCalls);
$("add-person").onclick = () => askPerson((id) => choose(id));
listen(told);
