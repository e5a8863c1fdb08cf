import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { describe, expect, test } from "vitest";
import type { CentralTables } from "@gatehouse/central-database";
import { addRow, onPostgres, temporaryFolder } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, steward, stranger } from "@gatehouse/dispatch/testing";

const create = ["groups", "create", "--name", "Research", "--folder", "research"] as const;

/** Makes each new group break a constraint that is checked at commit. Returns a function that undoes this. */
const refuseGroupsAtCommit = async (db: Kysely<CentralTables>): Promise<() => Promise<void>> => {
  const run = async (...statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await sql.raw(statement).execute(db);
  };
  const add = "insert into late values ('nobody');";
  await run("create table late (id text references agent_groups (id) deferrable initially deferred)");
  if (!onPostgres) {
    await run(`create trigger fail after insert on agent_groups begin ${add} end`);
    return () => run("drop trigger fail");
  }
  await run(
    `create function fail() returns trigger language plpgsql as $$ begin ${add} return null; end $$`,
    "create trigger fail after insert on agent_groups for each row execute function fail()",
  );
  // Later tests use the same schema.
  return () => run("drop function fail cascade", "drop table late");
};

describe("groups create", () => {
  test("makes the row, the configuration and the folder", async () => {
    const { ok, dataDir } = await hostBed();
    const group = (await ok(operator, ...create)) as { readonly id: string };
    expect(group).toMatchObject({
      id: expect.stringMatching(/^ag-/),
      name: "Research",
      folder: "research",
      path: join(dataDir, "groups", "research"),
      generation: 1,
    });
    expect(statSync(join(dataDir, "groups", "research")).mode & 0o777).toBe(0o700);
    expect(await ok(operator, "groups", "config", "get", group.id)).toMatchObject({
      agent_group_id: group.id,
      generation: 1,
      cli_scope: "group",
    });
  });

  test("gives an approved group of a global agent the agent's provider, and connects both groups", async () => {
    const { ask, ok, code } = await hostBed();
    await ok(operator, "groups", "config", "update", "ag-home", "--provider", "echo");
    expect(await code(member, ...create)).toBe("forbidden");
    const held = await ask(steward, ...create);
    if (held.ok || held.approvalId === undefined) expect.fail("It did not wait for a person.");
    const { result } = (await ok(operator, "approvals", "approve", held.approvalId)) as {
      readonly result: { readonly id: string };
    };
    expect(result).toMatchObject({ name: "Research", destination: "research" });
    expect(await ok(operator, "groups", "config", "get", result.id)).toMatchObject({ provider: "echo" });
    const of = (group: string) => ok(operator, "destinations", "list", "--agent-group-id", group);
    expect(await of(result.id)).toMatchObject([
      { local_name: "home", target_type: "agent", target_id: "ag-home" },
    ]);
    expect(await of("ag-home")).toMatchObject([
      { local_name: "research", target_type: "agent", target_id: result.id },
    ]);
    expect(await code(operator, "approvals", "approve", held.approvalId)).toBe("handler-error");
  });

  test.each([
    { what: "a folder that another group has", folder: "team", says: "ag-team" },
    {
      what: "a folder that differs from another group's only in case",
      folder: "Team",
      says: "--folder",
    },
    { what: "a path", folder: "../x", says: "cannot be the name" },
    { what: "the folder of all groups", folder: "global", says: "reserved" },
  ])("refuses $what", async ({ folder, says }) => {
    const { ask, ok } = await hostBed();
    const before = await ok(operator, "groups", "list");
    expect(await ask(operator, "groups", "create", "--name", "New", "--folder", folder)).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining(says),
    });
    expect(await ok(operator, "groups", "list")).toEqual(before);
  });

  test("refuses a folder that exists already, and leaves no group behind", async () => {
    const { ask, ok, dataDir } = await hostBed();
    const before = await ok(operator, "groups", "list");
    mkdirSync(join(dataDir, "groups", "research"), { recursive: true });
    writeFileSync(join(dataDir, "groups", "research", "CLAUDE.md"), "old memory");
    expect(await ask(operator, ...create)).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("would inherit"),
    });
    expect(await ok(operator, "groups", "list")).toEqual(before);
    expect(readdirSync(join(dataDir, "groups", "research"))).toEqual(["CLAUDE.md"]);
  });

  test("accepts the folder of a deleted group only with --attach, which the refusal names", async () => {
    const { ask, ok, dataDir } = await hostBed();
    const { id } = (await ok(operator, ...create)) as { readonly id: string };
    const path = join(dataDir, "groups", "research");
    writeFileSync(join(path, "memory.md"), "kept");
    writeFileSync(join(path, "CLAUDE.md"), "# Mine\n");
    await ok(operator, "groups", "delete", id);
    expect(await ask(operator, ...create)).toMatchObject({
      code: "invalid-args",
      message: expect.stringContaining("add --attach") as unknown,
    });
    const made = (await ok(operator, ...create, "--attach")) as { readonly id: string };
    expect(made).toMatchObject({ folder: "research", path, generation: 1 });
    expect(made.id).not.toBe(id);
    expect(readFileSync(join(path, "memory.md"), "utf8")).toBe("kept");
    expect(readFileSync(join(path, "CLAUDE.md"), "utf8")).toMatch(/^# Mine\n\n<!-- gatehouse:begin/);
    expect(await ask(operator, ...create, "--attach")).toMatchObject({
      message: expect.stringContaining(made.id) as unknown,
    });
  });

  test.for([
    { what: "nothing", leave: () => {}, code: "not-found", says: "There is no" },
    {
      what: "a file",
      leave: (path: string) => writeFileSync(path, ""),
      code: "invalid-args",
      says: "a file or a link",
    },
    {
      what: "a link",
      code: "invalid-args",
      leave: (path: string) => symlinkSync(temporaryFolder(), path),
      says: "a file or a link",
    },
  ])("refuses to attach $what as a folder", async ({ leave, code, says }) => {
    const { ask, ok, dataDir } = await hostBed();
    const before = await ok(operator, "groups", "list");
    mkdirSync(join(dataDir, "groups"), { recursive: true });
    leave(join(dataDir, "groups", "research"));
    for (const by of [operator, steward])
      expect(await ask(by, ...create, "--attach")).toMatchObject({
        code,
        message: expect.stringContaining(says) as unknown,
      });
    expect(await ok(operator, "groups", "list")).toEqual(before);
  });

  test("removes the new folder if the commit fails", async () => {
    const { ask, central, dataDir, bugs } = await hostBed();
    const mend = await refuseGroupsAtCommit(central.db);
    expect(await ask(operator, ...create)).toMatchObject({ code: "handler-error" });
    expect(bugs.splice(0)).toHaveLength(1);
    expect(existsSync(join(dataDir, "groups", "research"))).toBe(false);
    await mend();
    expect(await ask(operator, ...create)).toMatchObject({ ok: true });
  });
});

