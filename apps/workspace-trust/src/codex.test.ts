import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf, type Code, type PreflightRequest } from "@trust/preflight";
import { runCli } from "./cli.ts";
import { runPreflight, readConsents, planFull } from "@trust/preflight/node";
import { makeBed, type Bed, installCli } from "@gatehouse/test-kit";

const git = { ".git/HEAD": "ref: refs/heads/main\n", ".git/objects/": "", ".git/refs/": "" };
const configOf = ({ home }: Bed): string => join(home, ".codex", "config.toml");

const say = (bed: Bed, levels: { readonly [key: string]: string }): void => {
  mkdirSync(join(bed.home, ".codex"), { recursive: true });
  const entries = Object.entries(levels).map(
    ([key, level]) => `[projects."${key}"]\ntrust_level = "${level}"\n`,
  );
  writeFileSync(configOf(bed), `model = "o3"\n${entries.join("")}`);
};

const codexOnly = (
  bed: Bed,
  folders: readonly string[],
  more: Partial<PreflightRequest> = {},
): PreflightRequest => bed.request(folders, { providers: ["codex"], ...more });

type Row = {
  readonly name: string;
  /** Prepares the fixture, and returns the folder of the request. */
  readonly folder: (bed: Bed) => string;
  readonly version?: string;
  readonly more?: (bed: Bed) => Partial<PreflightRequest>;
  readonly code: Code;
  readonly exit: number;
};

