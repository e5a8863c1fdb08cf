import {
  type ChildExit,
  endRest,
  type Gate,
  holdProcess,
  type ProcessHandle,
  type ProcessRecord,
  type ProcessRecords,
  processRecords,
} from "@gatehouse/processes/records";
import type { Container } from "../../runtime.ts";
import { fileReplacer } from "./place-files.ts";
import {
  type LabelAndLog,
  markVariable,
  type ProcessContainer,
  processContainer,
} from "./process-container.ts";
import { lastLines, watchLogs } from "./log-file.ts";

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
  `Processes of group ${group} cannot be ended, or start new ones faster than they are ended. They keep running, and their record stays.`;

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

/** Time between two checks of adopted processes, ms. The kernel reports an exit only to the parent. */
const everyMs = 200;

/** Watches processes that an earlier host started, so that their exits are events too. */
type RecordWatch = {
  /** Returns a function that is true while the process runs. */
  readonly add: (record: ProcessRecord, onEnd: () => void) => () => boolean;
  readonly close: () => void;
};

const watchRecords = (): RecordWatch => {
  const watched = new Map<ProcessHandle, () => void>();
  let timer: NodeJS.Timeout | null = null;
  const stopTimer = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const checkAll = (): void => {
    for (const [handle, onEnd] of watched) {
      if (handle.isRunning()) continue;
      watched.delete(handle);
      handle.close();
      onEnd();
    }
    if (watched.size === 0) stopTimer();
  };
  return {
    add: (record, onEnd) => {
      const handle = holdProcess(record);
      watched.set(handle, onEnd);
      timer ??= setInterval(checkAll, everyMs);
      return handle.isRunning;
    },
    close: () => {
      stopTimer();
      for (const handle of watched.keys()) handle.close();
      watched.clear();
    },
  };
};
