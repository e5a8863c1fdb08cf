import { setMaxListeners } from "node:events";
import process from "node:process";
import { isatty } from "node:tty";
import { systemCode } from "@gatehouse/std";
import { asksForJson, printFailure, type Io } from "./io.ts";

/** Runs a program as this process: sets its exit code, and lets it clean up after one of these signals. */
export const startProcess = async (
  name: string,
  run: (io: Io) => Promise<number>,
  signals: readonly NodeJS.Signals[] = endingSignals,
): Promise<void> => {
  endWithTerminal();
  const { signal, endedBy } = interruptible(signals);
  const { env, stdout, stderr } = process;
  let isUnwritten = false;
  const unwritten = (error: NodeJS.ErrnoException): void => {
    if (isUnread(error)) return;
    if (!isUnwritten) stderr.write(`error: The result could not be written: ${error.message}.\n`);
    isUnwritten = true;
    process.exitCode = 1;
  };
  for (const output of [stdout, stderr]) output.on("error", unwritten);
  const cwd = currentFolder();
  const io: Io = { env, cwd: cwd ?? "/", stdout, stderr, signal };
  const code =
    cwd === null
      ? reportRemovedFolder(io)
      : await run(io).catch((error: unknown) => reportBug(error, name, io));
  // At a question, Ctrl-C is read as a key, not sent as a signal.
  const by = endedBy() ?? "SIGINT";
  const ownCode = code === 130 && by !== "SIGINT" ? 143 : code;
  process.exitCode = isUnwritten && ownCode === 0 ? 1 : ownCode;
};

/** An abort signal for the whole process, and the signal that caused the abort. */
type Interruptible = {
  readonly signal: AbortSignal;
  endedBy(): NodeJS.Signals | null;
};

/** The signals that end a program, unless it gives one of them another meaning. */
const endingSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Turns these signals into an abort, so that running work has time to clean up. */
export const interruptible = (names: readonly NodeJS.Signals[] = endingSignals): Interruptible => {
  const controller = new AbortController();
  // Each running agent or folder adds a listener. Node warns of a leak above ten.
  setMaxListeners(0, controller.signal);
  let by: NodeJS.Signals | null = null;
  for (const name of names) {
    process.on(name, () => {
      by ??= name;
      controller.abort();
    });
  }
  return { signal: controller.signal, endedBy: () => by };
};

/**
 * Ends this process by SIGHUP, after it has cleaned up, if its terminal was closed: Node (20.20, 24.22) restores the modes of its
 * terminals at its end, and aborts with a native stack if one is gone.
 */
const endWithTerminal = (): void => {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  if (terminals.length === 0) return;
  process.once("exit", () => {
    if (terminals.every((descriptor) => isatty(descriptor))) return;
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  });
};

/** True for a closed pipe (`| head -1`) or terminal. It neither stops the run half-way nor makes it fail. */
const isUnread = ({ code }: NodeJS.ErrnoException): boolean => code === "EPIPE" || code === "EIO";

/** Null if the current folder was removed. */
const currentFolder = (): string | null => {
  try {
    return process.cwd();
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const reportRemovedFolder = (io: Io): number => {
  printFailure(io, asksForJson(process.argv), {
    code: "no-current-folder",
    message: "The current folder no longer exists.",
    fix: "Change to an existing folder, and start again.",
  });
  return 1;
};

/** Reports an unforeseen exception, and returns its exit code. */
const reportBug = (error: unknown, name: string, io: Io): number => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`${text}\nThis is a bug in ${name}.\n`);
  if (asksForJson(process.argv)) printFailure(io, true, { code: "bug", message: String(error) });
  return 1;
};
