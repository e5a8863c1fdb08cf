import { chmodSync, rmSync } from "node:fs";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { addRow, onPostgres } from "@gatehouse/central-database/testing";
import { usersFixture, usersYaml, type UsersFixture } from "./users.fixture.ts";

const ana = { telegram_id: 5, name: "Ana", os_user: "ana" };
const ben = { telegram_id: 6, name: "Ben", os_user: "ben" };

const rows = async ({ central: { db } }: UsersFixture) => ({
  users: await db.selectFrom("users").select(["id", "display_name"]).orderBy("id").execute(),
  roles: await db
    .selectFrom("user_roles")
    .select(["user_id", "role", "agent_group_id"])
    .orderBy("user_id")
    .orderBy("role")
    .execute(),
});
const refused = ({ central: { db } }: UsersFixture) =>
  db.selectFrom("refused_people").selectAll().orderBy("user_id").execute();
/** Makes the database accept or refuse writes from now on. */
const setWritable = async ({ central: { db } }: UsersFixture, isWritable: boolean): Promise<void> => {
  const [onServer, inFile] = isWritable ? ["off", 0] : ["on", 1];
  const text = onPostgres
    ? `set default_transaction_read_only = ${onServer}`
    : `pragma query_only = ${inFile}`;
  await sql.raw(text).execute(db);
};
const adminOfAll = (user_id: string) => ({ user_id, role: "admin", agent_group_id: null });

