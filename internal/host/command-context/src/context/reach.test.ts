import fc from "fast-check";
import { dispatch, type Args } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { at, addRow } from "@gatehouse/central-database/testing";
import { frameOf, hostBed, member, operator, person, type Bed } from "@gatehouse/dispatch/testing";
import { commands, storedTables } from "@gatehouse/commands";

const own = "ag-team";
const other = "ag-other";
/** A text in the rows of the other group that no command line contains. */
const mark = "FOREIGN";

/** A fixture whose other group has a row in every table. */
const marked = async (): Promise<Bed> => {
  const bed = await hostBed();
  const { db } = bed.central;
  const agent_group_id = other;
  await bed.ok(operator, "groups", "update", other, "--name", mark);
  await bed.ok(operator, "groups", "config", "update", other, "--assistant-name", mark);
  await addRow(db, "messaging_groups", { id: "mg-theirs", platform_id: mark, name: mark });
  await addRow(db, "messaging_group_agents", {
    id: "wi-theirs",
    messaging_group_id: "mg-theirs",
    agent_group_id,
    engage_pattern: mark,
  });
  await addRow(db, "sessions", {
    id: "se-theirs",
    agent_group_id,
    messaging_group_id: null,
    thread_id: mark,
  });
  await addRow(db, "users", { id: "telegram:theirs", display_name: mark });
  await addRow(db, "user_roles", { user_id: "telegram:theirs", agent_group_id });
  await addRow(db, "agent_group_members", { user_id: "telegram:theirs", agent_group_id });
  await addRow(db, "agent_destinations", { local_name: mark, agent_group_id });
  await addRow(db, "user_dms", {
    user_id: "telegram:theirs",
    channel_type: mark,
    messaging_group_id: "mg-theirs",
  });
  await addRow(db, "dropped_messages", { agent_group_id, platform_id: mark, messaging_group_id: null });
  await addRow(db, "pending_approvals", {
    approval_id: "ap-theirs",
    agent_group_id,
    session_id: "se-theirs",
    command: mark,
  });
  return bed;
};

/** Expects that an answer has nothing of the other group. */
const expectOwn = (answer: unknown): void => {
  expect(JSON.stringify(answer)).not.toContain(mark);
  expect(JSON.stringify(answer)).not.toContain(`"agent_group_id":"${other}"`);
};

/** All rows of the other group, all users and all chats. */
const foreignRows = async ({ central: { db } }: Bed): Promise<unknown> =>
  Promise.all([
    db.selectFrom("agent_groups").selectAll().where("id", "=", other).execute(),
    ...(
      [
        "container_configs",
        "container_config_history",
        "messaging_group_agents",
        "sessions",
        "user_roles",
        "agent_group_members",
        "agent_destinations",
        "dropped_messages",
        "pending_approvals",
      ] as const
    ).map((table) => db.selectFrom(table).selectAll().where("agent_group_id", "=", other).execute()),
    db.selectFrom("users").selectAll().execute(),
    db.selectFrom("messaging_groups").selectAll().execute(),
  ]);

const texts = fc.constantFrom(
  own,
  other,
  "se-theirs",
  "wi-theirs",
  "mg-theirs",
  "ap-theirs",
  "telegram:theirs",
  "telegram:owner",
  "agent",
  "channel",
  "mg-team",
  "1",
  "npx",
  '{"A":"b"}',
);
const extraFlags = [
  "id",
  "group",
  "agent_group_id",
  "agent-group-id",
  "Agent_Group_Id",
  "cli_scope",
  "limit",
];

const waiting = commands.filter(({ reach, access }) => reach === "group" && access === "approval");

// Half of them need approval, so that enough lines reach the run after an approval.
const anyCommand = fc.oneof(fc.constantFrom(...commands), fc.constantFrom(...waiting));

const lineOf = ({ words, flags }: (typeof commands)[number]): fc.Arbitrary<readonly string[]> => {
  const names = [...flags.map(({ name }) => name.replaceAll("_", "-")), ...extraFlags];
  const pair = fc.tuple(fc.constantFrom(...names), texts).map(([name, text]) => `--${name}=${text}`);
  // Required flags are always there; otherwise few of these lines would pass the checks.
  const needed = flags
    .filter(({ required, lock }) => required === true && lock === undefined)
    .map(({ name, values }) =>
      (values === undefined ? texts : fc.constantFrom(...values)).map((text) => `--${name}=${text}`),
    );
  return fc
    .tuple(fc.tuple(...needed), fc.array(pair, { maxLength: 2, size: "-1" }), fc.option(texts, { freq: 1 }))
    .map(([must, more, id]) => [...words.split(" "), ...(id === null ? [] : [id]), ...must, ...more]);
};

