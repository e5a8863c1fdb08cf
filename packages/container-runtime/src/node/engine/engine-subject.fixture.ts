import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect } from "vitest";
import type { ContainerRuntime } from "../../runtime.ts";
import type { ContractProgram, RuntimeSubject } from "../../testing/contract-case.ts";
import { unlimited, type WorkloadSpec } from "../../workload-spec.ts";
import { ownRuntimes } from "../own-runtimes.fixture.ts";
import { isProcess } from "./engine-container.ts";
import { engineRuntime } from "./engine-runtime.ts";

/** An engine of the machine that runs the tests. */
export type TestEngine = { readonly name: string; readonly socketPath: string | undefined };

/** The image of the tests: busybox, bash and Node, made by `tools/scripts/test-engines.sh`. */
export const testImage = "gatehouse-test";

export const testEngines: readonly TestEngine[] = [
  { name: "podman", socketPath: process.env["GATEHOUSE_TEST_PODMAN"] },
  { name: "docker", socketPath: process.env["GATEHOUSE_TEST_DOCKER"] },
];

/** Scripts of the contract's programs. A script makes the file `up-HOSTNAME` when it is ready. */
const scripts: Readonly<Record<ContractProgram, string>> = {
  stays: ': > "up-$HOSTNAME"; while :; do sleep 1; done',
  "ignores-sigterm": 'trap "" TERM; : > "up-$HOSTNAME"; while :; do sleep 1; done',
  "exits-3": "echo first >&2; echo last words >&2; exit 3",
  "says-its-word":
    'trap "cat in/word >&2; exit 0" TERM; : > "up-$HOSTNAME"; while :; do sleep 1 & wait; done',
};

export type EngineSubject = RuntimeSubject & {
  readonly install: string;
  /** The session's folder. */
  readonly session: string;
  readonly reports: readonly string[];
  /** Makes a spec that runs a shell script. */
  readonly sh: (script: string, over?: Partial<WorkloadSpec>) => WorkloadSpec;
};

/** A new installation on an engine that other tests use too. Its containers are removed when the test has finished. */
export const engineSubject = ({ name, socketPath = "" }: TestEngine): EngineSubject => {
  const folder = mkdtempSync(join(tmpdir(), "engine-runtime-"));
  const session = join(folder, "session");
  mkdirSync(session, { mode: 0o700 });
  const ownInstall = `here-${randomBytes(4).toString("hex")}`;
  const reports: string[] = [];
  const own = ownRuntimes(folder);
  const facts = { cannot: {}, isRootlessPodman: false };
  const host = (install = ownInstall): ContainerRuntime => {
    const report = (text: string): void => void reports.push(text);
    const records = join(folder, "records");
    return own(engineRuntime({ name, socketPath, facts, install, folder: records, report }));
  };
  const sh: EngineSubject["sh"] = (script, over) => ({
    label: { install: ownInstall, sessionId: "s-1", groupId: "g-1", incarnation: 1, token: 7 },
    command: ["/bin/sh", "-c", script],
    env: { HOME: session, PATH: "/bin" },
    folder: session,
    files: { folder: session, whole: [], entries: [] },
    ...unlimited,
    image: testImage,
    network: "none",
    account: null,
    graceMs: 2_000,
    logFile: join(folder, "log"),
    ...over,
  });
  return {
    host,
    install: ownInstall,
    otherInstall: `there-${ownInstall}`,
    session,
    reports,
    sh,
    spec: (program, label) => {
      const spec = sh(scripts[program]);
      return { ...spec, label: { ...spec.label, ...label } };
    },
    isUp: ({ reference }) =>
      expect.poll(() => existsSync(join(session, `up-${reference.slice(0, 12)}`))).toBe(true),
    crash: async ({ pid }) => {
      process.kill(pid ?? 0, "SIGKILL");
      await expect.poll(() => isProcess(pid ?? 0)).toBe(false);
    },
  };
};
