import { expect, test } from "vitest";
import { explain } from "../problem-messages.ts";
import { teamOfAgents } from "./team-of-agents.ts";

test("teamOfAgents returns a lead and numbered members in one folder", () =>
  expect(teamOfAgents(3, "codex", "/home/ada/shop")).toMatchObject({
    ok: true,
    value: {
      name: "shop",
      lead: { name: "agent-1", role: "lead", provider: "codex", folder: "/home/ada/shop", worktree: false },
      members: [
        { name: "agent-2", role: "member" },
        { name: "agent-3", role: "member" },
      ],
    },
  }));

test("teamOfAgents returns only a lead for one agent", () =>
  expect(teamOfAgents(1, "claude", "/w")).toMatchObject({ ok: true, value: { members: [] } }));

test.each([
  { folder: "/srv/my shop!", name: "my-shop-" },
  { folder: "C:\\Work\\API\\", name: "API" },
  { folder: "/w/.config", name: "config" },
  { folder: "/", name: "agents" },
  { folder: "/w/日本", name: "agents" },
  { folder: `/w/${"a".repeat(100)}`, name: "a".repeat(64) },
])("teamOfAgents names the team of $folder $name", ({ folder, name }) =>
  expect(teamOfAgents(1, "claude", folder)).toMatchObject({ value: { name } }),
);

test.each([0, -1, 1.5, Number.NaN, 1_001, Infinity])("teamOfAgents refuses %d agents", (count) => {
  const team = teamOfAgents(count, "claude", "/w");
  expect(team).toEqual({ ok: false, error: { code: "bad-agent-count", most: 1_000 } });
  if (!team.ok) expect(explain(team.error).message).toBe("A team has 1 to 1000 agents.");
});