test(
  "no command line of an agent shows or changes another group, even after an approval by the operator",
  { tags: ["slow"] },
  async () => {
    const bed = await marked();
    const before = await foreignRows(bed);
    const seen = { ok: 0, approved: 0 };
    await fc.assert(
      fc.asyncProperty(anyCommand.chain(lineOf), async (line) => {
        const frame = await dispatch(frameOf(line), member, bed.host);
        expectOwn(frame);
        if (frame.ok) seen.ok += 1;
        const id = frame.ok ? undefined : frame.error.approvalId;
        if (id === undefined) return;
        const answer = (await bed.ok(operator, "approvals", "approve", id)) as { readonly status: string };
        if (answer.status === "approved") seen.approved += 1;
        expect(await foreignRows(bed)).toEqual(before);
      }),
    );
    expect(await foreignRows(bed)).toEqual(before);
    // Otherwise the lines would no longer test anything. The seed of the gate has some of each.
    expect(Math.min(seen.ok, seen.approved)).toBeGreaterThan(0);
  },
);

test(
  "an admin of one group alone cannot let its agent write to another group's agent or chat",
  { tags: ["slow"] },
  async () => {
    const bed = await marked();
    const lines = fc.constantFrom(...waiting.filter(({ resource }) => resource === "destinations"));
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(lines.chain(lineOf), async (line) => {
        const asked = await bed.ask(member, ...line);
        if (asked.ok || asked.approvalId === undefined) return;
        codes.add(await bed.code(person("admin"), "approvals", "approve", asked.approvalId));
        await bed.ask(operator, "approvals", "reject", asked.approvalId);
        const reached = await bed.central.db
          .selectFrom("agent_destinations")
          .select("target_id")
          .where("agent_group_id", "=", own)
          .execute();
        for (const { target_id } of reached) expect([own, "mg-team"]).toContain(target_id);
      }),
      { numRuns: 500 },
    );
    expect([...codes].toSorted()).toEqual(["ok", "permission-denied"]);
  },
);

describe("rows within reach of a group", () => {
  const tables = Object.entries(storedTables).map(([plural, stored]) => ({ plural, stored }));
  const owned = tables.filter(({ stored }) => stored.group !== null);

  test.each(tables)("the list of $plural has no rows of the other group", async ({ plural }) => {
    const { host } = await marked();
    await host.read({ groupId: own }, async (context) => {
      const rows = context.rows(plural);
      expectOwn(await rows.list({ where: {}, limit: 1_000 }));
      return { ok: false, error: null };
    });
  });

  test.each(owned)(
    "a context of one group finds, changes and deletes no $plural of the other group",
    async ({ plural, stored }) => {
      const bed = await marked();
      const before = await foreignRows(bed);
      await bed.host.change({ groupId: own }, async (context) => {
        const rows = context.rows(plural);
        const where: Args = { [stored.group ?? ""]: other };
        expect(await rows.list({ where, limit: 10 })).toEqual({ ok: true, value: [] });
        expect(await rows.remove(where)).toEqual([]);
        const id = plural === "groups" || plural === "destinations" ? other : idOf(plural);
        if (stored.id !== null) {
          expect(await rows.get(id)).toEqual({ ok: true, value: null });
          expect(await rows.update(id, { [stored.stamp]: at })).toEqual({ ok: true, value: null });
          expect(await rows.delete(id)).toEqual({ ok: true, value: null });
        }
        expect(await rows.create(where)).toMatchObject({ error: { code: "forbidden" } });
        return { ok: true, value: null };
      });
      expect(await foreignRows(bed)).toEqual(before);
    },
  );

  test("the configuration of the other group is out of reach", async () => {
    const { host } = await marked();
    await host.change({ groupId: own }, async (context) => {
      expect(context.config(other)).toBeNull();
      expect(context.config(own)).not.toBeNull();
      return { ok: true, value: null };
    });
  });

  test("a read command cannot write, even if its handler tries", async () => {
    const bed = await marked();
    const before = await foreignRows(bed);
    const writing = bed.host.read("all", (context) => context.rows("groups").delete(other));
    await expect(writing).rejects.toThrow(/read-?only/);
    expect(await foreignRows(bed)).toEqual(before);
  });

  test("a list cannot be filtered by a column that the table does not show", async () => {
    const { host } = await hostBed();
    const asking = host.read("all", (context) =>
      context.rows("approvals").list({ where: { digest: "0" }, limit: 1 }),
    );
    await expect(asking).rejects.toThrow("no column digest");
  });
});

const ids: Readonly<Record<string, string>> = { wirings: "wi", sessions: "se", approvals: "ap" };
const idOf = (plural: string): string => `${ids[plural] ?? ""}-theirs`;
