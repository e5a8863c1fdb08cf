import { cutLog } from "./log-file.ts";

/** Keeps the logs of containers that run from growing without end. */
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

/** Looks at all logs now and then. A log that cannot be cut is reported once. */
export const watchLogs = ({ report, maxLogBytes, logEveryMs = 10_000 }: LogWatchOptions): LogWatch => {
  const files = new Map<string, string>();
  const told = new Set<string>();
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    for (const [id, file] of files) {
      const problem = await cutLog(file, maxLogBytes);
      if (problem === null || told.has(id)) continue;
      told.add(id);
      report(`The log ${file} cannot be cut: ${problem}.`);
    }
    isLooking = false;
  };
  const timer = setInterval(() => void look(), logEveryMs);
  timer.unref();
  return {
    add: (id, file) => void files.set(id, file),
    remove: (id) => {
      files.delete(id);
      told.delete(id);
    },
    close: () => clearInterval(timer),
  };
};
