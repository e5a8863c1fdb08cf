import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { openCentral } from "@gatehouse/central-database";
import { openUsers } from "@gatehouse/user-directory";

/** A host's users and a users.yaml that a test can replace. */
export type ReloadFixture = {
  /** Reloads this users.yaml. Returns the longest time that the event loop was blocked, in milliseconds. */
  readonly stall: (text: string) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Opens a database and its users in this empty folder. */
export const reloadFixture = async (dataDir: string): Promise<ReloadFixture> => {
  const opened = await openCentral(dataDir);
  if (!opened.ok) throw new Error(opened.error.code);
  const central = opened.value;
  const usersFile = join(dataDir, "users.yaml");
  const users = await openUsers({
    db: central.db,
    usersFile,
    service: process.geteuid?.() ?? 0,
    sessions: { endSessions: async () => {}, refresh: async () => {} },
    checkModel: async () => ({ unknown: [], notes: [], unasked: null }),
    tell: async () => {},
    report: (error) => {
      throw error;
    },
  });
  const stall = async (text: string): Promise<number> => {
    await writeFile(usersFile, text, { mode: 0o600 });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const report = await users.reload();
    delay.disable();
    if (!report.ok || report.applied.length === 0) throw new Error("nothing was reloaded");
    return delay.max / 1e6;
  };
  return { stall, close: () => central.close() };
};
