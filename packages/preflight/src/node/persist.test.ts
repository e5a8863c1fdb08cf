import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf, type Code, type Provider } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { installAgent, makeBed, steps, withMoreTime, type AgentScript, type Bed } from "@gatehouse/test-kit";
import { readConsents } from "./ledger-file.ts";
import { momentOf, planContext } from "./plan-full.ts";
import { strategies } from "./providers/strategies.ts";

type Row = {
  readonly provider: Provider;
  readonly dialog: Omit<AgentScript, "saves" | "then">;
  /** The folder's own files, without which the CLI would not ask. */
  readonly own?: { readonly [path: string]: string };
  /** The option to confirm. */
  readonly wanted: string;
  /** The file below HOME that a confirmed answer writes; `text` is its content, with %CWD% for the folder. */
  readonly state: string;
  readonly text: string;
  readonly then: readonly string[];
};

const rule = "─".repeat(60);
const geminiOptions = ["1. Trust folder (project)", "2. Trust parent folder (w)", "3. Don't trust"];

const rows: readonly Row[] = [
  {
    provider: "gemini",
    dialog: {
      title: [
        " Do you trust the files in this folder?",
        " Trusting a folder allows Gemini CLI to load its local configurations, including custom commands, hooks, MCP",
        " servers, agent skills, and settings. These configurations could execute code on your behalf or change the",
        " behavior of the CLI.",
        "",
      ],
      pointer: "●",
      options: geminiOptions,
    },
    wanted: "1. Trust folder (project)",
    state: ".gemini/trustedFolders.json",
    text: '{ %CWD%: "TRUST_FOLDER" }',
    then: [" Gemini CLI is restarting to apply the trust changes..."],
  },
  {
    provider: "copilot",
    dialog: {
      title: [
        " Confirm folder trust",
        " %CWD%",
        " Copilot can read files in this folder and, with your permission, edit them or run code and shell commands. It",
        " will remember your permissions for the rest of this session.",
        "",
        " Do you trust the files in this folder?",
        "",
      ],
      pointer: "❯",
      options: ["1. Yes", "2. Yes, and remember this folder for future sessions", "3. No (Esc)"],
      below: ["", " ↑/↓ to navigate · enter to select · esc to cancel"],
    },
    wanted: "2. Yes, and remember this folder for future sessions",
    state: ".copilot/config.json",
    text: '// managed by Copilot\n{ "trustedFolders": [%CWD%] }',
    then: [" Please use /login to sign in to use Copilot"],
  },
  {
    provider: "qwen",
    dialog: {
      title: [
        " Do you trust this folder?",
        " Trusting a folder allows Qwen Code to execute commands it suggests. This is a security feature to prevent",
        " accidental execution in untrusted directories.",
        "",
      ],
      pointer: "›",
      options: geminiOptions,
    },
    wanted: "1. Trust folder (project)",
    state: ".qwen/trustedFolders.json",
    text: '{ %CWD%: "TRUST_FOLDER" }',
    then: [" Qwen Code is restarting to apply the trust changes..."],
  },
  {
    provider: "kimi",
    dialog: {
      title: [
        " Trust this folder?",
        " ↑↓ navigate · Enter select · Esc exit",
        "",
        " %CWD%",
        "",
        " Project-level MCP servers are disabled until you explicitly choose Trust. Trust starts the listed project MCP",
        " targets and remembers this folder.",
        "",
      ],
      pointer: "❯",
      options: [
        "Trust this folder\nEnable project MCP servers. Remembered for this folder.\n",
        "Don't trust\nExit Kimi Code. Asked again next launch.",
      ],
    },
    wanted: "Trust this folder",
    state: ".kimi-code/workspace-trust/wd_project_0123456789ab",
    text: '{ "root": %CWD%, "trustedAt": 1 }',
    then: [rule, " > ", rule],
  },
  {
    provider: "pi",
    dialog: {
      title: [
        rule,
        "",
        " Trust project folder?",
        " %CWD%",
        "",
        " This allows pi to load .pi settings and resources, install missing project packages, and execute project",
        " extensions.",
        "",
      ],
      pointer: "→",
      options: [
        "Trust",
        "Trust parent folder (/w)",
        "Trust (this session only)",
        "Do not trust",
        "Do not trust (this session only)",
      ],
      below: ["", " ↑↓ navigate  enter select  escape/ctrl+c cancel", "", rule],
    },
    own: { ".pi/settings.json": "{}" },
    wanted: "Trust",
    state: ".pi/agent/trust.json",
    text: "{ %CWD%: true }",
    then: [rule, "", rule, "0.0%/0 (auto)"],
  },
];

