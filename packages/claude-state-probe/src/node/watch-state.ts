import { stat } from "node:fs/promises";
import { readProjects, type ProjectsRead } from "./read-projects.ts";
import { systemCode } from "./system-code.ts";
import { watchEntry, type Stop } from "./watch-entry.ts";

type Listener = (state: ProjectsRead) => void;
type StateWatch = { readonly listeners: Set<Listener>; latest: ProjectsRead | null; readonly stop: Stop };

/** One watch per state file and process: a batch of folders reads a large file once per change, not once each. */
const watches = new Map<string, StateWatch>();

/** What changes whenever the file does: a rename brings another inode, a write in place another time or size. */
const fingerprint = async (file: string): Promise<string> => {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}-${size}-${mtimeNs}`;
  } catch (error) {
    return systemCode(error);
  }
};

const startWatch = (file: string): StateWatch => {
  let seen = "";
  let reading = false;
  let again = false;
  let stopped = false;
  const read = async (evenIfSame: boolean): Promise<void> => {
    const now = await fingerprint(file);
    if (now === seen && !evenIfSame) return;
    seen = now;
    const state = await readProjects(file);
    if (stopped) return;
    watched.latest = state;
    for (const listener of watched.listeners) listener(state);
  };
  const look = (evenIfSame: boolean): void => {
    if (reading) {
      again ||= evenIfSame;
      return;
    }
    reading = true;
    void read(evenIfSame).finally(() => {
      reading = false;
      if (again && !stopped) look(!(again = false));
    });
  };
  const stopEntry = watchEntry(file, (reason) => look(reason === "event"));
  const watched: StateWatch = {
    listeners: new Set(),
    latest: null,
    stop: () => {
      stopped = true;
      stopEntry();
    },
  };
  look(true);
  return watched;
};

/** Tells the state as it is now, and again after each change. */
export const watchState = (file: string, listener: Listener): Stop => {
  const watched = watches.get(file) ?? startWatch(file);
  watches.set(file, watched);
  watched.listeners.add(listener);
  const { latest } = watched;
  if (latest !== null) queueMicrotask(() => watched.listeners.has(listener) && listener(latest));
  return () => {
    watched.listeners.delete(listener);
    if (watched.listeners.size > 0 || watches.get(file) !== watched) return;
    watches.delete(file);
    watched.stop();
  };
};
