import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import type { ReloadReport } from "../reload-report.ts";
import { readReport, reportFileIn } from "../report-file.ts";
import { sinceBootMs } from "../since-boot.ts";

export type Signalled =
  | { readonly state: "reported"; readonly report: ReloadReport }
  | { readonly state: "gone" }
  | { readonly state: "silent"; readonly waitedMs: number };

/**
 * Maximum time to wait for the report, ms. A starting host needs more time
 * than the reload itself.
 */
const timeoutMs = 30_000;
const pollEveryMs = 50;

/**
 * Makes a host read its users again by SIGHUP, and waits for its report. The host writes the report to a file, where
 * other senders of the signal (`kill -HUP`, a service manager) find it too. A reload that began before the signal
 * may have read an older file, so its report is ignored.
 */
export const signalHost = async (dataDir: string, pid: number): Promise<Signalled> => {
  const askedAt = sinceBootMs();
  if (!signal(pid, "SIGHUP")) return { state: "gone" };
  const file = reportFileIn(dataDir);
  for (;;) {
    const report = await readReport(file);
    if (report !== null && report.pid === pid && report.sinceBootMs >= askedAt)
      return { state: "reported", report };
    if (!signal(pid, 0)) return { state: "gone" };
    const waitedMs = sinceBootMs() - askedAt;
    if (waitedMs > timeoutMs) return { state: "silent", waitedMs };
    await pause(pollEveryMs);
  }
};

/** Returns false if there is no such process. */
const signal = (pid: number, name: "SIGHUP" | 0): boolean => {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
    throw error;
  }
};
