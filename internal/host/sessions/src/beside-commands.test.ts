import { fakeRuntime } from "@nc/container-runtime/testing";
import { onPostgres } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { fromAna, given, install, says, said, sessionFixture, until } from "./session.fixture.ts";

test("a host that is stopped in the middle of a command delays no message", async ({ skip }) => {
  skip(!onPostgres, "only on a server are there transactions beside those of commands");
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install });
  const host = await fixture.host({ runtime: fake.runtime, times: { tickMs: 600_000, sweepMs: 600_000 } });
  // It has the lock for commands of all hosts, and the only connection of this host for them.
  const command = await fixture.central.db.startTransaction().execute();
  try {
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
    const { id } = await fixture.central.loop.selectFrom("sessions").select("id").executeTakeFirstOrThrow();
    const agent = fixture.agent(id);
    expect(await given(agent)).toEqual(["hello"]);
    await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
    fake.containers[0]?.end({ code: 1 });
    await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  } finally {
    await command.rollback().execute();
  }
});
