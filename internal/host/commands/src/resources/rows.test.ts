import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, steward, type Bed } from "@gatehouse/dispatch/testing";

const run = (bed: Bed, line: string) => bed.ask(operator, ...line.split(" "));

describe("values that cannot be saved", () => {
  test.each([
    {
      line: "wirings create --messaging-group-id mg-none --agent-group-id ag-team",
      code: "not-found",
      says: 'no messaging group "mg-none" (--messaging-group-id)',
    },
    {
      line: "wirings create --messaging-group-id mg-free --agent-group-id ag-none",
      code: "not-found",
      says: "(--agent-group-id)",
    },
    {
      line: "wirings create --messaging-group-id mg-team --agent-group-id ag-team",
      code: "invalid-args",
      says: "already: wi-team",
    },
    {
      line: "wirings create --messaging-group-id mg-free --agent-group-id ag-team --engage-mode pattern",
      code: "invalid-args",
      says: "--engage-pattern",
    },
    {
      line: "wirings update wi-team --engage-pattern (",
      code: "invalid-args",
      says: "not a regular expression",
    },
    {
      line: "wirings update wi-team --engage-pattern ^(?!bot)",
      code: "invalid-args",
      says: "no look-around",
    },
    { line: "wirings update wi-team --engage-pattern a{900}", code: "invalid-args", says: "too large" },
    { line: "wirings update wi-team --engage-pattern=", code: "invalid-args", says: "is empty" },
    {
      line: "wirings create --messaging-group-id mg-free --agent-group-id ag-team --engage-pattern=",
      code: "invalid-args",
      says: 'write "."',
    },
    { line: "wirings update wi-team --engage-mode loud", code: "invalid-args", says: "mention-sticky" },
    { line: "wirings update wi-none --priority 1", code: "not-found", says: "wi-none" },
    { line: "wirings update wi-team", code: "invalid-args", says: "--engage-mode" },
    {
      line: "messaging-groups create --channel-type telegram --platform-id telegram:-1",
      code: "invalid-args",
      says: "--channel-type and --platform-id already: mg-team",
    },
    {
      line: "messaging-groups create --channel-type telegram --platform-id telegram:-9 --instance telegram",
      code: "invalid-args",
      says: "leave it out for the first",
    },
    {
      line: "messaging-groups create --channel-type telegram --platform-id telegram:-9 --instance a/b",
      code: "invalid-args",
      says: "--instance is letters",
    },
    { line: "messaging-groups update mg-team --is-group 2", code: "invalid-args", says: "--is-group" },
    { line: "messaging-groups delete mg-none", code: "not-found", says: "mg-none" },
    { line: "users create --id ana --kind telegram", code: "invalid-args", says: "CHANNEL:HANDLE" },
    { line: "users create --id discord:ada", code: "invalid-args", says: "as in discord:80351110224678912." },
    {
      line: "users create --id telegram:9 --kind discord",
      code: "invalid-args",
      says: '--kind is telegram, as the id says, and not "discord"',
    },
    { line: "users update telegram:none --display-name x", code: "not-found", says: "telegram:none" },
    { line: "members add --user telegram:none --group ag-team", code: "not-found", says: "(--user)" },
    { line: "members add --user telegram:owner --group ag-none", code: "not-found", says: "(--group)" },
    { line: "members remove --user telegram:owner --group ag-team", code: "not-found", says: "no member" },
    { line: "members add --user telegram:owner", code: "invalid-args", says: "--group" },
    {
      line: "destinations add --agent-group-id ag-team --local-name x --target-type agent --target-id ag-none",
      code: "not-found",
      says: "(--target-id)",
    },
    {
      line: "destinations add --agent-group-id ag-team --local-name X! --target-type agent --target-id ag-other",
      code: "invalid-args",
      says: "--local-name",
    },
    {
      line: "destinations remove --agent-group-id ag-team --local-name x",
      code: "not-found",
      says: "no destination",
    },
    { line: "groups update ag-team --name=", code: "invalid-args", says: "cannot be the name of a group" },
    { line: "groups list --limit -1", code: "invalid-args", says: "--limit" },
    { line: "groups list --limit ten", code: "invalid-args", says: "--limit" },
    { line: "sessions list --statsu active", code: "invalid-args", says: "--status" },
    { line: "users remove local:ana", code: "unknown-command", says: "ncl users delete USER" },
    { line: "users deletes", code: "unknown-command", says: "users delete" },
    { line: "sessions lst", code: "unknown-command", says: "sessions list" },
  ])("$line is refused", async ({ line, code, says }) => {
    expect(await run(await hostBed(), line)).toMatchObject({ code, message: expect.stringContaining(says) });
  });
});

