import assert from "node:assert/strict";
import { type Container, unlimited, type WorkloadSpec } from "@nc/container-runtime";
import { fakeRuntime } from "@nc/container-runtime/testing";

const spec: WorkloadSpec = {
  label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 1, token: 1 },
  command: ["agent"],
  env: {},
  folder: "/session",
  files: { folder: "/session", whole: [], entries: [] },
  account: null,
  graceMs: 2_000,
  ...unlimited,
  logFile: "/session/log",
};

// The code under test: a restart that starts the next container only after the last one has ended.
const restart = async (last: Container): Promise<void> => {
  await last.kill(2_000);
  await runtime.spawn(spec);
};

// The test ends each container by hand, so it decides how long the first one takes to end.
const { runtime, containers } = fakeRuntime({ onKill: () => undefined });
const spawned = await runtime.spawn(spec);
assert(spawned.ok);
const restarted = restart(spawned.value);
assert.deepEqual(containers[0]?.kills, [2_000]);
assert.equal(containers.length, 1);
containers[0]?.end({ signal: "SIGKILL" });
await restarted;
assert.equal(containers.length, 2);
console.log("the second container started after the first had ended");
