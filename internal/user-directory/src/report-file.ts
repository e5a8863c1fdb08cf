import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
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

/**
 * The report that is there now; null where there is none. Root reads it, and the host's account writes it: no link is
 * followed, and nothing in it moves a terminal's cursor.
 */
export const readReport = async (file: string): Promise<ReloadReport | null> => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = await handle.stat();
    const text = stat.isFile() && stat.size <= mostBytes ? await handle.readFile("utf8") : "null";
    await handle.close();
    const report = JSON.parse(text, withoutControls) as unknown;
    return isReport(report) ? report : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) systemCode(error);
    return null;
  }
};

const withoutControls = (_: string, value: unknown): unknown =>
  typeof value === "string" ? value.replaceAll(/[^\P{Cc}\n]|\p{Cf}/gu, "?") : value;

const isReport = (value: unknown): value is ReloadReport => {
  const { ok, pid, sinceBootMs, applied, ignored, needsRestart } = (value ?? {}) as Partial<ReloadReport>;
  const numbers = [pid, sinceBootMs].every((number) => typeof number === "number");
  return typeof ok === "boolean" && numbers && [applied, ignored, needsRestart].every(Array.isArray);
};
