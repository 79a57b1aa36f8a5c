// Elements, drawings and numbers. Everything people and bots write goes in as text, never as markup.

/** An element with properties, `data-`/`aria-` attributes and children. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.includes("-") || name === "role" || name === "for") node.setAttribute(name, value === true ? "" : value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== undefined && child !== null && child !== false && child !== ""));
  return node;
}

export const $ = (id) => document.getElementById(id);

const PATHS = {
  send: "M4 12 20 4l-5 16-3.2-6.8z",
  clip: "M8 12.5 14.6 6a3 3 0 0 1 4.3 4.2l-8.2 8.3a5 5 0 0 1-7.1-7L11.5 3.6",
  slash: "M15 5 9 19",
  dots: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  close: "M6 6l12 12M18 6 6 18",
  sheet: "M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12.5h5M10 16h5",
  back: "M14.5 5 8 12l6.5 7",
  down: "M5 9.5 12 16l7-6.5",
  plus: "M12 5v14M5 12h14",
  group: "M9 11.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M3 19c.5-3.3 2.9-5 6-5s5.5 1.7 6 5M16 5.5a3 3 0 0 1 0 5.8M17.5 14.3c2 .6 3.2 2.2 3.5 4.7",
  horn: "M4 10v4h3l8 4.5v-13L7 10zM18.5 9.5c1.2 1.5 1.2 3.5 0 5",
};

/** A small line drawing. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  path.setAttribute("fill", name === "send" ? "currentColor" : "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", name === "dots" ? "2.6" : "1.7");
  path.setAttribute("stroke-linecap", "round");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  return svg;
}

export function iconButton(name, label, properties = {}) {
  return el("button", { type: "button", className: "icon", title: label, "aria-label": label, ...properties }, icon(name));
}

/** A round picture in place of a photo; the same name has the same colour everywhere. */
export function avatar(name, id, small) {
  const letter = [...(name ?? "")].find((each) => /[\p{L}\p{N}]/u.test(each)) ?? "·";
  return el("span", { className: `avatar tone${Math.abs(id) % 5}${small ? " small" : ""}`, "aria-hidden": "true" }, letter.toUpperCase());
}

export function bytes(size) {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1).replace(/\.0$/, "")} KiB`;
  return `${(size / 1024 / 1024).toFixed(1).replace(/\.0$/, "")} MiB`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const seconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });

export const time = (millis, precise) =>
  el("time", { dateTime: new Date(millis).toISOString(), title: `${date.format(millis)}, ${seconds.format(millis)}` },
    (precise ? seconds : clock).format(millis));
export const day = (millis) => date.format(millis);
export const moment = (millis) => `${date.format(millis)}, ${seconds.format(millis)}`;

/** Calls `draw` once before the next frame, however often it was asked for; at once is soon enough in a hidden page. */
export function soon(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const go = () => { asked = false; draw(); };
    if (document.hidden) setTimeout(go, 100);
    else requestAnimationFrame(go);
  };
}
