import { parentPort } from "node:worker_threads";
import type { LoadError } from "../../users-file/load-error.ts";
import { readSoundUsers } from "../../users-file/read-sound-users.ts";
import { type Result, systemCode } from "@gatehouse/std";
import type { Defaults, User, UserSet } from "../../user/user.ts";
import { readUsersBytes } from "./read-users-bytes.ts";

/**
 * Messages from this thread: portions of users, each sent after the main thread took the last one, then the
 * end.
 */
export type FromWorker =
  | { readonly kind: "users"; readonly users: readonly User[] }
  | { readonly kind: "end"; readonly result: Result<Defaults, LoadError> };

/** Users per message. The main thread takes a few milliseconds for one message. */
const portion = 1_000;

const load = async ({ path, service }: UsersFile): Promise<Result<UserSet, LoadError>> => {
  const bytes = await readUsersBytes(path, service);
  if (!bytes.ok) return bytes;
  const text = decode(bytes.value);
  if (text === null) return { ok: false, error: { code: "users-file-unreadable", path, errno: "EILSEQ" } };
  if (text.trim() === "") return { ok: false, error: { code: "users-file-empty", path } };
  const read = readSoundUsers(text);
  if (read.ok) return read;
  const { readUsers } = await import("../../users-file/read-users.ts");
  const all = readUsers(text);
  const problems = all.ok ? read.error : all.error;
  return { ok: false, error: { code: "users-file-invalid", path, problems } };
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

/** A users.yaml, and the uid of the account whose host reads it. */
export type UsersFile = { readonly path: string; readonly service: number };

/** A file to read, or `next` to ask for the next portion. */
export type ToWorker = UsersFile | "next";

let waiting: (() => void) | null = null;

const answer = async (file: UsersFile): Promise<void> => {
  const loaded = await load(file);
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
  else void answer(message);
});
