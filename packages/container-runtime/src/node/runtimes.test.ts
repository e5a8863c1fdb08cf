import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import type { RuntimeSubject } from "../testing/contract-case.ts";
import { runtimeContract } from "../testing/runtime-contract.ts";
import { makeInstallation } from "./process/process-runtime.fixture.ts";
import { probeSandbox } from "./sandbox/probe-sandbox.ts";
import { explain } from "../runtime-result.ts";
import { makeSandboxes } from "./sandbox/sandbox.fixture.ts";
import { crash, sandboxSubject } from "./sandbox/sandbox-subject.fixture.ts";
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
    isUp: () => expect.poll(() => readFileSync(logFile, "utf8")).toContain("up"),
    crash,
  };
};

/** A machine without any container, for each runtime of the table. */
const subjects: Readonly<Record<string, () => RuntimeSubject>> = {
  process: processSubject,
  sandbox: () => sandboxSubject(makeSandboxes()),
};

/** Why the machine has no such runtime; null if it has. */
const missing: Readonly<Record<string, string | null>> = {
  sandbox: await probeSandbox().then((probed) => (probed.ok ? null : explain(probed.error))),
};

describe.for(Object.keys(runtimes))("the runtime %s passes the contract:", { tags: ["rest"] }, (name) => {
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
    const runtime = make({ folder: "/proc/nowhere", install: "test", report: () => undefined });
    expect(runtime.name).toBe(name);
    for (const reason of Object.values(runtime.cannot)) expect(reason).toMatch(/^[A-Z].*\.$/);
  },
);

/** An account without an entry in the list of accounts. */
const ordinary = String(61_000 + (process.pid % 1_000));

test.runIf(process.getuid?.() === 0)(
  "the runtime sandbox passes the contract as an ordinary account",
  { tags: ["rest"] },
  async ({ skip }) => {
    skip(missing["sandbox"] != null, missing["sandbox"] ?? "");
    const as = ["--reuid", ordinary, "--regid", ordinary, "--clear-groups", "--"];
    const contract = [process.execPath, inject("programs")["sandbox-contract"]];
    const { stdout } = await promisify(execFile)("setpriv", [...as, ...contract], { cwd: "/" });
    const problems = runtimeContract.map(({ title }) => ({ title, problem: null }));
    expect(JSON.parse(stdout)).toEqual({ uid: Number(ordinary), problems });
  },
);
