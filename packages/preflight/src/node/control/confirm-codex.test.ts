import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { installCodex, makeBed, steps, type Bed, type CodexScenario } from "@gatehouse/test-kit";
import type { PreflightReport, PreflightRequest } from "../../index.ts";
import { runPreflight } from "../execute.ts";
import { readConsents } from "../ledger-file.ts";

const git = { ".git/HEAD": "ref: refs/heads/main\n", ".git/objects/": "", ".git/refs/": "" };

const open = (scenario: CodexScenario = {}) => {
  const bed = makeBed();
  return { bed, codex: installCodex(bed, scenario) };
};

const persist = (bed: Bed, folders: readonly string[], more: Partial<PreflightRequest> = {}) =>
  runPreflight(bed.request(folders, { providers: ["codex"], persist: true, via: "auto", ...more }));

const told = ({ results }: PreflightReport): readonly string[] =>
  results.map(({ code, via }) => `${code} by ${via}`);

const say = (config: string, text: string): void => {
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, text);
};

const entry = (key: string, level: string): string =>
  `[projects.${JSON.stringify(key)}]\ntrust_level = "${level}"\n`;

describe("Codex with persist", () => {
  test("writes one entry per folder, with one process, and leaves nothing behind", async () => {
    const { bed, codex } = open();
    say(codex.config, `# mine\nmodel = "o3"\n`);
    const named = [bed.folder("repo", git), bed.folder("plain"), bed.folder(`a "b".c`, git)];
    const report = await persist(bed, named);
    expect(told(report)).toEqual(named.map(() => "trusted by control"));
    expect(report.launch).toBeUndefined();
    expect([...codex.trusted()].sort()).toEqual([...named].sort());
    expect(readFileSync(codex.config, "utf8")).toMatch(/^# mine\nmodel = "o3"\n/);
    expect([codex.count("server"), codex.count("start")]).toEqual([1, 0]);
    expect(bed.leftovers()).toEqual([]);
    const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
    expect(ledger.ok && ledger.value.consents.map(({ via, outcome }) => [via, outcome])).toEqual(
      named.map(() => ["control", "trusted"]),
    );
  });

  test("is not started for folders that config.toml already settles", async () => {
    const { bed, codex } = open();
    const [yes, no, repo] = [bed.folder("yes", git), bed.folder("no", git), bed.folder("repo", git)];
    const before = [entry(yes, "trusted"), entry(no, "untrusted"), entry(repo, "untrusted")].join("");
    say(codex.config, before);
    const report = await persist(bed, [yes, no, bed.folder("repo/sub")]);
    expect(told(report)).toEqual([
      "already-trusted by none",
      "untrusted-by-user by none",
      "untrusted-by-user by none",
    ]);
    expect(readFileSync(codex.config, "utf8")).toBe(before);
    expect(codex.count("server")).toBe(0);
  });

  test("records the named folder, not its repository", async () => {
    const { bed, codex } = open();
    bed.folder("repo", git);
    const sub = bed.folder("repo/sub");
    expect(told(await persist(bed, [sub]))).toEqual(["trusted by control"]);
    expect(codex.trusted()).toEqual([sub]);
  });

  test("leaves a folder untrusted that a person marks as untrusted right before the write", async () => {
    const { bed, codex } = open({ untrustsFirst: true });
    const report = await persist(bed, [bed.folder("repo", git)]);
    expect(told(report)).toEqual(["untrusted-by-user by control"]);
    expect(codex.trusted()).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("is not started for refused grants, or for home", async () => {
    const { bed, codex } = open();
    const granting = bed.folder("repo", { ...git, ".codex/hooks.json": '{"hooks":{"Stop":[]}}' });
    const report = await persist(bed, [granting, bed.home], { refuseGrants: true });
    expect(report.results.map(({ code }) => code)).toEqual(["grants-refused", "home-not-persistable"]);
    expect(codex.count("server")).toBe(0);
  });

  test("leaves a recording without the configuration and the home folder's name", async () => {
    const { bed } = open();
    const folder = bed.folder("home/project", git);
    const recordDir = join(bed.root, "recordings");
    await persist(bed, [folder], { recordDir });
    const [name = ""] = readdirSync(recordDir);
    const text = readFileSync(join(recordDir, name), "utf8");
    expect(text).toContain('"method":"config/batchWrite"');
    expect(text).not.toContain(folder);
    expect(text).not.toContain('"layers"');
  });

  test("is asked once when two processes run at once", async () => {
    const { bed, codex } = open();
    const named = [bed.folder("a", git), bed.folder("b", git)];
    const reports = await Promise.all(
      ["one", "two"].map((name) => persist(bed, named, { dataDir: join(bed.root, name) })),
    );
    expect(reports.every(({ ok }) => ok)).toBe(true);
    expect(codex.count("written")).toBe(2);
    expect([...codex.trusted()].sort()).toEqual(named);
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("Codex's app-server, with persist,", () => {
  /** Ends what would hang until the end of the batch. */
  const limit = { timeoutMs: 30_000 };
  const ways: readonly {
    readonly what: string;
    readonly scenario: CodexScenario;
    readonly more?: typeof limit;
    readonly code: string;
    readonly message: RegExp;
  }[] = [
    {
      what: "does not know the request",
      scenario: { server: "unknown" },
      code: "control-unavailable by none",
      message: /does not know/,
    },
    {
      what: "does not exist",
      scenario: { server: "exits" },
      code: "control-unavailable by none",
      message: /the fake has no app-server/,
    },
    {
      what: "hangs",
      scenario: { server: "hangs", staysOn: true },
      more: limit,
      code: "control-unavailable by none",
      message: /did not answer/,
    },
    {
      what: "floods",
      scenario: { server: "floods" },
      code: "control-unavailable by none",
      message: /without end/,
    },
    {
      what: "returns no version",
      scenario: { hidesVersion: true },
      code: "control-unavailable by control",
      message: /the version/,
    },
    {
      what: "refuses",
      scenario: { writes: "refuse" },
      code: "control-unavailable by control",
      message: /the fake does not want to/,
    },
    {
      what: "says ok and writes nothing",
      scenario: { writes: "forget" },
      code: "trust-not-persisted by control",
      message: /never wrote/,
    },
    {
      what: "hangs when it should write",
      scenario: { writes: "silent", staysOn: true },
      more: limit,
      code: "trust-not-persisted by control",
      message: /never wrote/,
    },
    {
      what: "exits when it should write",
      scenario: { writes: "exit" },
      code: "trust-not-persisted by control",
      message: /never wrote/,
    },
    {
      what: "writes a wider key instead",
      scenario: { records: ["/"] },
      code: "trust-wider-than-planned by control",
      message: /now trusts \//,
    },
    {
      what: "writes a wider key beside it",
      scenario: { records: ["own", "/"] },
      code: "trust-wider-than-planned by control",
      message: /now trusts \//,
    },
  ];
  test.each(ways)("gives $code and leaves nothing behind if it $what", { tags: ["slow"] }, async (way) => {
    const { bed, codex } = open(way.scenario);
    const folder = bed.folder("repo", git);
    const report = await persist(bed, [folder], way.more);
    expect(told(report)).toEqual([way.code]);
    expect(report.results[0]?.message).toMatch(way.message);
    if (!way.code.startsWith("trust-wider")) expect(codex.trusted()).toEqual([]);
    expect(codex.count("start")).toBe(0);
    expect(bed.leftovers()).toEqual([]);
  });

  test(
    "is ended if it keeps running after its input was closed, and its folder is trusted",
    { tags: ["slow"] },
    async () => {
      const { bed } = open({ staysOn: true });
      expect(told(await persist(bed, [bed.folder("repo", git)]))).toEqual(["trusted by control"]);
      expect(bed.leftovers()).toEqual([]);
    },
  );
});

describe("a batch of Codex's folders", () => {
  test("is confirmed by one process, also after a refused folder", async () => {
    const { bed, codex } = open({ untrustsFirst: true });
    const report = await persist(bed, [bed.folder("a", git), bed.folder("b", git)]);
    expect(told(report)).toEqual(["untrusted-by-user by control", "untrusted-by-user by control"]);
    expect(codex.count("server")).toBe(1);
  });

  test("starts an app-server that does not know the request only once", { tags: ["slow"] }, async () => {
    const { bed, codex } = open({ server: "unknown" });
    await persist(bed, [bed.folder("a", git), bed.folder("b", git)]);
    expect(codex.count("server")).toBe(1);
  });

  test("writes nothing and leaves nothing behind if it is cancelled", { tags: ["slow"] }, async () => {
    const { bed, codex } = open({ server: "hangs", staysOn: true });
    const controller = new AbortController();
    const request = bed.request([bed.folder("a", git)], {
      providers: ["codex"],
      persist: true,
      via: "auto",
    });
    const report = await runPreflight(request, {
      signal: controller.signal,
      onProgress: steps(({ step }) => {
        if (step === "starting") setTimeout(() => controller.abort(), 300);
      }),
    });
    expect(report.results).toMatchObject([{ code: "cancelled" }]);
    expect(codex.trusted()).toEqual([]);
    expect(bed.leftovers()).toEqual([]);
  });
});

describe("Codex that is not asked by its app-server", () => {
  test("gets trust at launch without persist", async () => {
    const { bed, codex } = open();
    expect(told(await persist(bed, [bed.folder("repo", git)], { persist: false }))).toEqual([
      "passed-at-launch by launch",
    ]);
    expect([codex.count("server"), existsSync(codex.config)]).toEqual([0, false]);
  });

  test("is control-unavailable with persist, since its dialog is never answered", async () => {
    const { bed, codex } = open();
    const report = await persist(bed, [bed.folder("repo", git)], { via: "dialog" });
    expect(told(report)).toEqual(["control-unavailable by none"]);
    expect(codex.count("server")).toBe(0);
  });
});
