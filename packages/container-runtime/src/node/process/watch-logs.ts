import { cutLog } from "./log-file.ts";

/** Limits the size of running containers' logs. */
type LogWatch = {
  readonly add: (id: string, file: string) => void;
  readonly remove: (id: string) => void;
  readonly close: () => void;
};

type LogWatchOptions = {
  readonly report: (problem: string) => void;
  readonly maxLogBytes?: number;
  readonly logEveryMs?: number;
};

/** Checks all logs every `logEveryMs`. A log that cannot be cut is reported once. */
export const watchLogs = ({ report, maxLogBytes, logEveryMs = 10_000 }: LogWatchOptions): LogWatch => {
  const files = new Map<string, string>();
  const reported = new Set<string>();
  let isChecking = false;
  const checkAll = async (): Promise<void> => {
    if (isChecking) return;
    isChecking = true;
    for (const [id, file] of files) {
      const problem = await cutLog(file, maxLogBytes);
      if (problem === null || reported.has(id)) continue;
      reported.add(id);
      report(`The log ${file} cannot be cut: ${problem}.`);
    }
    isChecking = false;
  };
  const timer = setInterval(() => void checkAll(), logEveryMs);
  timer.unref();
  return {
    add: (id, file) => void files.set(id, file),
    remove: (id) => {
      files.delete(id);
      reported.delete(id);
    },
    close: () => clearInterval(timer),
  };
};
