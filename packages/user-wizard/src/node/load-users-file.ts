import type { LoadError } from "../load-error.ts";
import type { Result } from "../result.ts";
import type { User, UserSet } from "../user.ts";
import type { FromWorker } from "./load-users-worker.ts";
import { startThread } from "./start-thread.ts";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const reader = new URL(`./load-users-worker.${extension}`, import.meta.url);

/**
 * Reads a users.yaml as the host does: whole, strictly, in a thread of its own. The users come over in portions, so that
 * the calling thread is never held for long. A file of 10,000 users takes about as long as reading it twice would.
 */
export const loadUsersFile = (path: string): Promise<Result<UserSet, LoadError>> =>
  new Promise((resolve, reject) => {
    const users: User[] = [];
    const worker = startThread(reader, { path });
    worker.on("error", reject);
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "users") {
        users.push(...message.users);
        // Only when this thread has done whatever else was waiting.
        setImmediate(() => worker.postMessage("next"));
        return;
      }
      const { result } = message;
      void worker.terminate();
      resolve(result.ok ? { ok: true, value: { users, defaults: result.value } } : result);
    });
  });
