import { describe, expect, test } from "vitest";
import { abilities, type Ability, unmetBy } from "./check-spec.ts";
import { unlimited, type WorkloadSpec } from "./workload-spec.ts";

const spec: WorkloadSpec = {
  label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 1, token: 1 },
  command: ["agent"],
  env: {},
  folder: "/work",
  files: { folder: "/files", whole: [], entries: [] },
  account: null,
  graceMs: 0,
  logFile: "/log",
  ...unlimited,
};
const mount = { source: "/a", target: "/a", isReadOnly: false };
const nothing = Object.fromEntries(abilities.map((ability) => [ability, `no ${ability}`]));

describe("unmetBy", () => {
  test.for<[string, Partial<WorkloadSpec>, readonly Ability[]]>([
    ["nothing", {}, []],
    ["an image", { image: "agent:1" }, ["image"]],
    ["no network", { network: "none" }, ["network"]],
    ["only the gateway", { network: "gateway" }, ["network"]],
    ["limits", { cpus: 1, memoryMb: 64, pids: 10 }, ["cpus", "memoryMb", "pids"]],
    ["a mount at its own place", { mounts: [mount] }, []],
    ["a mount at another place", { mounts: [mount, { ...mount, target: "/b" }] }, ["mountTargets"]],
    ["a read-only mount", { mounts: [{ ...mount, isReadOnly: true }] }, ["readOnlyMounts"]],
  ])("returns only the missing abilities that a spec with %s needs", ([, over, unmet]) =>
    expect(unmetBy({ ...spec, ...over }, nothing)).toEqual(
      unmet.map((ability) => ({ ability, reason: `no ${ability}` })),
    ),
  );

  test("returns no ability if the runtime has all of them", () =>
    expect(unmetBy({ ...spec, image: "agent:1", network: "none", pids: 1 }, {})).toEqual([]));
});