describe("roles", () => {
  test.each([
    { flags: "--role admin", code: "invalid-args" },
    { flags: "--role admin --group ag-team", code: "ok", reach: "ag-team" },
    { flags: "--role admin --all-groups", code: "ok", reach: "all groups" },
    { flags: "--role admin --group ag-team --all-groups", code: "invalid-args" },
    { flags: "--role owner", code: "ok", reach: "all groups" },
    { flags: "--role owner --group ag-team", code: "invalid-args" },
    { flags: "--role king", code: "invalid-args" },
    { flags: "--role admin --group ag-none", code: "not-found" },
  ])(
    "roles grant $flags answers $code, and roles revoke accepts the same flags",
    async ({ flags, code, reach }) => {
      const { ok, ...bed } = await hostBed();
      const argv = ["--user", "telegram:nobody", ...flags.split(" ")];
      const before = await ok(operator, "roles", "list");
      expect(await bed.code(operator, "roles", "grant", ...argv)).toBe(code);
      if (code === "ok") {
        expect(await bed.ask(operator, "roles", "grant", ...argv)).toMatchObject({
          ok: true,
          warnings: [{}],
        });
        const list = (await ok(operator, "roles", "list", "--user-id", "telegram:nobody")) as object[];
        expect(list).toEqual([expect.objectContaining({ reach })]);
        expect(await ok(operator, "roles", "revoke", ...argv)).toMatchObject({ reach });
      }
      expect(await ok(operator, "roles", "list")).toEqual(before);
      expect(await bed.code(operator, "roles", "revoke", ...argv)).not.toBe("ok");
    },
  );

  test("revoking the role of the last owner gives a warning", async () => {
    const bed = await hostBed();
    expect(await run(bed, "roles revoke --user telegram:admin --role admin --group ag-team")).toMatchObject({
      warnings: [],
    });
    expect(await run(bed, "roles revoke --user telegram:owner --role owner")).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining("This host now has no owner")],
    });
  });

  test("revoking the role in one group leaves the role in all groups", async () => {
    const { ok } = await hostBed();
    const user = ["--user", "telegram:nobody", "--role", "admin"];
    await ok(operator, "roles", "grant", ...user, "--all-groups");
    await ok(operator, "roles", "grant", ...user, "--group", "ag-team");
    await ok(operator, "roles", "revoke", ...user, "--group", "ag-team");
    expect(await ok(operator, "roles", "list", "--user-id", "telegram:nobody")).toEqual([
      expect.objectContaining({ role: "admin", agent_group_id: null }),
    ]);
  });
});

describe("adding a row that exists already", () => {
  test.each([
    "members add --user telegram:owner --group ag-team",
    "destinations add --agent-group-id ag-team --local-name o --target-type agent --target-id ag-other",
  ])("%s gives a warning the second time", async (line) => {
    const bed = await hostBed();
    expect(await run(bed, line)).toMatchObject({ ok: true, warnings: [] });
    expect(await run(bed, line)).toMatchObject({ ok: true, warnings: [expect.stringContaining("already")] });
  });

  test("a destination is refused if its name leads to another target", async () => {
    const bed = await hostBed();
    const line = "destinations add --agent-group-id ag-team --local-name o --target-type agent --target-id";
    await run(bed, `${line} ag-other`);
    expect(await run(bed, `${line} ag-home`)).toMatchObject({ code: "invalid-args" });
  });
});

describe("wirings", () => {
  const create = "wirings create --messaging-group-id mg-free --agent-group-id";
  const destinationsOf = async (bed: Bed) =>
    ((await bed.ok(operator, "destinations", "list")) as Record<string, string>[]).map(
      (one) => `${one["agent_group_id"]} ${one["local_name"]} ${one["target_type"]} ${one["target_id"]}`,
    );

  test("wirings create makes a destination named after the chat, with a number if the group uses that name", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "messaging-groups", "update", "mg-free", "--name", "Family chat");
    expect(await run(bed, `${create} ag-other`)).toMatchObject({ data: { destination: "family-chat" } });
    await run(
      bed,
      "destinations add --agent-group-id ag-home --local-name family-chat --target-type agent --target-id ag-other",
    );
    expect(await run(bed, `${create} ag-home`)).toMatchObject({ data: { destination: "family-chat-2" } });
    expect((await destinationsOf(bed)).toSorted()).toEqual([
      "ag-home family-chat agent ag-other",
      "ag-home family-chat-2 channel mg-free",
      "ag-other family-chat channel mg-free",
    ]);
  });

  test("wirings create keeps a destination that leads to the chat", async () => {
    const bed = await hostBed();
    await run(
      bed,
      "destinations add --agent-group-id ag-other --local-name ours --target-type channel --target-id mg-free",
    );
    expect(await run(bed, `${create} ag-other`)).toMatchObject({ data: { destination: "ours" } });
    expect(await destinationsOf(bed)).toEqual(["ag-other ours channel mg-free"]);
  });

  test.each(["(", ""])(
    "wirings update changes other columns of a wiring with the invalid saved pattern %j",
    async (engage_pattern) => {
      const bed = await hostBed();
      await bed.central.db.updateTable("messaging_group_agents").set({ engage_pattern }).execute();
      expect(await run(bed, "wirings update wi-team --priority 7")).toMatchObject({ data: { priority: 7 } });
      expect(await run(bed, "wirings update wi-team --engage-pattern [")).toMatchObject({
        code: "invalid-args",
      });
      expect(await run(bed, "wirings update wi-team --engage-pattern ^!")).toMatchObject({ ok: true });
    },
  );
});

