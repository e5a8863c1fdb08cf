import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { fromAna, given, install, sessionFixture, until } from "../session.fixture.ts";

/**
 * Lets the host's clock run fast until the check passes: half a second for each look of the test. A jump would be the break of a host that was
 * stopped. Timers are real.
 */
const inFastTime = async (check: () => void): Promise<void> => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  await until(() => {
    vi.setSystemTime(Date.now() + 500);
    check();
  });
};

test("a stuck container is stopped, and its messages in work are tried again, with one more counted try", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { sweepMs: 50 } });
  await host.receive(fromAna("m-1", "first"));
  await host.receive(fromAna("m-2", "second"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const agent = fixture.agent((await fixture.session()).id);
  await given(agent);
  const processing = { id: "m-1", status: "processing", reason: null } as const;
  await agent.commit({ acknowledgements: [processing], messages: [], now: new Date().toISOString() });
  await inFastTime(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(fixture.happened("container-stuck")).toMatchObject([{ reason: "claim-without-life" }]);
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([true, false]);
  const next = fixture.agent((await fixture.session()).id);
  const received = await next.receive({ isFirst: true, limit: 10, now: new Date().toISOString() });
  expect(received).toMatchObject({
    value: [
      { id: "m-1", tries: 1 },
      { id: "m-2", tries: 0 },
    ],
  });
});
