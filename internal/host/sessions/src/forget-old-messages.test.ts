import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, install, sessionFixture, until } from "./session.fixture.ts";

test("ended messages are deleted after the time for which they are kept, also those of an earlier host", async () => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const times = { forgetMs: 20, sweepMs: 20, leaseMs: 600_000 };
  const first = await fixture.host({ runtime: fake.runtime, times });
  for (const id of ["old", "new", "open"]) await first.receive(fromAna(id, id));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id: session } = await fixture.session();
  const acknowledgements = ["old", "new"].map((id) => ({ id, status: "completed", reason: null }) as const);
  const now = new Date().toISOString();
  expect(await fixture.agent(session).commit({ acknowledgements, messages: [], now })).toMatchObject({
    ok: true,
  });
  const rows = () =>
    fixture.central.loop.selectFrom("session_messages_in").select(["id", "told"]).orderBy("id").execute();
  await first.close();
  await fixture.central.loop
    .updateTable("session_messages_in")
    .set({ timestamp: "2026-01-01T00:00:00.000Z" })
    .where("id", "in", ["old", "open"])
    .execute();
  await fixture.host({ runtime: fake.runtime, times, keepMessagesMs: 86_400_000 });
  await until(async () => expect((await rows()).map(({ id }) => id)).toEqual(["new", "open"]));
  await until(() => expect(fixture.happened("messages-deleted")).toMatchObject([{ count: 1 }]));
});
