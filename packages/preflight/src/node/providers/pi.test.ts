import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { installAgent, installCli, makeBed } from "@gatehouse/test-kit";
import { exitCodeOf, type Code } from "../../index.ts";
import { runPreflight } from "../execute.ts";
import { momentOf, planContext } from "../plan-full.ts";
import { strategies } from "./strategies.ts";

type Row = {
  readonly name: string;
  readonly version?: string;
  /** Files of the folder `w/project`. */
  readonly own?: Readonly<Record<string, string>>;
  /** Files below HOME. %FOLDER% is the named folder, %ABOVE% the folder above it. */
  readonly files?: Readonly<Record<string, string>>;
  readonly code: Code;
  readonly exit: number;
};

const settings = { ".pi/settings.json": "{}" };
const entries = (text: string) => ({ ".pi/agent/trust.json": text });
const wish = (value: string) => ({ ".pi/agent/settings.json": `{ "defaultProjectTrust": "${value}" }` });

const rows: readonly Row[] = [
  { name: "the folder has its own settings", own: settings, code: "passed-at-launch", exit: 0 },
  {
    name: "the folder has an extension",
    own: { ".pi/extensions/x.ts": "" },
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "the folder has a text for the model",
    own: { ".pi/SYSTEM.md": "" },
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "the folder has skills",
    own: { ".agents/skills/a/SKILL.md": "" },
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "a folder above has skills",
    files: { "w/.agents/skills/a/SKILL.md": "" },
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "near miss: only the user has skills",
    files: { ".agents/skills/a/SKILL.md": "" },
    code: "not-asked",
    exit: 0,
  },
  {
    name: "near miss: the folder's .pi has no resources",
    own: { ".pi/notes.txt": "" },
    code: "not-asked",
    exit: 0,
  },
  {
    name: "near miss: only a folder above has settings",
    files: { "w/.pi/settings.json": "{}" },
    code: "not-asked",
    exit: 0,
  },
  {
    name: "near miss: the folder has only instructions",
    own: { "AGENTS.md": "" },
    code: "not-asked",
    exit: 0,
  },
  {
    name: "0.79.0, the folder has only instructions",
    version: "0.79.0",
    own: { "AGENTS.md": "" },
    code: "passed-at-launch",
    exit: 0,
  },
  { name: "0.79.0, the folder has no files", version: "0.79.0", code: "not-asked", exit: 0 },
  {
    name: "the state trusts the folder",
    own: settings,
    files: entries('{ "%FOLDER%": true }'),
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "the state trusts a folder above",
    own: settings,
    files: entries('{ "%ABOVE%": true }'),
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "near miss: 0.79.0, the state trusts a folder above",
    version: "0.79.0",
    own: settings,
    files: entries('{ "%ABOVE%": true }'),
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "near miss: the state trusts a neighbour",
    own: settings,
    files: entries('{ "%FOLDER%2": true }'),
    code: "passed-at-launch",
    exit: 0,
  },
  {
    name: "the user's settings refuse the folder",
    own: settings,
    files: entries('{ "%FOLDER%": false }'),
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "the user's settings refuse all folders",
    own: settings,
    files: wish("never"),
    code: "untrusted-by-user",
    exit: 1,
  },
  {
    name: "the user's settings trust all folders",
    own: settings,
    files: wish("always"),
    code: "not-asked",
    exit: 0,
  },
  {
    name: "the state is torn",
    own: settings,
    files: entries('{ "%FOLDER%": '),
    code: "state-unreadable",
    exit: 1,
  },
  {
    name: "the state has other values",
    own: settings,
    files: entries('{ "/x": "yes" }'),
    code: "state-unreadable",
    exit: 1,
  },
];

describe("pi without --persist", () => {
  test.each(rows)(
    "is not started, writes nothing and is $code: $name",
    async ({ version = "1.5.2", own, files = {}, code, exit }) => {
      const bed = makeBed();
      const started = installCli(bed, "pi", version);
      const folder = join(bed.home, "w", "project");
      const below = Object.entries(own ?? {}).map(([name, text]) => [join("w/project", name), text] as const);
      mkdirSync(folder, { recursive: true });
      for (const [name, text] of [...Object.entries(files), ...below]) {
        mkdirSync(dirname(join(bed.home, name)), { recursive: true });
        writeFileSync(
          join(bed.home, name),
          text.replaceAll("%FOLDER%", folder).replaceAll("%ABOVE%", dirname(folder)),
        );
      }
      const request = bed.request([folder], { providers: ["pi"] });
      const report = await runPreflight(request);
      expect(report.results).toMatchObject([{ workspace: folder, code }]);
      expect(exitCodeOf(report)).toBe(exit);
      const context = await planContext(request, "pi");
      expect(await strategies.pi.statusReader(context, momentOf(context.home).locate)(folder)).toMatchObject({
        code,
      });
      expect([existsSync(started), existsSync(join(bed.home, ".pi/agent/trust.json"))]).toEqual([
        false,
        ".pi/agent/trust.json" in files,
      ]);
    },
  );

  test("gets trust at launch by one flag for all folders, and the result names their resources", async () => {
    const bed = makeBed();
    installCli(bed, "pi", "1.5.2");
    const folder = bed.folder("one", {
      ".pi/settings.json": '{ "packages": ["npm:x"] }',
      ".pi/mcp.json": '{ "mcpServers": { "db": {} } }',
      ".pi/extensions/evil.ts": "",
      ".agents/skills/s/SKILL.md": "",
    });
    const folders = [folder, bed.folder("two", settings)];
    const { results, launch } = await runPreflight(bed.request(folders, { providers: ["pi"] }));
    const told = { settings: null, args: ["--approve"], env: {} };
    expect(results.map((result) => result.launch)).toEqual([told, told]);
    expect(launch).toEqual({ pi: told });
    expect(results[0]?.grants?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "setting packages",
      "mcp-server db",
      "setting extensions/evil.ts",
      "setting skills",
    ]);
  });

  test("reads its state in the folder of PI_CODING_AGENT_DIR, also relative to the home folder", async () => {
    const bed = makeBed();
    installCli(bed, "pi", "1.5.2");
    const folder = bed.folder("project", settings);
    mkdirSync(join(bed.home, "moved"));
    writeFileSync(join(bed.home, "moved", "trust.json"), JSON.stringify({ [folder]: true }));
    for (const named of [join(bed.home, "moved"), "~/moved"]) {
      const request = bed.request([folder], { providers: ["pi"] });
      const env = { ...request.env, PI_CODING_AGENT_DIR: named };
      expect((await runPreflight({ ...request, env })).results).toMatchObject([{ code: "already-trusted" }]);
    }
  });
});

test("an untested pi is asked with --persist, and its screen decides", async () => {
  const bed = makeBed();
  installAgent(bed, "pi", { then: ["─".repeat(80), "", "─".repeat(80), "0.0%/0 (auto)"] });
  const file = join(bed.root, "lib", "node_modules", "@earendil-works/pi-coding-agent", "package.json");
  writeFileSync(file, '{ "name": "@earendil-works/pi-coding-agent", "version": "1.6.0" }');
  const request = bed.request([bed.folder("project", settings)], { providers: ["pi"], persist: true });
  expect((await runPreflight(request)).results).toMatchObject([{ code: "not-asked", via: "dialog" }]);
});
