import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { onTestFinished, expect, test } from "vitest";
import { forgetUpdates } from "./updates.ts";

test("keeps what was routed in the last two days in which the platform was heard, however long ago they are", async () => {
  const { db, close } = await openedCentral(temporaryFolder());
  onTestFinished(() => close());
  const heard = { type: "stub", bot: "", polled_at: "2026-01-10T00:00:00.000Z" };
  await db.insertInto("messenger_bots").values(heard).execute();
  const of = { type: "stub", bot: "", chat: "stub:1", content: "", at: "2026-01-01T00:00:00.000Z" };
  await db
    .insertInto("messenger_updates")
    .values([
      { ...of, update_id: 1, message_id: "m1", routed_at: "2026-01-07T23:59:00.000Z" },
      { ...of, update_id: 2, message_id: "m2", routed_at: "2026-01-09T23:59:00.000Z" },
      { ...of, update_id: 3, message_id: "m3", routed_at: null },
    ])
    .execute();
  await forgetUpdates(db, "stub", "2026-02-01T00:00:00.000Z");
  const kept = await db.selectFrom("messenger_updates").select("message_id").execute();
  expect(kept.map(({ message_id: id }) => id)).toEqual(["m2", "m3"]);
});
