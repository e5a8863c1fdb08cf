import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unlimited, type WorkloadSpec } from "../../workload-spec.ts";
import type { ContainerRuntime } from "../../runtime.ts";
import { sandboxRuntime } from "./sandbox-runtime.ts";

/** A temporary installation whose agents run in sandboxes. */
export type Sandboxes = {
  readonly folder: string;
  readonly session: string;
  readonly reports: readonly string[];
  /** Makes the runtime of a newly started host. */
  readonly host: (install?: string) => ContainerRuntime;
  /** Makes a spec that runs a shell script. */
  readonly spec: (script: string, over?: Partial<WorkloadSpec>) => WorkloadSpec;
};

/** A temporary folder for an installation. */
export const temporarySandboxes = (): string => mkdtempSync(join(tmpdir(), "sandbox-runtime-"));

/** Makes an installation in a folder. `own` gets each runtime that it makes, and returns it. */
export const sandboxesIn = (
  folder: string,
  own: (runtime: ContainerRuntime) => ContainerRuntime,
): Sandboxes => {
  const session = join(folder, "session");
  mkdirSync(session, { mode: 0o700 });
  const reports: string[] = [];
  const host = (install = "here"): ContainerRuntime => {
    const report = (text: string): void => void reports.push(text);
    return own(sandboxRuntime({ folder: join(folder, "runtime"), install, report }));
  };
  const spec: Sandboxes["spec"] = (script, over) => ({
    label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 1, token: 7 },
    command: ["/bin/sh", "-c", script],
    env: { HOME: session, PATH: "/usr/bin:/bin" },
    folder: session,
    files: { folder: session, whole: [], entries: [] },
    ...unlimited,
    network: "gateway",
    account: null,
    graceMs: 2_000,
    logFile: join(folder, "log"),
    ...over,
  });
  return { folder, session, reports, host, spec };
};
