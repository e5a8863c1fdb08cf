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
import { launchGround, type LaunchGround } from "./launch-ground.fixture.ts";

const noMore = { code: "spawn-failed", message: "there is no more memory" };

const artifacts = (dataDir: string): readonly LaunchArtifact[] => {
  const folder = join(dataDir, "launches/artifacts");
  return readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as LaunchArtifact,
  );
};

/** Agents start a few at once, so their order is any. */
const startedIn = ({ started }: LaunchGround) =>
  [...started].sort((one, other) => one.member.name.localeCompare(other.member.name));

const warnings = async (ground: LaunchGround) =>
  (await ground.journals()).flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.type === "warning" ? [entry.code] : [])),
  );

describe("the folders that preflight is asked for", () => {
  test("are exactly those of all members, side lanes too, and two spellings of one are one", async () => {
    const ground = launchGround();
    symlinkSync(ground.at("trusted"), ground.at("link"));
    const team = ground.team(
      ground.member("ana", "trusted"),
      ground.member("bo", "link"),
      ground.member("op", "repo", { provider: "opencode" }),
      ground.member("cy", "repo", { worktree: true }),
    );
    const end = await ground.run(team);
    expect(end).toMatchObject({ value: { launch: { state: "ready" }, members: { length: 4 } } });
    const [ana, op] = [
      { folder: ground.at("trusted"), provider: "claude" },
      { folder: ground.at("repo"), provider: "opencode" },
    ];
    const cy = (folder: string) => ({ folder, provider: "claude" });
    const worktree = join(ground.dataDir, "worktrees/shop/cy");
    const plans = ground.asked.filter(({ stage }) => stage === "planFull").map(({ pairs }) => pairs);
    expect(plans).toEqual([
      [ana, op, cy(ground.at("repo"))],
      [ana, op, cy(worktree)],
    ]);
    expect(end).toMatchObject({ value: { members: [{}, { trust: "already-trusted" }, {}, {}] } });
  });

  test("are asked for by Codex alone in a team of Codex, which gets them with its settings", async () => {
    const ground = launchGround();
    const codex = { provider: "codex" } as const;
    await ground.run(ground.team(ground.member("ana", "trusted", codex), ground.member("bo", "repo", codex)));
    const providers = new Set(ground.asked.flatMap(({ pairs = [] }) => pairs.map((pair) => pair.provider)));
    expect([...providers]).toEqual(["codex"]);
    for (const { args, settings } of startedIn(ground)) {
      expect(args).toEqual([]);
      expect(trustedFolders(settings)).toEqual(["repo", "trusted"].map(ground.at));
    }
  });

  test.for([
    { name: "a team of OpenCode alone", providers: ["opencode", "opencode"], more: {} },
    { name: "a direct restart", providers: ["claude", "codex"], more: { entry: "restart" } },
    {
      name: "preflight turned off",
      providers: ["claude", "codex"],
      more: { flags: { ...defaultFlags, preflight: false } },
    },
  ] as const)("are none for $name: the coordinator is never called", async ({ providers, more }) => {
    const ground = launchGround();
    const [ana, bo] = providers;
    const team = ground.team(
      ground.member("ana", "trusted", { provider: ana }),
      ground.member("bo", "repo", { provider: bo }),
    );
    expect(await ground.run(team, more)).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(ground.asked).toEqual([]);
    expect(startedIn(ground).map(({ args, settings }) => [args, settings])).toEqual([
      [[], null],
      [[], null],
    ]);
  });

  test("leave a provider that is not known to the runtime, with a warning", async () => {
    const ground = launchGround();
    const odd = ground.member("odd", "repo", { provider: "other" as Provider });
    const end = await ground.run(ground.team(ground.member("ana", "trusted"), odd));
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(await warnings(ground)).toContain("unknown-provider");
    expect(startedIn(ground).map(({ member }) => member.name)).toEqual(["ana", "odd"]);
  });
});

