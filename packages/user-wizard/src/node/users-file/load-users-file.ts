import process from "node:process";
import type { Worker } from "node:worker_threads";
import type { LoadError } from "../../users-file/load-error.ts";
import type { Result } from "@gatehouse/std";
import type { User, UserSet } from "../../user/user.ts";
import type { FromWorker, ToWorker, UsersFile } from "./load-users-worker.ts";
import { startThread } from "./start-thread.ts";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const reader = new URL(`./load-users-worker.${extension}`, import.meta.url);

/**
 * The thread of the last load, kept for the next: what it has compiled halves the time of a reload (10,000 users: from
 * about 400 to 200 ms). It keeps no process alive.
 */
let idle: Worker | null = null;

/**
 * Reads a users.yaml as the host does: whole, strictly, in a thread of its own. The users come over in portions, so that
 * the calling thread is never held for long. Only root and `service` (the uid of the host's account) may be able to
 * change the file. A promise that is rejected is a bug, not a bad file.
 */
export const loadUsersFile = async (
  path: string,
  service: number = process.geteuid?.() ?? 0,
): Promise<Result<UserSet, LoadError>> => {
  const thread = idle ?? startThread(reader);
  idle = null;
  thread.ref();
  const loaded = await ask(thread, { path, service });
  thread.removeAllListeners("error").removeAllListeners("message");
  if (idle === null) {
    thread.unref();
    idle = thread;
  } else void thread.terminate();
  return loaded;
};

const ask = (thread: Worker, file: UsersFile): Promise<Result<UserSet, LoadError>> =>
  new Promise((resolve, reject) => {
    const users: User[] = [];
    const post = (message: ToWorker): void => thread.postMessage(message);
    thread.on("error", reject);
    thread.on("message", (message: FromWorker) => {
      if (message.kind === "end") {
        const { result } = message;
        return resolve(result.ok ? { ok: true, value: { users, defaults: result.value } } : result);
      }
      users.push(...message.users);
      // Only when this thread has done whatever else was waiting.
      setImmediate(post, "next");
    });
    post(file);
  });
