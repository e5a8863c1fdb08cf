import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { fromAna, given, install, sessionBed, until } from "../session-bed.fixture.ts";

/** Moves the host's clock on. From then on it only goes while the test waits; timers are the real ones. */
const laterBy = (ms: number): void => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
  onTestFinished(() => void vi.useRealTimers());
};

test("a stuck container is ended, and what it had in work is tried again with one more try (cases 71, 72)", async () => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install });
  const host = await bed.host({ runtime: fake.runtime, times: { sweepMs: 50 } });
  await host.take(fromAna("m-1", "first"));
  await host.take(fromAna("m-2", "second"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const agent = bed.agent((await bed.session()).id);
  await given(agent);
  const processing = { id: "m-1", status: "processing", reason: null } as const;
  await agent.commit({ acknowledgements: [processing], messages: [], now: new Date().toISOString() });
  laterBy(61_000);
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  expect(bed.happened("container-stuck")).toMatchObject([{ reason: "claim-without-life" }]);
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([true, false]);
  laterBy(1_000);
  const next = bed.agent((await bed.session()).id);
  const received = await next.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
  expect(received).toMatchObject({
    value: [
      { id: "m-1", tries: 1 },
      { id: "m-2", tries: 0 },
    ],
  });
});
