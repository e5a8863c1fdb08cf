import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { changeOwnProviders } from "@gatehouse/agent-clis";
import { ownProvider } from "@gatehouse/agent-clis/testing";
import { claimDataFolder } from "@gatehouse/data-folder";
import { openedCentral, temporaryFolder, addRow } from "@gatehouse/central-database/testing";
import { ranCli } from "../ran-cli.fixture.ts";

const init = (dataDir: string, args: readonly string[]) => ranCli({ dataDir }, "init", ...args);

const ana = ["--name", "Ana's agent", "--folder", "ana"];

const chat = "Then, in another shell: gatehouse chat --group ana";
const messengers = [
  "To write from Telegram: gatehouse channels add telegram",
  "To write from Slack: gatehouse channels add slack",
  "To write from Discord: gatehouse channels add discord",
];

describe("gatehouse init", () => {
  test("makes the owner's group: row, configuration of scope global, folder, user, role, chat and wiring", async () => {
    const dataDir = temporaryFolder();
    const { code, stdout } = await init(dataDir, [...ana, "--owner", "telegram:7", "--json"]);
    expect(code).toBe(0);
    const { ok, group, owner, warnings } = JSON.parse(stdout) as Record<string, Record<string, string>>;
    expect({ ok, warnings }).toEqual({ ok: true, warnings: [] });
    expect(group).toEqual({
      id: expect.stringMatching(/^ag-[0-9a-f-]{36}$/) as unknown,
      name: "Ana's agent",
      folder: "ana",
      path: join(dataDir, "groups", "ana"),
    });
    expect(owner).toMatchObject({
      userId: "telegram:7",
      chat: { platformId: "telegram:7", destination: expect.stringMatching(/^telegram-mg-/) as unknown },
    });
    const { db } = await openedCentral(dataDir);
    const configs = db.selectFrom("container_configs").select(["agent_group_id", "cli_scope", "generation"]);
    expect(await configs.execute()).toEqual([
      { agent_group_id: group?.["id"], cli_scope: "global", generation: 1 },
    ]);
    const roles = db.selectFrom("user_roles").select(["user_id", "role", "agent_group_id"]);
    expect(await roles.execute()).toEqual([{ user_id: "telegram:7", role: "owner", agent_group_id: null }]);
    const wirings = db
      .selectFrom("messaging_group_agents as wiring")
      .innerJoin("messaging_groups as chat", "chat.id", "wiring.messaging_group_id")
      .innerJoin("user_dms as dm", "dm.messaging_group_id", "chat.id")
      .select(["wiring.agent_group_id", "engage_mode", "platform_id", "is_group"])
      .select(["chat.user_id", "dm.user_id as reached"]);
    expect(await wirings.execute()).toEqual([
      {
        agent_group_id: group?.["id"],
        engage_mode: "pattern",
        platform_id: "telegram:7",
        is_group: 0,
        user_id: "telegram:7",
        reached: "telegram:7",
      },
    ]);
    const destinations = db
      .selectFrom("agent_destinations as destination")
      .innerJoin("messaging_groups as chat", "chat.id", "destination.target_id")
      .select(["local_name", "target_type", "platform_id"]);
    expect(await destinations.execute()).toEqual([
      {
        local_name: (owner?.["chat"] as unknown as Record<string, string>)["destination"],
        target_type: "channel",
        platform_id: "telegram:7",
      },
    ]);
    expect(readFileSync(join(dataDir, "groups", "ana", "CLAUDE.md"), "utf8")).toContain("every agent group");
  });

  test.for([
    { what: "no owner is named", args: [], says: "owner's group", never: "is an owner", next: [] },
    {
      what: "only the channel knows the owner's chat",
      args: ["--owner", "discord:80351110224678912"],
      says: "ncl wirings create --messaging-group-id ID --agent-group-id ag-",
      never: "goes to the group",
      next: [chat, ...messengers],
    },
    {
      what: "the owner's chat is gatehouse chat",
      args: ["--owner", "local:ana"],
      says: "local:ana is an owner.",
      never: "wirings create",
      next: [chat, ...messengers],
    },
  ])("prints the next commands if $what", async ({ args, says, never, next }) => {
    const dataDir = temporaryFolder();
    const { code, stdout } = await init(dataDir, [...ana, ...args]);
    const last = stdout
      .trimEnd()
      .split("\n")
      .slice(-1 - next.length);
    expect({ code, last }).toEqual({ code: 0, last: ["Next: gatehouse up", ...next] });
    expect(stdout).toContain(says);
    expect(stdout).not.toContain(never);
  });

  test("repeats --data in the commands to run next", async () => {
    const dataDir = temporaryFolder();
    const { stdout } = await init(temporaryFolder(), [...ana, "--owner", "local:ana", "--data", dataDir]);
    const next = [`Next: gatehouse up --data ${dataDir}`, `${chat} --data ${dataDir}`];
    const last = stdout
      .trimEnd()
      .split("\n")
      .slice(-next.length - messengers.length);
    expect(last).toEqual([...next, ...messengers.map((line) => `${line} --data ${dataDir}`)]);
  });

  test("refuses a second run, names the existing group, and changes nothing", async () => {
    const dataDir = temporaryFolder();
    await init(dataDir, ana);
    const { code, stdout, stderr } = await init(dataDir, ["--name", "Bob", "--folder", "bob"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/There is an owner's group already: "Ana's agent" \(ag-.*, groups\/ana\)/);
    expect(stderr).toContain("ncl groups create");
    expect(readdirSync(join(dataDir, "groups"))).toEqual(["ana"]);
  });

  test.for([
    { what: "without flags", args: [] },
    { what: "with the same flags", args: ana },
  ])("a second run $what finds the group, and changes nothing", async ({ args }) => {
    const dataDir = temporaryFolder();
    const first = JSON.parse((await init(dataDir, [...ana, "--json"])).stdout) as { group: object };
    const { code, stdout } = await init(dataDir, [...args, "--provider", "claude", "--json"]);
    expect({ code, told: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      told: {
        ok: true,
        group: first.group,
        owner: null,
        cli: null,
        key: null,
        warnings: [],
        runtime: expect.toBeOneOf(["docker", "podman", "sandbox", null]) as unknown,
      },
    });
    const { db } = await openedCentral(dataDir);
    const configs = db.selectFrom("container_configs").select(["provider", "generation"]);
    expect(await configs.execute()).toEqual([{ provider: "echo", generation: 1 }]);
  });

  test("names what Claude Code still needs, and uses the first CLI that is new enough", async () => {
    const dataDir = temporaryFolder();
    const args = [...ana, "--provider", "claude"];
    const { stdout } = await init(dataDir, args);
    for (const line of [
      "Claude Code is not on the PATH. To fetch it into the data folder: gatehouse init --fetch claude",
      "Next, the key of the models: gatehouse secrets set anthropic",
    ])
      expect(stdout).toContain(line);
    expect(stdout).toMatch(
      /^(?:Agents run in (?:sandboxes|containers) of |warning: Agents run neither in )/m,
    );
    for (const version of ["2.1.252", "2.1.300"]) {
      const bin = join(dataDir, "cli", `claude-${version}`, "node_modules", ".bin");
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, "claude"), `#!/bin/sh\necho '${version} (Claude Code)'\n`, { mode: 0o755 });
    }
    const { stdout: told } = await init(dataDir, ["--json"]);
    expect(JSON.parse(told)).toMatchObject({
      cli: { version: "2.1.300", path: join(dataDir, "cli", "bin", "claude") },
      key: { vendor: "anthropic", state: "missing" },
    });
  });

  test("makes a group with a provider of the operator's own, and names those that there are for another", async () => {
    const dataDir = temporaryFolder();
    await changeOwnProviders(dataDir, () => [ownProvider({ name: "mine" })]);
    const made = (provider: string) => init(dataDir, [...ana, "--provider", provider]);
    expect(await made("mine")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Allowed choices are echo, .*, or own:NAME of gatehouse providers list/),
    });
    const { code, stderr } = await made("own:other");
    expect({ code, left: readdirSync(dataDir) }).toEqual({ code: 1, left: ["providers.json"] });
    expect(stderr).toContain(
      'This host has no provider "own:other". It has own:mine. Its operator adds one: gatehouse providers add ROW',
    );
    expect(stderr).toMatch(/^fix: gatehouse agents try /m);
    expect((await made("own:mine")).code).toBe(0);
    const { db } = await openedCentral(dataDir);
    const configs = db.selectFrom("container_configs").select("provider");
    expect(await configs.execute()).toEqual([{ provider: "own:mine" }]);
  });

  test.for([
    { fetch: "codex", code: "usage", exitCode: 2 },
    { fetch: "claude@2.1.100", code: "cli-too-old", exitCode: 1 },
  ])("refuses --fetch $fetch, and fetches nothing", async ({ fetch, code, exitCode }) => {
    const dataDir = temporaryFolder();
    const ran = await init(dataDir, [...ana, "--fetch", fetch, "--json"]);
    expect(ran.code).toBe(exitCode);
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false, error: { code } });
    expect(existsSync(join(dataDir, "cli"))).toBe(false);
  });

  test.each([
    { there: "ana", folder: "Ana" },
    // SQLite's lower() changes only ASCII letters.
    { there: "Änne", folder: "Änne" },
  ])("refuses the folder $folder if a group has $there", async ({ there, folder }) => {
    const dataDir = temporaryFolder();
    const { db, close } = await openedCentral(dataDir);
    await addRow(db, "agent_groups", { folder: there });
    await close();
    const { code, stdout } = await init(dataDir, ["--name", "Bob", "--folder", folder, "--json"]);
    expect({ code, said: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 1,
      said: { ok: false, error: { code: "folder-taken" } },
    });
  });

  test("refuses a folder without a group, and keeps no row", async () => {
    const dataDir = temporaryFolder();
    const central = await openedCentral(dataDir);
    // One row makes the database a used one: beside an empty database a folder means that rows were lost.
    await addRow(central.db, "decisions");
    await central.close();
    mkdirSync(join(dataDir, "groups", "ana"), { recursive: true });
    writeFileSync(join(dataDir, "groups", "ana", "CLAUDE.local.md"), "another's memory");
    const { code, stdout } = await init(dataDir, [...ana, "--owner", "telegram:7", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "folder-left-over" } });
    const { db } = await openedCentral(dataDir);
    expect(await db.selectFrom("agent_groups").selectAll().execute()).toEqual([]);
    expect(await db.selectFrom("users").selectAll().execute()).toEqual([]);
  });

  test("refuses while a host runs, and names its pid", async () => {
    const dataDir = temporaryFolder();
    const host = await claimDataFolder(dataDir);
    const { code, stdout } = await init(dataDir, [...ana, "--json"]);
    if (host.ok) await host.value.release();
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "host-running", message: expect.stringContaining(`pid ${process.pid}`) as unknown },
    });
    expect(existsSync(join(dataDir, "gatehouse.db"))).toBe(false);
  });

  test.for([
    { what: "no name", args: ["--folder", "ana"] },
    { what: "no folder", args: ["--name", "Ana"] },
    { what: "a name of two lines", args: ["--name", "A\nB", "--folder", "ana"] },
    { what: "a folder that leaves groups/", args: ["--name", "Ana", "--folder", "../ana"] },
    { what: "an owner without a channel", args: [...ana, "--owner", "7"] },
    { what: "an owner without a handle", args: [...ana, "--owner", "telegram:"] },
    { what: "an owner with a newline", args: [...ana, "--owner", "telegram:7\n"] },
  ])("refuses $what as a usage error, and makes nothing", async ({ args }) => {
    const dataDir = temporaryFolder();
    const { code, stdout } = await init(dataDir, [...args, "--json"]);
    expect({ code, left: readdirSync(dataDir) }).toEqual({ code: 2, left: [] });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "usage" } });
  });
});