describe("the arguments of Codex under a lead of Claude", () => {
  const codexMember = (ground: LaunchGround) =>
    ground.team(ground.member("ana", "trusted"), ground.member("bo", "repo", { provider: "codex" }));

  test("carry trust before its default model and its facts are asked for; Claude's never do", async () => {
    const ground = launchGround();
    const questions: ProviderQuestion[] = [];
    const runtime = {
      defaultModel: async (question: ProviderQuestion) => (questions.push(question), "big"),
      checkProvider: async (question: ProviderQuestion) => (questions.push(question), null),
    };
    await ground.run(codexMember(ground), { runtime });
    expect(questions.map(({ provider, args }) => [provider, args[0]])).toEqual([
      ["claude", undefined],
      ["codex", "--settings"],
      ["claude", undefined],
      ["codex", "--settings"],
    ]);
    const [early, full] = questions.filter(({ provider }) => provider === "codex");
    expect(early?.args[1]).not.toContain(ground.at("repo"));
    expect(full?.args[1]).toContain(ground.at("repo"));
    expect(full?.args.filter((arg) => arg === "--settings")).toHaveLength(1);
    expect(startedIn(ground).map(({ args }) => args)).toEqual([
      ["--model", "big"],
      ["--model", "big"],
    ]);
  });

  test.for([
    { codexSettings: true, carries: [false, true] },
    { codexSettings: false, carries: [false, false] },
  ])("reach Codex only, and not with the flag off: $codexSettings", async ({ codexSettings, carries }) => {
    const ground = launchGround();
    await ground.run(codexMember(ground), { flags: { ...defaultFlags, codexSettings } });
    expect(startedIn(ground).map(({ settings }) => settings !== null)).toEqual(carries);
  });
});

