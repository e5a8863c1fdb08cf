import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { parentPort } from "node:worker_threads";
import type { LoadError } from "../load-error.ts";
import { limits } from "../limits.ts";
import { readSoundUsers } from "../read-sound-users.ts";
import type { Result } from "../result.ts";
import type { Defaults, User, UserSet } from "../user.ts";
import { systemCode } from "./system-code.ts";

/** What comes from this thread: the users in portions, each when the one before was taken over, then the end of it. */
export type FromWorker =
  | { readonly kind: "users"; readonly users: readonly User[] }
  | { readonly kind: "end"; readonly result: Result<Defaults, LoadError> };

/** Users that the other thread takes over in one go: a few milliseconds. */
const portion = 1_000;

const load = async (path: string): Promise<Result<UserSet, LoadError>> => {
  const bytes = await readLimited(path);
  if (!bytes.ok) return bytes;
  const text = decode(bytes.value);
  if (text === null) return { ok: false, error: { code: "users-file-unreadable", path, errno: "EILSEQ" } };
  if (text.trim() === "") return { ok: false, error: { code: "users-file-empty", path } };
  const read = readSoundUsers(text);
  if (read.ok) return read;
  const { readUsers } = await import("../read-users.ts");
  const all = readUsers(text);
  const problems = all.ok ? read.error : all.error;
  return { ok: false, error: { code: "users-file-invalid", path, problems } };
};

const readLimited = async (path: string): Promise<Result<Uint8Array, LoadError>> => {
  try {
    // Without waiting: to open a pipe is to wait for somebody who writes, and a device may have no end.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    const { size } = stat;
    const tooLarge = size > limits.fileBytes;
    const bytes = tooLarge || !stat.isFile() ? new Uint8Array() : await handle.readFile();
    await handle.close();
    const errno = stat.isDirectory() ? "EISDIR" : "EINVAL";
    if (!stat.isFile()) return { ok: false, error: { code: "users-file-unreadable", path, errno } };
    if (tooLarge) return { ok: false, error: { code: "users-file-too-large", path, bytes: size } };
    return { ok: true, value: bytes };
  } catch (error) {
    const errno = systemCode(error);
    if (errno === "ENOENT") return { ok: false, error: { code: "users-file-missing", path } };
    return { ok: false, error: { code: "users-file-unreadable", path, errno } };
  }
};

const decode = (bytes: Uint8Array): string | null => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (systemCode(error) === "ERR_ENCODING_INVALID_ENCODED_DATA") return null;
    throw error;
  }
};

const send = (message: FromWorker): void => parentPort?.postMessage(message);

/** A path to be read, or `next`: the portion before it has been taken over. */
export type ToWorker = { readonly path: string } | "next";

let waiting: (() => void) | null = null;

const answer = async (path: string): Promise<void> => {
  const loaded = await load(path);
  if (!loaded.ok) return send({ kind: "end", result: loaded });
  const { users, defaults } = loaded.value;
  for (let sent = 0; sent < users.length; sent += portion) {
    const taken = new Promise<void>((resolve) => (waiting = resolve));
    send({ kind: "users", users: users.slice(sent, sent + portion) });
    await taken;
  }
  send({ kind: "end", result: { ok: true, value: defaults } });
};

parentPort?.on("message", (message: ToWorker) => {
  if (message === "next") waiting?.();
  else void answer(message.path);
});
