import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import type { ContractProgram, RuntimeSubject } from "../testing/contract-case.ts";
import { runtimeContract } from "../testing/runtime-contract.ts";
import { exitOf, makeInstallation } from "./process/process-runtime.fixture.ts";
import { probeSandbox } from "./sandbox/probe-sandbox.ts";
import { explain } from "../runtime-result.ts";
import { makeSandboxes } from "./sandbox/sandbox.fixture.ts";
import { runtimes } from "./runtimes.ts";

const programs = {
  stays: "console.log('up'); setInterval(() => {}, 1000)",
  "ignores-sigterm": "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)",
  "exits-3": "console.error('first\\nlast words'); process.exitCode = 3",
  "says-its-word": `process.on("SIGTERM", () => {
      console.error(require("fs").readFileSync("in/word", "utf8"));
      process.exit(0);
    });
    console.log("up"); setInterval(() => {}, 1000)`,
};

const processSubject = (): RuntimeSubject => {
  const { host, node, logFile } = makeInstallation();
  return {
    host,
    otherInstall: "there",
    spec: (program, label) => {
      const spec = node(programs[program]);
      return { ...spec, label: { ...spec.label, ...label } };
    },
    isUp: () => expect.poll(() => readFileSync(logFile, "utf8"), { timeout: 10_000 }).toContain("up"),
    crash,
  };
};

/** Scripts of the contract's programs. A script makes the file `up-ID` when it is ready. */
const scripts: Readonly<Record<ContractProgram, string>> = {
  stays: ': > "up-$GATEHOUSE_CONTAINER"; while :; do sleep 1; done',
  "ignores-sigterm": 'trap "" TERM; : > "up-$GATEHOUSE_CONTAINER"; while :; do sleep 1; done',
  "exits-3": "echo first >&2; echo last words >&2; exit 3",
  "says-its-word":
    'trap "cat in/word >&2; exit 0" TERM; : > "up-$GATEHOUSE_CONTAINER"; while :; do sleep 1 & wait; done',
};

const sandboxSubject = (): RuntimeSubject => {
  const { host, spec, session } = makeSandboxes();
  return {
    ...{ host, otherInstall: "there" },
    spec: (program, label) => {
      const made = spec(scripts[program]);
      return { ...made, label: { ...made.label, ...label } };
    },
    isUp: ({ reference }) =>
      expect.poll(() => existsSync(join(session, `up-${reference}`)), { timeout: 10_000 }).toBe(true),
    crash,
  };
};

/** Kills a container's leader, and waits until it has ended. */
const crash: RuntimeSubject["crash"] = async (container) => {
  const ended = exitOf(container);
  process.kill(container.pid ?? 0, "SIGKILL");
  await Promise.race([ended, untilGone(container.pid ?? 0)]);
};

/** Waits until a process has ended, because a closed host gets no exit. */
const untilGone = (pid: number): Promise<void> =>
  expect
    .poll(() => isThere(pid), { timeout: 10_000 })
    .toBe(false)
    .then(() => undefined);

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A machine without any container, for each runtime of the table. */
const subjects: Readonly<Record<string, () => RuntimeSubject>> = {
  process: processSubject,
  sandbox: sandboxSubject,
};

/** Why the machine has no such runtime; null if it has. */
const missing: Readonly<Record<string, string | null>> = {
  sandbox: await probeSandbox().then((probed) => (probed.ok ? null : explain(probed.error))),
};

describe.for(Object.keys(runtimes))("the runtime %s passes the contract:", (name) => {
  const subject = subjects[name] ?? expect.fail(`no subject for ${name}`);
  for (const { title, check } of runtimeContract)
    test(title, async ({ skip }) => {
      skip(missing[name] != null, missing[name] ?? "");
      await check(subject());
    });
});

test.each(Object.entries(runtimes))(
  "the runtime %s has the name of its row and a sentence for each missing ability",
  (name, make) => {
    const runtime = make({ folder: "/nowhere", install: "test", report: () => undefined });
    expect(runtime.name).toBe(name);
    for (const reason of Object.values(runtime.cannot)) expect(reason).toMatch(/^[A-Z].*\.$/);
  },
);
