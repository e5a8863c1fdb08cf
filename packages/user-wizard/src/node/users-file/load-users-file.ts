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
 * The thread of the last load, kept for the next one: its compiled code halves the time of a reload (10,000
 * users: from about 400 to 200 ms). It does not keep the process alive.
 */
let idle: Worker | null = null;

/**
 * Reads a whole users.yaml strictly, as the host does, in a worker thread. The users arrive in portions, so
 * the calling thread is never blocked for long. Refuses a file that anyone but root and `service` (the uid of
 * the host's account) can change. A rejected promise is a bug, not a bad file.
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
      // Waits until this thread has done its other pending work.
      setImmediate(post, "next");
    });
    post(file);
  });
