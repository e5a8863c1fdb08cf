import { describe, expect, test } from "vitest";
import { convertRows, type LegacyRows } from "./convert-rows.ts";
import { missingDestinations } from "./missing-destinations.ts";

const early = "2026-05-01T08:00:00.000Z";
const late = "2026-06-01T08:00:00.000Z";

const chat = (id: string, name: string | null) => ({
  id,
  channel_type: "telegram",
  platform_id: `telegram:${id}`,
  name,
  is_group: 1,
  created_at: early,
});

const wiring = (chatId: string, created_at = late) => ({
  id: `wi-${chatId}`,
  messaging_group_id: chatId,
  agent_group_id: "ag-1",
  engage_mode: "mention",
  created_at,
});

const destination = (local_name: string, target_id: string) => ({
  agent_group_id: "ag-1",
  local_name,
  target_type: "channel",
  target_id,
  created_at: early,
});

const source = (more: LegacyRows): LegacyRows => ({
  agent_groups: [{ id: "ag-1", name: "Team", folder: "team", created_at: early }],
  messaging_groups: [chat("mg-a", "Family"), chat("mg-b", "Family"), chat("mg-c", null)],
  messaging_group_agents: [wiring("mg-a"), wiring("mg-b"), wiring("mg-c")],
  ...more,
});

const missing = (rows: LegacyRows) => missingDestinations(rows, convertRows(rows, late));
const namesIn = (rows: LegacyRows) =>
  missing(rows).made.map((row) => `${row["local_name"]} ${row["target_id"]}`);

describe("missingDestinations", () => {
  test("makes a destination for each wired chat, named after the chat, and reports it", () => {
    const { made, notes } = missing(source({}));
    expect(made).toContainEqual({
      agent_group_id: "ag-1",
      local_name: "family-2",
      target_type: "channel",
      target_id: "mg-b",
      created_at: late,
    });
    expect(namesIn(source({}))).toEqual(["family mg-a", "family-2 mg-b", "telegram-mg-c mg-c"]);
    expect(notes[0]).toEqual({
      table: "messaging_group_agents",
      key: "wi-mg-a",
      why: "its agent got the destination family, without which its replies are dropped",
    });
  });

  test("keeps existing destinations, and does not reuse their names", () => {
    const agent_destinations = [destination("ours", "mg-a"), destination("family", "mg-c")];
    expect(namesIn(source({ agent_destinations }))).toEqual(["family-2 mg-b"]);
  });

  test("makes no destination for a wiring older than nanoclaw's destinations, which a person removed", () => {
    const schema_version = [{ version: 5, name: "agent-destinations", applied: "2026-05-15 08:00:00" }];
    const messaging_group_agents = [wiring("mg-a", early), wiring("mg-b")];
    const rows = source({ schema_version, messaging_group_agents });
    expect(namesIn(rows)).toEqual(["family mg-b"]);
    expect(missing(rows).notes.map(({ key, why }) => `${key} ${why}`)).toEqual([
      "wi-mg-a its agent may not send to this chat, as in nanoclaw; to allow it: ncl destinations add --agent-group-id ag-1 --local-name family --target-type channel --target-id mg-a",
      "wi-mg-b its agent got the destination family, without which its replies are dropped",
    ]);
  });
});
