import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf, type Code, type Provider } from "../index.ts";
import { runPreflight } from "./execute.ts";
import { installAgent, type AgentScript } from "./fake-agent.bed.ts";
import { makeBed, type Bed } from "./fake-claude.bed.ts";
import { readConsents } from "./ledger-file.ts";
import { planContext } from "./plan-full.ts";
import { strategies } from "./strategy.ts";

type Row = {
  readonly provider: Provider;
  readonly dialog: Omit<AgentScript, "saves" | "then">;
  /** The option that has to be confirmed. */
  readonly wanted: string;
  /** Below HOME; what a confirmed answer leaves there, %CWD% for the folder. */
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
        " Trusting a folder allows Gemini CLI to load its local configurations",
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
      title: [" Confirm folder trust", "", " Do you trust the files in this folder?", ""],
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
        " Trusting a folder allows Qwen Code to execute commands it suggests.",
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
      title: [" Trust this folder?", " ↑↓ navigate · Enter select · Esc exit", "", " /w/project", ""],
      pointer: "❯",
      options: [
        "Trust this folder\nEnable project MCP servers. Remembered for this folder.\n",
        "Don't trust\nExit Kimi Code. Asked again next launch.",
      ],
    },
    wanted: "Trust this folder",
    state: ".kimi-code/workspace-trust/wd_project_1",
    text: '{ "root": %CWD%, "trustedAt": 1 }',
    then: [rule, " > ", rule],
  },
];

const say = (bed: Bed, name: string, text: string): void => {
  mkdirSync(dirname(join(bed.home, name)), { recursive: true });
  writeFileSync(join(bed.home, name), text);
};

/** Qwen asks nobody who has not switched that on. */
const switchOn = (bed: Bed): void =>
  say(bed, ".qwen/settings.json", '{ "security": { "folderTrust": { "enabled": true } } }');

describe("with --persist the CLI's own dialog is answered", () => {
  test.each(rows)("$provider: $wanted", async ({ provider, dialog, wanted, state, text, then }) => {
    const bed = makeBed();
    switchOn(bed);
    const log = installAgent(bed, provider, {
      ...dialog,
      saves: { [wanted]: { file: join(bed.home, state), text } },
      then,
    });
    const folder = bed.folder("w/project");
    const request = bed.request([folder], { providers: [provider], persist: true });
    const env = { ...request.env, CI: "true", GEMINI_CLI_TRUST_WORKSPACE: "true" };
    const report = await runPreflight({ ...request, env });
    expect(report.results).toMatchObject([
      { workspace: folder, provider, code: "trusted", trustKey: folder },
    ]);
    expect(report.launch).toBeUndefined();
    expect(log()).toMatchObject([
      { event: "start", cwd: folder },
      { event: "answer", label: wanted },
    ]);
    const unset = new Set(["CI", "GEMINI_CLI_TRUST_WORKSPACE"]);
    expect(log()[0]?.env?.filter((name) => unset.has(name))).toEqual([]);
    expect(readFileSync(join(bed.home, state), "utf8")).toBe(text.replace("%CWD%", JSON.stringify(folder)));
    const ledger = await readConsents(join(bed.dataDir, "consents.jsonl"));
    expect(ledger.ok && ledger.value.consents).toMatchObject([{ key: folder, provider, outcome: "trusted" }]);
    expect(bed.leftovers()).toEqual([]);

    const again = await runPreflight(request);
    expect(again.results).toMatchObject([{ code: "already-trusted" }]);
    expect(log()).toHaveLength(2);
  });

  test("an answer that is shown to have worked and is not on disk is no trust; there is one Enter", async () => {
    const bed = makeBed();
    const [{ provider, dialog, then }] = rows as readonly [Row];
    const log = installAgent(bed, provider, { ...dialog, then });
    const request = bed.request([bed.folder("w/project")], { providers: [provider], persist: true });
    const report = await runPreflight({ ...request, timeoutMs: 4_000 });
    expect(report.results).toMatchObject([{ code: "trust-not-persisted" }]);
    expect(log().filter(({ event }) => event === "answer")).toHaveLength(1);
  });

  test("a prompt that is reached without a question is no sign of trust", async () => {
    const bed = makeBed();
    switchOn(bed);
    const then = [rule, "> ", rule, "  ? for shortcuts"];
    installAgent(bed, "qwen", { then });
    const request = bed.request([bed.folder("w/project")], { providers: ["qwen"], persist: true });
    expect((await runPreflight(request)).results).toMatchObject([{ code: "not-asked" }]);
  });

  test("a CLI that is to be asked has to be there", async () => {
    const bed = makeBed();
    const request = bed.request([bed.folder("w")], { providers: ["kimi"], persist: true });
    const env = { ...request.env, PATH: join(bed.root, "bin") };
    expect((await runPreflight({ ...request, env })).results).toMatchObject([{ code: "cli-not-found" }]);
  });
});

