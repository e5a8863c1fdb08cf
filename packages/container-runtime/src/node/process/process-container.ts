import { setTimeout as pause } from "node:timers/promises";
import { endRest, type ProcessRecord, signalRecorded } from "@gatehouse/processes/records";
import { type Container, type Exit, exitOnce, type ExitOnce } from "../../runtime.ts";
import type { ContainerLabel } from "../../workload-spec.ts";

/** Maximum wait for the exit after SIGKILL, ms. Only a process that is stuck in the kernel takes longer. */
const forceMs = 10_000;

/** The variable with the record's id. Processes of a container inherit it, unless they replace their environment. */
export const markVariable = "GATEHOUSE_CONTAINER";

/** A container that is a process group, and the function by which the runtime reports the leader's exit. */
export type ProcessContainer = {
  readonly container: Container;
  /** Call it when the leader has ended. It ends the rest of the group, then reports the exit. */
  readonly leaderEnded: (exit: Exit) => Promise<void>;
};

type Parts = {
  readonly record: ProcessRecord;
  readonly label: ContainerLabel;
  readonly replaceFiles: Container["replaceFiles"];
  /** Asks its program to end. Resolves to null, or to the error. */
  readonly terminate: () => Promise<string | null>;
  /** True if the group's number still belongs to the container. If not, the group is never signalled. */
  readonly isOurs: () => boolean;
  /** Called before the exit is reported; `isAllGone` is true if no process of the group runs any more. */
  readonly forget: (isAllGone: boolean) => Promise<void>;
};

export const processContainer = ({
  record,
  label,
  replaceFiles,
  terminate,
  isOurs,
  forget,
}: Parts): ProcessContainer => {
  const exit = exitOnce();
  const group = record.process.pid;
  /** Returns an error message instead of throwing: the last process may end just before the signal. */
  const signal = async (send: () => Promise<string | null>): Promise<string | null> =>
    exit.hasEnded() || !isOurs() ? null : send();
  return {
    container: {
      reference: record.id,
      label,
      pid: group,
      onExit: exit.onExit,
      replaceFiles,
      kill: async (graceMs) => {
        await signal(terminate);
        if (await endsWithin(exit, graceMs)) return exit.ended;
        const refused = await signal(() => signalRecorded(record, "KILL"));
        if (refused === null || (await endsWithin(exit, forceMs))) return exit.ended;
        throw new Error(`Process group ${group} cannot be ended: ${refused}`);
      },
    },
    leaderEnded: async (how) => {
      await forget(await endRest(record, markVariable));
      exit.settle(how);
    },
  };
};

/** The label of a container, and the other values in its process record. */
export type LabelAndLog = {
  readonly label: ContainerLabel;
  readonly logFile: string;
  readonly logFrom: number;
  /** The folder of its files. */
  readonly folder: string;
};

export const recordedLabel = ({ label, logFile, logFrom, folder }: LabelAndLog): ProcessRecord["label"] => {
  const { install, sessionId, groupId, incarnation } = label;
  return { install, sessionId, groupId, incarnation, logFile, logFrom, folder };
};

/** Reads the container's values from a record; null if the record is not a container's. */
export const recordedIn = ({ label, token }: ProcessRecord): LabelAndLog | null => {
  const { install, sessionId, groupId, incarnation, logFile, logFrom, folder } = label;
  if (typeof install !== "string" || typeof sessionId !== "string" || typeof groupId !== "string")
    return null;
  if (typeof incarnation !== "number" || typeof logFile !== "string" || typeof logFrom !== "number")
    return null;
  if (typeof folder !== "string") return null;
  return { label: { install, sessionId, groupId, incarnation, token }, logFile, logFrom, folder };
};

/** True if a container ends within `ms`. */
export const endsWithin = async ({ ended }: ExitOnce, ms: number): Promise<boolean> => {
  const timer = new AbortController();
  const isOver = pause(ms, false, { signal: timer.signal });
  const hasEnded = await Promise.race([ended.then(() => true), isOver]);
  timer.abort();
  return hasEnded;
};