describe("Codex is handed the folders that are on record, and no others", () => {
  /** The folders in the settings of each agent, by its name. */
  const handedIn = (ground: LaunchGround) =>
    Object.fromEntries(
      startedIn(ground).map(({ member, settings }) => [member.name, trustedFolders(settings)] as const),
    );
  const codex = { provider: "codex" } as const;
  const teams = {
    "a member in a worktree of /b under a lead in /a": (ground: LaunchGround) =>
      ground.team(ground.member("ana", "trusted"), ground.member("bo", "repo", { ...codex, worktree: true })),
    "a member in a folder, and one in a worktree of it": (ground: LaunchGround) =>
      ground.team(
        ground.member("ana", "fresh"),
        ground.member("bo", "repo", codex),
        ground.member("cy", "repo", { ...codex, worktree: true }),
      ),
    "a lead of Codex, with a member of Claude elsewhere": (ground: LaunchGround) =>
      ground.team(ground.member("ana", "trusted", codex), ground.member("bo", "repo")),
    "a lead of Codex in a worktree": (ground: LaunchGround) =>
      ground.team(ground.member("ana", "repo", { ...codex, worktree: true })),
  };
  const worktreeOf = (ground: LaunchGround, name: string) => join(ground.dataDir, "worktrees/shop", name);
  test.for([
    {
      team: "a member in a worktree of /b under a lead in /a",
      handed: (ground: LaunchGround) => ({ ana: [], bo: [worktreeOf(ground, "bo")] }),
    },
    {
      team: "a member in a folder, and one in a worktree of it",
      handed: (ground: LaunchGround) => {
        const both = [ground.at("repo"), worktreeOf(ground, "cy")].sort();
        return { ana: [], bo: both, cy: both };
      },
    },
    {
      team: "a lead of Codex, with a member of Claude elsewhere",
      handed: (ground: LaunchGround) => ({ ana: [ground.at("trusted")], bo: [] }),
    },
    {
      team: "a lead of Codex in a worktree",
      handed: (ground: LaunchGround) => ({ ana: [worktreeOf(ground, "ana")] }),
    },
  ] as const)("$team", async ({ team, handed }) => {
    const ground = launchGround();
    await ground.run(teams[team](ground));
    expect(handedIn(ground)).toEqual(handed(ground));
    const all = [...new Set(Object.values(handedIn(ground)).flat())].sort();
    expect(all).toEqual(recordedFolders(ground));
  });

  test("is handed none where the ledger cannot be written", async () => {
    const ground = launchGround();
    mkdirSync(join(ground.dataDir, "consents.jsonl"), { recursive: true });
    chmodSync(ground.dataDir, 0o711);
    const end = await ground.run(ground.team(ground.member("ana", "repo", codex)));
    expect(end).toMatchObject({ value: { members: [{ trustCode: "trust-not-persisted" }] } });
    expect(handedIn(ground)).toEqual({ ana: [] });
  });

  test("is handed none with CODEX_SETTINGS off: the ledger has no entry, and the report says so", async () => {
    const ground = launchGround();
    const flags = { ...defaultFlags, codexSettings: false };
    const end = await ground.run(teams["a member in a worktree of /b under a lead in /a"](ground), { flags });
    expect(end).toMatchObject({
      value: {
        launch: { state: "ready" },
        members: [{ trustCode: "already-trusted" }, { warning: { code: "trust-left-alone" } }],
      },
    });
    expect(end.ok && end.value.members[1]?.trustCode).toBe(undefined);
    expect(handedIn(ground)).toEqual({ ana: [], bo: [] });
    expect(recordedFolders(ground)).toEqual([]);
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
const recordedFolders = ({ dataDir }: LaunchGround): readonly string[] => {
  const ledger = join(dataDir, "consents.jsonl");
  const lines = existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : [];
  const entries = lines.map((line) => JSON.parse(line) as { provider?: string; key?: string });
  const ofCodex = entries.filter(({ provider }) => provider === "codex");
  return [...new Set(ofCodex.flatMap(({ key }) => key ?? []))].sort();
};

describe("the caller's arguments", () => {
  test("reach the CLI of each provider, and no other; Codex's with its trust", async () => {
    const ground = launchGround();
    const team = ground.team(
      ground.member("ana", "trusted"),
      ground.member("bo", "repo", { provider: "codex" }),
    );
    const login = JSON.stringify({ forced_login_method: "chatgpt" });
    const args = { claude: ["--verbose"], codex: ["--search", "--settings", login] };
    await ground.run(team, { args });
    const [ana, bo] = startedIn(ground);
    expect([ana?.args, ana?.settings]).toEqual([["--verbose"], null]);
    expect(bo?.args).toEqual(["--search"]);
    expect(bo?.settings).toMatchObject({ forced_login_method: "chatgpt" });
    expect(trustedFolders(bo?.settings)).toEqual([ground.at("repo")]);
  });
});

describe("a missing CLI", () => {
  const missing = { code: "cli-not-found", message: "There is no codex.", fix: "npm install codex" };
  const findCli = async (provider: Provider) =>
    provider === "codex" ? fail(missing) : ok(`/usr/bin/${provider}`);

  test("blocks the launch before anything is made or started", async () => {
    const ground = launchGround();
    const team = ground.team(
      ground.member("ana", "trusted"),
      ground.member("bo", "repo", { provider: "codex", worktree: true }),
    );
    const end = await ground.run(team, { runtime: { findCli } });
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
    expect(ground.started).toEqual([]);
    expect(await ground.kept()).toMatchObject({ team: null, worktrees: [], branches: "" });
  });

  test("is no matter to a member that runs already", async () => {
    const ground = launchGround();
    const team = ground.team(
      ground.member("ana", "trusted"),
      ground.member("bo", "repo", { provider: "codex" }),
    );
    await ground.run(team);
    const end = await ground.run(team, { runtime: { findCli } });
    expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
  });
});

describe("a flag that is changed alone", () => {
  test.for(Object.keys(defaultFlags) as readonly (keyof LaunchFlags)[])(
    "is effective in the artifact, with the others as they were: %s",
    async (name) => {
      const ground = launchGround();
      const flags = { ...defaultFlags, [name]: !defaultFlags[name] };
      await ground.run(ground.team(), { flags, scripts: { ana: { fails: noMore } } });
      const [artifact, another] = artifacts(ground.dataDir);
      expect(artifact?.flags.workspaceTrustPreflight.featureFlags).toEqual(flags);
      expect(another).toBe(undefined);
      const asksClaude = ground.asked.some(
        ({ stage, pairs = [] }) => stage === "execute" && pairs.length > 0,
      );
      expect(asksClaude).toBe(flags.preflight && flags.claudePty);
    },
  );
});

describe("with the lock between processes turned off", () => {
  const flags = { ...defaultFlags, fileLock: false };

  test("two launches of one process start each agent once", async () => {
    const ground = launchGround();
    const team = ground.team(ground.member("ana", "trusted"), ground.member("bo", "repo"));
    const ends = await Promise.all([ground.run(team, { flags }), ground.run(team, { flags })]);
    for (const end of ends) expect(end).toMatchObject({ value: { launch: { state: "ready" } } });
    expect(startedIn(ground).map(({ member }) => member.name)).toEqual(["ana", "bo"]);
    expect((await ground.kept()).ends).toEqual(["ready", "ready"]);
  });

  test("a wait for the other launch ends with its time", async () => {
    const ground = launchGround();
    const others: unknown[] = [];
    const checkProvider = async () => {
      others.push(await ground.run(ground.team(), { flags, timeoutMs: 0 }));
      return null;
    };
    expect(await ground.run(ground.team(), { flags, runtime: { checkProvider } })).toMatchObject({
      ok: true,
    });
    expect(others).toMatchObject([{ ok: false, error: { code: "lock-timeout" } }]);
  });

  const ended = spawnSync("true").pid;
  test.for([
    { launcher: "of this process", signs: null, ends: ["interrupted", "ready"] },
    { launcher: "that was killed", signs: ended, ends: ["interrupted", "ready"] },
    { launcher: "that still runs", signs: process.ppid, ends: [undefined, "ready"] },
  ])("the launch of a launcher $launcher is settled only if that is gone", async ({ signs, ends }) => {
    const ground = launchGround();
    const team = ground.team(ground.member("cy", "repo", { worktree: true }));
    await expect(ground.run(team, { flags, breaksAt: "clear" })).rejects.toThrow("broken off");
    const newest = join(ground.dataDir, "launches/newest/shop.txt");
    const [id, signed = "{}"] = readFileSync(newest, "utf8").split("\n");
    const launcher = {
      ...(JSON.parse(signed) as object),
      ...(signs === null ? {} : { pid: signs, start: null }),
    };
    writeFileSync(newest, `${id}\n${JSON.stringify(launcher)}`);
    await ground.run(team, { flags });
    expect((await ground.kept()).ends).toEqual(ends);
  });
});

test("the launch after a killed one removes files that were never finished, and ends a line that was cut short", async () => {
  const ground = launchGround();
  const team = ground.team(ground.member("ana", "trusted"));
  await ground.run(team);
  await expect(ground.run(team, { breaksAt: "execute" })).rejects.toThrow("broken off");
  const folder = join(ground.dataDir, "launches");
  const [killed] = (await ground.journals()).slice(-1);
  const journal = join(folder, `journals/${killed?.id}.jsonl`);
  appendFileSync(journal, '{"type":"clear');
  const unfinished = ["teams/shop.json.a.new", "last/shop.json.a.new", `artifacts/${killed?.id}.json.a.new`];
  const others = ["teams/shop.json", "teams/shop.jsonl.a.new", "teams/shopping.json.a.new"];
  for (const name of [...unfinished, ...others.slice(1)]) writeFileSync(join(folder, name), "{");
  expect(await ground.run(team)).toMatchObject({ value: { launch: { state: "ready" } } });
  const left = [...unfinished, ...others].filter((name) => existsSync(join(folder, name)));
  expect(left).toEqual(others);
  expect((await ground.kept()).ends).toEqual(["ready", "interrupted", "ready"]);
});
