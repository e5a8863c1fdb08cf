import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fail, ok } from "@gatehouse/std";
import { describe, expect, test } from "vitest";
import { defaultFlags, type LaunchFlags } from "../flags.ts";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import type { ProviderQuestion } from "../lifecycle/launch-ports.ts";
import type { Provider } from "@trust/preflight";
import { launchFixture, type LaunchFixture } from "./launch.fixture.ts";

const noMore = { code: "spawn-failed", message: "there is no more memory" };

const artifacts = (dataDir: string): readonly LaunchArtifact[] => {
  const folder = join(dataDir, "launches/artifacts");
  return readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as LaunchArtifact,
  );
};

/** The started agents, sorted: a few start at once, so their order varies. */
const startedIn = ({ started }: LaunchFixture) =>
  [...started].sort((one, other) => one.member.name.localeCompare(other.member.name));

const warnings = async (fixture: LaunchFixture) =>
  (await fixture.journals()).flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.type === "warning" ? [entry.code] : [])),
  );

const warningsOf = async (fixture: LaunchFixture, code: string) =>
  (await warnings(fixture)).filter((found) => found === code);

describe("the folders of a preflight", () => {
  test("are exactly the folders of all members, including side lanes, with two spellings of one folder once", async () => {
    const fixture = launchFixture();
    symlinkSync(fixture.at("trusted"), fixture.at("link"));
    const team = fixture.team(
      fixture.member("ana", "trusted"),
      fixture.member("bo", "link"),
      fixture.member("op", "repo", { provider: "opencode" }),
      fixture.member("cy", "repo", { worktree: true }),
    );
    const end = await fixture.run(team);
    expect(end).toMatchObject({ value: { launch: { state: "ready" }, members: { length: 4 } } });
    const [ana, op] = [
      { folder: fixture.at("trusted"), provider: "claude" },
      { folder: fixture.at("repo"), provider: "opencode" },
    ];
    const cy = (folder: string) => ({ folder, provider: "claude" });
    const worktree = join(fixture.dataDir, "worktrees/shop/cy");
    const plans = fixture.asked.filter(({ stage }) => stage === "planFull").map(({ pairs }) => pairs);
    expect(plans).toEqual([
      [ana, op, cy(fixture.at("repo"))],
      [ana, op, cy(worktree)],
    ]);
    expect(end).toMatchObject({ value: { members: [{}, { trust: "already-trusted" }, {}, {}] } });
  });

  test("are prepared only for Codex in a team of Codex, which gets them in its settings", async () => {
    const fixture = launchFixture();
    const codex = { provider: "codex" } as const;
    await fixture.run(
      fixture.team(fixture.member("ana", "trusted", codex), fixture.member("bo", "repo", codex)),
    );
    const providers = new Set(fixture.asked.flatMap(({ pairs = [] }) => pairs.map((pair) => pair.provider)));
    expect([...providers]).toEqual(["codex"]);
    for (const { args, settings } of startedIn(fixture)) {
      expect(args).toEqual([]);
      expect(trustedFolders(settings)).toEqual(["repo", "trusted"].map(fixture.at));
    }
  });

  test.for([
    { name: "a team of OpenCode only", providers: ["opencode", "opencode"], more: {} },
    { name: "a direct restart", providers: ["claude", "codex"], more: { entry: "restart" } },
    {
      name: "preflight turned off",
      providers: ["claude", "codex"],
      more: { flags: { ...defaultFlags, preflight: false } },
    },
  ] as const)("are not prepared for $name: preflight is never called", async ({ providers, more }) => {
    const fixture = launchFixture();
    const [ana, bo] = providers;
    const team = fixture.team(
      fixture.member("ana", "trusted", { provider: ana }),
      fixture.member("bo", "repo", { provider: bo }),
    );
    expect(await fixture.run(team, more)).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(fixture.asked).toEqual([]);
    expect(startedIn(fixture).map(({ args, settings }) => [args, settings])).toEqual([
      [[], null],
      [[], null],
    ]);
  });

  test("do not include a member with an unknown provider, which is left to the runtime with a warning", async () => {
    const fixture = launchFixture();
    const odd = fixture.member("odd", "repo", { provider: "other" as Provider });
    const end = await fixture.run(fixture.team(fixture.member("ana", "trusted"), odd));
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(await warnings(fixture)).toContain("unknown-provider");
    expect(startedIn(fixture).map(({ member }) => member.name)).toEqual(["ana", "odd"]);
  });
});