const say = (bed: Bed, name: string, text: string): void => {
  mkdirSync(dirname(join(bed.home, name)), { recursive: true });
  writeFileSync(join(bed.home, name), text);
};

/** Qwen asks only after the user has enabled it. */
const switchOn = (bed: Bed): void =>
  say(bed, ".qwen/settings.json", '{ "security": { "folderTrust": { "enabled": true } } }');

describe("preflight with --persist", () => {
  test.each(rows)(
    "answers $wanted in the dialog of $provider",
    async ({ provider, dialog, own, wanted, state, text, then }) => {
      const bed = makeBed();
      switchOn(bed);
      const log = installAgent(bed, provider, {
        ...dialog,
        saves: { [wanted]: { file: join(bed.home, state), text } },
        then,
      });
      const folder = bed.folder("w/project", own);
      const request = bed.request([folder], { providers: [provider], persist: true });
      const env = {
        ...request.env,
        CI: "true",
        GEMINI_CLI_TRUST_WORKSPACE: "true",
        COPILOT_ALLOW_ALL: "true",
      };
      const report = await runPreflight({ ...request, env });
      expect(report.results).toMatchObject([
        { workspace: folder, provider, code: "trusted", trustKey: folder },
      ]);
      expect(report.launch).toBeUndefined();
      expect(log()).toMatchObject([
        { event: "start", cwd: folder },
        { event: "answer", label: wanted },
      ]);
      const unset = new Set(["CI", "GEMINI_CLI_TRUST_WORKSPACE", "COPILOT_ALLOW_ALL"]);
      expect(log()[0]?.env?.filter((name) => unset.has(name))).toEqual([]);
      expect(readFileSync(join(bed.home, state), "utf8")).toBe(text.replace("%CWD%", JSON.stringify(folder)));
      const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
      expect(ledger.ok && ledger.value.consents).toMatchObject([
        { key: folder, provider, outcome: "trusted" },
      ]);
      expect(bed.leftovers()).toEqual([]);

      const again = await runPreflight(request);
      expect(again.results).toMatchObject([{ code: "already-trusted" }]);
      expect(log()).toHaveLength(2);
    },
  );

  test("presses Enter once if gemini records nothing after it, and the folder is not trusted", async () => {
    const [{ provider, dialog, then }] = rows as readonly [Row];
    const { results, answers } = await withMoreTime(
      async (timeoutMs) => {
        const bed = makeBed();
        const log = installAgent(bed, provider, { ...dialog, then });
        const folder = bed.folder("w/project");
        const request = bed.request([folder], { providers: [provider], persist: true, timeoutMs });
        const { results } = await runPreflight(request);
        return { results, answers: log().filter(({ event }) => event === "answer") };
      },
      ({ answers }) => answers.length > 0,
    );
    expect(results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(answers).toHaveLength(1);
  });

  test("does not end kimi before kimi has renamed its synced file", async () => {
    const bed = makeBed();
    const { dialog, wanted, state, text, then } = rows.find(({ provider }) => provider === "kimi") as Row;
    const saves = { [wanted]: { file: join(bed.home, state), text, namedAfterMs: 400 } };
    installAgent(bed, "kimi", { ...dialog, saves, then });
    const folder = bed.folder("w/project");
    const report = await runPreflight(bed.request([folder], { providers: ["kimi"], persist: true }));
    expect(report.results).toMatchObject([{ code: "trusted" }]);
    expect(readdirSync(dirname(join(bed.home, state)))).toEqual([basename(state)]);
  });

  test("starts one qwen after the other, even in two preflights, since an old qwen writes back its first read", async () => {
    const bed = makeBed();
    switchOn(bed);
    const { dialog, wanted, state, then } = rows.find(({ provider }) => provider === "qwen") as Row;
    const file = join(bed.home, state);
    const saves = { [wanted]: { file, entry: "TRUST_FOLDER" } };
    const log = installAgent(bed, "qwen", { ...dialog, saves, then });
    const folders = ["1/w/project", "2/w/project", "3/w/project", "4/w/project"].map((name) =>
      bed.folder(name),
    );
    const preflights = [folders.slice(0, 2), folders.slice(2)].map((own) =>
      runPreflight(bed.request(own, { providers: ["qwen"], persist: true })),
    );
    for (const { results } of await Promise.all(preflights))
      expect(results).toMatchObject([{ code: "trusted" }, { code: "trusted" }]);
    expect(log().map(({ event }) => event)).toEqual(folders.flatMap(() => ["start", "answer"]));
    expect(Object.keys(JSON.parse(readFileSync(file, "utf8")) as object).sort()).toEqual(folders);
  });

  test("starts qwen once for two preflights of one folder", async () => {
    const bed = makeBed();
    switchOn(bed);
    const { dialog, wanted, state, then } = rows.find(({ provider }) => provider === "qwen") as Row;
    const saves = { [wanted]: { file: join(bed.home, state), entry: "TRUST_FOLDER" } };
    const log = installAgent(bed, "qwen", { ...dialog, saves, then });
    const request = bed.request([bed.folder("w/project")], { providers: ["qwen"], persist: true });
    const reports = await Promise.all([runPreflight(request), runPreflight(request)]);
    const results = reports.flatMap(({ results }) => results);
    expect(results.map(({ code }) => code).sort()).toEqual(["already-trusted-after-wait", "trusted"]);
    const waited = results.find(({ code }) => code === "already-trusted-after-wait");
    expect(waited?.timings.lockWaitMs).toBeGreaterThan(0);
    expect(log().map(({ event }) => event)).toEqual(["start", "answer"]);
  });

  test("starts no qwen if it is aborted while another preflight's qwen runs", async () => {
    const bed = makeBed();
    switchOn(bed);
    const { dialog } = rows.find(({ provider }) => provider === "qwen") as Row;
    const log = installAgent(bed, "qwen", { ...dialog, then: [] });
    const named = { providers: ["qwen"], persist: true, timeoutMs: 60_000 } as const;
    const [holds, givesUp] = [new AbortController(), new AbortController()];
    let running: Promise<unknown> = Promise.resolve();
    await new Promise<void>((confirmed) => {
      running = runPreflight(bed.request([bed.folder("1/w/project")], named), {
        signal: holds.signal,
        onProgress: steps(({ step }) => void (step === "confirming" && confirmed())),
      });
    });
    const report = await runPreflight(bed.request([bed.folder("2/w/project")], named), {
      signal: givesUp.signal,
      onProgress: steps(({ text }) => {
        if (text.startsWith("waits for another preflight (")) givesUp.abort();
      }),
    });
    // The key may not have arrived yet when "confirming" is reported.
    await expect.poll(() => log().map(({ event }) => event)).toContain("answer");
    holds.abort();
    await running;
    expect(report.results).toMatchObject([{ code: "cancelled" }]);
    expect(log().map(({ event }) => event)).toEqual(["start", "answer"]);
  });

  test("does not report trust if qwen reached its prompt without a question", async () => {
    const bed = makeBed();
    switchOn(bed);
    const then = [rule, "> ", rule, "  ? for shortcuts"];
    installAgent(bed, "qwen", { then });
    const request = bed.request([bed.folder("w/project")], { providers: ["qwen"], persist: true });
    expect((await runPreflight(request)).results).toMatchObject([{ code: "not-asked" }]);
  });

  test("is cli-not-found for a missing kimi", async () => {
    const bed = makeBed();
    const request = bed.request([bed.folder("w")], { providers: ["kimi"], persist: true });
    const env = { ...request.env, PATH: join(bed.root, "bin") };
    expect((await runPreflight({ ...request, env })).results).toMatchObject([{ code: "cli-not-found" }]);
  });
});

type FolderFiles = Readonly<Record<string, string>>;

type Settled = {
  readonly name: string;
  readonly provider: Provider;
  /** Files below HOME. %FOLDER% is the named folder, %ABOVE% the folder above it. */
  readonly files?: { readonly [path: string]: string };
  readonly code: Code;
  readonly exit: number;
};

const enabled = { ".qwen/settings.json": '{ "security": { "folderTrust": { "enabled": true } } }' };
const settled: readonly Settled[] = [
  { name: "copilot has no launch option", provider: "copilot", code: "consent-needed", exit: 3 },
  { name: "kimi has no launch option", provider: "kimi", code: "consent-needed", exit: 3 },
  {
    name: "qwen with enabled trust dialogs has no launch option",
    provider: "qwen",
    files: enabled,
    code: "consent-needed",
    exit: 3,
  },
  { name: "qwen does not ask", provider: "qwen", code: "not-asked", exit: 0 },
  {
    name: "qwen's state refuses the folder",
    provider: "qwen",
    files: { ...enabled, ".qwen/trustedFolders.json": '{ "%FOLDER%": "DO_NOT_TRUST" }' },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "copilot trusts a folder above",
    provider: "copilot",
    files: { ".copilot/config.json": '/* x */ { "trustedFolders": ["%ABOVE%"] }' },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "copilot's state uses the older field name",
    provider: "copilot",
    files: { ".copilot/config.json": '{ "trusted_folders": ["%FOLDER%"] }' },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "near miss: copilot trusts a neighbour whose path begins the same",
    provider: "copilot",
    files: { ".copilot/config.json": '{ "trustedFolders": ["%FOLDER%2", 7] }' },
    code: "consent-needed",
    exit: 3,
  },
  {
    name: "copilot's state is torn",
    provider: "copilot",
    files: { ".copilot/config.json": '{ "trustedFolders": [' },
    code: "state-unreadable",
    exit: 1,
  },
  {
    name: "near miss: kimi trusts a folder, but not the folders below it",
    provider: "kimi",
    files: { ".kimi-code/workspace-trust/wd_w_0123456789ab": '{ "root": "%ABOVE%" }' },
    code: "consent-needed",
    exit: 3,
  },
  {
    name: "near miss: kimi has written a complete file and not yet renamed it",
    provider: "kimi",
    files: {
      ".kimi-code/workspace-trust/wd_project_0123456789ab.tmp.4711.0812978d": '{ "root": "%FOLDER%" }',
    },
    code: "consent-needed",
    exit: 3,
  },
  {
    name: "kimi has a torn file beside a good one",
    provider: "kimi",
    files: {
      ".kimi-code/workspace-trust/wd_project_0123456789ab": '{ "root": "%FOLDER%" }',
      ".kimi-code/workspace-trust/wd_other_0123456789cd": "{",
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "kimi's state is a file instead of a folder",
    provider: "kimi",
    files: { ".kimi-code/workspace-trust": "" },
    code: "state-unreadable",
    exit: 1,
  },
];

describe("preflight without --persist", () => {
  test.each(settled)("starts nothing and is $code: $name", async ({ provider, files = {}, code, exit }) => {
    const bed = makeBed();
    const log = installAgent(bed, provider, { then: [] });
    const folder = bed.folder("w/project");
    for (const [name, text] of Object.entries(files))
      say(bed, name, text.replaceAll("%FOLDER%", folder).replaceAll("%ABOVE%", dirname(folder)));
    const request = bed.request([folder], { providers: [provider] });
    const report = await runPreflight(request);
    expect(report.results).toMatchObject([{ workspace: folder, provider, code }]);
    expect(exitCodeOf(report)).toBe(exit);
    const context = await planContext(request, provider);
    expect(
      await strategies[provider].statusReader(context, momentOf(context.home).locate)(folder),
    ).toMatchObject({ code });
    expect(log()).toEqual([]);
  });

  test("names persist in the fix", async () => {
    const bed = makeBed();
    installAgent(bed, "copilot", { then: [] });
    const { results } = await runPreflight(bed.request([bed.folder("w")], { providers: ["copilot"] }));
    expect(results).toMatchObject([{ fix: expect.stringMatching(/^Pass `persist`/) as unknown }]);
  });

  const moved: readonly { variable: string; provider: Provider; files: (folder: string) => FolderFiles }[] = [
    {
      variable: "COPILOT_HOME",
      provider: "copilot",
      files: (folder) => ({ "config.json": JSON.stringify({ trustedFolders: [folder] }) }),
    },
    {
      variable: "QWEN_HOME",
      provider: "qwen",
      files: (folder) => ({
        "settings.json": enabled[".qwen/settings.json"],
        "trustedFolders.json": JSON.stringify({ [folder]: "TRUST_FOLDER" }),
      }),
    },
    {
      variable: "KIMI_CODE_HOME",
      provider: "kimi",
      files: (folder) => ({ "workspace-trust/wd_project_0123456789ab": JSON.stringify({ root: folder }) }),
    },
  ];
  test.each(moved)(
    "reads the state of $provider in the folder of $variable",
    async ({ variable, provider, files }) => {
      const bed = makeBed();
      const folder = bed.folder("w/project");
      const request = bed.request([folder], { providers: [provider] });
      const env = { ...request.env, [variable]: bed.folder("elsewhere", files(folder)) };
      const { results } = await runPreflight({ ...request, env });
      expect(results).toMatchObject([{ code: "already-trusted" }]);
    },
  );

  test("reads qwen's state in the file of QWEN_CODE_TRUSTED_FOLDERS_PATH", async () => {
    const bed = makeBed();
    switchOn(bed);
    const folder = bed.folder("w/project");
    const named = bed.folder("q", { "trusted.json": JSON.stringify({ [folder]: "TRUST_FOLDER" }) });
    const request = bed.request([folder], { providers: ["qwen"] });
    const env = { ...request.env, QWEN_CODE_TRUSTED_FOLDERS_PATH: join(named, "trusted.json") };
    const { results } = await runPreflight({ ...request, env });
    expect(results).toMatchObject([{ code: "already-trusted" }]);
  });

  const switched: readonly { what: string; files: FolderFiles; env?: string; code: Code }[] = [
    {
      what: "the project's settings enable its dialog",
      files: { ".qwen/settings.json": enabled[".qwen/settings.json"] },
      code: "consent-needed",
    },
    {
      what: "the system's settings enable its dialog",
      files: {},
      env: enabled[".qwen/settings.json"],
      code: "consent-needed",
    },
    { what: "no settings enable its dialog", files: {}, code: "not-asked" },
    {
      what: "a torn file may enable its dialog",
      files: { ".qwen/settings.json": "{" },
      code: "consent-needed",
    },
  ];
  test.each(switched)("is $code for qwen if $what", async ({ files, env, code }) => {
    const bed = makeBed();
    installAgent(bed, "qwen", { then: [] });
    const request = bed.request([bed.folder("w/project", files)], { providers: ["qwen"] });
    const system = join(bed.folder("system", { "settings.json": env ?? "{}" }), "settings.json");
    const { results } = await runPreflight({
      ...request,
      env: { ...request.env, QWEN_CODE_SYSTEM_SETTINGS_PATH: system },
    });
    expect(results).toMatchObject([{ code }]);
  });
});

describe("the grants of a result", () => {
  const server = '{ "mcpServers": { "db": {} } }';
  const granting: readonly { provider: Provider; file: string; grant: string }[] = [
    { provider: "copilot", file: ".mcp.json", grant: "mcp-server db" },
    { provider: "copilot", file: "sub/.github/hooks/one.json", grant: "mcp-server db" },
    { provider: "kimi", file: ".mcp.json", grant: "mcp-server db" },
    { provider: "kimi", file: "sub/.kimi-code/mcp.json", grant: "mcp-server db" },
    { provider: "gemini", file: "sub/.gemini/settings.json", grant: "mcp-server db" },
    { provider: "qwen", file: "sub/.qwen/settings.json", grant: "mcp-server db" },
  ];
  test.each(granting)(
    "name $file of $provider, for a folder below the repository's root",
    async ({ provider, file, grant }) => {
      const bed = makeBed();
      switchOn(bed);
      installAgent(bed, provider, { then: [] });
      const repository = bed.folder("w/repo", { ".git/HEAD": "", [file]: server });
      const request = bed.request([bed.folder("w/repo/sub")], { providers: [provider], refuseGrants: true });
      const { results } = await runPreflight({ ...request, persist: true });
      expect(results).toMatchObject([{ code: "grants-refused", grants: [{ file: join(repository, file) }] }]);
      expect(results[0]?.grants?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([grant]);
    },
  );
});

describe("a worktree for copilot", () => {
  const worktree = (bed: Bed, main: string): string => {
    const tree = bed.folder("w/tree");
    bed.folder(`${main}/.git/worktrees/tree`, { commondir: "../..", gitdir: join(tree, ".git") });
    bed.folder(`${main}/.git`, { HEAD: "ref: refs/heads/main\n", "objects/": "", "refs/": "" });
    writeFileSync(join(tree, ".git"), `gitdir: ${join(bed.root, main, ".git/worktrees/tree")}`);
    return tree;
  };
  test("has the key of its main checkout", async () => {
    const bed = makeBed();
    installAgent(bed, "copilot", { then: [] });
    const tree = worktree(bed, "w/main");
    const { results } = await runPreflight(bed.request([tree], { providers: ["copilot"] }));
    expect(results).toMatchObject([{ code: "consent-needed", trustKey: join(bed.root, "w/main") }]);
  });

  test("is refused if the main checkout may not be a repository", async () => {
    const bed = makeBed();
    const log = installAgent(bed, "copilot", { then: [] });
    const tree = worktree(bed, "w/main");
    rmSync(join(bed.root, "w/main/.git/HEAD"));
    const request = bed.request([tree], { providers: ["copilot"], persist: true });
    expect((await runPreflight(request)).results).toMatchObject([{ code: "key-outside-folder" }]);
    expect(log()).toEqual([]);
  });

  test("is refused if the main checkout is the home folder", async () => {
    const bed = makeBed();
    const log = installAgent(bed, "copilot", { then: [] });
    const tree = worktree(bed, relative(bed.root, bed.home));
    const request = bed.request([tree], { providers: ["copilot"], persist: true });
    expect((await runPreflight(request)).results).toMatchObject([{ code: "home-not-persistable" }]);
    expect(log()).toEqual([]);
  });
});

describe("a CLI that records more than the folder", () => {
  const wider: readonly { provider: Provider; text: string; key: (folder: string) => string; fix: RegExp }[] =
    [
      { provider: "gemini", text: '{ %CWD%: "TRUST_PARENT" }', key: dirname, fix: /remove what trusts/ },
      { provider: "qwen", text: '{ %CWD%: "TRUST_PARENT" }', key: dirname, fix: /remove what trusts/ },
      {
        provider: "copilot",
        text: '{ "trustedFolders": [%CWD%, "/"] }',
        key: () => "/",
        fix: /remove what trusts/,
      },
      {
        provider: "kimi",
        text: '{ "root": "/srv", "trustedAt": 1 }',
        key: () => "/srv",
        fix: /remove the files/,
      },
    ];
  test.each(wider)("is trust-wider-than-planned: $provider", async ({ provider, text, key, fix }) => {
    const row = rows.find((one) => one.provider === provider) as Row;
    const { folder, results } = await withMoreTime(
      async (timeoutMs) => {
        const bed = makeBed();
        switchOn(bed);
        const log = installAgent(bed, provider, {
          ...row.dialog,
          saves: { [row.wanted]: { file: join(bed.home, row.state), text } },
          then: row.then,
        });
        const folder = bed.folder("w/project");
        const request = bed.request([folder], { providers: [provider], persist: true, timeoutMs });
        const { results } = await runPreflight(request);
        return { folder, results, hasAnswered: log().some(({ event }) => event === "answer") };
      },
      ({ hasAnswered }) => hasAnswered,
    );
    expect(results).toMatchObject([
      { code: "trust-wider-than-planned", trustKey: folder, unplannedKeys: [key(folder)] },
    ]);
    expect(results[0]?.fix).toMatch(fix);
  });
});
