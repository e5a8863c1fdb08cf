import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@trust/preflight/node";
import type { ReloadReport } from "./reload-report.ts";

/** Where a host leaves how its last reload of users.yaml went: for whoever sent the signal. */
export const reportFileIn = (dataDir: string): string => join(dataDir, "users-reload.json");

/** Leaves the report for the data folder's owner alone. Whoever reads it finds a whole one, this one or the one before. */
export const writeReport = async (file: string, report: ReloadReport): Promise<void> => {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o600);
  await handle.writeFile(`${JSON.stringify(report)}\n`);
  await handle.sync();
  await handle.close();
  await rename(temporary, file);
};

/** Bytes; a report names each person that changed once. */
const mostBytes = 16 * 1024 * 1024;

/** The report that is there now; null where there is none. No link is followed: it is read by root, too. */
export const readReport = async (file: string): Promise<ReloadReport | null> => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const { size } = await handle.stat();
    const text = size > mostBytes ? "null" : await handle.readFile("utf8");
    await handle.close();
    return JSON.parse(text) as ReloadReport;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    systemCode(error);
    return null;
  }
};
