import { type ProcessHandle, type ProcessRecord, holdProcess } from "@gatehouse/processes/records";

/** How often processes of others are looked at, ms. The kernel tells only a parent of an end. */
const everyMs = 200;

/** Watches processes that an earlier host started, so that their ends are events too. */
export type RecordWatch = {
  /** Returns whether the process runs, at this moment. */
  readonly add: (record: ProcessRecord, onEnd: () => void) => () => boolean;
  readonly close: () => void;
};

export const watchRecords = (): RecordWatch => {
  const watched = new Map<ProcessHandle, () => void>();
  let timer: NodeJS.Timeout | null = null;
  const rest = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const look = (): void => {
    for (const [handle, onEnd] of watched) {
      if (handle.isRunning()) continue;
      watched.delete(handle);
      handle.close();
      onEnd();
    }
    if (watched.size === 0) rest();
  };
  return {
    add: (record, onEnd) => {
      const handle = holdProcess(record);
      watched.set(handle, onEnd);
      timer ??= setInterval(look, everyMs);
      return handle.isRunning;
    },
    close: () => {
      rest();
      for (const handle of watched.keys()) handle.close();
      watched.clear();
    },
  };
};
