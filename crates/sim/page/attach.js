// Files on their way into a chat: picked, dropped, pasted, ready-made.

import { bytes, el, icon, iconButton } from "/page/view/dom.js";
import { attempt, item, toast } from "/page/menu.js";
import { DOWNLOAD_BYTES, PHOTO_BYTES, UPLOAD_BYTES } from "/page/control.js";
import { store } from "/page/store.js";
import * as deeds from "/page/deeds.js";

const isPicture = (file) => ["image/png", "image/jpeg"].includes(file.type);

/** Why a file cannot be sent at all, or what will be with it; nothing if all is well. */
export function trouble(file, asPhoto) {
  if (!file.size) return { stops: true, text: "is empty; Telegram's apps would not send it" };
  if (file.size > UPLOAD_BYTES) return { stops: true, text: `is ${bytes(file.size)}; at most ${bytes(UPLOAD_BYTES)} can be sent here` };
  if (asPhoto && !isPicture(file)) return { stops: true, text: "is neither a PNG nor a JPEG picture; send it as a document" };
  if (asPhoto && file.size > PHOTO_BYTES) return { stops: true, text: `is ${bytes(file.size)}; a photo has at most ${bytes(PHOTO_BYTES)}, send it as a document` };
  if (file.size > DOWNLOAD_BYTES) return { stops: false, text: `is larger than ${bytes(DOWNLOAD_BYTES)}: bots are told of it but cannot download it` };
  return undefined;
}

export class Files {
  /** `column` has `id`, `root` and `where()`. */
  constructor(column) {
    this.column = column;
    this.chosen = [];
    this.picker = el("input", { type: "file", hidden: true, multiple: true, "aria-label": "File to send" });
    this.picker.onchange = () => { this.ask([...this.picker.files], this.wish); this.picker.value = ""; };
    this.list = el("ul", { className: "chosen-files" });
    this.caption = el("textarea", { rows: 2, maxLength: 1024, placeholder: "Caption", dir: "auto", "aria-label": "Caption" });
    this.asPhoto = el("input", { type: "radio", name: `as-${column.id}`, value: "photo" });
    this.asDocument = el("input", { type: "radio", name: `as-${column.id}`, value: "document", checked: true });
    this.send = el("button", { type: "submit" }, "Send");
    this.sheet = el("form", { className: "attach-sheet", hidden: true, "aria-label": "Send files" },
      this.list,
      el("fieldset", {}, el("legend", { className: "unseen" }, "Send as"),
        el("label", { className: "check" }, this.asPhoto, "as a photo"), el("label", { className: "check" }, this.asDocument, "as a document")),
      this.caption,
      el("p", { className: "actions" }, el("button", { type: "button", className: "quiet", onclick: () => this.leave() }, "Cancel"), this.send));
    this.sheet.onsubmit = (event) => { event.preventDefault(); this.submit(); };
    this.sheet.onkeydown = (event) => { if (event.key === "Escape") this.leave(); };
    for (const choice of [this.asPhoto, this.asDocument]) choice.onchange = () => this.draw();
    this.zones = el("div", { className: "zones", hidden: true },
      el("div", { className: "zone", "data-zone": "now" }, el("b", {}, "Drop to send at once"), el("small", {}, "as a document")),
      el("div", { className: "zone", "data-zone": "ask" }, el("b", {}, "Drop to choose"), el("small", {}, "photo or document, caption")));
    this.parts = [this.sheet, this.picker, this.zones];
    this.acceptDrops();
    this.acceptPastes();
  }

  mayWrite() {
    const where = this.column.where();
    return where && !where.silent && !where.start;
  }

  /** Asks how the files are to be sent. */
  ask(files, wish) {
    if (!files.length) return;
    this.chosen = [...this.chosen, ...files];
    const photos = this.chosen.every(isPicture);
    this.asPhoto.checked = wish ? wish === "photo" : photos;
    this.asDocument.checked = !this.asPhoto.checked;
    this.showSheet(true);
    this.draw();
    this.caption.focus();
  }

