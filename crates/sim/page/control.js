// Talks to the simulator's control API, and nothing else.

/** Largest file that the simulator takes from a person, in bytes. */
export const UPLOAD_BYTES = 128 << 20;
/** Largest file that a bot can download, and largest photo, in bytes. */
export const DOWNLOAD_BYTES = 20 << 20;
export const PHOTO_BYTES = 10 << 20;

/** One request; the error it throws says why in the simulator's words. */
export async function control(method, path, body) {
  const options = { method };
  if (body instanceof Blob) options.body = body;
  else if (body !== undefined) {
    options.headers = { "content-type": "application/json" };
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`/control${path}`, options);
  } catch {
    throw new Error("The simulator cannot be reached.");
  }
  const text = await response.text();
  if (!response.ok) {
    let reason = text;
    try { reason = JSON.parse(text).error; } catch { /* not JSON: shown as it is */ }
    throw new Error(reason || `The simulator answered ${response.status}.`);
  }
  return text ? JSON.parse(text) : undefined;
}

/** A path with a query string of whatever is given. */
export function query(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "" && value !== false);
  return given.length ? `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : path;
}
