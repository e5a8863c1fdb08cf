import { describe, expect, test } from "vitest";
import type { RuntimeError } from "../runtime-result.ts";
import { fakeRuntime } from "./fake-runtime.ts";
import { fakeSubject, specOf } from "./fake-subject.fixture.ts";
import { runtimeContract } from "./runtime-contract.ts";

describe("a fake runtime passes the contract:", () => {
  for (const { title, check } of runtimeContract) test(title, () => check(fakeSubject()));
});

describe("fakeRuntime", () => {
  test("kill resolves when the test ends the container", async () => {
    const { runtime, containers } = fakeRuntime({ onKill: () => undefined });
    const spawned = await runtime.spawn(specOf("stays"));
    if (!spawned.ok) throw new Error(spawned.error.message);
    const killed = spawned.value.kill(2_000);
    expect([containers[0]?.kills, containers[0]?.hasEnded()]).toEqual([[2_000], false]);
    containers[0]?.end({ code: 5 });
    expect(await killed).toEqual({ code: 5, signal: null, lastLines: [] });
  });

  test("spawn waits for beforeSpawn, which may refuse the start", async () => {
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
