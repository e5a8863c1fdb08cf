import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { onTestFinished } from "vitest";
import { unlimited } from "../../unlimited.ts";
import type { Container, ContainerRuntime, Exit } from "../../runtime.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";
import type { RuntimeResult } from "../../runtime-result.ts";
import { processRuntime } from "./process-runtime.ts";
import type { ProcessRuntimeOptions } from "./registry.ts";

/** A throw-away installation: a folder for records, one for a session, and a log. */
export type Installation = {
  readonly folder: string;
  readonly records: string;
  readonly session: string;
  readonly logFile: string;
  readonly reports: string[];
  /** A runtime as a newly started host has it. */
  readonly host: (install?: string, over?: Partial<ProcessRuntimeOptions>) => ContainerRuntime;
  /** A spec of a program in Node. */
  readonly node: (source: string, over?: Partial<WorkloadSpec>) => WorkloadSpec;
};

export const makeInstallation = (): Installation => {
  const folder = mkdtempSync(join(tmpdir(), "container-runtime-"));
  const [records, session] = [join(folder, "records"), join(folder, "session")];
  mkdirSync(session);
  const reports: string[] = [];
  const runtimes: ContainerRuntime[] = [];
  onTestFinished(async () => {
    for (const runtime of runtimes) {
      const running = await runtime.running();
      if (running.ok) await Promise.all(running.value.map((it) => it.kill(0)));
      await runtime.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });
  const host: Installation["host"] = (install = "here", over = {}) => {
    const report = (text: string): void => void reports.push(text);
    const runtime = processRuntime({ folder: records, install, report, ...over });
    runtimes.push(runtime);
    return runtime;
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

export const valueOf = <T>(result: RuntimeResult<T>): T => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};

export const exitOf = (container: Container): Promise<Exit> =>
  new Promise((resolve) => container.onExit(resolve));

/** Whether a process runs; a zombie does not. */
export const isAlive = (pid: number): boolean => {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && !stdout.startsWith("Z");
};
