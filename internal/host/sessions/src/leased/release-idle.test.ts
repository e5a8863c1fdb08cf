import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "../session.fixture.ts";

test("each message starts an agent even if idle sessions are released at once", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { sweepMs: 2, idleMs: 0 } });
  for (let count = 1; count <= 25; count += 1) {
    await host.receive(fromAna(`m-${count}`, "hello"));
    await until(() => expect(fake.containers).toHaveLength(count));
    const { id } = await fixture.session();
    const done = { id: `m-${count}`, status: "completed", reason: null } as const;
    const now = new Date().toISOString();
    await fixture.agent(id).commit({ acknowledgements: [done], messages: [], now });
    fake.containers.at(-1)?.end();
  }
});
