import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { claimDataFolder } from "@gatehouse/data-folder";
import { at, openedCentral, temporaryFolder, addRow } from "@gatehouse/central-database/testing";
import type { ImportReport } from "@gatehouse/nanoclaw-import";
import {
  changeDatabase,
  contentsOf,
  imported,
  nanoclawFolder,
  runImport,
  type Release,
} from "./nanoclaw.fixture.ts";
import { ranCli } from "../ran-cli.fixture.ts";
import { startUpBackfill } from "@gatehouse/group-setup";

const ana = "ag-1776850000000-x1y2z3";
const research = "3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10";

describe("gatehouse import", () => {
  test.for<{ release: Release; taken: Readonly<Record<string, number>> }>([
    {
      release: "2.0.0",
      taken: { agent_group_members: 2, agent_destinations: 0 },
    },
    { release: "2.0.45", taken: { agent_group_members: 3, agent_destinations: 2 } },
    { release: "2.0.48", taken: { agent_group_members: 3, agent_destinations: 2 } },
  ])("imports a folder of nanoclaw $release, and counts the imported rows", async ({ release, taken }) => {
    const dataDir = temporaryFolder();
    const report = await imported(dataDir, nanoclawFolder(release));
    expect(report.taken).toEqual({
      agent_groups: 6,
      messaging_groups: 4,
      messaging_group_agents: 4,
      users: 3,
      user_roles: 2,
      user_dms: 1,
      tasks: 0,
      ...taken,
    });
    const { db } = await openedCentral(dataDir);
    const groups = await db.selectFrom("agent_groups").select("id").execute();
    expect(groups).toHaveLength(6);
  });

  test.for<{ release: Release; groups: readonly string[] }>([
    {
      release: "2.0.45",
      groups: [
        "dm-with-ana container.json global",
        "research container.json group",
        "ops defaults group",
        "cut-off none group",
        "wrong-types container.json group",
        "quiet defaults group",
      ],
    },
    {
      release: "2.0.48",
      groups: [
        "dm-with-ana database group",
        "research database group",
        "ops database disabled",
        "cut-off none group",
        "wrong-types database group",
        "quiet defaults group",
      ],
    },
  ])(
    "gives each group of $release its configuration and its old scope; without scopes the owner's group gets global",
    async ({ release, groups }) => {
      const dataDir = temporaryFolder();
      const report = await imported(dataDir, nanoclawFolder(release));
      expect(
        report.groups.map(({ folder, configuration, scope }) => `${folder} ${configuration} ${scope}`),
      ).toEqual(groups);
      const { db } = await openedCentral(dataDir);
      const saved = await db
        .selectFrom("container_configs")
        .select(["agent_group_id", "cli_scope"])
        .execute();
      expect(Object.fromEntries(saved.map((row) => [row.agent_group_id, row.cli_scope]))).toEqual(
        Object.fromEntries(
          report.groups
            .filter(({ configuration }) => configuration !== "none")
            .map(({ id, scope }) => [id, scope]),
        ),
      );
    },
  );

  test.for<{ release: Release; lines: readonly string[] }>([
    {
      release: "2.0.45",
      lines: [
        "max_messages_per_prompt: it is no number",
        "skills: it is no list",
        "mcp_servers: it is no object",
        "packages_apt: it is no list",
      ],
    },
    { release: "2.0.48", lines: ["mcp_servers: it is no object"] },
  ])(
    "takes all valid fields of a configuration of $release, and names the others",
    async ({ release, lines }) => {
      const { configurations } = await imported(temporaryFolder(), nanoclawFolder(release));
      const named = "wrong-types (ag-1776960000000-wrongt) was not given ";
      expect(configurations.filter((line) => line.startsWith(named))).toEqual(
        lines.map((line) => named + line + "."),
      );
    },
  );

  test("names the command that sets the provider of a group whose container.json is broken", async () => {
    const folder = nanoclawFolder();
    await changeDatabase(folder, "update agent_groups set agent_provider = 'codex' where folder = 'cut-off'");
    const { configurations } = await imported(temporaryFolder(), folder);
    expect(configurations).toContainEqual(
      expect.stringMatching(
        /^cut-off .* had the provider codex .*: ncl groups config update .* --provider codex$/,
      ),
    );
  });

  test("keeps dashed ids, reads times without a zone as UTC, and prefers the row's provider to the file's", async () => {
    const dataDir = temporaryFolder();
    await imported(dataDir, nanoclawFolder());
    const { db } = await openedCentral(dataDir);
    const group = db.selectFrom("agent_groups").selectAll().where("id", "=", research);
    expect(await group.executeTakeFirst()).toEqual({
      id: research,
      name: "Research",
      folder: "research",
      created_at: "2026-04-23T10:00:00.000Z",
    });
    const config = db
      .selectFrom("container_configs")
      .select(["provider", "packages_apt", "max_messages_per_prompt", "generation"])
      .where("agent_group_id", "=", research);
    expect(await config.executeTakeFirst()).toEqual({
      provider: "codex",
      packages_apt: '["graphviz"]',
      max_messages_per_prompt: 5,
      generation: 1,
    });
  });

  test.for<{ release: Release; wirings: readonly string[] }>([
    {
      release: "2.0.0",
      wirings: [
        "w1 pattern . all drop",
        "w2 pattern ^!r  known drop",
        "w3 mention null all drop",
        "w4 pattern . all drop",
      ],
    },
    {
      release: "2.0.45",
      wirings: [
        "w1 pattern . all drop",
        "w2 pattern ^!r  known drop",
        "w3 mention-sticky null all accumulate",
        "w4 pattern . all drop",
      ],
    },
  ])("reads the engage mode of wirings as $release saved it", async ({ release, wirings }) => {
    const dataDir = temporaryFolder();
    await imported(dataDir, nanoclawFolder(release));
    const { db } = await openedCentral(dataDir);
    const rows = await db.selectFrom("messaging_group_agents").selectAll().orderBy("id").execute();
    expect(
      rows.map((row) =>
        [
          row.id.slice(-2),
          row.engage_mode,
          row.engage_pattern,
          row.sender_scope,
          row.ignored_message_policy,
        ].join(" "),
      ),
    ).toEqual(wirings.map((line) => line.replace("null", "")));
  });

  test("names each row with a missing reference, each duplicate, and the data that is not imported", async () => {
    const report = await imported(temporaryFolder(), nanoclawFolder());
    expect(report.leftOut.map(({ table, key, why }) => `${table} ${key}: ${why}`)).toEqual([
      "messaging_group_agents mga-orphan: agent_group_id points to no row in agent_groups (ag-that-is-gone)",
      "user_roles telegram:1001 owner -: an earlier row has the same key",
      "agent_group_members telegram:9999 ag-1776940000000-noconf: user_id points to no row in users (telegram:9999)",
      "agent_destinations ag-1776940000000-noconf gone: target_id points to no row in agent_groups (ag-that-is-gone)",
    ]);
    expect(report.changed.map(({ key, why }) => `${key}: ${why}`)).toEqual([
      "discord:2002 ag-1776940000000-noconf: added_by was cleared: no such row in users",
      "mga-1776850000005-w1: its agent got the destination ana, without which its replies are dropped",
      "mga-1776850000006-w2: its agent got the destination research, without which its replies are dropped",
      "mga-1776850000007-w3: its agent got the destination family, without which its replies are dropped",
      "mga-1776850000008-w4: its agent got the destination bob, without which its replies are dropped",
    ]);
    expect(report.notTaken.map(({ what, count }) => `${what} ${count}`)).toEqual([
      "messaging_groups.denied_at 1",
      "sessions 4",
      "unregistered_senders 2",
      "pending_approvals 1",
      "groups/global 1",
      "data/v2-sessions 1",
    ]);
  });

  test("repeats --data in the command to run next", async () => {
    const dataDir = temporaryFolder();
    const { stdout } = await runImport(temporaryFolder(), nanoclawFolder("2.0.48"), "--data", dataDir);
    expect(stdout.trimEnd().endsWith(`Next: gatehouse up --data ${dataDir}`)).toBe(true);
  });

  test.for(["2.0.45", "2.0.48"] as const)(
    "prints the whole report of a folder of %s as text, without secrets",
    async (release) => {
      const { code, stdout, stderr } = await runImport(temporaryFolder(), nanoclawFolder(release));
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      for (const part of [
        "Brought in from",
        "Groups:",
        "Configurations:",
        "Left out:",
        "Changed:",
        "Not taken:",
      ])
        expect(stdout).toContain(part);
      expect(stdout).toMatch(/cut-off \(ag-\S+\) has no configuration yet.*cut off/);
      expect(stdout.trimEnd().endsWith("Next: gatehouse up")).toBe(true);
      expect(stdout).not.toContain("s3cret");
    },
  );

  test.for([
    { what: "closed", flags: [] },
    { what: "with its rows still in the write-ahead log", flags: ["--killed"] },
  ] as const)("changes no byte, mode or time of a folder that was left $what", async ({ flags }) => {
    const folder = nanoclawFolder("2.0.45", ...flags);
    expect(existsSync(join(folder, "data", "v2.db-wal"))).toBe(flags.length > 0);
    const before = contentsOf(folder);
    const report = await imported(temporaryFolder(), folder);
    expect(report.taken.agent_groups).toBe(6);
    expect(contentsOf(folder)).toEqual(before);
  });

  test("copies the folders of groups, with an unchanged container.json, readable only by the owner", async () => {
    const dataDir = temporaryFolder();
    const folder = nanoclawFolder();
    await imported(dataDir, folder);
    const [from, to] = [join(folder, "groups"), join(dataDir, "groups")];
    for (const path of ["research/container.json", "cut-off/container.json", "research/notes/papers.md"])
      expect(readFileSync(join(to, path)).equals(readFileSync(join(from, path)))).toBe(true);
    expect(readdirSync(to).sort()).toEqual([
      "cut-off",
      "dm-with-ana",
      "ops",
      "quiet",
      "research",
      "wrong-types",
    ]);
    expect((statSync(join(to, "research")).mode & 0o777).toString(8)).toBe("700");
  });

  test("follows no link, and copies a link only if its target is in the group's folder", async () => {
    const folder = nanoclawFolder();
    const group = join(folder, "groups", "research");
    writeFileSync(join(folder, "secret"), "s3cret");
    symlinkSync("../../secret", join(group, "out"));
    symlinkSync("/etc", join(group, "root"));
    symlinkSync("notes/papers.md", join(group, "in"));
    execFileSync("mkfifo", [join(group, "pipe")]);
    rmSync(join(folder, "groups", "ops"), { recursive: true });
    symlinkSync("research", join(folder, "groups", "ops"));
    const dataDir = temporaryFolder();
    const report = await imported(dataDir, folder);
    const skipped = Object.fromEntries(report.groups.map((one) => [one.folder, one.skipped]));
    expect(skipped["research"]?.map(({ path }) => path).sort()).toEqual(["out", "pipe", "root"]);
    expect(skipped["ops"]).toEqual([{ path: ".", why: "the folder is a link" }]);
    expect(readdirSync(join(dataDir, "groups", "research")).sort()).toEqual([
      "container.json",
      "in",
      "notes",
    ]);
    expect(readdirSync(join(dataDir, "groups", "ops"))).toEqual([]);
  });

  test("leaves out a group with an invalid folder name, and all rows of that group", async () => {
    const folder = nanoclawFolder("2.0.0");
    await changeDatabase(folder, `update agent_groups set folder = '../../etc' where id = '${research}'`);
    const report = await imported(temporaryFolder(), folder);
    expect(report.leftOut.map(({ table }) => table)).toEqual([
      "agent_groups",
      "messaging_group_agents",
      "user_roles",
    ]);
    expect(report.leftOut[0]?.why).toContain("cannot be the name of a group's folder");
  });

  test("imports nothing if any row exists already, and names all of these rows", async () => {
    const dataDir = temporaryFolder();
    const { db, close } = await openedCentral(dataDir);
    await addRow(db, "agent_groups", { folder: "RESEARCH" });
    await addRow(db, "messaging_groups", { platform_id: "telegram:1001" });
    await addRow(db, "users", { id: "slack:U0BOB" });
    await close();
    mkdirSync(join(dataDir, "groups", "ops"), { recursive: true });
    writeFileSync(join(dataDir, "groups", "ops", "old"), "");
    const { code, stdout } = await runImport(dataDir, nanoclawFolder(), "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      error: {
        code: "already-there",
        message: "Nothing was imported: 4 items exist already.",
        fix: "import into an empty data folder (--data DIR), or remove the listed items",
        conflicts: [
          "agent_groups folder research",
          "messaging_groups channel_type telegram, platform_id telegram:1001",
          "users id slack:U0BOB",
          `the folder ${join(dataDir, "groups", "ops")}`,
        ],
      },
    });
    const central = await openedCentral(dataDir);
    expect(await central.db.selectFrom("agent_groups").select("id").execute()).toEqual([{ id: "ag-1" }]);
    expect(readdirSync(join(dataDir, "groups"))).toEqual(["ops"]);
  });

  test("refuses a second import of the same folder", async () => {
    const [dataDir, folder] = [temporaryFolder(), nanoclawFolder()];
    await imported(dataDir, folder);
    const before = contentsOf(join(dataDir, "groups"));
    const { code, stderr } = await runImport(dataDir, folder);
    expect(code).toBe(1);
    const [error, fix, title, first, ...others] = stderr.trimEnd().split("\n");
    expect([error, title, first]).toEqual([
      "error: Nothing was imported: 44 items exist already.",
      "Existing items:",
      `  agent_groups id ${ana}`,
    ]);
    expect(fix).toContain("remove the listed items");
    expect(others).toHaveLength(10);
    expect(others.at(-1)).toBe("  and 34 more: --json lists all");
    const { stdout } = await runImport(dataDir, folder, "--json");
    expect((JSON.parse(stdout) as { error: { conflicts: unknown } }).error.conflicts).toHaveLength(44);
    expect(contentsOf(join(dataDir, "groups"))).toEqual(before);
  });

  test.for([
    {
      what: "a folder without a database",
      spoil: (folder: string) => rmSync(join(folder, "data", "v2.db")),
      code: "not-a-nanoclaw-folder",
    },
    {
      what: "a missing folder",
      spoil: (folder: string) => rmSync(folder, { recursive: true }),
      code: "not-a-nanoclaw-folder",
    },
    {
      what: "a database of another program",
      spoil: (folder: string) =>
        changeDatabase(
          folder,
          "drop table agent_group_members",
          "alter table messaging_groups rename to chats",
        ),
      code: "not-a-nanoclaw-folder",
    },
    {
      what: "a file that is not a database",
      spoil: (folder: string) => writeFileSync(join(folder, "data", "v2.db"), "no database ".repeat(1000)),
      code: "source-unreadable",
    },
    {
      what: "a truncated database",
      spoil: (folder: string) => truncateSync(join(folder, "data", "v2.db"), 20_000),
      code: "source-unreadable",
    },
  ])("refuses $what with its code, and leaves no file behind", async ({ spoil, code }) => {
    const [dataDir, folder] = [temporaryFolder(), nanoclawFolder()];
    await spoil(folder);
    const ended = await runImport(dataDir, folder, "--json");
    expect(ended.code).toBe(1);
    const { error } = JSON.parse(ended.stdout) as { error: { code: string; message: string; fix: string } };
    expect(error).toMatchObject({ code, message: expect.stringContaining(folder) as unknown });
    expect(error.fix).not.toBe("");
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test.for([
    { what: "that nobody confirmed", flags: [], isGroups: false, code: "not-confirmed" },
    {
      what: "into a folder whose groups/ is a file",
      flags: ["--yes"],
      isGroups: true,
      code: "data-folder-unusable",
    },
  ])("leaves nothing of an import $what", async ({ flags, isGroups, code }) => {
    const [above, folder] = [temporaryFolder(), nanoclawFolder()];
    const dataDir = join(above, "data");
    if (isGroups) {
      mkdirSync(dataDir);
      writeFileSync(join(dataDir, "groups"), "no folder");
    }
    const before = contentsOf(above);
    const { stdout } = await ranCli({ dataDir }, "import", folder, "--json", ...flags);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code } });
    expect(Object.keys(contentsOf(above))).toEqual(Object.keys(before));
  });

  test("refuses while a host runs", async () => {
    const dataDir = temporaryFolder();
    const host = await claimDataFolder(dataDir);
    const { code, stderr } = await runImport(dataDir, nanoclawFolder());
    if (host.ok) await host.value.release();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("host already runs in") as unknown,
    });
  });

  test("refuses an empty folder name as a usage error", async () =>
    expect(await runImport(temporaryFolder(), "", "--json")).toMatchObject({ code: 2 }));
});