describe("the arguments of Codex under a lead of Claude", () => {
  const codexMember = (fixture: LaunchFixture) =>
    fixture.team(fixture.member("ana", "trusted"), fixture.member("bo", "repo", { provider: "codex" }));

  test("carry trust when Codex is asked for its default model and facts, and Claude's never do", async () => {
    const fixture = launchFixture();
    const questions: ProviderQuestion[] = [];
    const runtime = {
      defaultModel: async (question: ProviderQuestion) => (questions.push(question), "big"),
      checkProvider: async (question: ProviderQuestion) => (questions.push(question), null),
    };
    await fixture.run(codexMember(fixture), { runtime });
    expect(questions.map(({ provider, args }) => [provider, args[0]])).toEqual([
      ["claude", undefined],
      ["codex", "--settings"],
      ["claude", undefined],
      ["codex", "--settings"],
    ]);
    const [early, full] = questions.filter(({ provider }) => provider === "codex");
    expect(early?.args[1]).not.toContain(fixture.at("repo"));
    expect(full?.args[1]).toContain(fixture.at("repo"));
    expect(full?.args.filter((arg) => arg === "--settings")).toHaveLength(1);
    expect(startedIn(fixture).map(({ args }) => args)).toEqual([
      ["--model", "big"],
      ["--model", "big"],
    ]);
  });

  test.for([
    { codexSettings: true, carries: [false, true] },
    { codexSettings: false, carries: [false, false] },
  ])(
    "carry settings only for Codex, and only with the flag on: $codexSettings",
    async ({ codexSettings, carries }) => {
      const fixture = launchFixture();
      await fixture.run(codexMember(fixture), { flags: { ...defaultFlags, codexSettings } });
      expect(startedIn(fixture).map(({ settings }) => settings !== null)).toEqual(carries);
    },
  );
});

describe("the trust of Codex's members", () => {
  /** The folders in the settings of each agent, by its name. */
  const handedIn = (fixture: LaunchFixture) =>
    Object.fromEntries(
      startedIn(fixture).map(({ member, settings }) => [member.name, trustedFolders(settings)] as const),
    );
  const codex = { provider: "codex" } as const;
  const teams = {
    "a member in a worktree of /b under a lead in /a": (fixture: LaunchFixture) =>
      fixture.team(
        fixture.member("ana", "trusted"),
        fixture.member("bo", "repo", { ...codex, worktree: true }),
      ),
    "a member in a folder, and one in a worktree of it": (fixture: LaunchFixture) =>
      fixture.team(
        fixture.member("ana", "fresh"),
        fixture.member("bo", "repo", codex),
        fixture.member("cy", "repo", { ...codex, worktree: true }),
      ),
    "a lead of Codex, with a member of Claude in another folder": (fixture: LaunchFixture) =>
      fixture.team(fixture.member("ana", "trusted", codex), fixture.member("bo", "repo")),
    "a lead of Codex in a worktree": (fixture: LaunchFixture) =>
      fixture.team(fixture.member("ana", "repo", { ...codex, worktree: true })),
  };
  const worktreeOf = (fixture: LaunchFixture, name: string) => join(fixture.dataDir, "worktrees/shop", name);
  test.for([
    {
      team: "a member in a worktree of /b under a lead in /a",
      handed: (fixture: LaunchFixture) => ({ ana: [], bo: [worktreeOf(fixture, "bo")] }),
    },
    {
      team: "a member in a folder, and one in a worktree of it",
      handed: (fixture: LaunchFixture) => {
        const both = [fixture.at("repo"), worktreeOf(fixture, "cy")].sort();
        return { ana: [], bo: both, cy: both };
      },
    },
    {
      team: "a lead of Codex, with a member of Claude in another folder",
      handed: (fixture: LaunchFixture) => ({ ana: [fixture.at("trusted")], bo: [] }),
    },
    {
      team: "a lead of Codex in a worktree",
      handed: (fixture: LaunchFixture) => ({ ana: [worktreeOf(fixture, "ana")] }),
    },
  ] as const)("names exactly the recorded folders: $team", async ({ team, handed }) => {
    const fixture = launchFixture();
    await fixture.run(teams[team](fixture));
    expect(handedIn(fixture)).toEqual(handed(fixture));
    const all = [...new Set(Object.values(handedIn(fixture)).flat())].sort();
    expect(all).toEqual(recordedFolders(fixture));
  });

  test("names no folder if the ledger cannot be written", async () => {
    const fixture = launchFixture();
    mkdirSync(join(fixture.dataDir, "consents.jsonl"), { recursive: true });
    chmodSync(fixture.dataDir, 0o711);
    const end = await fixture.run(fixture.team(fixture.member("ana", "repo", codex)));
    expect(end).toMatchObject({ value: { members: [{ trustCode: "trust-not-persisted" }] } });
    expect(handedIn(fixture)).toEqual({ ana: [] });
  });

  test("names no folder if the caller's settings are a file, with one warning", async () => {
    const fixture = launchFixture();
    const args = { codex: ["--settings", fixture.at("settings.json")] };
    await fixture.run(fixture.team(fixture.member("ana", "repo", codex)), { args });
    expect(handedIn(fixture)).toEqual({ ana: [] });
    expect(await warningsOf(fixture, "settings-not-inline")).toHaveLength(1);
  });

  test("names no folder that Codex's user marked as untrusted, with one warning", async () => {
    const fixture = launchFixture();
    mkdirSync(join(fixture.home, ".codex"));
    const entry = `[projects."${fixture.at("repo")}"]\ntrust_level = "untrusted"\n`;
    writeFileSync(join(fixture.home, ".codex/config.toml"), entry);
    const end = await fixture.run(fixture.team(fixture.member("ana", "repo", codex)));
    expect(end).toMatchObject({ value: { launch: { state: "blocked" } } });
    expect(await warningsOf(fixture, "untrusted-by-user")).toHaveLength(1);
  });

  test("names no folder with CODEX_SETTINGS off, and the report has a warning", async () => {
    const fixture = launchFixture();
    const flags = { ...defaultFlags, codexSettings: false };
    const end = await fixture.run(teams["a member in a worktree of /b under a lead in /a"](fixture), {
      flags,
    });
    expect(end).toMatchObject({
      value: {
        launch: { state: "ready" },
        members: [{ trustCode: "already-trusted" }, { warning: { code: "trust-left-alone" } }],
      },
    });
    expect(end.ok && end.value.members[1]?.trustCode).toBe(undefined);
    expect(handedIn(fixture)).toEqual({ ana: [], bo: [] });
    expect(recordedFolders(fixture)).toEqual([]);
  });
});

