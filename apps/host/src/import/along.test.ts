import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { readCentral } from "@gatehouse/central-database";
import { hostDatabase, temporaryFolder } from "@gatehouse/central-database/testing";
import type { ImportReport } from "@gatehouse/nanoclaw-import";
import { openSqlite } from "@nc/container-config/node";
import { contentsOf, imported, nanoclawFolder, runImport } from "./nanoclaw.fixture.ts";

const [ana, session] = ["ag-1776850000000-x1y2z3", "sess-1776850000009-s1"];
const sessions = join("data", "v2-sessions", ana);
const projects = join(sessions, ".claude-shared", "projects", "-workspace-agent");

const write = (folder: string, path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

/** Writes nanoclaw's file of a session, with the state that its container saved. */
const writeState = async (file: string, values: Readonly<Record<string, string>>): Promise<void> => {
  mkdirSync(dirname(file), { recursive: true });
  const opened = await openSqlite(file);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  await sql`create table session_state (key text primary key, value text, updated_at text)`.execute(
    opened.value.db,
  );
  for (const [key, value] of Object.entries(values))
    await sql`insert into session_state values (${key}, ${value}, 'T')`.execute(opened.value.db);
  // The journal mode that nanoclaw uses: closing the file then changes nothing more.
  await sql`pragma journal_mode = delete`.execute(opened.value.db);
  await opened.value.close();
};

/** A nanoclaw folder with a conversation to continue, skills, and a memory for all groups. */
const usedFolder = async (
  state: Readonly<Record<string, string>> = { "continuation:claude": "c-1" },
): Promise<string> => {
  const folder = nanoclawFolder("2.0.48");
  await writeState(join(folder, sessions, session, "outbound.db"), state);
  write(folder, join(projects, "c-1.jsonl"), "the transcript\n");
  write(folder, join(projects, "c-1", "subagents", "a.jsonl"), "of a helper\n");
  write(folder, join(projects, "another.jsonl"), "of another conversation\n");
  write(folder, join(projects, "memory", "MEMORY.md"), "likes tea\n");
  write(folder, join(sessions, ".claude-shared", "CLAUDE.md"), "of the CLI\n");
  write(folder, join(sessions, ".claude-shared", ".credentials.json"), "s3cret");
  write(folder, "container/skills/news/SKILL.md", "---\ndescription: reads news\n---\n");
  write(folder, "container/skills/no-skill/README.md", "");
  symlinkSync("/app/skills/news", join(folder, sessions, ".claude-shared", "link"));
  write(folder, join(sessions, ".claude-shared", "skills", "own", "SKILL.md"), "mine\n");
  write(folder, "groups/global/CLAUDE.md", "All of us speak Catalan.\n");
  write(folder, "groups/dm-with-ana/CLAUDE.local.md", "Ana is a baker.");
  return folder;
};

const projectIn = (dataDir: string): string =>
  join(dataDir, "groups", "dm-with-ana").replaceAll(/[^A-Za-z0-9]/g, "-");

describe("import", () => {
  test.for([{ "continuation:claude": "c-1" }, { sdk_session_id: "c-1" }])(
    "copies a conversation that Claude Code can continue, named by %o",
    async (state) => {
      const dataDir = realpathSync(temporaryFolder());
      const { brought, notTaken } = await imported(
        dataDir,
        await usedFolder(state as Record<string, string>),
      );
      expect(brought).toContainEqual({
        what: join(sessions, session),
        files: 4,
        now: `session ${session}, which continues it`,
      });
      const place = join(dataDir, "sessions", ana, session);
      const claude = join(place, "home", ".claude");
      const project = join(claude, "projects", projectIn(dataDir));
      expect(readdirSync(project).sort()).toEqual(["c-1", "c-1.jsonl", "memory"]);
      expect(readFileSync(join(project, "c-1.jsonl"), "utf8")).toBe("the transcript\n");
      expect(readdirSync(claude).sort()).toEqual(["CLAUDE.md", "projects"]);
      expect(statSync(join(place, "home")).mode & 0o077).toBe(0);
      const kept = await readCentral({ dataDir, database: hostDatabase() }, (db) =>
        db.selectFrom("session_values").select(["session_id", "key", "value"]).execute(),
      );
      const value = { session_id: session, key: "continuation:claude", value: '"c-1"' };
      expect(kept).toEqual({ ok: true, value: [value] });
      expect(notTaken.filter(({ what }) => what === join("data", "v2-sessions"))).toEqual([]);
    },
  );

  test("copies skills for all groups, a group's own skills, and the shared memory into each group", async () => {
    const dataDir = temporaryFolder();
    const { brought, notTaken } = await imported(dataDir, await usedFolder());
    expect(brought.slice(1).map(({ what, files }) => `${what} ${files}`)).toEqual([
      "container/skills/news 1",
      `${sessions}/.claude-shared/skills/own 1`,
      "groups/global 1",
    ]);
    const groups = join(dataDir, "groups");
    expect(readdirSync(join(dataDir, "skills"))).toEqual(["news"]);
    expect(existsSync(join(groups, "dm-with-ana", ".claude", "skills", "own", "SKILL.md"))).toBe(true);
    expect(readFileSync(join(groups, "global", "CLAUDE.md"), "utf8")).toBe("All of us speak Catalan.\n");
    expect(readFileSync(join(groups, "dm-with-ana", "CLAUDE.local.md"), "utf8")).toMatch(
      /^Ana is a baker\.\n\n<!-- .*-->\n\nAll of us speak Catalan\.\n$/,
    );
    expect(readFileSync(join(groups, "ops", "CLAUDE.local.md"), "utf8")).toContain("Catalan");
    expect(notTaken).toContainEqual({
      what: "container/skills/no-skill",
      count: 1,
      why: "it has no SKILL.md, so it is not a skill",
    });
  });

  test("copies no link, pipe or huge file, and writes nothing outside the data folder", async () => {
    const folder = await usedFolder();
    const outside = temporaryFolder();
    write(outside, "secret/SKILL.md", "s3cret");
    write(outside, "secret/c-1.jsonl", "s3cret");
    symlinkSync(join(outside, "secret"), join(folder, "container", "skills", "linked"));
    symlinkSync(join(outside, "secret"), join(folder, "container", "skills", "news", "out"));
    truncateSync(join(folder, projects, "c-1.jsonl"), 4 * 2 ** 30);
    execFileSync("mkfifo", [join(folder, "container", "skills", "news", "pipe")]);
    // A conversation whose name is a path, and whose folder of transcripts is a link.
    const other = join(folder, "data/v2-sessions/3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10");
    await writeState(join(other, "sess-1776850000010-s2", "outbound.db"), { sdk_session_id: "../../../c-1" });
    mkdirSync(join(other, ".claude-shared"));
    symlinkSync(join(outside, "secret"), join(other, ".claude-shared", "projects"));
    symlinkSync("container.json", join(folder, "groups", "cut-off", "CLAUDE.local.md"));
    const before = contentsOf(outside);
    const dataDir = temporaryFolder();
    const { brought, notTaken } = await imported(dataDir, folder);
    expect(brought.map(({ what }) => what)).toEqual([
      "container/skills/news",
      `${sessions}/.claude-shared/skills/own`,
      "groups/global",
    ]);
    const told = notTaken.map(({ what, why }) => `${what}: ${why}`);
    expect(told).toEqual(
      expect.arrayContaining([
        `${sessions}/${session}: its transcript stays: longer than 1024 MiB`,
        "container/skills/news/out: a link that leads out of the folder",
        "container/skills/news/pipe: no file and no folder",
        "groups/global/CLAUDE.md: groups/cut-off/CLAUDE.local.md is not a plain file, so it was not added there",
      ]),
    );
    expect(contentsOf(outside)).toEqual(before);
    const all = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
    expect(all.filter((path) => /secret|linked|sessions\/.*jsonl/.test(path))).toEqual([]);
  });

  test("leaves out a session whose id would be a path to another folder", async () => {
    const folder = await usedFolder();
    const opened = await openSqlite(join(folder, "data", "v2.db"));
    if (!opened.ok) expect.fail(JSON.stringify(opened.error));
    await sql`update sessions set id = '../../..' where id = ${session}`.execute(opened.value.db);
    await opened.value.close();
    const { leftOut } = await imported(temporaryFolder(), folder);
    expect(leftOut).toContainEqual({
      table: "sessions",
      key: "../../..",
      why: "its id is no name for a folder",
    });
  });
});

describe("import --dry-run", () => {
  test("prints the report of the import, writes nothing, and makes no data folder", async () => {
    const folder = await usedFolder();
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
    const [dataDir, folder] = [temporaryFolder(), await usedFolder()];
    await imported(dataDir, folder);
    const before = contentsOf(join(dataDir, "groups"));
    const [dry, real] = [await runImport(dataDir, folder, "--dry-run"), await runImport(dataDir, folder)];
    expect(dry).toEqual(real);
    expect(dry.code).toBe(1);
    expect(contentsOf(join(dataDir, "groups"))).toEqual(before);
  });

  test("tells a person that nothing was written", async () => {
    const { stdout } = await runImport(join(temporaryFolder(), "new"), await usedFolder(), "--dry-run");
    expect(stdout).toMatch(/^Nothing was written\. An import of .* would bring in:/);
    expect(stdout).toContain(`Along with them:\n  ${sessions}/${session} (4 files): session ${session}`);
    expect(stdout.trimEnd().endsWith("Run it without --dry-run to do this.")).toBe(true);
    expect(stdout).not.toContain("s3cret");
  });
});