const rows: readonly Row[] = [
  { name: "a repository", folder: (bed) => bed.folder("repo", git), code: "passed-at-launch", exit: 0 },
  {
    name: "a folder in a repository",
    folder: (bed) => {
      bed.folder("repo", git);
      return bed.folder("repo/sub");
    },
    code: "passed-at-launch",
    exit: 0,
  },
  { name: "a plain folder", folder: (bed) => bed.folder("plain"), code: "not-asked", exit: 0 },
  {
    name: "a plain folder, for a version that asks everywhere",
    folder: (bed) => bed.folder("plain"),
    version: "0.155.1",
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "a plain folder with its own hooks",
    folder: (bed) => bed.folder("plain", { ".codex/hooks.json": "{}" }),
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "a plain folder below one that has a configuration",
    folder: (bed) => {
      bed.folder("above", { ".codex/config.toml": "" });
      return bed.folder("above/plain");
    },
    code: "not-asked",
    exit: 0,
  },
  {
    name: "a folder that config.toml trusts",
    folder: (bed) => {
      const folder = bed.folder("repo", git);
      say(bed, { [folder]: "trusted" });
      return folder;
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "a folder whose crafted pointers lead to one that config.toml trusts: its trust is passed to Codex all the same",
    folder: (bed) => {
      say(bed, { [bed.folder("repos")]: "trusted" });
      return bed.folder("repos/worktrees", {
        ".git": "gitdir: x\n",
        "x/commondir": "../..\n",
        "x/gitdir": "../.git\n",
      });
    },
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "a folder with an incompletely read .git, which may be a worktree of an untrusted repository",
    folder: (bed) => bed.folder("odd", { ".git": `gitdir: x${"\n".repeat(1_048_576)}` }),
    code: "key-outside-folder",
    exit: 1,
  },
  {
    name: "a folder in a repository that config.toml trusts",
    folder: (bed) => {
      say(bed, { [bed.folder("repo", git)]: "trusted" });
      return bed.folder("repo/sub");
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "a folder that config.toml calls untrusted",
    folder: (bed) => {
      const folder = bed.folder("repo", git);
      say(bed, { [folder]: "untrusted" });
      return folder;
    },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "the same, with a slash at its end",
    folder: (bed) => {
      const folder = bed.folder("repo", git);
      say(bed, { [`${folder}/`]: "untrusted" });
      return folder;
    },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "a folder in a repository that config.toml calls untrusted",
    folder: (bed) => {
      say(bed, { [bed.folder("repo", git)]: "untrusted" });
      return bed.folder("repo/sub");
    },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "a folder below an untrusted one, which Codex does not check",
    folder: (bed) => {
      say(bed, { [bed.folder("above")]: "untrusted" });
      return bed.folder("above/repo", git);
    },
    code: "passed-at-launch",
    exit: 0,
  },
  { name: "the home folder", folder: ({ home }) => home, code: "home-not-persistable", exit: 1 },
  {
    name: "a symlink to the home folder",
    folder: ({ home, root }) => {
      symlinkSync(home, join(root, "link"));
      return join(root, "link");
    },
    code: "home-not-persistable",
    exit: 1,
  },
  { name: "the root", folder: () => "/", code: "root-refused", exit: 1 },
  { name: "a folder above home", folder: ({ root }) => root, code: "root-refused", exit: 1 },
  {
    name: "a missing folder",
    folder: ({ root }) => join(root, "no"),
    code: "not-a-folder",
    exit: 1,
  },
  {
    name: "a configuration that is not TOML",
    folder: (bed) => {
      say(bed, {});
      writeFileSync(configOf(bed), "torn [");
      return bed.folder("repo", git);
    },
    code: "state-unreadable",
    exit: 1,
  },
  {
    name: "a folder with grants, with --refuse-grants",
    folder: (bed) =>
      bed.folder("repo", { ...git, ".codex/config.toml": 'sandbox_mode = "danger-full-access"' }),
    more: () => ({ refuseGrants: true }),
    code: "grants-refused",
    exit: 1,
  },
  {
    name: "a path that no argument can hold",
    folder: (bed) => bed.folder("two\nlines", git),
    code: "trust-not-persisted",
    exit: 1,
  },
  {
    name: "a named CLI that is missing",
    folder: (bed) => bed.folder("repo", git),
    more: ({ root }) => ({ cli: { codex: join(root, "no") } }),
    code: "cli-not-found",
    exit: 1,
  },
  {
    name: "no CLI on PATH, as nothing is started",
    folder: (bed) => {
      rmSync(join(bed.root, "bin", "codex"));
      return bed.folder("plain");
    },
    more: ({ home }) => ({ env: { HOME: home, PATH: "/proc/nowhere" } }),
    code: "passed-at-launch",
    exit: 0,
  },
];

describe("codex", () => {
  test.each(rows)(
    "returns $code for $name, and starts and writes nothing",
    async ({ folder, version, more, code, exit }) => {
      const bed = makeBed();
      const started = installCli(bed, "codex", version ?? "0.169.0");
      const workspace = folder(bed);
      const before = existsSync(configOf(bed)) ? statSync(configOf(bed)).mtimeMs : null;
      const report = await runPreflight(codexOnly(bed, [workspace], more?.(bed)));
      expect(report.results).toMatchObject([{ workspace, provider: "codex", code }]);
      expect(exitCodeOf(report)).toBe(exit);
      expect(existsSync(started)).toBe(false);
      expect(existsSync(configOf(bed)) ? statSync(configOf(bed)).mtimeMs : null).toBe(before);
      expect(report.results[0]?.launch === undefined).toBe(code !== "passed-at-launch");
    },
  );

  test("passes a folder by its real path, with the flags of the installed version", async () => {
    const bed = makeBed();
    installCli(bed, "codex", "0.169.0");
    const real = bed.folder('my "app".v2', git);
    symlinkSync(real, join(bed.root, "link"));
    const { results } = await runPreflight(codexOnly(bed, [join(bed.root, "link")]));
    const key = JSON.stringify(real);
    expect(results).toMatchObject([
      {
        cliVersion: "0.169.0",
        status: "not-needed",
        trustKey: real,
        launch: {
          settings: {
            codex: {
              agent_teams_workspace_trust: { config_overrides: [`projects.${key}.trust_level="trusted"`] },
            },
          },
          args: ["-c", `projects={${key}={trust_level="trusted"}}`, "--no-daemon"],
        },
      },
    ]);
  });

  test("prints a launch for each folder, and one launch for all passed folders of the batch", async () => {
    const bed = makeBed();
    installCli(bed, "codex", "0.169.0");
    const [one, two, trusted] = ["one", "two", "trusted"].map((name) => bed.folder(name, git)) as [
      string,
      string,
      string,
    ];
    say(bed, { [trusted]: "trusted" });
    const { results, launch } = await runPreflight(codexOnly(bed, [two, one, trusted]));
    const table = (...folders: readonly string[]): string =>
      `projects={${folders.map((folder) => `"${folder}"={trust_level="trusted"}`).join(",")}}`;
    expect(results.map((result) => result.launch?.args[1])).toEqual([table(two), table(one), undefined]);
    expect(launch?.codex?.args).toContain(table(one, two));
  });

  test.each([{ version: "0.66.0" }, { version: null }])(
    "repeats config.toml's entries in a launch of version $version, which would override them",
    async ({ version }) => {
      const bed = makeBed();
      if (version !== null) installCli(bed, "codex", version);
      const [one, two] = [bed.folder("one", git), bed.folder("two", git)];
      say(bed, { "/srv/mine": "trusted", "/srv/not": "untrusted" });
      const { results, launch } = await runPreflight(codexOnly(bed, [one, two]));
      const mine = '"/srv/mine"={trust_level="trusted"},"/srv/not"={trust_level="untrusted"}';
      const table = (...folders: readonly string[]): string =>
        `projects={${[mine, ...folders.map((folder) => `"${folder}"={trust_level="trusted"}`)].join(",")}}`;
      expect(results.map((result) => result.launch?.args[1])).toEqual([table(one), table(two)]);
      expect(launch?.codex?.args).toContain(table(one, two));
    },
  );

  test("makes no launch that would override config.toml's entries", async () => {
    const bed = makeBed();
    installCli(bed, "codex", "0.63.0");
    const folder = bed.folder("repo", git);
    say(
      bed,
      Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`/${at}${"x".repeat(200)}`, "trusted"])),
    );
    const report = await runPreflight(codexOnly(bed, [folder]));
    expect(report.launch).toBeUndefined();
    expect(report.results).toMatchObject([
      {
        code: "trust-not-persisted",
        message: expect.stringContaining("configured-projects-too-long") as unknown,
      },
    ]);
  });

  test("reports folders that are too many for one launch, and still prints a launch for each", async () => {
    const bed = makeBed();
    const folders = Array.from({ length: 600 }, (_, index) => bed.folder(`${index}-${"x".repeat(240)}`, git));
    const report = await runPreflight(codexOnly(bed, folders));
    expect(report.launch).toBeUndefined();
    expect(report.results.at(-1)).toMatchObject({
      code: "passed-at-launch",
      launch: { settings: expect.any(Object) as unknown },
      diagnostics: [{ code: "launch-too-large" }],
    });
  });

  test("names the grants of the folder's own files, up to the root of its repository", async () => {
    const bed = makeBed();
    const root = bed.folder("repo", { ...git, ".codex/config.toml": "[mcp_servers.db]\ncommand = 'x'\n" });
    const sub = bed.folder("repo/sub", { ".codex/hooks.json": '{"hooks":{"Stop":[]}}' });
    const { results } = await runPreflight(codexOnly(bed, [sub]));
    expect(results[0]?.grants).toEqual([
      { kind: "hook", name: "Stop", file: join(sub, ".codex/hooks.json") },
      { kind: "mcp-server", name: "db", file: join(root, ".codex/config.toml") },
    ]);
  });

  test("reads the config of the caller's CODEX_HOME, and names CODEX_HOME in the launch", async () => {
    const bed = makeBed();
    const [mine, theirs] = [bed.folder("mine", git), bed.folder("theirs", git)];
    const codexHome = bed.folder("codex-home", {
      "config.toml": `[projects."${mine}"]\ntrust_level = "trusted"\n`,
    });
    const env = { ...bed.request([]).env, CODEX_HOME: codexHome };
    const { results } = await runPreflight(codexOnly(bed, [mine, theirs], { env }));
    expect(results).toMatchObject([
      { code: "already-trusted" },
      { launch: { env: { CODEX_HOME: codexHome } } },
    ]);
  });
});

