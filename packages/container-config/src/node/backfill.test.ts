import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { backfillContainerConfigs, type LegacyGroup } from "./backfill.ts";
import { containerConfigStore } from "./config-store.ts";
import { makeDatabase, getFrom } from "./store.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "backfill-"));
const link = join(tmpdir(), `link-${process.pid}`);
symlinkSync(root, link);
afterAll(() => rmSync(link));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const now = () => "2026-11-20T08:00:00.000Z";
const names = ["ag-1", "ag-2", "ag-3"];
const group = (id: string, more: Partial<LegacyGroup> = {}): LegacyGroup => ({
  id,
  folder: id,
  agent_provider: null,
  ownership: "other",
  ceiling: "global",
  ...more,
});

let groupsDir = "";
beforeEach(() => {
  groupsDir = mkdtempSync(join(root, "groups-"));
  for (const name of names) mkdirSync(join(groupsDir, name));
});
const put = (folder: string, text: string) => writeFileSync(join(groupsDir, folder, "container.json"), text);

const withDatabase = async (
  work: (
    fill: (...groups: LegacyGroup[]) => ReturnType<typeof backfillContainerConfigs>,
    store: ReturnType<typeof containerConfigStore>,
  ) => Promise<void>,
  vouched = true,
) => {
  const { sqlite, remove } = await makeDatabase(names);
  await work(
    (...groups) =>
      backfillContainerConfigs(sqlite.db, {
        groups,
        groupsDir,
        dataDir: root,
        home: "/home/ada",
        vouched,
        now,
      }),
    containerConfigStore(sqlite.db, { now }),
  );
  await remove();
};

