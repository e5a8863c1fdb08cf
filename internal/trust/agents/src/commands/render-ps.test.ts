import { describe, expect, test } from "vitest";
import type { HeldAgent } from "@gatehouse/held-client";
import { renderAgents } from "./render-ps.ts";

const agent = (member: string, folder: string): HeldAgent => ({
  id: member,
  member,
  team: "shop",
  provider: "claude",
  folder,
  state: "ready" as const,
  since: "2026-11-23T08:00:00.000Z",
  pid: 1,
});
const now = Date.parse("2026-11-23T08:02:00.000Z");

describe("the list of held agents", () => {
  const long = `/home/ada/${"deeper/".repeat(20)}app`;
  const agents = [agent("ana", "/srv/shop"), agent("bo", long)];

  test("fits 100 columns, and shows the end of a long folder", () => {
    const lines = renderAgents(agents, now, false).trimEnd().split("\n");
    expect(lines.map((line) => line.length <= 100)).toEqual([true, true, true]);
    expect(lines[1]).toMatch(/ {2}\/srv\/shop$/);
    expect(lines[2]).toMatch(/ {2}….*deeper\/app$/);
  });

  test("shows the whole folder without a limit of columns", () => {
    expect(renderAgents(agents, now, true)).toContain(`  ${long}\n`);
  });
});
