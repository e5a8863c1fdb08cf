import { describe, expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "../central.fixture.ts";
import { groupOwnerships } from "./group-ownerships.ts";
import { addRow } from "../sample-rows.fixture.ts";

type Setting = {
  readonly what: string;
  readonly owns?: string | null;
  readonly chat?: Readonly<Record<string, unknown>>;
  readonly dmOf?: readonly string[];
  readonly ownership: string;
};

describe("groupOwnerships", () => {
  test.for<Setting>([
    { what: "an owner's", ownership: "owner" },
    { what: "an owner's on another channel", chat: { channel_type: "local" }, ownership: "owner" },
    { what: "that of a person with an owner row for this group", owns: "ag-1", ownership: "other" },
    { what: "that of a person with an owner row for another group", owns: "ag-2", ownership: "other" },
    { what: "that of a person without a role", chat: { user_id: "telegram:2" }, ownership: "other" },
    { what: "that of a stranger", chat: { user_id: "telegram:9" }, ownership: "other" },
    {
      what: "of no known person, with the owner's id",
      chat: { user_id: null, platform_id: "telegram:1" },
      ownership: "in-doubt",
    },
    {
      what: "another person's, with the owner's id",
      chat: { user_id: "telegram:2", platform_id: "telegram:1" },
      ownership: "other",
    },
    {
      what: "of no known person, in which the host reaches the owner",
      chat: { user_id: null },
      dmOf: ["telegram:1"],
      ownership: "in-doubt",
    },
    { what: "a room with the owner's id", chat: { user_id: null, is_group: 1 }, ownership: "other" },
  ])("a chat that is $what makes the group: $ownership", async (setting) => {
    const { owns = null, chat, dmOf = [] } = setting;
    const { db } = await openedCentral(temporaryFolder());
    await addRow(db, "agent_groups");
    await addRow(db, "agent_groups", { id: "ag-2", folder: "other" });
    await addRow(db, "messaging_groups", { user_id: "telegram:1", platform_id: "D01", ...chat });
    await addRow(db, "messaging_group_agents");
    for (const id of ["telegram:1", "telegram:2"]) await addRow(db, "users", { id });
    await addRow(db, "user_roles", { role: "owner", agent_group_id: owns });
    for (const user_id of dmOf) await addRow(db, "user_dms", { user_id });
    expect(await groupOwnerships(db)).toEqual([
      { id: "ag-1", folder: "team", ownership: setting.ownership },
      { id: "ag-2", folder: "other", ownership: "other" },
    ]);
  });
});