describe("a reload of users.yaml", () => {
  test("adds a row telegram:N for each user", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana, { ...ben, role: "admin" }));
    expect(await fixture.users.reload()).toMatchObject({
      ok: true,
      number: 1,
      users: 2,
      applied: [
        { user: "telegram:5", name: "Ana", change: "added", sessions: "go-on" },
        { user: "telegram:6", name: "Ben", change: "added", sessions: "go-on" },
      ],
      ignored: [],
      needsRestart: [],
      error: null,
    });
    expect([...fixture.users.current().keys()]).toEqual(["telegram:5", "telegram:6"]);
    expect(await rows(fixture)).toEqual({
      users: [
        { id: "telegram:5", display_name: "Ana" },
        { id: "telegram:6", display_name: "Ben" },
      ],
      roles: [adminOfAll("telegram:6")],
    });
  });

  test("adds a row for each id of an entry, with the entry's role and account", async () => {
    const fixture = await usersFixture();
    const onSlack = { slack: "T1:U2", name: "Eve", role: "admin", os_user: "eve" };
    fixture.write(usersYaml({ ...ana, slack: "T1:U5" }, onSlack));
    const report = await fixture.users.reload();
    expect(report).toMatchObject({ ok: true, users: 2 });
    expect(report.applied.map(({ user, name }) => `${user} ${name}`)).toEqual([
      "telegram:5 Ana",
      "slack:T1:U5 Ana",
      "slack:T1:U2 Eve",
    ]);
    expect(await rows(fixture)).toEqual({
      users: [
        { id: "slack:T1:U2", display_name: "Eve" },
        { id: "slack:T1:U5", display_name: "Ana" },
        { id: "telegram:5", display_name: "Ana" },
      ],
      roles: [adminOfAll("slack:T1:U2")],
    });
    const kinds = await fixture.central.db.selectFrom("users").select("kind").orderBy("id").execute();
    expect(kinds.map(({ kind }) => kind)).toEqual(["slack", "slack", "telegram"]);
    const users = await fixture.restarted();
    expect(users.current()).toEqual(fixture.users.current());
    expect(users.current().get("slack:T1:U5")).toMatchObject({ telegram_id: 5, os_user: "ana" });
  });

  test("finds no change in a person whom 0.1.0 has stored", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana));
    await fixture.users.reload();
    const { db } = fixture.central;
    const [row] = await db.selectFrom("file_users").select("entry").execute();
    const { slack, ...stored } = JSON.parse(row?.entry ?? "{}") as { readonly slack: null };
    expect(slack).toBeNull();
    await db
      .updateTable("file_users")
      .set({ entry: JSON.stringify(stored) })
      .execute();
    const users = await fixture.restarted();
    expect(await users.reload()).toMatchObject({ ok: true, users: 1, applied: [] });
  });

  const slackOfAna = "slack:T1:U5";
  test.each([
    {
      what: "an id that an entry gets",
      from: [ana],
      to: [{ ...ana, slack: "T1:U5" }],
      says: [`added ${slackOfAna}`, "changed telegram:5 slack"],
      ends: [],
    },
    {
      what: "an id that an entry loses",
      from: [{ ...ana, slack: "T1:U5" }],
      to: [ana],
      says: [`removed ${slackOfAna}`, "changed telegram:5 slack"],
      ends: [`end ${slackOfAna} at-once`],
    },
    {
      what: "a telegram_id that a person of Slack gets",
      from: [{ slack: "T1:U5", name: "Ana", os_user: "ana" }],
      to: [{ ...ana, slack: "T1:U5" }],
      says: ["added telegram:5", `changed ${slackOfAna} telegram_id`],
      ends: [],
    },
    {
      what: "an id that another entry has now",
      from: [{ ...ana, slack: "T1:U5" }, ben],
      to: [ana, { ...ben, slack: "T1:U5" }],
      says: [
        "changed telegram:5 slack",
        "changed telegram:6 slack",
        `changed ${slackOfAna} telegram_id,name,os_user`,
      ],
      ends: [`end ${slackOfAna} after-turn`],
    },
  ])("applies $what", async ({ from, to, says, ends }) => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(...from));
    await fixture.users.reload();
    fixture.write(usersYaml(...to));
    const { applied } = await fixture.users.reload();
    expect(applied.map(({ user, change, fields }) => `${change} ${user} ${fields.join(",")}`.trim())).toEqual(
      says,
    );
    expect(fixture.asked).toEqual(ends);
    expect((await refused(fixture)).map(({ user_id }) => user_id)).toEqual(
      says.filter((line) => line.startsWith("removed")).map((line) => line.slice("removed ".length)),
    );
  });

  test("warns of new accounts if agents of this host cannot run as another one", async () => {
    const fixture = await usersFixture(undefined, "no agent starts as another account.");
    const reload = async (...users: readonly Readonly<Record<string, unknown>>[]) => {
      fixture.write(usersYaml(...users));
      return (await fixture.users.reload()).warnings ?? [];
    };
    expect(await reload()).toEqual([]);
    const ofBen = "telegram:6: no agent starts as another account.";
    const withoutAccount = { telegram_id: 5, name: "Ana" };
    expect(await reload(withoutAccount, ben)).toEqual([ofBen]);
    expect(await reload({ ...withoutAccount, name: "Anna" }, { ...ben, name: "Benno" })).toEqual([]);
    expect(await reload(withoutAccount, { ...ben, os_user: "benno" })).toEqual([ofBen]);
  });

  test("writes one decision for each reload that changes people, with their ids", async () => {
    const fixture = await usersFixture();
    for (const users of [[ana, ben], [{ ...ana, name: "Anna" }], [{ ...ana, name: "Anna" }]]) {
      fixture.write(usersYaml(...users));
      await fixture.users.reload();
    }
    const rows = await fixture.central.db
      .selectFrom("decisions")
      .select(["actor", "command", "args"])
      .orderBy("at")
      .orderBy("id")
      .execute();
    const reload = { actor: "host", command: "users reload" };
    expect(rows.map(({ args, ...row }) => ({ ...row, args: JSON.parse(args) as unknown }))).toEqual([
      { ...reload, args: { added: "telegram:5,telegram:6" } },
      { ...reload, args: { changed: "telegram:5", removed: "telegram:6" } },
    ]);
  });

  test("logs counts, or the place of the first error, without text of the file", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana, ben));
    await fixture.users.reload();
    fixture.write(usersYaml({ ...ana, name: "Anna" }));
    await fixture.users.reload();
    fixture.write(`${usersYaml(ana)}    modle: opus\n    nmae: Ana\n`);
    await fixture.users.reload();
    rmSync(fixture.usersFile);
    await fixture.users.reload();
    expect(fixture.logged).toEqual([
      { event: "users-reloaded", users: 2, applied: 2, ignored: 0, needsRestart: 0 },
      { event: "users-reloaded", users: 1, applied: 2, ignored: 0, needsRestart: 0 },
      { event: "users-refused", code: "users-file-invalid", line: 5, column: 5 },
      { event: "users-refused", code: "users-file-missing", line: null, column: null },
    ]);
  });

  test("replaces the map of users, and leaves the old map unchanged", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana));
    await fixture.users.reload();
    const old = fixture.users.current();
    fixture.write(usersYaml({ ...ana, name: "Anna" }));
    await fixture.users.reload();
    expect(old.get("telegram:5")?.name).toBe("Ana");
    expect(fixture.users.current().get("telegram:5")?.name).toBe("Anna");
  });

  test("applies the file's defaults to each user", async () => {
    const fixture = await usersFixture();
    fixture.write(`defaults:\n  model: sonnet\n${usersYaml(ana)}`);
    await fixture.users.reload();
    expect(fixture.users.current().get("telegram:5")?.model).toBe("sonnet");
    fixture.write(`defaults:\n  model: opus\n${usersYaml(ana)}`);
    expect((await fixture.users.reload()).applied).toMatchObject([{ user: "telegram:5", fields: ["model"] }]);
  });

  const broken = [
    {
      what: "invalid YAML",
      text: "users: [",
      code: "users-file-invalid",
      message: /\d+:\d+: this is not valid YAML/,
    },
    {
      what: "an unknown key",
      text: usersYaml({ ...ana, modle: "opus" }),
      code: "users-file-invalid",
      message: /5:5: modle .* did you mean model/,
    },
    {
      what: "one good entry, one bad",
      text: usersYaml({ ...ana, name: "Anna" }, { telegram_id: "x", name: "Ben" }),
      code: "users-file-invalid",
      message: /telegram_id must be/,
    },
    { what: "an empty file", text: "", code: "users-file-empty", message: /is empty/ },
    {
      what: "users: without a value",
      text: "users:\n",
      code: "users-file-empty",
      message: /no list of users/,
    },
    { what: "a file of empty lines", text: "\r\n \n", code: "users-file-empty", message: /is empty/ },
    { what: "a removed file", text: null, code: "users-file-missing", message: /does not exist/ },
  ];
  test.each(broken)("keeps all users for $what, and reports the reason", async ({ text, code, message }) => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana));
    await fixture.users.reload();
    const [set, before] = [fixture.users.current(), await rows(fixture)];
    if (text === null) rmSync(fixture.usersFile);
    else fixture.write(text);
    fixture.asked.length = 0;
    expect(await fixture.users.reload()).toMatchObject({
      ok: false,
      users: 1,
      applied: [],
      error: {
        code,
        message: expect.stringMatching(message) as unknown,
        fix: expect.any(String) as unknown,
      },
    });
    expect(fixture.users.current()).toBe(set);
    expect(await rows(fixture)).toEqual(before);
    expect(fixture.asked).toEqual([]);
  });

  test("keeps all users if the database refuses the write, and succeeds once it accepts it", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana));
    await fixture.users.reload();
    const [set, before] = [fixture.users.current(), await rows(fixture)];
    fixture.write(usersYaml(ana, ben));
    await setWritable(fixture, false);
    expect(await fixture.users.reload()).toMatchObject({
      ok: false,
      users: 1,
      error: {
        code: "database-unusable",
        message: expect.stringMatching(/SQLITE_READONLY|read-only/) as unknown,
      },
    });
    expect(fixture.users.current()).toBe(set);
    expect(await rows(fixture)).toEqual(before);
    await setWritable(fixture, true);
    expect(await fixture.users.reload()).toMatchObject({ ok: true, users: 2 });
  });

  test("removes all users for an empty list, and for nothing less", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana, ben));
    await fixture.users.reload();
    for (const text of ["users:\n", "# no users\n", "defaults:\n  model: opus\n"]) {
      fixture.write(text);
      expect(await fixture.users.reload()).toMatchObject({ ok: false, users: 2, applied: [] });
    }
    fixture.write("users: []\n");
    expect(await fixture.users.reload()).toMatchObject({ ok: true, users: 0, applied: [{}, {}] });
  });

  test.each([null, ""])("succeeds for the text %j if no user ever came from users.yaml", async (text) => {
    const fixture = await usersFixture();
    if (text !== null) fixture.write(text);
    expect(await fixture.users.reload()).toMatchObject({ ok: true, users: 0, applied: [], error: null });
  });

  test.each([
    { field: "os_user", now: { os_user: "ana2" }, ends: true },
    { field: "agent_backend", now: { agent_backend: "codex" }, ends: false },
    { field: "llm_provider", now: { llm_provider: "openrouter" }, ends: false },
    { field: "home_workspace", now: { home_workspace: "/srv/ana" }, ends: false },
    { field: "model", now: { model: "opus" }, ends: false },
    { field: "max_budget", now: { max_budget: 3 }, ends: false },
    { field: "name", now: { name: "Anna" }, ends: false },
    { field: "role", now: { role: "admin" }, ends: false },
    { field: "pr_review", now: { pr_review: true }, ends: false },
  ])("with a new $field ends that user's sessions after their turn: $ends", async ({ field, now, ends }) => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana, ben));
    await fixture.users.reload();
    fixture.asked.length = 0;
    fixture.write(usersYaml({ ...ana, ...now }, ben));
    expect((await fixture.users.reload()).applied).toEqual([
      {
        user: "telegram:5",
        name: "name" in now ? now.name : "Ana",
        change: "changed",
        fields: [field],
        sessions: ends ? "end-after-turn" : "go-on",
      },
    ]);
    expect(fixture.asked).toEqual(ends ? ["end telegram:5 after-turn"] : []);
  });

  test("lets running agents follow the changes, and does not ask them to without a change", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana, ben));
    await fixture.users.reload();
    await fixture.users.reload();
    expect(fixture.refreshed()).toBe(1);
    fixture.write(usersYaml({ ...ana, model: "opus" }, ben));
    await fixture.users.reload();
    expect(fixture.refreshed()).toBe(2);
  });

  test("refuses a removed user, keeps their row, and accepts them again when they are back", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml({ ...ana, role: "admin" }, ben));
    await fixture.users.reload();
    fixture.write(usersYaml(ben));
    expect((await fixture.users.reload()).applied).toMatchObject([
      { user: "telegram:5", change: "removed", sessions: "refused" },
    ]);
    expect(fixture.asked).toEqual(["end telegram:5 at-once"]);
    expect(await refused(fixture)).toMatchObject([
      { user_id: "telegram:5", reason: "removed from users.yaml" },
    ]);
    expect(await rows(fixture)).toMatchObject({
      users: [{ id: "telegram:5" }, { id: "telegram:6" }],
      roles: [],
    });
    fixture.write(usersYaml(ana, ben));
    await fixture.users.reload();
    expect(await refused(fixture)).toEqual([]);
    expect(fixture.asked).toEqual(["end telegram:5 at-once"]);
  });

  test("refuses a removed user after a restart, too, and ends the sessions that the last host left", async () => {
    const fixture = await usersFixture();
    for (const text of [usersYaml(ana, ben), usersYaml(ben)]) {
      fixture.write(text);
      await fixture.users.reload();
    }
    fixture.asked.length = 0;
    const next = await fixture.restarted();
    await next.reload();
    expect(fixture.asked).toEqual(["end telegram:5 at-once"]);
    expect(await refused(fixture)).toMatchObject([{ user_id: "telegram:5" }]);
    // The second reload of a host ends only sessions of users that changed.
    await next.reload();
    expect(fixture.asked).toHaveLength(1);
  });

  test("refuses no user if it cannot be saved", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana, ben));
    await fixture.users.reload();
    await setWritable(fixture, false);
    fixture.write(usersYaml(ben));
    expect(await fixture.users.reload()).toMatchObject({ ok: false });
    await setWritable(fixture, true);
    expect(await refused(fixture)).toEqual([]);
    expect(fixture.asked).toEqual([]);
  });

  test("revokes the admin role of the file, and no role that ncl granted", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml({ ...ana, role: "admin" }));
    await fixture.users.reload();
    await addRow(fixture.central.db, "user_roles", {
      user_id: "telegram:5",
      role: "owner",
      agent_group_id: null,
    });
    fixture.write(usersYaml(ana));
    const report = await fixture.users.reload();
    expect((await rows(fixture)).roles).toEqual([
      { user_id: "telegram:5", role: "owner", agent_group_id: null },
    ]);
    expect(report.ignored).toMatchObject([{ what: "telegram:5 is owner of all groups" }]);
  });

  test.for([
    { what: "the role", last: usersYaml(ana) },
    { what: "the user", last: usersYaml() },
  ])("keeps an admin role that ncl granted before the file, when the file loses $what", async ({ last }) => {
    const fixture = await usersFixture();
    await addRow(fixture.central.db, "users", { id: "telegram:5", display_name: "5" });
    await addRow(fixture.central.db, "user_roles", {
      user_id: "telegram:5",
      role: "admin",
      agent_group_id: null,
    });
    const admin = { ...ana, role: "admin" };
    for (const text of [usersYaml(ana), usersYaml(admin), usersYaml({ ...admin, model: "opus" })]) {
      fixture.write(text);
      await fixture.users.reload();
    }
    fixture.write(last);
    const report = await (await fixture.restarted()).reload();
    expect((await rows(fixture)).roles).toEqual([adminOfAll("telegram:5")]);
    expect(report.ignored).toMatchObject([{ what: "telegram:5 is admin of all groups" }]);
  });

  test("changes no row of other users", async () => {
    const fixture = await usersFixture();
    const { db } = fixture.central;
    await addRow(db, "users", { id: "telegram:7", display_name: "Gus" });
    await addRow(db, "users", { id: "discord:5", kind: "discord", display_name: "Not Ana" });
    for (const user_id of ["telegram:7", "discord:5"])
      await addRow(db, "user_roles", { user_id, role: "admin", agent_group_id: null });
    const before = await rows(fixture);
    for (const text of [usersYaml(ana), usersYaml({ ...ana, role: "admin" }), usersYaml()]) {
      fixture.write(text);
      await fixture.users.reload();
    }
    const after = await rows(fixture);
    expect(after.users.filter(({ id }) => id !== "telegram:5")).toEqual(before.users);
    expect(after.roles).toEqual(before.roles);
  });

  test("gives the entry's name to a user that ncl made before", async () => {
    const fixture = await usersFixture();
    await addRow(fixture.central.db, "users", { id: "telegram:5", display_name: "5" });
    fixture.write(usersYaml(ana));
    await fixture.users.reload();
    expect((await rows(fixture)).users).toEqual([{ id: "telegram:5", display_name: "Ana" }]);
  });

  test("removes users after a restart that the file lost meanwhile, and only these", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml({ ...ana, role: "admin" }, ben));
    await fixture.users.reload();
    expect((await (await fixture.restarted()).reload()).applied).toEqual([]);
    fixture.write(usersYaml(ben));
    const restarted = await fixture.restarted();
    expect((await restarted.reload()).applied).toMatchObject([{ user: "telegram:5", change: "removed" }]);
    expect((await rows(fixture)).roles).toEqual([]);
  });

  test("keeps the last host's users if the file is broken after a restart", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana));
    await fixture.users.reload();
    fixture.write("users: [");
    const restarted = await fixture.restarted();
    expect(await restarted.reload()).toMatchObject({ ok: false, users: 1 });
    expect(restarted.current().get("telegram:5")?.name).toBe("Ana");
  });

  describe("of a file that others may write", () => {
    const mallory = { telegram_id: 666, name: "Mallory", role: "admin" };
    const unsafe = { ok: false, applied: [], error: { code: "users-file-unsafe" } };

    test("changes no user, also after a restart", async () => {
      const fixture = await usersFixture();
      fixture.write(usersYaml(ana));
      await fixture.users.reload();
      const [set, before] = [fixture.users.current(), await rows(fixture)];
      chmodSync(fixture.usersFile, 0o666);
      fixture.write(usersYaml({ ...ana, role: "admin" }, mallory));
      expect(await fixture.users.reload()).toMatchObject({ ...unsafe, users: 1 });
      expect(fixture.users.current()).toBe(set);
      const restarted = await fixture.restarted();
      expect(await restarted.reload()).toMatchObject({ ...unsafe, users: 1 });
      expect(restarted.current().get("telegram:5")?.name).toBe("Ana");
      expect(await rows(fixture)).toEqual(before);
    });

    test.each(["users: []\n", "", null])("removes no user for the text %j", async (text) => {
      const fixture = await usersFixture();
      fixture.write(usersYaml(ana));
      await fixture.users.reload();
      chmodSync(fixture.usersFile, 0o666);
      if (text === null) rmSync(fixture.usersFile);
      else fixture.write(text);
      expect(await (await fixture.restarted()).reload()).toMatchObject({ ok: false, users: 1, applied: [] });
    });

    test("gives a new host no users, and succeeds once the file's mode is fixed", async () => {
      const fixture = await usersFixture();
      fixture.write(usersYaml(ana));
      chmodSync(fixture.usersFile, 0o666);
      expect(await fixture.users.reload()).toMatchObject({ ...unsafe, users: 0 });
      expect(await rows(fixture)).toEqual({ users: [], roles: [] });
      chmodSync(fixture.usersFile, 0o644);
      expect(await fixture.users.reload()).toMatchObject({ ok: true, users: 1 });
    });
  });

  test("reads everything that was written before it was requested, also while another one runs", async () => {
    const fixture = await usersFixture();
    fixture.write(usersYaml(ana));
    const first = fixture.users.reload();
    await Promise.resolve();
    fixture.write(usersYaml(ana, ben));
    const [second, third] = [fixture.users.reload(), fixture.users.reload()];
    expect((await second).users).toBe(2);
    expect(await third).toBe(await second);
    expect(await first).toMatchObject({ number: 1, ok: true });
    expect((await second).number).toBe(2);
  });

  test.each([
    { what: "adds", people: 2_000 },
    { what: "removes", people: 0 },
  ])("lets the host answer while it $what 2,000 users", { tags: ["soak"] }, async ({ people }) => {
    const fixture = await usersFixture();
    if (people === 0) {
      fixture.write(usersYaml(...crowd(2_000)));
      await fixture.users.reload();
    }
    fixture.write(usersYaml(...crowd(people)));
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    turn();
    const report = await fixture.users.reload();
    isOver = true;
    expect(report.applied.length).toBe(2_000);
    // The users are written in portions. Other work goes on between two of them.
    expect(turns).toBeGreaterThan(10);
  });
});

