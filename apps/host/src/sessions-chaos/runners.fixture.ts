import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type ProcessRecord, stateOf } from "@gatehouse/processes/records";
import { systemCode } from "@gatehouse/std";
import { expect, onTestFinished } from "vitest";

/** A recorded runner: the leader of its own process group. */
type RecordedRunner = {
  readonly pid: number;
  readonly sessionId: string;
  readonly record: ProcessRecord;
};

/** The runners that are recorded, alive or not. */
export const runnersIn = (dataDir: string): readonly RecordedRunner[] => {
  const folder = join(dataDir, "processes");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.flatMap((name) => {
    const record = recordIn(join(folder, name));
    if (record === null) return [];
    return [{ pid: record.process.pid, sessionId: String(record.label["sessionId"]), record }];
  });
};

/** Null for one that was removed meanwhile. */
const recordIn = (file: string): ProcessRecord | null => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessRecord;
  } catch (error) {
    expect(systemCode(error)).toBe("ENOENT");
    return null;
  }
};

/** One that has ended by itself meanwhile is no matter. */
export const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    expect(systemCode(error)).toBe("ESRCH");
  }
};

/** Between two looks at the runners, ms. */
const everyMs = 200;

/**
 * Looks again and again for a session that two living runners work on, until the test is over. A runner is
 * recorded before its program starts, so the list is read first, and who of it lives is asked afterwards.
 */
export const watchRunners = (dataDir: string): readonly string[] => {
  const doubles: string[] = [];
  const timer = setInterval(() => {
    const living = runnersIn(dataDir).filter(({ record }) => stateOf(record) === "running");
    const ids = living.map(({ sessionId }) => sessionId);
    doubles.push(...ids.filter((id, index) => ids.indexOf(id) !== index));
  }, everyMs);
  onTestFinished(() => clearInterval(timer));
  return doubles;
};
