import { fakeRuntime } from "@nc/container-runtime/testing";
import { onPostgres } from "@gatehouse/control-plane/testing";
import { expect, test } from "vitest";
import { fromAna, given, install, says, said, sessionBed, until } from "./session-bed.fixture.ts";

test("a host that is stopped in the middle of a command holds up no message", async ({ skip }) => {
  skip(!onPostgres, "only on a server are there transactions beside those of commands");
  const bed = await sessionBed();
  const fake = fakeRuntime({ install });
  const host = await bed.host({ runtime: fake.runtime, times: { tickMs: 600_000, sweepMs: 600_000 } });
  // It has the lock of all commands, of every host, and the only connection of this one's.
  const command = await bed.central.db.startTransaction().execute();
  try {
    await host.take(fromAna("m-1", "hello"));
    await until(() => expect(bed.happened("container-started")).toHaveLength(1));
    const { id } = await bed.central.beside.selectFrom("sessions").select("id").executeTakeFirstOrThrow();
    const agent = bed.agent(id);
    expect(await given(agent)).toEqual(["hello"]);
    await says(agent, said("re-m-1", { inReplyTo: "m-1" }));
    await until(() => expect(bed.texts()).toEqual(["re-m-1"]));
    fake.containers[0]?.end({ code: 1 });
    await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  } finally {
    await command.rollback().execute();
  }
});
