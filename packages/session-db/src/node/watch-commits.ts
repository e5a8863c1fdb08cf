import { lstatSync, watch, type FSWatcher } from "node:fs";
import { dirname, basename } from "node:path";
import { systemCode } from "@gatehouse/std";

/** Calls its listeners when another process may have committed to a SQLite file with a DELETE journal. */
export type CommitWatch = {
  readonly onChange: (listener: () => void) => () => void;
  /** Watches again after the folder was deleted or made. */
  readonly renew: () => void;
  readonly close: () => void;
};

/**
 * The end of a commit is that the journal is gone, so that is what is looked for: the file's own changes come
 * before it, and a heartbeat beside it is no news.
 */
export const watchCommits = (file: string): CommitWatch => {
  const listeners = new Set<() => void>();
  const [folder, name, journal] = [dirname(file), basename(file), `${basename(file)}-journal`];
  let watcher: FSWatcher | null = null;

  const stop = (): void => {
    watcher?.close();
    watcher = null;
  };
  const start = (): void => {
    if (watcher !== null || listeners.size === 0) return;
    const started = watchFolder(folder);
    if (started === null) return;
    watcher = started;
    started.on("error", stop);
    started.on("change", (event, changed) => {
      if (event !== "rename") return;
      // The folder itself was deleted or renamed.
      if (changed === basename(folder) && !exists(folder)) stop();
      if (changed !== name && (changed !== journal || exists(`${file}-journal`))) return;
      for (const listener of listeners) listener();
    });
  };
  return {
    onChange: (listener) => {
      // Its own identity, so that one listener may be given twice.
      const own = (): void => listener();
      listeners.add(own);
      start();
      return () => {
        listeners.delete(own);
        if (listeners.size === 0) stop();
      };
    },
    renew: start,
    close: () => {
      listeners.clear();
      stop();
    },
  };
};

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const watchFolder = (folder: string): FSWatcher | null => {
  try {
    return watch(folder);
  } catch (error) {
    systemCode(error);
    return null;
  }
};