const crowd = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    telegram_id: index + 1,
    name: `User ${index + 1}`,
    os_user: `u${index + 1}`,
    role: index % 10 === 0 ? "admin" : "user",
  }));

describe("users.yaml of two hosts of one database", () => {
  /** Both hosts read the file: first the one at which it was changed, then the one that takes it. */
  const twoHosts = async () => {
    const fixture = await usersFixture();
    const second = await fixture.restarted();
    const reload = async (...users: readonly Readonly<Record<string, unknown>>[]) => {
      fixture.write(usersYaml(...users));
      const report = await fixture.users.reload();
      expect(await second.reload()).toMatchObject({ ok: true, applied: [], ignored: [] });
      return report;
    };
    return { fixture, second, reload };
  };

  test("take the admin role away that only the file has given", async () => {
    const { fixture, reload } = await twoHosts();
    await reload({ ...ana, role: "admin" });
    expect(await reload(ana)).toMatchObject({ applied: [{ user: "telegram:5" }], ignored: [] });
    expect((await rows(fixture)).roles).toEqual([]);
    await reload({ ...ana, role: "admin" });
    expect(await reload()).toMatchObject({ applied: [{ change: "removed" }], ignored: [] });
    expect((await rows(fixture)).roles).toEqual([]);
  });

  test("leave the admin role that ncl granted before", async () => {
    const { fixture, reload } = await twoHosts();
    await reload(ana);
    await addRow(fixture.central.db, "user_roles", { ...adminOfAll("telegram:5"), granted_by: null });
    await reload({ ...ana, role: "admin" });
    expect((await reload(ana)).ignored).toHaveLength(1);
    expect((await rows(fixture)).roles).toEqual([adminOfAll("telegram:5")]);
  });

  test("apply a change once: it ends sessions once, and is one decision", async () => {
    const { fixture, second, reload } = await twoHosts();
    await reload(ana, ben);
    fixture.asked.length = 0;
    await reload({ ...ana, os_user: "anna" });
    expect(fixture.asked).toEqual(["end telegram:6 at-once", "end telegram:5 after-turn"]);
    expect([...second.current()]).toEqual([...fixture.users.current()]);
    const decisions = await fixture.central.db.selectFrom("decisions").select("command").execute();
    expect(decisions).toHaveLength(2);
  });

  test("a host that has not taken the newest file changes nothing", async () => {
    const { fixture, second, reload } = await twoHosts();
    await reload(ana);
    fixture.write(usersYaml(ana, { ...ben, role: "admin" }));
    await fixture.users.reload();
    fixture.write(usersYaml(ana));
    expect(await second.reload()).toMatchObject({ ok: true, applied: [] });
    expect((await rows(fixture)).roles).toEqual([adminOfAll("telegram:6")]);
  });
});
