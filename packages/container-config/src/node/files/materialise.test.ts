import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { containerConfigStore } from "../config-store.ts";
import { materialise } from "./materialise.ts";
import { getFrom, makeDatabase } from "../store.fixture.ts";

/**
 * A configured group whose container has started once. `spawn` writes container.json again, as for a new
 * start.
 */
const started = async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "materialise-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ["data/groups/notes", "home", "shared", "other"])
    mkdirSync(join(root, folder), { recursive: true });
  const { sqlite, remove } = await makeDatabase(["ag-1"]);
  onTestFinished(remove);
  const store = containerConfigStore(sqlite.db, { now: () => "" });
  const hostPath = join(root, "shared");
  await store.create("ag-1", {
    timezone: "Europe/Berlin",
    additional_mounts: [{ hostPath, containerPath: "/workspace/extra/x" }],
  });
  const groupsDir = join(root, "data/groups");
  const spawn = async () => {
    const config = await getFrom(store, "ag-1");
    const group = { id: "ag-1", name: "Notes", folder: "notes" };
    const host = { dataDir: join(root, "data"), home: join(root, "home") };
    return materialise(config ?? expect.fail("it is not there"), group, { groupsDir, ...host });
  };
  const file = (): string => readFileSync(join(groupsDir, "notes", "container.json"), "utf8");
  expect(await spawn()).toEqual({ ok: true, value: "written" });
  return { root, hostPath, db: sqlite.db, spawn, file };
};

test.each([
  { column: "timezone", value: "Mars/Olympus", path: "timezone" },
  { column: "timezone", value: "../../etc/passwd", path: "timezone" },
  { column: "provider", value: "nobody", path: "provider" },
  { column: "cpus", value: "many", path: "cpus" },
  { column: "mcp_servers", value: '{"gatehouse":{"command":"sh"}}', path: "mcp_servers.gatehouse" },
  { column: "mcp_servers", value: '{"a":{"command":"sh","url":"https://a.example"}}', path: "mcp_servers.a" },
  { column: "packages_apt", value: '["-y"]', path: "packages_apt.0" },
  {
    column: "additional_mounts",
    value: '[{"hostPath":"/etc","containerPath":"/workspace/extra/x"}]',
    path: "additional_mounts.0.hostPath",
  },
])(
  "materialise refuses $column set to $value by hand, and does not change container.json",
  async ({ column, value, path }) => {
    const { db, spawn, file } = await started();
    const before = file();
    await sql`update container_configs set ${sql.ref(column)} = ${value}`.execute(db);
    expect(await spawn()).toMatchObject({
      ok: false,
      error: { code: "invalid-config", problems: [{ path }] },
    });
    expect(file()).toBe(before);
  },
);

test.each([
  {
    what: "that was removed",
    swap: ({ hostPath }: { hostPath: string }) => rmSync(hostPath, { recursive: true }),
    problem: "is not there",
  },
  {
    what: "that was replaced by a link",
    swap: ({ root, hostPath }: { root: string; hostPath: string }) => {
      renameSync(hostPath, `${hostPath}-before`);
      symlinkSync(join(root, "other"), hostPath);
    },
    problem: "now: it was no link",
  },
  {
    what: "that was replaced by a link to the data folder",
    swap: ({ root, hostPath }: { root: string; hostPath: string }) => {
      renameSync(hostPath, `${hostPath}-before`);
      symlinkSync(join(root, "data"), hostPath);
    },
    problem: "the data of all groups",
  },
])("materialise refuses a mount of a folder $what", async ({ swap, problem }) => {
  const { spawn, file, ...place } = await started();
  const before = file();
  swap(place);
  expect(await spawn()).toMatchObject({
    error: {
      problems: [
        { path: "additional_mounts.0.hostPath", problem: expect.stringContaining(problem) as unknown },
      ],
    },
  });
  expect(file()).toBe(before);
});

test("materialise writes container.json only if its text differs", async () => {
  const { root, spawn, file } = await started();
  expect(await spawn()).toEqual({ ok: true, value: "unchanged" });
  writeFileSync(join(root, "data/groups/notes/container.json"), "{}");
  expect(await spawn()).toEqual({ ok: true, value: "written" });
  expect(JSON.parse(file())).toMatchObject({ timezone: "Europe/Berlin" });
});