describe("the consent ledger for codex", () => {
  test("has no entry for a plan, which passes no folder", async () => {
    const bed = makeBed();
    const plan = await planFull(codexOnly(bed, [bed.folder("repo", git)]));
    expect(plan.folders).toMatchObject([{ verdict: { code: "passed-at-launch" } }]);
    expect(existsSync(bed.dataDir)).toBe(false);
  });

  test("has entries only for the folders that are passed", async () => {
    const bed = makeBed();
    installCli(bed, "codex", "0.169.0");
    const folder = bed.folder("repo", git);
    await runPreflight(codexOnly(bed, [folder, bed.folder("plain"), bed.home]));
    const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
    expect(ledger).toMatchObject({
      value: {
        consents: [
          { provider: "codex", cliVersion: "0.169.0", folder, key: folder, outcome: "passed-at-launch" },
        ],
        unreadable: 0,
      },
    });
  });

  test("keeps a folder from being passed if it cannot be written", async () => {
    const bed = makeBed();
    writeFileSync(bed.dataDir, "in the way");
    const report = await runPreflight(codexOnly(bed, [bed.folder("repo", git)]));
    expect(report.launch).toBeUndefined();
    expect(report.results).toMatchObject([
      { code: "trust-not-persisted", message: expect.stringContaining("ledger") as unknown },
    ]);
    expect(report.results[0]).not.toHaveProperty("launch");
  });
});

