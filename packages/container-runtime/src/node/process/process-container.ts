import { setTimeout as pause } from "node:timers/promises";
import { type ProcessRecord, endRest, signalRecorded } from "@gatehouse/processes/records";
import { exitOnce } from "../../exit-once.ts";
import type { Container, Exit } from "../../runtime.ts";
import type { ContainerLabel } from "../../workload-spec.ts";

/** How long to wait for the end after SIGKILL, ms. Only a process that is stuck in the kernel takes longer. */
const forceMs = 2_000;

/** Each process of a container has it, unless it was started with another environment: the record's id. */
export const markVariable = "GATEHOUSE_CONTAINER";

/** A container that is a process group, and what its runtime tells it. */
export type ProcessContainer = {
  readonly container: Container;
  /** Its leader has ended: ends the rest of the group, then tells the exit. */
  readonly leaderEnded: (exit: Exit) => Promise<void>;
};

type Parts = {
  readonly record: ProcessRecord;
  readonly label: ContainerLabel;
  readonly replaceFiles: Container["replaceFiles"];
  /** Whether the number of the group is still its own. No other one is ever signalled. */
  readonly isOurs: () => boolean;
  /** Called before the exit is told, with whether nothing of the group runs any more. */
  readonly forget: (isAllGone: boolean) => Promise<void>;
};

export const processContainer = ({
  record,
  label,
  replaceFiles,
  isOurs,
  forget,
}: Parts): ProcessContainer => {
  const exit = exitOnce();
  const group = record.process.pid;
  const endsWithin = async (ms: number): Promise<boolean> => {
    const timer = new AbortController();
    const isOver = pause(ms, false, { signal: timer.signal });
    const hasEnded = await Promise.race([exit.ended.then(() => true), isOver]);
    timer.abort();
    return hasEnded;
  };
  /** A signal may come too late for the last process of a group, so it is no error if it is refused. */
  const signal = async (name: "TERM" | "KILL"): Promise<string | null> =>
    exit.hasEnded() || !isOurs() ? null : signalRecorded(record, name);
  return {
    container: {
      reference: record.id,
      label,
      pid: group,
      onExit: exit.onExit,
      replaceFiles,
      kill: async (graceMs) => {
        await signal("TERM");
        if (await endsWithin(graceMs)) return exit.ended;
        const refused = await signal("KILL");
        if (refused === null || (await endsWithin(forceMs))) return exit.ended;
        throw new Error(`Process group ${group} cannot be ended: ${refused}`);
      },
    },
    leaderEnded: async (how) => {
      await forget(await endRest(record, markVariable));
      exit.tell(how);
    },
  };
};