test("two bots of one platform may be in the same chat, and each row shows its bot", async () => {
  const bed = await hostBed();
  const line = "messaging-groups create --channel-type telegram --platform-id telegram:-1 --instance work";
  expect(await run(bed, line)).toMatchObject({ ok: true, data: { instance: "work" } });
  expect(await run(bed, line)).toMatchObject({
    code: "invalid-args",
    message: expect.stringContaining("--channel-type and --platform-id and --instance already"),
  });
  expect(await run(bed, "messaging-groups list --instance work")).toMatchObject({
    data: [{ platform_id: "telegram:-1", instance: "work" }],
  });
  expect(await run(bed, "messaging-groups get mg-team")).toMatchObject({
    data: expect.not.objectContaining({ instance: expect.anything() as unknown }) as unknown,
  });
});

test.for([
  { what: "a person's direct chat", id: "mg-ana", code: "invalid-args" },
  { what: "a direct chat of no known person", id: "mg-free", code: "ok" },
])("messaging-groups update makes $what a chat of several people: $code", async ({ id, code }) => {
  const bed = await hostBed();
  const chat = { id: "mg-ana", platform_id: "telegram:7", user_id: "telegram:owner" };
  await addRow(bed.central.db, "messaging_groups", chat);
  expect(await run(bed, `messaging-groups update mg-ana --name Ana`)).toMatchObject({
    data: { name: "Ana", user_id: "telegram:owner" },
  });
  expect(await bed.code(operator, ...`messaging-groups update ${id} --is-group 1`.split(" "))).toBe(code);
});

test.for(["operator", "agent"])("no command of the %s names the person of a direct chat", async (who) => {
  const bed = await hostBed();
  const actor = who === "operator" ? operator : steward;
  for (const line of [
    "messaging-groups create --channel-type telegram --platform-id telegram:8 --user-id telegram:owner",
    "messaging-groups update mg-free --user-id telegram:owner",
  ])
    expect(await bed.code(actor, ...line.split(" "))).toBe("invalid-args");
});

describe("messaging-groups delete", () => {
  test("messaging-groups delete counts the rows that it deletes with the chat", async () => {
    const bed = await hostBed();
    await run(
      bed,
      "destinations add --agent-group-id ag-other --local-name t --target-type channel --target-id mg-team",
    );
    expect(await run(bed, "messaging-groups delete mg-team")).toMatchObject({
      data: {
        id: "mg-team",
        removed: { wirings: 1, sessions: 1, approvals: 0, user_dms: 0, destinations: 1 },
      },
    });
    expect(await run(bed, "destinations list")).toMatchObject({ data: [] });
  });
});

describe("lists", () => {
  /** Sessions of `ag-team`, each later than the one before. */
  const many = async (count: number): Promise<Bed> => {
    const bed = await hostBed();
    const rows = Array.from({ length: count }, (_, index) => ({
      id: `se-${String(index).padStart(4, "0")}`,
      agent_group_id: index % 2 === 0 ? "ag-team" : "ag-other",
      status: index % 3 === 0 ? "closed" : "active",
      container_status: "stopped",
      thread_id: String(index),
      incarnation: 0,
      created_at: new Date(Date.UTC(2026, 10, 21, 0, 0, Math.floor(index / 4))).toISOString(),
    }));
    await bed.central.db.insertInto("sessions").values(rows).execute();
    return bed;
  };
  const ids = (answer: unknown) => (answer as { data: { id: string }[] }).data.map(({ id }) => id);

  test("lists show the newest rows first, in a fixed order where times are equal", async () => {
    const bed = await many(12);
    const listed = ids(await run(bed, "sessions list --limit 6"));
    expect(listed).toEqual(["se-0011", "se-0010", "se-0009", "se-0008", "se-0007", "se-0006"]);
  });

  test("lists show at most 200 rows without --limit", async () => {
    const bed = await many(300);
    expect(ids(await run(bed, "sessions list"))).toHaveLength(200);
    expect(ids(await run(bed, "sessions list --limit 1000"))).toHaveLength(304);
  });

  test.each([
    { flags: "--status closed", found: 4 },
    { flags: "--agent-group-id ag-team", found: 7 },
    { flags: "--agent-group-id ag-team --status closed", found: 2 },
    { flags: "--agent-group-id ag-none", found: 0 },
    { flags: "--messaging-group-id mg-team", found: 1 },
  ])("lists are filtered by any column: $flags", async ({ flags, found }) => {
    const bed = await many(12);
    expect(ids(await run(bed, `sessions list ${flags}`))).toHaveLength(found);
  });
});

test.each(["users create --id telegram:9", "users create --id telegram:9 --kind telegram"])(
  "%s: the id says the platform",
  async (line) => {
    expect(await run(await hostBed(), line)).toMatchObject({ data: { id: "telegram:9", kind: "telegram" } });
  },
);
