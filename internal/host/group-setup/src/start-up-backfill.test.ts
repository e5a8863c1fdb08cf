import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { at, addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, type Bed } from "@gatehouse/dispatch/testing";
import { readAllowList } from "@gatehouse/mounts";
import { startUpBackfill } from "./start-up-backfill.ts";

const id = "ag-it's $(id)";

/** A host with one more group, which has no configuration, and a `container.json` that its agent wrote. */
const withFile = async (json: unknown): Promise<Bed> => {
  const bed = await hostBed();
  await addRow(bed.central.db, "agent_groups", { id, folder: "new" });
  mkdirSync(join(bed.dataDir, "groups", "new"), { recursive: true });
  writeFileSync(join(bed.dataDir, "groups", "new", "container.json"), JSON.stringify(json));
  return bed;
};

const start = ({ central: { db }, dataDir }: Bed): Promise<readonly string[]> =>
  startUpBackfill(db, dataDir, () => at);

/** The arguments that a shell passes to `ncl` for a line. */
const wordsOf = (line: string): readonly string[] =>
  execFileSync("sh", ["-c", `ncl() { printf '%s\\0' "$@"; }\n${line}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

test("a start saves no mount, server or package of an agent's container.json, and prints the commands that add them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "it's shared "));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bed = await withFile({
    model: "opus",
    provider: "codex",
    packages: { apt: ["jq"] },
    mcpServers: { sh: { command: "-sh", args: ["-c", "id\n'"], env: { TOKEN: "s3cret" } } },
    additionalMounts: [{ hostPath: folder, containerPath: "all", readonly: false }],
  });
  const notes = await start(bed);
  expect(notes.join("\n")).not.toContain("s3cret");
  expect(await bed.ok(operator, "groups", "config", "get", id)).toMatchObject({
    model: "opus",
    provider: null,
    mcp_servers: {},
    packages_apt: [],
    additional_mounts: [],
    cli_scope: "group",
  });
  const commands = notes.filter((line) => line.startsWith("  ncl "));
  expect(commands).toHaveLength(4);
  for (const command of commands) await bed.ok(operator, ...wordsOf(command));
  expect(await bed.ok(operator, "groups", "config", "get", id)).toMatchObject({
    provider: "codex",
    mcp_servers: { sh: { command: "-sh", args: ["-c", "id\n'"], env: { TOKEN: "(hidden)" } } },
    packages_apt: ["jq"],
    additional_mounts: [{ hostPath: folder, containerPath: "/workspace/extra/all", readonly: false }],
  });
});

test("the first start allows the folders that groups mount, but no folder of an agent's container.json", async () => {
  const bed = await withFile({ additionalMounts: [{ hostPath: "/opt", containerPath: "all" }] });
  await bed.ok(operator, ...wordsOf("ncl groups config add-mount ag-team --host /srv --container srv --rw"));
  rmSync(join(bed.dataDir, "mounts.json"));
  const notes = await start(bed);
  expect(notes[0]).toBe("/srv may be mounted to write to, as a group does: gatehouse mounts list");
  expect(await readAllowList(bed.dataDir)).toEqual({
    ok: true,
    value: { folders: [{ path: "/srv", access: "write" }], hasGroups: true },
  });
  expect((await start(bed)).join("\n")).not.toContain("gatehouse mounts list");
});

test.each([
  { hostPath: "/home", containerPath: "x" },
  { hostPath: "/root/.claude", containerPath: "x" },
])("a start prints no command for a mount of $hostPath", async (mount) => {
  const bed = await withFile({ additionalMounts: [mount] });
  const notes = await start(bed);
  expect(notes).toEqual([
    expect.stringMatching(/has no configuration yet.*additional_mounts\.\/(home|root\/\.claude)\.hostPath/),
  ]);
});

test("a start does not widen the scope of a group to which only the owner writes", async () => {
  const bed = await withFile({});
  const { db } = bed.central;
  await addRow(db, "messaging_groups", { id: "mg-own", platform_id: "7", user_id: "telegram:owner" });
  await addRow(db, "messaging_group_agents", {
    id: "wi-own",
    messaging_group_id: "mg-own",
    agent_group_id: id,
  });
  expect(await start(bed)).toEqual([
    `new (${id}) got its configuration from its container.json, with the CLI scope group.`,
    expect.stringMatching(/only an owner writes to this group.*--cli-scope global$/i),
  ]);
});
