import { unlimited } from "../unlimited.ts";
import { describe, expect, test } from "vitest";
import type { WorkloadSpec } from "../workload-spec.ts";
import type { RuntimeError } from "../runtime-result.ts";
import { fakeRuntime } from "./fake-runtime.ts";
import { type RuntimeSubject, runtimeContract } from "./runtime-contract.ts";

const specOf: RuntimeSubject["spec"] = (program, label) => ({
  label: { install: "here", sessionId: "s", groupId: "g", incarnation: 1, token: 1, ...label },
  command: [program],
  env: {},
  folder: "/session",
  files: { folder: "/session", whole: [], entries: [] },
  account: null,
  graceMs: 2_000,
  ...unlimited,
  logFile: "/log",
});

const missing = ({ mounts }: WorkloadSpec): RuntimeError | null =>
  mounts.length === 0 ? null : { code: "mount-missing", message: "The folder is not there." };

const subject = (): RuntimeSubject => {
  const fake = fakeRuntime({
    beforeSpawn: missing,
    onSpawn: ({ spec, end }) => {
      if (spec.command[0] === "exits-3") end({ code: 3, lastLines: ["first", "last words"] });
    },
    onKill: ({ spec, end }, graceMs) => {
      const isDeaf = spec.command[0] === "ignores-sigterm";
      if (!isDeaf) end({ code: null, signal: "SIGTERM" });
      else if (graceMs < 1_000) end({ code: null, signal: "SIGKILL" });
    },
  });
  return { host: fake.anotherHost, spec: specOf, isUp: () => Promise.resolve() };
};

describe("a fake runtime keeps the contract of runtimes", () => {
  for (const { title, check } of runtimeContract) test(title, () => check(subject()));
});

describe("fakeRuntime", () => {
  test("a kill waits until the test ends the container", async () => {
    const { runtime, containers } = fakeRuntime({ onKill: () => undefined });
    const spawned = await runtime.spawn(specOf("stays"));
    if (!spawned.ok) throw new Error(spawned.error.message);
    const killed = spawned.value.kill(2_000);
    expect([containers[0]?.kills, containers[0]?.hasEnded()]).toEqual([[2_000], false]);
    containers[0]?.end({ code: 5 });
    expect(await killed).toEqual({ code: 5, signal: null, lastLines: [] });
  });

  test("a spawn waits until the test lets it go on, and may be refused", async () => {
    const refusal: RuntimeError = { code: "runtime-unavailable", message: "It is down." };
    let answer: (error: RuntimeError | null) => void = () => undefined;
    const { runtime, containers } = fakeRuntime({
      beforeSpawn: () => new Promise((resolve) => (answer = resolve)),
    });
    const first = runtime.spawn(specOf("stays"));
    expect(containers).toEqual([]);
    answer(null);
    expect((await first).ok).toBe(true);
    const second = runtime.spawn(specOf("stays"));
    answer(refusal);
    expect(await second).toEqual({ ok: false, error: refusal });
    expect(containers).toHaveLength(1);
  });
});
