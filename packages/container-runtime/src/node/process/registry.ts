import {
  type ChildExit,
  endRest,
  type Gate,
  holdProcess,
  type ProcessHandle,
  type ProcessRecord,
  type ProcessRecords,
  processRecords,
  stateOf,
} from "@gatehouse/processes/records";
import { fail, ok } from "@gatehouse/std";
import type { Container } from "../../runtime.ts";
import type { RuntimeResult } from "../../runtime-result.ts";
import {
  type LabelAndLog,
  markVariable,
  type ProcessContainer,
  processContainer,
  recordedIn,
} from "./process-container.ts";
import { lastLines, watchLogs } from "./log-file.ts";

export type ProcessRuntimeOptions = {
  /** The folder for the records of running containers, one file each. It is made with the first record. */
  readonly folder: string;
  /** The name of this installation. Records of another installation in the same folder are ignored. */
  readonly install: string;
  /** Receives sentences about torn records, processes that could not be ended, and entries of agents that were renamed. */
  readonly report: (problem: string) => void;
  /** Maximum bytes of a running container's log; a larger log is cut. 4 MiB by default. */
  readonly maxLogBytes?: number;
  /** Time between two checks of the logs, ms; 10,000 by default. */
  readonly logEveryMs?: number;
};

/** How a runtime changes and ends the containers of its records. */
export type RecordKind = {
  readonly replaceFiles: (
    record: ProcessRecord,
    recorded: LabelAndLog,
    report: ProcessRuntimeOptions["report"],
  ) => Container["replaceFiles"];
  /** Asks the program of a record to end. Resolves to null, or to the error. */
  readonly terminate: (record: ProcessRecord) => Promise<string | null>;
};

/** The containers that this process started or adopted. */
export type Registry = {
  readonly records: ProcessRecords;
  readonly report: ProcessRuntimeOptions["report"];
  /** Marks this record id as our own before the record is written, so that `running` does not adopt it. */
  readonly announce: (id: string) => void;
  readonly started: (record: ProcessRecord, recorded: LabelAndLog, gate: Gate) => Container;
  /**
   * All running containers of this installation. Adopts those of earlier hosts, and ends the processes that an ended
   * leader left behind.
   */
  readonly running: () => Promise<RuntimeResult<readonly Container[]>>;
  readonly close: () => void;
};

const notAllGone = (group: number): string =>
  `Processes of group ${group} cannot be ended, or start new ones faster than they are ended. They keep running, and their record stays.`;

export const containerRegistry = (options: ProcessRuntimeOptions, kind: RecordKind): Registry => {
  const { folder, install, report } = options;
  const records = processRecords(folder);
  const own = new Set<string>();
  const known = new Map<string, ProcessContainer>();
  const gates = new Set<Gate>();
  const watch = watchRecords();
  const logs = watchLogs(options);
  /** The torn records that were already reported. */
  const reported = new Set<string>();
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
    const { label, logFile, logFrom } = recorded;
    const it = processContainer({
      record,
      label,
      isOurs,
      replaceFiles: kind.replaceFiles(record, recorded, report),
      terminate: () => kind.terminate(record),
      forget: (isAllGone) => forget(record, isAllGone),
    });
    known.set(record.id, it);
    logs.add(record.id, logFile);
    const ended = async (exit: ChildExit): Promise<void> => {
      if (isClosed) return;
      await it.leaderEnded({ ...exit, lastLines: await lastLines(logFile, logFrom) });
    };
    return { container: it.container, ended };
  };
  const adopt = (record: ProcessRecord, recorded: LabelAndLog): void => {
    const isOurs = watch.add(record, () => void ended({ code: null, signal: null }));
    const { ended } = add(record, recorded, isOurs);
  };
  return {
    records,
    report,
    announce: (id) => void own.add(id),
    started: (record, recorded, gate) => {
      const { container, ended } = add(record, recorded, gate.isThere);
      gates.add(gate);
      void gate.exited.then((exit) => {
        gates.delete(gate);
        return ended(exit);
      });
      return container;
    },
    running: async () => {
      const listed = isClosed ? null : await records.list();
      if (listed?.ok !== true)
        return fail({
          code: "runtime-unavailable",
          message: listed?.error.message ?? "The runtime was closed.",
        });
      for (const file of listed.value.torn.filter((each) => !reported.has(each))) {
        reported.add(file);
        report(`The record ${file} is torn. Its process is not signalled.`);
      }
      for (const record of listed.value.records) {
        const recorded = recordedIn(record);
        if (recorded?.label.install !== install || own.has(record.id) || known.has(record.id)) continue;
        const state = stateOf(record);
        if (state === "running") adopt(record, recorded);
        else if (state !== "elsewhere") await forget(record, await endRest(record, markVariable));
      }
      return ok([...known.values()].map(({ container }) => container));
    },
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
