import { open } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { LoadError } from "../load-error.ts";
import { limits } from "../limits.ts";
import { readUsers } from "../read-users.ts";
import type { Result } from "../result.ts";
import type { Defaults, User, UserSet } from "../user.ts";
import { systemCode } from "./system-code.ts";

/** What comes from this thread: the users in portions, each when it was asked for, then the end of it. */
export type FromWorker =
  | { readonly kind: "users"; readonly users: readonly User[] }
  | { readonly kind: "end"; readonly result: Result<Defaults, LoadError> };

/** Users that the other thread takes over in one go: about a millisecond. */
const portion = 500;

const load = async (path: string): Promise<Result<UserSet, LoadError>> => {
  const bytes = await readLimited(path);
  if (!bytes.ok) return bytes;
  const text = decode(bytes.value);
  if (text === null) return { ok: false, error: { code: "users-file-unreadable", path, errno: "EILSEQ" } };
  const read = readUsers(text);
  return read.ok ? read : { ok: false, error: { code: "users-file-invalid", path, problems: read.error } };
};

const readLimited = async (path: string): Promise<Result<Uint8Array, LoadError>> => {
  try {
    const handle = await open(path);
    const { size } = await handle.stat();
    const tooLarge = size > limits.fileBytes;
    const bytes = tooLarge ? new Uint8Array() : await handle.readFile();
    await handle.close();
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

const loaded = await load((workerData as { path: string }).path);
if (!loaded.ok) send({ kind: "end", result: loaded });
else {
  const { users, defaults } = loaded.value;
  let sent = 0;
  const sendNext = (): void => {
    if (sent >= users.length) return send({ kind: "end", result: { ok: true, value: defaults } });
    send({ kind: "users", users: users.slice(sent, (sent += portion)) });
  };
  parentPort?.on("message", sendNext);
  sendNext();
}
