import type { Buffer } from "node:buffer";
import { openLog } from "../process/log-file.ts";

/** Appends a container's output to its log, when it has ended. Returns the code of a failure. */
export const writeLogEnd = async (logFile: string, output: Buffer): Promise<string | null> => {
  if (output.length === 0) return null;
  const log = await openLog(logFile);
  if (typeof log === "string") return log;
  try {
    await log.handle.appendFile(output);
    return null;
  } finally {
    await log.handle.close();
  }
};