  draw() {
    const photo = this.asPhoto.checked;
    this.list.replaceChildren(...this.chosen.map((file) => {
      const bad = trouble(file, photo);
      const row = el("li", { className: bad?.stops ? "bad" : "" }, thumb(file),
        el("span", { className: "what" }, el("b", { dir: "auto" }, file.name), el("small", {}, bytes(file.size)),
          bad && el("small", { className: "why", role: bad.stops ? "alert" : "note" }, `${file.name} ${bad.text}.`)),
        iconButton("close", `Leave out ${file.name}`, { onclick: () => this.drop(file) }));
      return row;
    }));
    this.send.disabled = this.chosen.some((file) => trouble(file, photo)?.stops);
    this.send.textContent = this.chosen.length > 1 ? `Send ${this.chosen.length}` : "Send";
  }

  drop(file) {
    this.chosen = this.chosen.filter((each) => each !== file);
    if (this.chosen.length) this.draw();
    else this.leave();
  }

  leave() {
    this.forget();
    this.column.composer.text.focus();
  }

  /** Another chat is open, or there is nothing left to send. */
  forget() {
    this.chosen = [];
    this.showSheet(false);
    this.caption.value = "";
  }

  showSheet(on) {
    this.sheet.hidden = !on;
    this.column.root.classList.toggle("attaching", on);
  }

  /** One after the other; the caption belongs to the first. What fails stays in the sheet. */
  async submit() {
    const caption = this.caption.value.trim();
    const photo = this.asPhoto.checked;
    this.send.disabled = true;
    while (this.chosen.length) {
      const [file] = this.chosen;
      if (!await this.sendOne(file, photo, this.caption.value === "" ? "" : caption)) { this.draw(); return; }
      this.caption.value = "";
      this.chosen.shift();
    }
    this.leave();
  }

  sendOne(file, photo, caption) {
    const where = this.column.where();
    const { id, root } = this.column;
    return attempt(root, () => photo ? deeds.sendPhoto(where, id, file, caption) : deeds.sendDocument(where, id, file, caption));
  }

  /** Sends without asking, unless that cannot be. */
  async sendNow(files) {
    for (const file of files) {
      const bad = trouble(file, false);
      if (bad?.stops) { toast(this.column.root, `${file.name} ${bad.text}.`, { bad: true }); continue; }
      await this.sendOne(file, false, "");
    }
  }

  acceptDrops() {
    const { root } = this.column;
    let depth = 0;
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const show = (on) => {
      root.classList.toggle("dropping", on);
      this.zones.hidden = !on || !this.mayWrite();
    };
    root.addEventListener("dragenter", (event) => { if (hasFiles(event)) { depth += 1; show(true); } });
    root.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) show(false); });
    root.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = this.mayWrite() ? "copy" : "none";
      for (const zone of this.zones.children) zone.classList.toggle("over", zone.contains(event.target));
    });
    root.addEventListener("drop", (event) => {
      depth = 0;
      show(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (!this.mayWrite()) { toast(root, this.column.where()?.silent ?? "Press Start first.", { bad: true }); return; }
      const files = [...event.dataTransfer.files];
      if (event.target.closest?.("[data-zone=ask], .attach-sheet")) this.ask(files);
      else this.sendNow(files);
    });
  }

  acceptPastes() {
    this.column.root.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || !this.mayWrite()) return;
      event.preventDefault();
      this.ask(files);
    });
  }

  menu() {
    const pick = (wish) => {
      this.wish = wish;
      this.picker.accept = wish === "photo" ? "image/png,image/jpeg" : "";
      this.picker.click();
    };
    const where = this.column.where();
    const { id, root } = this.column;
    const samples = store.samples.map((sample) => item(sample.name, `${sample.about} · ${bytes(sample.size)}`,
      () => attempt(root, () => deeds.sendSample(where, id, sample.name))));
    return [
      item("Choose a document…", `up to ${bytes(UPLOAD_BYTES)}; bots download up to ${bytes(DOWNLOAD_BYTES)}`, () => pick("document")),
      item("Choose a photo…", `PNG or JPEG, up to ${bytes(PHOTO_BYTES)}`, () => pick("photo")),
      ...(samples.length ? [el("p", {}, "Ready-made"), ...samples] : []),
    ];
  }
}

function thumb(file) {
  const place = el("span", { className: "sheet" }, icon("sheet"));
  if (!isPicture(file) || file.size > PHOTO_BYTES) return place;
  const reader = new FileReader();
  reader.onload = () => place.replaceChildren(el("img", { src: reader.result, alt: "" }));
  reader.readAsDataURL(file);
  return place;
}