/** The folders that the settings of an agent name as trusted. */
const trustedFolders = (settings: unknown): readonly string[] => {
  const [text = "[]"] = /\[[^\]]*\]/.exec(JSON.stringify(settings ?? {})) ?? [];
  const overrides = JSON.parse(text) as readonly string[];
  return overrides
    .map((override) => JSON.parse(/^projects\.("(?:[^"\\]|\\.)*")/.exec(override)?.[1] ?? "null") as string)
    .sort();
};

/** The folders of Codex in the consent ledger. */
const recordedFolders = ({ dataDir }: LaunchFixture): readonly string[] => {
  const ledger = join(dataDir, "consents.jsonl");
  const lines = existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : [];
  const entries = lines.map((line) => JSON.parse(line) as { provider?: string; key?: string });
  const ofCodex = entries.filter(({ provider }) => provider === "codex");
  return [...new Set(ofCodex.flatMap(({ key }) => key ?? []))].sort();
};

describe("the caller's arguments", () => {
  test("reach only the CLI of their provider, Codex's together with its trust", async () => {
    const fixture = launchFixture();
    const team = fixture.team(
      fixture.member("ana", "trusted"),
      fixture.member("bo", "repo", { provider: "codex" }),
    );
    const login = JSON.stringify({ forced_login_method: "chatgpt" });
    const args = { claude: ["--verbose"], codex: ["--search", "--settings", login] };
    await fixture.run(team, { args });
    const [ana, bo] = startedIn(fixture);
    expect([ana?.args, ana?.settings]).toEqual([["--verbose"], null]);
    expect(bo?.args).toEqual(["--search"]);
    expect(bo?.settings).toMatchObject({ forced_login_method: "chatgpt" });
    expect(trustedFolders(bo?.settings)).toEqual([fixture.at("repo")]);
  });
});

describe("a missing CLI", () => {
  const missing = { code: "cli-not-found", message: "There is no codex.", fix: "npm install codex" };
  const findCli = async (provider: Provider) =>
    provider === "codex" ? fail(missing) : ok(`/usr/bin/${provider}`);

  test("blocks the launch before any change or start", async () => {
    const fixture = launchFixture();
    const team = fixture.team(
      fixture.member("ana", "trusted"),
      fixture.member("bo", "repo", { provider: "codex", worktree: true }),
    );
    const end = await fixture.run(team, { runtime: { findCli } });
    expect(end).toMatchObject({
      value: {
        launch: { state: "blocked" },
        error: missing,
        members: [
          { member: "ana", state: "blocked" },
          { member: "bo", state: "blocked", ...missing },
        ],
      },
    });
    expect(fixture.started).toEqual([]);
    expect(await fixture.kept()).toMatchObject({ team: null, worktrees: [], branches: "" });
  });

  test("does not matter for a member that is already running", async () => {
    const fixture = launchFixture();
    const team = fixture.team(
      fixture.member("ana", "trusted"),
      fixture.member("bo", "repo", { provider: "codex" }),
    );
    await fixture.run(team);
    const end = await fixture.run(team, { runtime: { findCli } });
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
  });
});