describe("import --dry-run", () => {
  test("prints the report of the import, writes nothing, and makes no data folder", async () => {
    const folder = nanoclawFolder("2.0.48");
    const dataDir = join(temporaryFolder(), "new");
    const before = contentsOf(folder);
    const dry = await runImport(dataDir, folder, "--dry-run", "--json");
    expect({ code: dry.code, stderr: dry.stderr }).toEqual({ code: 0, stderr: "" });
    expect(existsSync(dataDir)).toBe(false);
    expect(contentsOf(folder)).toEqual(before);
    const told = JSON.parse(dry.stdout) as ImportReport;
    expect(told.dryRun).toBe(true);
    expect({ ok: true, ...(await imported(dataDir, folder)) }).toEqual({ ...told, dryRun: false });
  });

  test("refuses rows that exist already, as the import does", async () => {
    const [dataDir, folder] = [temporaryFolder(), nanoclawFolder("2.0.48")];
    await imported(dataDir, folder);
    const before = contentsOf(join(dataDir, "groups"));
    const [dry, real] = [await runImport(dataDir, folder, "--dry-run"), await runImport(dataDir, folder)];
    expect(dry).toEqual(real);
    expect(dry.code).toBe(1);
    expect(contentsOf(join(dataDir, "groups"))).toEqual(before);
  });

  test("tells a person that nothing was written", async () => {
    const { stdout } = await runImport(join(temporaryFolder(), "new"), nanoclawFolder("2.0.48"), "--dry-run");
    expect(stdout).toMatch(/^Nothing was written\. An import of .* would bring in:/);
    expect(stdout.trimEnd().endsWith("Run it with --yes in place of --dry-run to do this.")).toBe(true);
    expect(stdout).not.toContain("s3cret");
  });
});

describe("startUpBackfill", () => {
  test("takes a repaired container.json, and has no notes once all groups have a configuration", async () => {
    const dataDir = temporaryFolder();
    await imported(dataDir, nanoclawFolder());
    const { db } = await openedCentral(dataDir);
    const start = (): Promise<readonly string[]> => startUpBackfill(db, dataDir, () => at);
    expect(await start()).toEqual([expect.stringMatching(/^cut-off \(.*\) has no configuration yet/)]);
    writeFileSync(join(dataDir, "groups", "cut-off", "container.json"), '{"model":"m"}');
    expect(await start()).toEqual([
      "cut-off (ag-1776950000000-trunca) got its configuration from its container.json, with the CLI scope group.",
    ]);
    expect(await start()).toEqual([]);
  });
});