describe("groups delete", () => {
  /** A group with rows in every table that refers to groups. */
  const used = async () => {
    const bed = await hostBed();
    const { ok, ask, central } = bed;
    await ok(operator, ...create);
    for (const line of [
      "members add --user telegram:nobody --group ag-team",
      "destinations add --agent-group-id ag-team --local-name other --target-type agent --target-id ag-other",
      "destinations add --agent-group-id ag-other --local-name team --target-type agent --target-id ag-team",
      "groups config update ag-team --model opus",
    ])
      await ok(operator, ...line.split(" "));
    await ask(member, "groups", "update", "--name", "Held");
    await addRow(central.db, "dropped_messages", { agent_group_id: "ag-team", messaging_group_id: null });
    return bed;
  };

  test("deletes the rows that belong to the group, and counts them", async () => {
    const { ok, code, central } = await used();
    const gone = await ok(operator, "groups", "delete", "ag-team");
    expect(gone).toMatchObject({
      id: "ag-team",
      folder: "team",
      folder_kept: true,
      removed: {
        wirings: 1,
        sessions: 1,
        approvals: 1,
        members: 1,
        roles: 1,
        destinations: 1,
        destinations_to_it: 1,
        config_generations: 2,
      },
    });
    expect(await code(operator, "groups", "get", "ag-team")).toBe("not-found");
    expect(await code(operator, "groups", "config", "get", "ag-team")).toBe("not-found");
    expect(await ok(operator, "destinations", "list")).toEqual([]);
    const dropped = await central.db.selectFrom("dropped_messages").select("agent_group_id").execute();
    expect(dropped).toEqual([{ agent_group_id: null }]);
    expect(await ok(operator, "users", "list")).toHaveLength(3);
  });

  test.each([
    { flags: [], kept: true },
    { flags: ["--purge"], kept: false },
  ])("groups delete with the flags $flags keeps the folder: $kept", async ({ flags, kept }) => {
    const { ok, ask, dataDir } = await hostBed();
    const { id } = (await ok(operator, ...create)) as { readonly id: string };
    const path = join(dataDir, "groups", "research");
    mkdirSync(join(path, "notes"));
    writeFileSync(join(path, "notes", "one.md"), "kept?");
    const answer = await ask(operator, "groups", "delete", id, ...flags);
    expect(answer).toMatchObject({ ok: true, data: { path, folder_kept: kept } });
    expect(existsSync(join(path, "notes", "one.md"))).toBe(kept);
    const left = readdirSync(join(dataDir, "groups"), { recursive: true, encoding: "utf8" });
    expect(left.some((name) => name.endsWith("one.md"))).toBe(kept);
    expect(answer).toHaveProperty(
      "warnings",
      kept ? [expect.stringMatching(`^The folder is kept: ${path}.*--folder research --attach$`)] : [],
    );
  });

  /** The group `other` with the direct chat of the owner, and with a second chat if `isShared`. */
  const ownersGroup = async (isShared: boolean) => {
    const bed = await hostBed();
    const { db } = bed.central;
    await addRow(db, "messaging_groups", { id: "mg-owner", platform_id: "7", user_id: "telegram:owner" });
    for (const messaging_group_id of isShared ? ["mg-owner", "mg-free"] : ["mg-owner"]) {
      const wiring = { messaging_group_id, agent_group_id: "ag-other" };
      await addRow(db, "messaging_group_agents", { id: `wi-${messaging_group_id}`, ...wiring });
    }
    return bed;
  };

  test.for([
    { what: "the last global group", id: "ag-home", isShared: false, says: "last group" },
    { what: "an owner's own group", id: "ag-other", isShared: false, says: "an owner writes" },
  ])("deletes $what only with --yes", async ({ id, isShared, says }) => {
    const { ask, code } = await ownersGroup(isShared);
    expect(await ask(operator, "groups", "delete", id)).toMatchObject({
      code: "invalid-args",
      message: expect.stringMatching(
        new RegExp(`^${id} was not deleted\\. .*${says}.*add --yes\\.$`),
      ) as unknown,
    });
    expect(await code(operator, "groups", "get", id)).toBe("ok");
    expect(await code(operator, "groups", "delete", id, "--yes")).toBe("ok");
    expect(await code(operator, "groups", "get", id)).toBe("not-found");
  });

  test("needs no --yes for a group with a second chat, or for one of two global groups", async () => {
    const { ok, code } = await ownersGroup(true);
    await ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", "global");
    for (const id of ["ag-other", "ag-home"]) expect(await code(operator, "groups", "delete", id)).toBe("ok");
    expect(await code(operator, "groups", "delete", "ag-team")).toBe("invalid-args");
  });

  test("refuses an unknown group as not-found", async () => {
    const { code } = await hostBed();
    expect(await code(operator, "groups", "delete", "ag-none")).toBe("not-found");
  });
});

