import { type ProcessHandle, type ProcessRecord, holdProcess } from "@gatehouse/processes/records";

/** Time between two checks of adopted processes, ms. The kernel reports an exit only to the parent. */
const everyMs = 200;

/** Watches processes that an earlier host started, so that their exits are events too. */
export type RecordWatch = {
  /** Returns a function that is true while the process runs. */
  readonly add: (record: ProcessRecord, onEnd: () => void) => () => boolean;
  readonly close: () => void;
};

export const watchRecords = (): RecordWatch => {
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
