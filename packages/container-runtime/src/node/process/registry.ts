import {
  type ChildExit,
  type Gate,
  type ProcessRecord,
  type ProcessRecords,
  endRest,
  processRecords,
} from "@gatehouse/processes/records";
import type { Container } from "../../runtime.ts";
import { fileReplacer } from "./replace-files.ts";
import type { LabelAndLog } from "./label-of.ts";
import { lastLines } from "./log-file.ts";
import { type ProcessContainer, markVariable, processContainer } from "./process-container.ts";
import { watchLogs } from "./watch-logs.ts";
import { watchRecords } from "./watch-records.ts";

export type ProcessRuntimeOptions = {
  /** The folder for the records of running containers, one file each. It is made with the first record. */
  readonly folder: string;
  /** The name of this installation. Records of another installation in the same folder are ignored. */
  readonly install: string;
  /** Receives sentences about torn records, and about processes that could not be ended. */
  readonly report: (problem: string) => void;
  /** Maximum bytes of a running container's log; a larger log is cut. 4 MiB by default. */
  readonly maxLogBytes?: number;
  /** Time between two checks of the logs, ms; 10,000 by default. */
  readonly logEveryMs?: number;
};

/** The containers that this process started or adopted. */
export type Registry = {
  readonly records: ProcessRecords;
  /** Marks this record id as our own before the record is written, so that `running` does not adopt it. */
  readonly announce: (id: string) => void;
  readonly isKnown: (id: string) => boolean;
  readonly started: (record: ProcessRecord, recorded: LabelAndLog, gate: Gate) => Container;
  readonly adopt: (record: ProcessRecord, recorded: LabelAndLog) => void;
  /** Ends the processes that a leader left behind, and removes the record if all of them have ended. */
  readonly reap: (record: ProcessRecord) => Promise<void>;
  readonly running: () => readonly Container[];
  readonly isClosed: () => boolean;
  readonly close: () => void;
};

const notAllGone = (group: number): string =>
  `Processes of group ${group} cannot be ended, or start others faster than those are ended; they run on, and their record is kept.`;

export const containerRegistry = (options: ProcessRuntimeOptions): Registry => {
  const { folder, report } = options;
  const records = processRecords(folder);
  const own = new Set<string>();
  const known = new Map<string, ProcessContainer>();
  const gates = new Set<Gate>();
  const watch = watchRecords();
  const logs = watchLogs(options);
  let isClosed = false;

  const forget = async ({ id, process }: ProcessRecord, isAllGone: boolean): Promise<void> => {
    known.delete(id);
    logs.remove(id);
    if (isAllGone) {
      const removed = await records.remove(id);
      if (!removed.ok) report(removed.error.message);
    } else report(notAllGone(process.pid));
    own.delete(id);
  };
  const add = (record: ProcessRecord, recorded: LabelAndLog, isOurs: () => boolean) => {
    const { label, logFile, logFrom, folder } = recorded;
    const replaceFiles = fileReplacer(folder, record.account);
    const forgetIt = (isAllGone: boolean) => forget(record, isAllGone);
    const it = processContainer({ record, label, replaceFiles, isOurs, forget: forgetIt });
    known.set(record.id, it);
    logs.add(record.id, logFile);
    const ended = async (exit: ChildExit): Promise<void> => {
      if (isClosed) return;
      await it.leaderEnded({ ...exit, lastLines: await lastLines(logFile, logFrom) });
    };
    return { container: it.container, ended };
  };
  return {
    records,
    announce: (id) => void own.add(id),
    isKnown: (id) => own.has(id) || known.has(id),
    started: (record, recorded, gate) => {
      const { container, ended } = add(record, recorded, gate.isThere);
      gates.add(gate);
      void gate.exited.then((exit) => {
        gates.delete(gate);
        return ended(exit);
      });
      return container;
    },
    adopt: (record, recorded) => {
      const isOurs = watch.add(record, () => void ended({ code: null, signal: null }));
      const { ended } = add(record, recorded, isOurs);
    },
    reap: async (record) => forget(record, await endRest(record, markVariable)),
    running: () => [...known.values()].map(({ container }) => container),
    isClosed: () => isClosed,
    close: () => {
      isClosed = true;
      watch.close();
      logs.close();
      for (const gate of gates) gate.unref();
    },
  };
};
