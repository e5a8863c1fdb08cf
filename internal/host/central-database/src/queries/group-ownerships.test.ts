import { describe, expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "../central.fixture.ts";
import { groupOwnerships } from "./group-ownerships.ts";
import { addRow } from "../sample-rows.fixture.ts";

type Setting = {
  readonly what: string;
  readonly owns?: string | null;
  readonly platformId?: string;
  readonly channel?: string;
  readonly isGroup?: number;
  readonly dmOf?: readonly string[];
  readonly isKnown?: boolean;
  readonly ownership: string;
};

describe("groupOwnerships", () => {
  test.for<Setting>([
    { what: "an owner's by the chat's platform id", ownership: "owner" },
    { what: "an owner's by the handle without the channel", platformId: "1", ownership: "owner" },
    { what: "an owner's by a row of user_dms", platformId: "D01", dmOf: ["telegram:1"], ownership: "owner" },
    { what: "that of a person with an owner row for this group", owns: "ag-1", ownership: "other" },
    { what: "that of a person with an owner row for another group", owns: "ag-2", ownership: "other" },
    { what: "that of a known person without a role", platformId: "telegram:2", ownership: "other" },
    { what: "that of an unknown person", platformId: "D01", ownership: "in-doubt" },
    {
      what: "an owner's by its id and another person's by user_dms",
      dmOf: ["telegram:2"],
      ownership: "in-doubt",
    },
    {
      what: "that of the owner's handle on another channel",
      channel: "signal",
      platformId: "1",
      ownership: "in-doubt",
    },
    { what: "a room with the owner in it", isGroup: 1, ownership: "other" },
  ])("a chat that is $what makes the group: $ownership", async (setting) => {
    const { owns = null, platformId = "telegram:1", channel = "telegram", isGroup = 0, dmOf = [] } = setting;
    const { db } = await openedCentral(temporaryFolder());
    await addRow(db, "agent_groups");
    await addRow(db, "agent_groups", { id: "ag-2", folder: "other" });
    await addRow(db, "messaging_groups", {
      channel_type: channel,
      platform_id: platformId,
      is_group: isGroup,
    });
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