type Settled = {
  readonly name: string;
  readonly provider: Provider;
  /** Below HOME; %ABOVE% is the folder above the one that is named, %FOLDER% that one. */
  readonly files?: { readonly [path: string]: string };
  readonly code: Code;
  readonly exit: number;
};

const enabled = { ".qwen/settings.json": '{ "security": { "folderTrust": { "enabled": true } } }' };
const settled: readonly Settled[] = [
  { name: "copilot cannot be told", provider: "copilot", code: "consent-needed", exit: 3 },
  { name: "kimi cannot be told", provider: "kimi", code: "consent-needed", exit: 3 },
  {
    name: "qwen, switched on, cannot be told",
    provider: "qwen",
    files: enabled,
    code: "consent-needed",
    exit: 3,
  },
  { name: "qwen does not ask", provider: "qwen", code: "not-asked", exit: 0 },
  {
    name: "qwen's own no",
    provider: "qwen",
    files: { ...enabled, ".qwen/trustedFolders.json": '{ "%FOLDER%": "DO_NOT_TRUST" }' },
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "a folder above is trusted by copilot",
    provider: "copilot",
    files: { ".copilot/config.json": '/* x */ { "trustedFolders": ["%ABOVE%"] }' },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "copilot's older name",
    provider: "copilot",
    files: { ".copilot/config.json": '{ "trusted_folders": ["%FOLDER%"] }' },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "near miss: a neighbour with the same beginning",
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
    name: "near miss: kimi trusts a folder, and none below it",
    provider: "kimi",
    files: { ".kimi-code/workspace-trust/wd_1": '{ "root": "%ABOVE%" }' },
    code: "consent-needed",
    exit: 3,
  },
  {
    name: "a torn file of kimi's beside a good one",
    provider: "kimi",
    files: {
      ".kimi-code/workspace-trust/wd_1": '{ "root": "%FOLDER%" }',
      ".kimi-code/workspace-trust/wd_2": "{",
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "kimi's state is a file",
    provider: "kimi",
    files: { ".kimi-code/workspace-trust": "" },
    code: "state-unreadable",
    exit: 1,
  },
];

describe("without --persist nothing is started", () => {
  test.each(settled)("$name: $code", async ({ provider, files = {}, code, exit }) => {
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
    expect(await strategies[provider].statusReader(context)(folder)).toMatchObject({ code });
    expect(log()).toEqual([]);
  });

  test("what is missing is said", async () => {
    const bed = makeBed();
    installAgent(bed, "copilot", { then: [] });
    const { results } = await runPreflight(bed.request([bed.folder("w")], { providers: ["copilot"] }));
    expect(results).toMatchObject([{ fix: expect.stringMatching(/^Pass --persist/) as unknown }]);
  });

  test("COPILOT_HOME names copilot's folder", async () => {
    const bed = makeBed();
    const folder = bed.folder("w/project");
    const COPILOT_HOME = bed.folder("c", { "config.json": JSON.stringify({ trustedFolders: [folder] }) });
    const request = bed.request([folder], { providers: ["copilot"] });
    const { results } = await runPreflight({ ...request, env: { ...request.env, COPILOT_HOME } });
    expect(results).toMatchObject([{ code: "already-trusted" }]);
  });
});
