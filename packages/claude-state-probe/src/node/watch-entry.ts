import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { systemCode } from "@gatehouse/std";

/** Stops what it was handed out for. Calling it twice does nothing more. */
export type Stop = () => void;

/** Something was reported, or it is time to look whether something went unreported. */
export type LookReason = "event" | "timer";

/** Milliseconds between looks where the file system reports changes, and where it does not. */
const safetyPoll = 250;
const onlyPoll = 25;

/**
 * Calls `look` whenever something may have happened to one entry of a folder. It is the folder that is watched, because
 * Claude Code renames a new file over the old one, which ends a watch on the file itself. Where no events are to be had
 * (network file systems, the folder is not there yet, no watches left) `look` is called on a timer only.
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

/** `null` where the folder cannot be watched. */
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
