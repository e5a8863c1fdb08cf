// @module-tag rest
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, type TestContext } from "vitest";
import { openCentral } from "@gatehouse/central-database";
import { spawnHost } from "../up/host.fixture.ts";
import { leaveJournal, makeAccount, makeDataFolder, treeOf, whyNotForReal } from "./accounts.fixture.ts";
import { openTerminal, runPiped } from "./terminal.fixture.ts";

const slow = { tags: ["slow"] };

/** Makes a data folder with Ana, whose id is 5, in users.yaml. */
const withAna = async ({ skip }: Pick<TestContext, "skip">, role = "user") => {
  if (whyNotForReal !== null) skip(whyNotForReal);
  const [service, person] = [makeAccount(), makeAccount()];
  const data = makeDataFolder(service);
  const run = (...args: readonly string[]) => runPiped([...args, "--data", data]);
  const answers = ["--telegram-id", "5", "--name", "Ana", "--os-user", person.name, "--role", role];
  expect(await run("users", "add", ...answers, "--yes")).toMatchObject({ code: 0 });
  const remove = (...args: readonly string[]) => run("users", "remove", ...args);
  return { person, service, data, run, remove };
};

/** Gives the database, which a test opened as root, back to the service's account. */
const chownDatabase = (data: string): void => {
  const { stderr } = spawnSync("sh", ["-c", `chown --reference=${data} ${data}/gatehouse.db*`]);
  expect(String(stderr)).toBe("");
};

/** Writes roles as `ncl roles grant` does, while no host runs. The files stay the service account's. */
const grant = async (data: string, ...roles: readonly (readonly [id: string, role: string])[]) => {
  const central = await openCentral(data);
  if (!central.ok) return expect.fail(central.error.code);
  const { db, close } = central.value;
  const at = "2026-11-20T08:00:00.000Z";
  for (const [id, role] of roles) {
    const user = { id, kind: "telegram", display_name: id, created_at: at };
    await db
      .insertInto("users")
      .values(user)
      .onConflict((there) => there.doNothing())
      .execute();
    const row = { user_id: id, role, agent_group_id: null, granted_by: null, granted_at: at };
    await db.insertInto("user_roles").values(row).execute();
  }
  await close();
  chownDatabase(data);
};

const rolesIn = async (data: string) => {
  const central = await openCentral(data);
  if (!central.ok) return expect.fail(central.error.code);
  const roles = await central.value.db.selectFrom("user_roles").select(["user_id", "role"]).execute();
  await central.value.close();
  return roles;
};

const documentIn = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as Record<string, unknown>;