describe("a launch flag that is changed alone", () => {
  test.for(Object.keys(defaultFlags) as readonly (keyof LaunchFlags)[])(
    "is in the artifact with its new value, and the others are unchanged: %s",
    async (name) => {
      const fixture = launchFixture();
      const flags = { ...defaultFlags, [name]: !defaultFlags[name] };
      await fixture.run(fixture.team(), { flags, scripts: { ana: { fails: noMore } } });
      const [artifact, another] = artifacts(fixture.dataDir);
      expect(artifact?.flags.workspaceTrustPreflight.featureFlags).toEqual(flags);
      expect(another).toBe(undefined);
      const asksClaude = fixture.asked.some(
        ({ stage, pairs = [] }) => stage === "execute" && pairs.length > 0,
      );
      expect(asksClaude).toBe(flags.preflight && flags.claudePty);
    },
  );
});

describe("a launch without the lock between processes", () => {
  const flags = { ...defaultFlags, fileLock: false };

  test("starts no agent that another launch in this process has started", async () => {
    const fixture = launchFixture();
    const team = fixture.team(fixture.member("ana", "trusted"), fixture.member("bo", "repo"));
    const ends = await Promise.all([fixture.run(team, { flags }), fixture.run(team, { flags })]);
    for (const end of ends) expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(startedIn(fixture).map(({ member }) => member.name)).toEqual(["ana", "bo"]);
    expect((await fixture.kept()).ends).toEqual(["ready", "ready"]);
  });

  test("waits for the other launch only until its time limit", async () => {
    const fixture = launchFixture();
    const others: unknown[] = [];
    const checkProvider = async () => {
      others.push(await fixture.run(fixture.team(), { flags, timeoutMs: 0 }));
      return null;
    };
    expect(await fixture.run(fixture.team(), { flags, runtime: { checkProvider } })).toMatchObject({
      ok: true,
    });
    expect(others).toMatchObject([{ ok: false, error: { code: "lock-timeout" } }]);
  });

  const ended = spawnSync("true").pid;
  test.for([
    { launcher: "of this process", signs: null, ends: ["interrupted", "ready"] },
    { launcher: "that was killed", signs: ended, ends: ["interrupted", "ready"] },
    { launcher: "that still runs", signs: process.ppid, ends: [undefined, "ready"] },
  ])(
    "ends an earlier launch only if its launcher has ended (launcher: $launcher)",
    async ({ signs, ends }) => {
      const fixture = launchFixture();
      const team = fixture.team(fixture.member("cy", "repo", { worktree: true }));
      await expect(fixture.run(team, { flags, breaksAt: "clear" })).rejects.toThrow("broken off");
      const newest = join(fixture.dataDir, "launches/newest/shop.txt");
      const [id, signed = "{}"] = readFileSync(newest, "utf8").split("\n");
      const launcher = {
        ...(JSON.parse(signed) as object),
        ...(signs === null ? {} : { pid: signs, start: null }),
      };
      writeFileSync(newest, `${id}\n${JSON.stringify(launcher)}`);
      await fixture.run(team, { flags });
      expect((await fixture.kept()).ends).toEqual(ends);
    },
  );
});

test("a launch after a killed one removes unfinished files, and starts a new line after a cut one", async () => {
  const fixture = launchFixture();
  const team = fixture.team(fixture.member("ana", "trusted"));
  await fixture.run(team);
  await expect(fixture.run(team, { breaksAt: "execute" })).rejects.toThrow("broken off");
  const folder = join(fixture.dataDir, "launches");
  const [killed] = (await fixture.journals()).slice(-1);
  const journal = join(folder, `journals/${killed?.id}.jsonl`);
  appendFileSync(journal, '{"type":"clear');
  const unfinished = ["teams/shop.json.a.new", "last/shop.json.a.new", `artifacts/${killed?.id}.json.a.new`];
  const others = ["teams/shop.json", "teams/shop.jsonl.a.new", "teams/shopping.json.a.new"];
  for (const name of [...unfinished, ...others.slice(1)]) writeFileSync(join(folder, name), "{");
  expect(await fixture.run(team)).toMatchObject({ value: { launch: { state: "ready" } } });
  const left = [...unfinished, ...others].filter((name) => existsSync(join(folder, name)));
  expect(left).toEqual(others);
  expect((await fixture.kept()).ends).toEqual(["ready", "interrupted", "ready"]);
});
