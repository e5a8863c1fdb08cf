import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { ProcessRecord } from "@gatehouse/processes/records";
import { systemCode } from "@gatehouse/std";
import { expect } from "vitest";

/** A running agent of a session, by its first process. */
export type Worker = { readonly pid: number; readonly sessionId: string };

type RecordedRunner = Worker & { readonly record: ProcessRecord };

/** The folder in a data folder that has the records. */
export type Records = "processes" | "sandboxes";

/** All recorded runners, running or not. Each is the leader of its own process group. */
export const runnersIn = (dataDir: string, records: Records = "processes"): readonly RecordedRunner[] => {
  const folder = join(dataDir, records);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.flatMap((name) => {
    const text = textOf(join(folder, name));
    if (text === "") return [];
    const record = JSON.parse(text) as ProcessRecord;
    return [{ pid: record.process.pid, sessionId: String(record.label["sessionId"]), record }];
  });
};

/** The text of a file; empty if it is gone, such as that of a process that has ended. */
export const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    expect(["ENOENT", "ESRCH"]).toContain(systemCode(error));
    return "";
  }
};

/** The pids of all processes of this machine. */
export const pidsHere = (): readonly number[] => readdirSync("/proc").map(Number).filter(Boolean);

/** Sends SIGKILL to a process, or to a group by its negative id. Does nothing for 0, or if it has ended. */
export const kill = (pid: number): void => {
  if (Math.abs(pid) <= 1) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    expect(systemCode(error)).toBe("ESRCH");
  }
};