describe("gatehouse users remove", () => {
  test(
    "shows a plan with --dry-run, removes the person, and refuses a second removal",
    slow,
    async (context) => {
      const { person, data, remove } = await withAna(context);
      const before = treeOf(dirname(data));
      const shown = await remove("Ana", "--dry-run");
      expect(shown).toMatchObject({ code: 0, stderr: "" });
      for (const part of ["-  - telegram_id: 5", "undone: ", `stays: the account ${person.name}`])
        expect(shown.stdout).toContain(part);
      expect(shown.stdout).toMatch(/\nNothing was changed\.\n$/);
      expect(await remove("Ana")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("--yes") as unknown,
      });
      expect(treeOf(dirname(data))).toEqual(before);

      const removed = await remove("telegram:5", "--yes", "--json");
      expect(removed).toMatchObject({ code: 0, stderr: "" });
      expect(documentIn(removed)).toMatchObject({
        ok: true,
        status: "removed",
        user: { telegram_id: 5, name: "Ana" },
        folders: [join(data, "users/memory/5"), join(data, "users/history/5")],
        roles: [],
        recovered: null,
        reload: { state: "no-host" },
      });
      expect(readFileSync(join(data, "users.yaml"), "utf8")).toBe("users: []\n");
      expect(statSync(join(data, "users/memory/5"))).toMatchObject({ uid: person.uid });
      expect(spawnSync("getent", ["passwd", person.name]).status).toBe(0);
      expect(documentIn(await remove("telegram:5", "--yes", "--json"))).toMatchObject({
        ok: false,
        error: { code: "unknown-user" },
      });
    },
  );

  test("shows the plan at a terminal, asks, and changes nothing after a no", slow, async (context) => {
    const { data } = await withAna(context);
    const before = treeOf(dirname(data));
    const args = ["users", "remove", "Ana", "--data", data, "--folders", "archive"];
    const first = await openTerminal(args);
    await first.answers(/Do this\?/, "n");
    expect(first.screen()).toContain(`moves ${data}/users/memory/5`);
    expect(await first.ended).toMatchObject({ exitCode: 1 });
    expect(treeOf(dirname(data))).toEqual(before);
    const second = await openTerminal(args);
    await second.answers(/Do this\?/, "y");
    await second.sees(/Removed Ana \(telegram:5\)/);
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(data, "users/memory/5"))).toBe(false);
  });

  test(
    "makes the running host end the sessions and the file's admin role; roles by ncl stay and are listed",
    slow,
    async (context) => {
      const { data, remove } = await withAna(context, "admin");
      await grant(data, ["telegram:5", "owner"], ["telegram:6", "owner"]);
      const host = spawnHost(data);
      await host.ready();
      const removed = documentIn(await remove("Ana", "--yes", "--json"));
      expect(removed).toMatchObject({
        ok: true,
        roles: [{ role: "owner", agent_group_id: null }],
        reload: {
          state: "reloaded",
          report: {
            users: 0,
            applied: [{ user: "telegram:5", change: "removed", sessions: "refused" }],
            ignored: [{ what: "telegram:5 is owner of all groups" }],
          },
        },
      });
      host.child.kill("SIGKILL");
      await host.ended;
      expect(await rolesIn(data)).toEqual([
        { user_id: "telegram:5", role: "owner" },
        { user_id: "telegram:6", role: "owner" },
      ]);
    },
  );

  test("leaves the file's admin role to the next start of a host if none runs", slow, async (context) => {
    const { data, remove } = await withAna(context, "admin");
    const first = spawnHost(data);
    await first.ready();
    first.child.kill("SIGKILL");
    await first.ended;
    const removed = await remove("Ana", "--yes");
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining("when it starts") as unknown });
    expect(await rolesIn(data)).toEqual([{ user_id: "telegram:5", role: "admin" }]);
    chownDatabase(data);
    const second = spawnHost(data);
    await second.ready();
    second.child.kill("SIGKILL");
    await second.ended;
    expect(await rolesIn(data)).toEqual([]);
  });

  test("refuses the only owner with the fix, and changes nothing", slow, async (context) => {
    const { data, remove } = await withAna(context);
    await grant(data, ["telegram:5", "owner"], ["telegram:6", "admin"]);
    // Not the whole data folder: SQLite's files beside the database change when it is read.
    const people = () => [treeOf(join(data, "users")), readFileSync(join(data, "users.yaml"), "utf8")];
    const before = people();
    for (const how of ["--yes", "--dry-run"])
      expect(documentIn(await remove("Ana", how, "--json"))).toMatchObject({
        ok: false,
        error: { code: "last-owner", fix: expect.stringContaining("ncl roles grant") as unknown },
      });
    expect(people()).toEqual(before);
  });

  test("refuses if the database cannot be read, since there may be no other owner", slow, async (context) => {
    const { data, remove } = await withAna(context);
    appendFileSync(join(data, "gatehouse.db"), "not a database at all, but long enough to be looked at");
    const before = readFileSync(join(data, "users.yaml"), "utf8");
    expect(documentIn(await remove("Ana", "--yes", "--json"))).toMatchObject({
      error: { code: "database-unusable" },
    });
    expect(readFileSync(join(data, "users.yaml"), "utf8")).toBe(before);
  });

  test("first undoes an interrupted addition, and reports it", slow, async (context) => {
    const { service, data, remove } = await withAna(context);
    const half = join(data, "users/memory/9");
    mkdirSync(half);
    const maker = { uid: service.uid, gid: service.gid };
    const steps = [{ kind: "make-directory", path: half, mode: 0o700, maker }];
    const records = [
      { record: "plan", steps, before: null, removes: null },
      { record: "begin", step: 0 },
    ];
    await leaveJournal(join(data, "users.yaml"), records);
    expect((await remove("Ana", "--dry-run")).stdout).toContain("An earlier run was interrupted.");
    const removed = await remove("Ana", "--yes");
    expect(removed.stdout).toContain(
      "An earlier run had been interrupted. It was undone first.\nRemoved Ana",
    );
    expect(existsSync(half)).toBe(false);
  });

  const misuses = [
    { what: "a missing name", args: ["--yes"], message: "missing required argument 'who'" },
    { what: "--folders delete", args: ["Ana", "--yes", "--folders", "delete"], message: "keep, archive" },
    {
      what: "a service with a space",
      args: ["Ana", "--yes", "--service-label", "a b"],
      message: "It is a label of launchd or a unit of systemd.",
    },
  ];
  test.for(misuses)("refuses $what as a usage error", slow, async ({ args, message }) => {
    const { code, stdout } = await runPiped(["users", "remove", ...args, "--data", "/nonexistent", "--json"]);
    expect(code).toBe(2);
    expect(stdout).toContain(message);
  });
});
