import { parseJson } from "@gatehouse/std";
import { isGroupRunning } from "./process-group.ts";
import {
  type ProcessIdentity,
  hasEnded,
  isZombie,
  ownNamespace,
  processIdentityIn,
  runningProcess,
} from "./process-identity.ts";
import { processTable } from "./table/this-process-table.ts";

/** A process that somebody started, the leader of its own session and process group. */
export type ProcessRecord = {
  /** Names the record, and nothing else: a UUID. */
  readonly id: string;
  readonly process: ProcessIdentity;
  /** Which boot of the machine the start is counted from; null if the system does not tell. */
  readonly boot: string | null;
  /** The account that it runs as; null for that of whoever started it. */
  readonly account: string | null;
  /** The fencing token under which it was started. */
  readonly token: number;
  /** What it is to whoever started it. */
  readonly label: Readonly<Record<string, string | number>>;
};

/** A record of a process that runs at this moment; null if it has ended already. */
export const recordOf = (
  pid: number,
  rest: Omit<ProcessRecord, "process" | "boot">,
): ProcessRecord | null => {
  const process = runningProcess(pid);
  return process === null ? null : { ...rest, process, boot: boot() };
};

/** How the process of a record stands. */
export type RecordState =
  | "running"
  /** The process has ended, and others of its group run on. */
  | "left-behind"
  | "ended"
  /** It was started in another namespace (container) of this boot, so nothing is known of it. */
  | "elsewhere";

/** Looks at the process of a record. A process with its number and another start is not it. */
export const stateOf = ({ process, boot: ofBoot }: ProcessRecord): RecordState => {
  if (ofBoot !== boot()) return "ended";
  if (process.namespace !== ownNamespace()) return "elsewhere";
  if (!hasEnded(process) && !isZombie(process.pid)) return "running";
  const now = runningProcess(process.pid);
  // The number of a group is not given away while one of its processes is there (POSIX, 4.14 Process Group ID
  // Reuse). So if it leads to another process now, then nothing of the group is left.
  const isTaken = now !== null && now.start !== process.start;
  return !isTaken && isGroupRunning(process.pid) ? "left-behind" : "ended";
};

const boot = (): string | null => processTable.boot();

/** The record in a text; null if it is torn, or none. */
export const recordIn = (text: string): ProcessRecord | null => {
  const parsed = parseJson(text);
  const { id, process, boot: ofBoot, account, token, label } = Object(parsed) as Record<string, unknown>;
  const identity = processIdentityIn(process);
  if (typeof id !== "string" || identity === null || !isLabel(label)) return null;
  if (!isTextOrNull(ofBoot) || !isTextOrNull(account)) return null;
  if (typeof token !== "number" || !Number.isSafeInteger(token)) return null;
  return { id, process: identity, boot: ofBoot, account, token, label };
};

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === "string";

const isLabel = (value: unknown): value is ProcessRecord["label"] =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((it) => typeof it === "string" || typeof it === "number");
