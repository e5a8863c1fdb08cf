import { existsSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { type Gate, startGate } from "@gatehouse/processes/records";
import { makeInstallation } from "./process-runtime.fixture.ts";
import { processKind } from "./process-runtime.ts";
import { containerRegistry } from "./registry.ts";
import { spawnRecorded } from "./spawn.ts";

const signalled = (signal: NodeJS.Signals) => (gate: Gate) => process.kill(gate.pid, signal);

test.each([
  {
    how: "was ended by SIGKILL",
    ends: signalled("SIGKILL"),
    code: "killed",
    says: "SIGKILL ended the process before",
  },
  {
    how: "was ended by SIGTERM",
    ends: signalled("SIGTERM"),
    code: "killed",
    says: "SIGTERM ended the process before",
  },
  { how: "ended by itself", ends: (gate: Gate) => gate.close(), code: "spawn-failed", says: "ended at once" },
])("spawnRecorded fails with $code if the gate $how before it was recorded", async ({ ends, code, says }) => {
  const { records, session, node } = makeInstallation();
  const report = (text: string): void => expect.fail(text);
  const registry = containerRegistry({ folder: records, install: "here", report }, processKind);
  const spec = node("require('fs').writeFileSync('ran', '')");
  const spawned = await spawnRecorded(registry, spec, async (waiting) => {
    const gate = await startGate(waiting);
    if (typeof gate === "string") throw new Error(gate);
    await ends(gate);
    await gate.exited;
    return gate;
  });
  expect(spawned).toMatchObject({
    ok: false,
    error: { code, message: expect.stringContaining(says) as unknown },
  });
  expect(await registry.running()).toEqual({ ok: true, value: [] });
  expect(existsSync(`${session}/ran`)).toBe(false);
  registry.close();
});
