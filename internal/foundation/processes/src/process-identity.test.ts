import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { hasEnded, processIdentityIn, thisProcess } from "./process-identity.ts";

describe("hasEnded", () => {
  test.for([
    { what: "is false for this process", identity: thisProcess(), ended: false },
    {
      what: "is true for a process that was reaped",
      identity: { ...thisProcess(), pid: spawnSync("true").pid },
      ended: true,
    },
    {
      what: "is false for a process of another namespace",
      identity: { ...thisProcess(), pid: spawnSync("true").pid, namespace: "pid:[1]" },
      ended: false,
    },
  ])("$what", ({ identity, ended }) => {
    expect(hasEnded(identity)).toBe(ended);
  });

  test.runIf(process.platform === "linux")("is true if another process has the pid now", () => {
    expect(hasEnded({ ...thisProcess(), start: "1" })).toBe(true);
  });
});

describe("processIdentityIn", () => {
  test("reads an identity that was written as JSON", () => {
    expect(processIdentityIn(JSON.parse(JSON.stringify(thisProcess())))).toEqual(thisProcess());
  });

  test.for([
    null,
    "7",
    {},
    { ...thisProcess(), pid: "7" },
    { ...thisProcess(), pid: 0 },
    { ...thisProcess(), pid: -1 },
    { ...thisProcess(), start: 5 },
  ])("is null for %j", (parsed) => {
    expect(processIdentityIn(parsed)).toBeNull();
  });
});
