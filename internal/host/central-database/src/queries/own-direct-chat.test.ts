import { expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "../central.fixture.ts";
import { addRow } from "../sample-rows.fixture.ts";
import { ownDirectChat } from "./own-direct-chat.ts";

test.for([
  { what: "a direct chat without a person", chat: {}, person: "telegram:2" },
  { what: "another person's direct chat", chat: { user_id: "telegram:1" }, person: "telegram:1" },
  { what: "a chat of several people", chat: { is_group: 1 }, person: null },
  { what: "another chat", chat: { id: "mg-9" }, person: null },
])("after ownDirectChat $what is of $person", async ({ chat, person }) => {
  const { db } = await openedCentral(temporaryFolder());
  await addRow(db, "messaging_groups", chat);
  await ownDirectChat(db, "mg-1", "telegram:2");
  expect(await db.selectFrom("messaging_groups").select("user_id").executeTakeFirst()).toEqual({
    user_id: person,
  });
});
