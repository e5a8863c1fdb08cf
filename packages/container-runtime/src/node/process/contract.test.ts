import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runtimeContract, type RuntimeSubject } from "../../testing/runtime-contract.ts";
import { makeInstallation } from "./process-runtime.fixture.ts";

const programs = {
  stays: "console.log('up'); setInterval(() => {}, 1000)",
  "ignores-sigterm": "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)",
  "exits-3": "console.error('first\\nlast words'); process.exitCode = 3",
};

const subject = (): RuntimeSubject => {
  const { host, node, logFile } = makeInstallation();
  return {
    host,
    spec: (program, label) => {
      const spec = node(programs[program]);
      return { ...spec, label: { ...spec.label, ...label } };
    },
    isUp: () => expect.poll(() => readFileSync(logFile, "utf8"), { timeout: 10_000 }).toContain("up"),
  };
};

describe("processes keep the contract of runtimes", () => {
  for (const { title, check } of runtimeContract) test(title, () => check(subject()));
});
