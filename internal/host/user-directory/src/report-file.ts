import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { ReloadReport } from "./reload-report.ts";

/** The file with the result of a host's last reload of users.yaml, for the sender of the signal. */
export const reportFileIn = (dataDir: string): string => join(dataDir, "users-reload.json");

/**
 * Writes the report, readable only by the data folder's owner. A reader sees a whole report, either the new
 * one or the old one.
 */
export const writeReport = (file: string, report: ReloadReport): Promise<void> =>
  replaceFile(file, `${JSON.stringify(report)}\n`);

/** Maximum size, bytes. A report names each changed user once. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Reads the current report; null if there is none. Root may read it, and the host's account writes it. So links are
 * not followed, and control characters become `?`.
 */
export const readReport = async (file: string): Promise<ReloadReport | null> => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = await handle.stat();
    const text = stat.isFile() && stat.size <= maxBytes ? await handle.readFile("utf8") : "null";
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
