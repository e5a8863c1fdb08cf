import { describe, expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "./central.fixture.ts";
import { groupOwnerships } from "./group-ownerships.ts";
import { addRow } from "./sample-rows.fixture.ts";

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
    { what: "an owner's, by the chat's platform id", ownership: "owner" },
    { what: "an owner's, by the bare handle", platformId: "1", ownership: "owner" },
    { what: "an owner's, as it was found out", platformId: "D01", dmOf: ["telegram:1"], ownership: "owner" },
    { what: "of whom a row says owner of this group", owns: "ag-1", ownership: "other" },
    { what: "the owner's of another group", owns: "ag-2", ownership: "other" },
    { what: "somebody's known", platformId: "telegram:2", ownership: "other" },
    { what: "nobody knows whose", platformId: "D01", ownership: "in-doubt" },
    {
      what: "an owner's and somebody else's, as it was found out",
      dmOf: ["telegram:2"],
      ownership: "in-doubt",
    },
    {
      what: "the same handle's on another channel",
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
      { id: "ag-1", folder: "team", agent_provider: null, ownership: setting.ownership },
      { id: "ag-2", folder: "other", agent_provider: null, ownership: "other" },
    ]);
  });
});