describe("backfillContainerConfigs", () => {
  test.each([
    { what: "the folders of all groups", hostPath: () => groupsDir, problem: "the data of all groups" },
    {
      what: "another group's folder",
      hostPath: () => join(groupsDir, "ag-2"),
      problem: "the data of all groups",
    },
    {
      what: "a missing folder in it",
      hostPath: () => join(groupsDir, "new"),
      problem: "the data of all groups",
    },
    { what: "the operator's home", hostPath: () => "/home/ada", problem: "mount a folder in it" },
    { what: "a link's target", hostPath: () => link, problem: "the data of all groups" },
    { what: "a folder below a link", hostPath: () => join(link, "new"), problem: "the data of all groups" },
  ])("refuses a mount of $what, because an agent can write its group's file", ({ hostPath, problem }) =>
    withDatabase(async (fill, store) => {
      put("ag-1", JSON.stringify({ additionalMounts: [{ hostPath: hostPath(), containerPath: "x" }] }));
      const path = expect.stringContaining("additional_mounts./") as unknown;
      expect(await fill(group("ag-1"))).toMatchObject({
        backfilled: [{ refused: [{ path, problem: expect.stringContaining(problem) as unknown }] }],
        broken: [],
      });
      expect(await getFrom(store, "ag-1")).toMatchObject({ additional_mounts: [] });
    }),
  );

  test("accepts a mount of a missing folder, and saves the real path of an existing one", () =>
    withDatabase(async (fill, store) => {
      const elsewhere = mkdtempSync(join(tmpdir(), "mounted-"));
      symlinkSync(elsewhere, join(elsewhere, "link"));
      const mounts = ["/srv/not-there", join(elsewhere, "link")];
      const additionalMounts = mounts.map((hostPath, index) => ({ hostPath, containerPath: `m${index}` }));
      put("ag-1", JSON.stringify({ additionalMounts }));
      await fill(group("ag-1"));
      const saved = (await getFrom(store, "ag-1"))?.additional_mounts.map(({ hostPath }) => hostPath);
      expect(saved).toEqual(["/srv/not-there", realpathSync(elsewhere)]);
      rmSync(elsewhere, { recursive: true });
    }));

  test("saves a file's settings with the database's provider, and does not change the file", () =>
    withDatabase(async (fill, store) => {
      const text = JSON.stringify({ provider: "opencode", packages: { apt: ["jq"] }, speed: "fast" });
      put("ag-1", text);
      expect(await fill(group("ag-1", { agent_provider: "Codex", ownership: "owner" }))).toEqual({
        backfilled: [
          {
            groupId: "ag-1",
            folder: "ag-1",
            from: "file",
            scope: "global",
            inDoubt: false,
            capped: false,
            ignored: ["speed"],
            refused: [],
            reach: ["the packages jq"],
            left: [],
          },
        ],
        broken: [],
      });
      expect(await getFrom(store, "ag-1")).toMatchObject({
        provider: "codex",
        packages_apt: ["jq"],
        cli_scope: "global",
        generation: 1,
      });
      expect(await store.history("ag-1")).toMatchObject([{ change: "backfill" }]);
      expect(readFileSync(join(groupsDir, "ag-1/container.json"), "utf8")).toBe(text);
    }));

  test.each([
    { ownership: "owner", ceiling: "group", scope: "group", inDoubt: false, capped: true },
    { ownership: "owner", ceiling: "disabled", scope: "disabled", inDoubt: false, capped: true },
    { ownership: "in-doubt", ceiling: "group", scope: "group", inDoubt: false, capped: false },
    { ownership: "other", ceiling: "disabled", scope: "disabled", inDoubt: false, capped: false },
    { ownership: "other", ceiling: "global", scope: "group", inDoubt: false, capped: false },
    { ownership: "owner", ceiling: "global", scope: "global", inDoubt: false, capped: false },
  ] as const)(
    "gives a group of ownership $ownership and ceiling $ceiling the scope $scope",
    ({ ownership, ceiling, scope, inDoubt, capped }) =>
      withDatabase(async (fill, store) => {
        expect((await fill(group("ag-1", { ownership, ceiling }))).backfilled).toMatchObject([
          { scope, inDoubt, capped },
        ]);
        expect(await getFrom(store, "ag-1")).toMatchObject({ cli_scope: scope });
      }),
  );

  test("gives a group without a file or a folder the initial settings", () =>
    withDatabase(async (fill, store) => {
      const { backfilled } = await fill(
        group("ag-1"),
        group("ag-2", { folder: "gone", ownership: "in-doubt" }),
      );
      expect(backfilled).toMatchObject([
        { groupId: "ag-1", from: "defaults", scope: "group", inDoubt: false },
        { groupId: "ag-2", from: "defaults", scope: "group", inDoubt: true },
      ]);
      expect(await getFrom(store, "ag-2")).toMatchObject({ provider: null, cli_scope: "group" });
    }));

  test("saves only the agent's own settings of an unvouched file, and lists commands for the rest", () =>
    withDatabase(async (fill, store) => {
      const own = { model: "opus", effort: "high", assistantName: "Andy", maxMessagesPerPrompt: 5 };
      const others = {
        provider: "codex",
        imageTag: "evil/image:1",
        cpus: 64,
        packages: { apt: ["socat"], npm: ["left-pad@1"] },
        mcpServers: {
          sh: { command: "sh", args: ["-c", "id; echo 'x'"], env: { TOKEN: "s3cret" } },
          far: { url: "https://far.example/mcp", headers: { Key: "s3cret" } },
        },
        additionalMounts: [{ hostPath: "/srv/their $(id)", containerPath: "theirs", readonly: false }],
      };
      put("ag-1", JSON.stringify({ ...own, timezone: "europe/berlin", skills: ["pdf"], ...others }));
      const { backfilled } = await fill(group("ag-1"));
      expect(await getFrom(store, "ag-1")).toMatchObject({
        model: "opus",
        effort: "high",
        assistant_name: "Andy",
        max_messages_per_prompt: 5,
        timezone: "Europe/Berlin",
        skills: ["pdf"],
        provider: null,
        image_tag: null,
        cpus: null,
        packages_apt: [],
        packages_npm: [],
        mcp_servers: {},
        additional_mounts: [],
      });
      expect(backfilled).toMatchObject([{ reach: [] }]);
      expect(backfilled[0]?.left).toEqual([
        "ncl groups config update ag-1 --provider codex --image-tag evil/image:1 --cpus 64",
        "ncl groups config add-package ag-1 --apt socat",
        "ncl groups config add-package ag-1 --npm left-pad@1",
        `ncl groups config add-mcp-server ag-1 --name sh --command sh --args '["-c","id; echo '\\''x'\\''"]' --env '{"TOKEN":"..."}'`,
        `ncl groups config add-mcp-server ag-1 --name far --url https://far.example/mcp --headers '{"Key":"..."}'`,
        "ncl groups config add-mount ag-1 --host '/srv/their $(id)' --container /workspace/extra/theirs --rw",
      ]);
    }, false));

  test("lists no command for the file's provider if the database has one", () =>
    withDatabase(async (fill, store) => {
      put("ag-1", JSON.stringify({ provider: "gemini" }));
      expect((await fill(group("ag-1", { agent_provider: "codex" }))).backfilled).toMatchObject([
        { left: [] },
      ]);
      expect(await getFrom(store, "ag-1")).toMatchObject({ provider: "codex" });
    }, false));

  test("does nothing the second time, and keeps later changes", () =>
    withDatabase(async (fill, store) => {
      put("ag-1", '{"model":"opus"}');
      await fill(group("ag-1"));
      await store.updateScalars("ag-1", { model: "haiku" });
      const before = await getFrom(store, "ag-1");
      expect(await fill(group("ag-1", { ownership: "owner" }))).toEqual({ backfilled: [], broken: [] });
      expect(await getFrom(store, "ag-1")).toEqual(before);
    }));

  test("saves the valid entries of a vouched file, and names each other entry", () =>
    withDatabase(async (fill, store) => {
      put("ag-1", '{"model":"opus","skills":5,"packages":{"apt":["-y","jq"]}}');
      const { backfilled, broken } = await fill(group("ag-1", { agent_provider: "nobody" }));
      expect(broken).toEqual([]);
      expect(backfilled.flatMap(({ refused }) => refused.map(({ path }) => path))).toEqual([
        "skills",
        "packages_apt.-y",
        "agent_groups.agent_provider",
      ]);
      expect(await getFrom(store, "ag-1")).toMatchObject({
        model: "opus",
        provider: null,
        skills: "all",
        packages_apt: ["jq"],
      });
    }));

  test("reports each broken file, reads the others, and reads a repaired file the next time", () =>
    withDatabase(async (fill, store) => {
      put("ag-1", '{"model": "opus", "pack');
      put("ag-2", '{"skills": 5, "packages": {"apt": ["-y"]}}');
      put("ag-3", "{}");
      const groups = [group("ag-1", { agent_provider: "nobody" }), group("ag-2"), group("ag-3")];
      const { backfilled, broken } = await fill(...groups);
      expect(backfilled.map(({ groupId }) => groupId)).toEqual(["ag-3"]);
      expect(broken).toMatchObject([
        { groupId: "ag-1", problems: [{ path: "container.json" }, { path: "agent_groups.agent_provider" }] },
        { groupId: "ag-2", problems: [{ path: "skills" }, { path: "packages_apt.-y" }] },
      ]);
      expect(await getFrom(store, "ag-1")).toBeNull();
      put("ag-2", "{}");
      expect((await fill(...groups)).backfilled.map(({ groupId }) => groupId)).toEqual(["ag-2"]);
    }, false));

  test("refuses a file that is too large, a link, and a folder outside the groups folder", () =>
    withDatabase(async (fill) => {
      put("ag-1", " ".repeat(2 ** 20 + 1));
      symlinkSync("/etc/hostname", join(groupsDir, "ag-2/container.json"));
      const { broken } = await fill(group("ag-1"), group("ag-2"), group("ag-3", { folder: "../x" }));
      expect(broken.map(({ problems }) => problems[0]?.problem)).toEqual([
        "cannot be read (EFBIG)",
        "cannot be read (ELOOP)",
        "cannot be read (EINVAL)",
      ]);
    }));

  test("refuses a pipe without waiting for it", ({ skip }) => {
    skip(process.platform === "win32", "Windows has no named pipes among its files");
    execFileSync("mkfifo", [join(groupsDir, "ag-1/container.json")]);
    return withDatabase(async (fill) => {
      expect((await fill(group("ag-1"))).broken).toMatchObject([
        { problems: [{ problem: "cannot be read (EINVAL)" }] },
      ]);
    });
  });

  test("opens no more files at once for many groups than for one", { tags: ["slow"] }, () => {
    const program = fileURLToPath(new URL("many-groups.fixture.ts", import.meta.url));
    const node = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), program];
    const shell = ["-c", 'ulimit -n 256; exec "$@"', "bash", process.execPath, ...node];
    const printed = execFileSync("bash", [...shell, mkdtempSync(join(root, "many-"))], { encoding: "utf8" });
    expect(JSON.parse(printed)).toEqual({ backfilled: 600, broken: [] });
  });

  test("writes all rows or none", () =>
    withDatabase(async (fill, store) => {
      await expect(fill(group("ag-1"), group("ag-unknown"))).rejects.toThrow(/foreign key/i);
      expect(await store.getAll()).toEqual([]);
    }));
});
