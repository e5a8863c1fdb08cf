import { closeSync, openSync, readSync } from "node:fs";
import process from "node:process";
import { parseJson, systemCode } from "@gatehouse/std";
import {
  hasEnded,
  isZombie,
  type ProcessIdentity,
  processIdentityIn,
  runningProcess,
} from "./process-identity.ts";
import { processTable } from "./table/this-process-table.ts";

/** A started process, the leader of its own session and process group. */
export type ProcessRecord = {
  /** The name of the record: a UUID. */
  readonly id: string;
  readonly process: ProcessIdentity;
  /** The boot of the machine from which the start is counted; null if the system does not report it. */
  readonly boot: string | null;
  /** The account that it runs as; null for the account of the process that started it. */
  readonly account: string | null;
  /** Folder of the cgroup that has all its processes; absent if it has none. */
  readonly cgroup?: string;
  /** The fencing token under which it was started. */
  readonly token: number;
  /** Fields of the program that started it. */
  readonly label: Readonly<Record<string, string | number>>;
};

/** A record of a process that runs at this moment; null if it has ended already. */
export const recordOf = (
  pid: number,
  rest: Omit<ProcessRecord, "process" | "boot">,
): ProcessRecord | null => {
  const process = runningProcess(pid);
  return process === null ? null : { ...rest, process, boot: processTable.boot() };
};

/** The state of a record's process. */
export type RecordState =
  | "running"
  /** The process has ended, and other processes of its group still run. */
  | "left-behind"
  | "ended"
  /** It was started in another pid namespace (container) of this boot, so its state is unknown. */
  | "elsewhere";

/**
 * Reads the state of a record's process. A process with the recorded pid and another start is a different process.
 */
export const stateOf = ({ process, boot: ofBoot }: ProcessRecord): RecordState => {
  if (ofBoot !== processTable.boot()) return "ended";
  if (process.namespace !== processTable.namespace()) return "elsewhere";
  if (!hasEnded(process) && !isZombie(process.pid)) return "running";
  const now = runningProcess(process.pid);
  // The system does not reuse the number of a group while one of its processes exists (POSIX, 4.14 Process
  // Group ID Reuse). So if another process has the number now, no process of the group is left.
  const isTaken = now !== null && now.start !== process.start;
  return !isTaken && isGroupRunning(process.pid) ? "left-behind" : "ended";
};

/** Parses a record; null if the text is torn, or not a record. */
export const recordIn = (text: string): ProcessRecord | null => {
  const parsed = parseJson(text);
  const {
    id,
    process,
    boot: ofBoot,
    account,
    cgroup,
    token,
    label,
  } = Object(parsed) as Record<string, unknown>;
  const identity = processIdentityIn(process);
  if (typeof id !== "string" || identity === null || !isLabel(label)) return null;
  if (!isTextOrNull(ofBoot) || !isTextOrNull(account)) return null;
  if (typeof token !== "number" || !Number.isSafeInteger(token)) return null;
  if (cgroup !== undefined && typeof cgroup !== "string") return null;
  return { id, process: identity, boot: ofBoot, account, ...(cgroup && { cgroup }), token, label };
};

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === "string";

const isLabel = (value: unknown): value is ProcessRecord["label"] =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((it) => typeof it === "string" || typeof it === "number");

/**
 * True if a process of this group still runs. A zombie does not run: if no process waits for orphans (in a
 * container without an init), it stays forever, and signals to it succeed.
 */
const isGroupRunning = (group: number): boolean => {
  try {
    process.kill(-group, 0);
  } catch (error) {
    // EPERM: all of them belong to another account.
    if (systemCode(error) === "ESRCH") return false;
  }
  const all = processTable.all();
  return all === null || all.some((one) => one.group === group && !one.isZombie);
};

/** A process that another program started, to check often whether it still runs. */
export type ProcessHandle = {
  /** False once it has ended, and after `close`. */
  readonly isRunning: () => boolean;
  readonly close: () => void;
};

/** Enough bytes of `stat` for the state: the number, the name (at most 64 bytes), the state. */
const headBytes = 128;

/**
 * Holds the running process of a record. On Linux its `stat` stays open: the kernel ties an open file of
 * /proc to the process and not to its number, so it never shows a later process with that number, and a check
 * takes 2 microseconds. Other systems check by number.
 */
export const holdProcess = (record: ProcessRecord): ProcessHandle => {
  let fd = statFile(record.process.pid);
  // The opened file may belong to a later process with the number, so check after opening it.
  let isOver = stateOf(record) !== "running";
  const head = Buffer.alloc(headBytes);
  const close = (): void => {
    isOver = true;
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  const check = (): boolean => (fd === null ? stateOf(record) === "running" : isAlive(fd, head));
  return {
    isRunning: () => {
      if (!isOver) isOver = !check();
      return !isOver;
    },
    close,
  };
};

const statFile = (pid: number): number | null => {
  try {
    return openSync(`/proc/${pid}/stat`, "r");
  } catch (error) {
    systemCode(error);
    return null;
  }
};

const isAlive = (fd: number, head: Buffer): boolean => {
  try {
    const text = head.toString("latin1", 0, readSync(fd, head, 0, headBytes, 0));
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(")") + 2));
  } catch (error) {
    // ESRCH: it has ended, and its parent has waited for it.
    if (systemCode(error) !== "ESRCH") throw error;
    return false;
  }
};