describe("an agent within its group", () => {
  test("obeys a change of its scope at once", async () => {
    const { ok, code } = await hostBed();
    const scope = (value: string) =>
      ok(operator, "groups", "config", "update", "ag-team", "--cli-scope", value);
    const codes = [];
    for (const value of ["global", "disabled", "group"]) {
      await scope(value);
      codes.push(await code(member, "users", "list"), await code(member, "groups", "get", "ag-team"));
    }
    expect(codes).toEqual(["ok", "ok", "forbidden", "forbidden", "forbidden", "ok"]);
  });

  test("is forbidden every command from a closed session", async () => {
    const { central, code } = await hostBed();
    await central.db.updateTable("sessions").set({ status: "closed" }).where("id", "=", "se-team").execute();
    expect(await code(member, "groups", "get")).toBe("forbidden");
    expect(await code(member, "help")).toBe("forbidden");
  });

  test("lists only its own group and sessions", async () => {
    const { ok } = await hostBed();
    expect(await ok(member, "groups", "list")).toEqual([expect.objectContaining({ id: "ag-team" })]);
    expect(await ok(member, "sessions", "list")).toEqual([expect.objectContaining({ id: "se-team" })]);
    expect(await ok(steward, "groups", "list")).toHaveLength(4);
  });

  test("gets the same answer for another group's session and for an unknown session", async () => {
    const { ask } = await hostBed();
    const foreign = await ask(stranger, "sessions", "get", "se-team");
    const unknown = await ask(stranger, "sessions", "get", "se-none");
    expect(foreign).toMatchObject({ code: "not-found" });
    expect(JSON.stringify(foreign).replaceAll("se-team", "?")).toBe(
      JSON.stringify(unknown).replaceAll("se-none", "?"),
    );
  });

  test("gets the wiring of its own conversation as the default", async () => {
    const { ok, code } = await hostBed();
    expect(await ok(member, "wirings", "get")).toMatchObject({ id: "wi-team" });
    expect(await code(stranger, "wirings", "get", "wi-team")).toBe("forbidden");
  });
});

describe("a group's name", () => {
  test.for(["host", "Еrror", "you", "h0st: approved"])(
    "is refused, new or changed, if it is the host's: %s",
    async (name) => {
      const { ok, code } = await hostBed();
      expect(await code(operator, "groups", "create", "--name", name, "--folder", "f")).toBe("invalid-args");
      const { id } = (await ok(operator, ...create)) as { readonly id: string };
      expect(await code(operator, "groups", "update", "--id", id, "--name", name)).toBe("invalid-args");
      expect(await ok(operator, "groups", "get", id)).toMatchObject({ name: "Research" });
    },
  );

  test("is warned of, new or changed, if it looks like another group's", async () => {
    const { ask, ok } = await hostBed();
    await ok(operator, ...create);
    const like = await ask(operator, "groups", "create", "--name", "Rеsearch", "--folder", "elsewhere");
    const warnings = [expect.stringContaining('looks like "Research"')];
    expect(like).toMatchObject({ ok: true, warnings });
    const { id } = (await ok(operator, "groups", "create", "--name", "Ops", "--folder", "for-ops")) as {
      readonly id: string;
    };
    const same = await ask(operator, "groups", "update", "--id", id, "--name", "Research");
    expect(same).toMatchObject({
      ok: true,
      warnings: expect.arrayContaining(['Another group has the name "Research" too.']),
    });
  });
});