describe("codex on the command line", () => {
  const run = async (bed: Bed, args: readonly string[]): Promise<{ code: number; stdout: string }> => {
    let stdout = "";
    const code = await runCli(args, "1.2.3", {
      env: { ...bed.request([]).env, GATEHOUSE_DATA: bed.dataDir, ANTHROPIC_BASE_URL: "http://127.0.0.1:9" },
      cwd: bed.root,
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: () => undefined },
      signal: new AbortController().signal,
    });
    return { code, stdout };
  };

  test("prints one launch for several folders, below their own launches", async () => {
    const bed = makeBed();
    for (const name of ["one", "two"]) bed.folder(name, git);
    const both = ["one", "two"].map((name) => `"${bed.root}/${name}"={trust_level="trusted"}`).join(",");
    const { stdout } = await run(bed, ["one", "two", "--provider", "codex"]);
    expect(stdout.split("\n").at(-2)).toBe(`together: codex -c 'projects={${both}}'`);
  });

  test.each([
    { version: null, line: "GEMINI_CLI_TRUST_WORKSPACE=true gemini" },
    { version: "0.61.0", line: "GEMINI_CLI_TRUST_WORKSPACE=true gemini --skip-trust" },
  ])(
    "prints Gemini's launch with its variable, version $version, and tells the user to use it",
    async ({ version, line }) => {
      const bed = makeBed();
      if (version !== null) installCli(bed, "gemini", version);
      bed.folder("one");
      const { code, stdout } = await run(bed, ["one", "--provider", "gemini"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^start as shown {2}.*\/one {2}passed-at-launch/);
      expect(stdout).toContain(`Start Gemini CLI with this launch`);
      expect(stdout).toContain(`    launch: ${line}\n`);
      expect(stdout).not.toContain("not-needed");
    },
  );

  test("prints the launch quoted for a shell", async () => {
    const bed = makeBed();
    installCli(bed, "codex", "0.169.0");
    bed.folder("it's", git);
    const { code, stdout } = await run(bed, ["it's", "--provider", "codex"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `launch: codex -c 'projects={"${bed.root}/it'\\''s"={trust_level="trusted"}}' --no-daemon\n`,
    );
  });

  const states = [
    { folder: "trusted", state: "trusted", code: "already-trusted", exit: 0 },
    { folder: "plain", state: "untrusted", code: "not-asked", exit: 0 },
    { folder: "repo", state: "untrusted", code: "passed-at-launch", exit: 1 },
    { folder: "untrusted", state: "untrusted", code: "untrusted-by-user", exit: 1 },
    { folder: "none", state: "unknown", code: "not-a-folder", exit: 1 },
  ];
  test.each(states)("prints the status of $folder: $state, $code", async ({ folder, state, code, exit }) => {
    const bed = makeBed();
    installCli(bed, "codex", "0.169.0");
    say(bed, { [bed.folder("trusted", git)]: "trusted", [bed.folder("untrusted", git)]: "untrusted" });
    for (const name of ["plain", "repo"]) bed.folder(name, name === "repo" ? git : {});
    const ran = await run(bed, ["status", folder, "--provider", "codex", "--json"]);
    expect(ran.code).toBe(exit);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: exit === 0,
      results: [{ workspace: join(bed.root, folder), provider: "codex", state, code, file: configOf(bed) }],
    });
    expect(existsSync(bed.dataDir)).toBe(false);
  });

  test("is listed by doctor, and required only if it was named", { tags: ["slow"] }, async () => {
    const bed = makeBed();
    const providersIn = async (...args: readonly string[]): Promise<unknown> => {
      const { stdout } = await run(bed, ["doctor", "--json", ...args]);
      return (JSON.parse(stdout) as { providers: unknown }).providers;
    };
    expect(await providersIn("--codex", "none")).toContainEqual(
      expect.objectContaining({ provider: "codex", ok: false }),
    );
    installCli(bed, "codex", "0.169.0");
    expect(await providersIn()).toContainEqual(
      expect.objectContaining({
        provider: "codex",
        ok: true,
        message: expect.stringContaining("Codex 0.169.0 at") as unknown,
      }),
    );
    expect(readFileSync(join(bed.dataDir, "consents.jsonl"), { flag: "a+", encoding: "utf8" })).toBe("");
  });
});
