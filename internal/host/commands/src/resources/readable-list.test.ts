import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { answerText } from "@nc/cli-scope/client";
import { hostBed, member, operator, person, type Bed } from "@gatehouse/dispatch/testing";

const uuid = (prefix: string, end: string): string => `${prefix}-019abc12-34${end}-7000-8fff-0123456789ab`;

/** A session of `Research` in the direct chat of Ada, an approval that waits for long, and a newer one that was answered. */
const bedWithIds = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  const [group, chat, session] = [uuid("ag", "aa"), uuid("mg", "bb"), uuid("se", "cc")];
  await addRow(db, "agent_groups", { id: group, name: "Research", folder: "research" });
  await addRow(db, "users", { id: "local:ada", kind: "local", display_name: "Ada" });
  await addRow(db, "messaging_groups", {
    id: chat,
    channel_type: "local",
    platform_id: "ada/research",
    user_id: "local:ada",
  });
  await db.deleteFrom("sessions").execute();
  await addRow(db, "sessions", {
    id: session,
    agent_group_id: group,
    messaging_group_id: chat,
    container_status: "running",
    last_active: "2026-11-20T07:00:00.000Z",
    container_agent: JSON.stringify({ provider: "claude" }),
  });
  const asked = {
    session_id: session,
    agent_group_id: group,
    kind: "tool",
    command: "use Bash",
    scope: "group",
  };
  const shown = JSON.stringify({ tool: "Bash", input: { command: "npm test" } });
  for (const [end, status, created_at] of [
    ["d1", "pending", "2026-11-20T01:00:00.000Z"],
    ["d2", "approved", "2026-11-20T07:00:00.000Z"],
    ["d3", "pending", "2026-11-20T02:00:00.000Z"],
  ] as const)
    await addRow(db, "pending_approvals", {
      ...asked,
      approval_id: uuid("ap", end),
      status,
      shown,
      created_at,
      ...(status === "approved" ? { answered_by: "user:local:ada", answered_at: created_at } : {}),
    });
  return bed;
};

const at80 = async (data: unknown): Promise<readonly string[]> => {
  const now = Date.parse("2026-11-20T08:00:00.000Z");
  const view = () => ({ columns: 80, isColoured: false, now });
  const { out } = await answerText({ id: "1", ok: true, data }, { program: "ncl", isJson: false, view });
  return out.trimEnd().split("\n");
};

describe("at 80 columns", () => {
  test("sessions list shows names, states, the age and the id", async () => {
    const bed = await bedWithIds();
    const [heads, row] = await at80(await bed.ok(operator, "sessions", "list"));
    expect(heads).toMatch(/^group +chat +status +container_status +last_active +id/);
    expect(row).toMatch(/^Research +ada\/research +active +running +1 h ago +se-019abc12-34cc\b/);
  });

  test("approvals list shows the pending ones first, each with state, group, question, age and id", async () => {
    const bed = await bedWithIds();
    const lines = await at80(await bed.ok(operator, "approvals", "list"));
    expect(lines[0]).toMatch(/^status +group +shown +created_at +id/);
    expect(lines.slice(1, 4)).toEqual([
      expect.stringMatching(/^pending +Research +use Bash \{"comma.* 6 h ago +ap-019abc12-34d3$/),
      expect.stringMatching(/^pending +Research +use Bash .* 7 h ago /),
      expect.stringMatching(/^approved +Research +use Bash .* 1 h ago /),
    ]);
    expect(Math.max(...lines.slice(0, 4).map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});

test("approvals list leaves no pending one out for newer answers", async () => {
  const bed = await bedWithIds();
  const rows = (await bed.ok(operator, "approvals", "list", "--limit", "2")) as {
    id: string;
    status: string;
  }[];
  expect(rows.map(({ id, status }) => [id.slice(14, 16), status])).toEqual([
    ["d3", "pending"],
    ["d1", "pending"],
  ]);
  const answered = await bed.ok(operator, "approvals", "list", "--status", "approved");
  expect(answered).toMatchObject([{ id: uuid("ap", "d2"), group: "Research" }]);
});

test.each([
  ["approvals", "list"],
  ["approvals", "get", uuid("ap", "d1")],
])("ncl %s %s calls the id of an approval id", async (...words) => {
  const found = await (await bedWithIds()).ok(operator, ...words.filter((word) => word !== undefined));
  for (const row of [found].flat()) {
    expect(row).toMatchObject({ id: expect.stringMatching(/^ap-/) as unknown });
    expect(row).not.toHaveProperty("approval_id");
  }
});

test("sessions list has the ids and the names of group, chat and person", async () => {
  const bed = await bedWithIds();
  expect(await bed.ok(operator, "sessions", "list")).toEqual([
    expect.objectContaining({
      id: uuid("se", "cc"),
      agent_group_id: uuid("ag", "aa"),
      group: "Research",
      messaging_group_id: uuid("mg", "bb"),
      chat: "ada/research",
      person: "Ada",
    }),
  ]);
});

test("an agent within its group reads the name of its own group, and of no chat and no person", async () => {
  const bed = await hostBed();
  expect(await bed.ok(member, "sessions", "list")).toMatchObject([
    { group: "team", chat: null, person: null },
  ]);
});

test("an admin of a group lists only its approvals, pending ones first", async () => {
  const bed = await bedWithIds();
  await bed.ok(
    operator,
    "roles",
    "grant",
    "--user",
    "local:ada",
    "--role",
    "admin",
    "--group",
    uuid("ag", "aa"),
  );
  const rows = (await bed.ok({ type: "user", userId: "local:ada" }, "approvals", "list")) as {
    status: string;
  }[];
  expect(rows.map(({ status }) => status)).toEqual(["pending", "pending", "approved"]);
  expect(await bed.ok(person("admin"), "approvals", "list")).toEqual([]);
});
