import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { systemCode } from "@gatehouse/std";

/** Stops a watch. A second call has no effect. */
export type Stop = () => void;

/** Why `look` is called: the system reported a change, or a timer checks for unreported changes. */
export type LookReason = "event" | "timer";

/** Milliseconds between checks if the file system reports changes, and if it does not. */
const safetyPoll = 250;
const onlyPoll = 25;

/**
 * Calls `look` after each possible change of one entry of a folder. It watches the folder, because Claude
 * Code renames a new file over the old one, which ends a watch on the file itself. If events are not
 * available (network file systems, a missing folder, no watches left), `look` is called on a timer only.
 */
export const watchEntry = (path: string, look: (reason: LookReason) => void): Stop => {
  let stopEvents: Stop | null = null;
  let timer: NodeJS.Timeout;
  const listen = (): void => {
    stopEvents ??= watchFolder(
      dirname(path),
      basename(path),
      () => look("event"),
      () => (stopEvents = null),
    );
  };
  const tick = (): void => {
    timer = setTimeout(
      () => {
        listen();
        tick();
        look("timer");
      },
      stopEvents === null ? onlyPoll : safetyPoll,
    );
  };
  listen();
  tick();
  return () => {
    clearTimeout(timer);
    stopEvents?.();
    stopEvents = null;
  };
};

/** Watches a folder for changes of one name; `null` if the folder cannot be watched. */
const watchFolder = (folder: string, name: string, onEvent: () => void, onEnd: () => void): Stop | null => {
  try {
    const watcher = watch(folder, (_type, changed) => {
      if (changed === null || changed === name) onEvent();
    });
    watcher.on("error", () => {
      watcher.close();
      onEnd();
    });
    return () => watcher.close();
  } catch (error) {
    systemCode(error);
    return null;
  }
};
