import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { ProcessRecord } from "@gatehouse/processes/records";
import { systemCode } from "@gatehouse/std";
import { expect } from "vitest";

/** A runner with a record. It is the leader of its own process group. */
type RecordedRunner = {
  readonly pid: number;
  readonly sessionId: string;
  readonly record: ProcessRecord;
};

/** All recorded runners, running or not. `records`: the folder in the data folder that has the records. */
export const runnersIn = (
  dataDir: string,
  records: "processes" | "sandboxes" = "processes",
): readonly RecordedRunner[] => {
  const folder = join(dataDir, records);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.flatMap((name) => {
    const record = recordIn(join(folder, name));
    if (record === null) return [];
    return [{ pid: record.process.pid, sessionId: String(record.label["sessionId"]), record }];
  });
};

/** The record in a file; null if it was removed meanwhile. */
const recordIn = (file: string): ProcessRecord | null => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessRecord;
  } catch (error) {
    expect(systemCode(error)).toBe("ENOENT");
    return null;
  }
};

/** Sends SIGKILL to a process group. Does nothing if it has ended. */
export const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    expect(systemCode(error)).toBe("ESRCH");
  }
};
