import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { processTable } from "@gatehouse/processes";
import { unlimited, type WorkloadSpec } from "../../workload-spec.ts";
import type { ContainerRuntime } from "../../runtime.ts";
import { ownRuntimes } from "../own-runtimes.fixture.ts";
import { processRuntime } from "./process-runtime.ts";
import type { ProcessRuntimeOptions } from "./registry.ts";

/** A temporary installation: a folder of records, a folder of a session, and a log. */
export type Installation = {
  readonly folder: string;
  readonly records: string;
  readonly session: string;
  readonly logFile: string;
  readonly reports: string[];
  /** Makes the runtime of a newly started host. */
  readonly host: (install?: string, over?: Partial<ProcessRuntimeOptions>) => ContainerRuntime;
  /** Makes a spec that runs this source in Node. */
  readonly node: (source: string, over?: Partial<WorkloadSpec>) => WorkloadSpec;
};

export const makeInstallation = (): Installation => {
  const folder = mkdtempSync(join(tmpdir(), "container-runtime-"));
  const [records, session] = [join(folder, "records"), join(folder, "session")];
  mkdirSync(session);
  const reports: string[] = [];
  const own = ownRuntimes(folder);
  const host: Installation["host"] = (install = "here", over = {}) => {
    const report = (text: string): void => void reports.push(text);
    return own(processRuntime({ folder: records, install, report, ...over }));
  };
  const logFile = join(folder, "log");
  const node: Installation["node"] = (source, over) => ({
    label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 1, token: 7 },
    command: [process.execPath, "-e", source],
    env: { HOME: session },
    folder: session,
    files: { folder: session, whole: [], entries: [] },
    ...unlimited,
    account: null,
    graceMs: 2_000,
    logFile,
    ...over,
  });
  return { folder, records, session, logFile, reports, host, node };
};

export { exitOf, valueOf } from "../../testing/contract-case.ts";

/** True if a process runs. A zombie counts as ended. */
export const isAlive = (pid: number): boolean => processTable.find(pid)?.isZombie === false;
