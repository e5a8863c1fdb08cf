import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, test } from "vitest";
import { exitCodeOf, type Code, type PreflightRequest } from "../index.ts";
import { execute, runPreflight } from "./execute.ts";
import { makeBed, setUpProfile, type Bed, type Scenario } from "@gatehouse/test-kit";
import { planFull } from "./plan-full.ts";

test("planFull plans pairs after the product of folders and providers, in the order of the request", async () => {
  const bed = makeBed();
  const [a, b] = [bed.folder("a"), bed.folder("b")];
  const plan = await planFull(
    bed.request([a], {
      providers: ["claude", "codex"],
      pairs: [
        { folder: "b", provider: "gemini" },
        { folder: b, provider: "codex" },
      ],
      cwd: bed.root,
    }),
  );
  expect(plan.folders.map(({ workspace, provider }) => [workspace, provider])).toEqual([
    [a, "claude"],
    [a, "codex"],
    [b, "gemini"],
    [b, "codex"],
  ]);
});

test("planFull returns one launch for all folders of a provider that are passed at launch, like the report", async () => {
  const bed = makeBed();
  const folders = [bed.folder("a", git), bed.folder("b", git)];
  const plan = await planFull(bed.request(folders, { providers: ["codex", "gemini"] }));
  expect(Object.keys(plan.launch)).toEqual(["codex", "gemini"]);
  for (const folder of folders) expect(plan.launch.codex?.args.join(" ")).toContain(folder);
  expect((await execute(plan)).launch).toEqual(plan.launch);
  const trusted = await planFull(bed.request([bed.home], { providers: ["codex"] }));
  expect(trusted.launch).toEqual({});
});

test("planFull needs no folders if there are pairs, and looks only for the CLIs of the pairs", async () => {
  const bed = makeBed();
  const plan = await planFull(bed.request([], { pairs: [{ folder: bed.folder("a"), provider: "codex" }] }));
  expect(plan.folders.map(({ provider }) => provider)).toEqual(["codex"]);
  expect(plan.cli).not.toHaveProperty("claude");
});

type Settled = {
  name: string;
  scenario?: Scenario;
  /** Prepares the bed and returns the folder to name. */
  folder: (bed: Bed) => string;
  more?: (bed: Bed) => Partial<PreflightRequest>;
  code: Code;
  exit: number;
};

const git = { ".git/HEAD": "ref: refs/heads/main\n", ".git/objects/": "", ".git/refs/": "" };
const allow = { ".claude/settings.json": JSON.stringify({ permissions: { allow: ["Bash"] } }) };
const withState = (bed: Bed, projects: object): void =>
  writeFileSync(bed.stateFile, JSON.stringify({ ...setUpProfile, projects }));
const nobody = 65_534;
const accepted = { hasTrustDialogAccepted: true };

const settled: readonly Settled[] = [
  { name: "the home folder", folder: ({ home }) => home, code: "home-not-persistable", exit: 1 },
  {
    name: "a folder in a dotfiles repository, whose root is home",
    folder: ({ home }) => {
      mkdirSync(join(home, ".git"));
      mkdirSync(join(home, "project"));
      return join(home, "project");
    },
    code: "home-not-persistable",
    exit: 1,
  },
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
  { name: "a file", folder: ({ stateFile }) => stateFile, code: "not-a-folder", exit: 1 },
  {
    name: "a folder that is already trusted",
    folder: (bed) => {
      const folder = bed.folder("project");
      withState(bed, { [folder]: accepted });
      return folder;
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "home trusted by hand",
    folder: (bed) => {
      withState(bed, { [bed.home]: accepted });
      return bed.home;
    },
    code: "already-trusted",
    exit: 0,
  },
  {
    name: "a plain folder below a trusted one",
    folder: (bed) => {
      withState(bed, { [bed.folder("above")]: accepted });
      return bed.folder("above/project");
    },
    code: "covered-by-parent",
    exit: 0,
  },
  {
    name: "a folder with grants, with --refuse-grants",
    folder: (bed) => bed.folder("project", { ...git, ...allow }),
    more: () => ({ refuseGrants: true }),
    code: "grants-refused",
    exit: 1,
  },
  {
    name: "a trusted folder with grants, with --refuse-grants",
    folder: (bed) => {
      const folder = bed.folder("project", { ...git, ...allow });
      withState(bed, { [folder]: accepted });
      return folder;
    },
    more: () => ({ refuseGrants: true }),
    code: "grants-refused",
    exit: 1,
  },
  {
    name: "a missing CLI",
    folder: (bed) => bed.folder("project"),
    more: ({ home }) => ({ env: { HOME: home, PATH: "/proc/nowhere:." } }),
    code: "cli-not-found",
    exit: 1,
  },
  {
    name: "a named CLI that is missing, although PATH has one",
    folder: (bed) => bed.folder("project"),
    more: ({ root }) => ({ cli: { claude: join(root, "no") } }),
    code: "cli-not-found",
    exit: 1,
  },
  {
    name: "a CLI that cannot be protected from the folder's own settings",
    scenario: { version: "2.1.80" },
    folder: (bed) => bed.folder("project"),
    code: "cli-too-old",
    exit: 1,
  },
  {
    name: "a state file that is a folder",
    folder: (bed) => {
      rmSync(bed.stateFile);
      mkdirSync(bed.stateFile);
      return bed.folder("project");
    },
    code: "state-unreadable",
    exit: 1,
  },
  {
    name: "a state file that stays torn",
    folder: (bed) => {
      writeFileSync(bed.stateFile, '{"hasCompletedOnboarding":tr');
      return bed.folder("project");
    },
    code: "state-unreadable",
    exit: 1,
  },
];

describe("planFull", () => {
  test.each(settled)(
    "settles $name as $code without starting the CLI",
    async ({ scenario, folder, more, code, exit }) => {
      const bed = makeBed(scenario);
      const named = folder(bed);
      const report = await runPreflight(bed.request([named], more?.(bed)));
      expect(report.results).toMatchObject([{ workspace: named, code }]);
      expect(exitCodeOf(report)).toBe(exit);
      expect(report.results[0]?.fix === undefined).toBe(exit === 0);
      expect(bed.log()).toEqual([]);
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test("leaves a folder beside home pending", async () => {
    const bed = makeBed();
    const { folders } = await planFull(bed.request([bed.folder("home-2")]));
    expect(folders).toMatchObject([{ verdict: null, trustKey: join(bed.root, "home-2") }]);
  });

  test("leaves a folder with grants pending, and names the grants", async () => {
    const bed = makeBed();
    const folder = bed.folder("project", { ...git, ...allow });
    const { folders } = await planFull(bed.request([folder]));
    expect(folders).toMatchObject([
      {
        verdict: null,
        grants: [{ kind: "permission", name: "Bash", file: join(folder, ".claude/settings.json") }],
      },
    ]);
  });

  test("takes the repository's root as the key of a sub-folder", async () => {
    const bed = makeBed();
    const root = bed.folder("repo", { ...git, "pkg/": "" });
    const { folders } = await planFull(bed.request(["repo/pkg"], { cwd: bed.root }));
    expect(folders).toMatchObject([{ verdict: null, workspace: join(root, "pkg"), trustKey: root }]);
  });

  test("refuses a state file whose folder cannot get a new file", ({ skip }) => {
    const isRoot = process.getuid?.() === 0;
    const isRead =
      spawnSync("test", ["-r", import.meta.filename], isRoot ? { uid: nobody } : {}).status === 0;
    skip(!isRead, "no other account may read this checkout");
    const bed = makeBed();
    const { env } = bed.request([]);
    const flags = [bed.folder("project"), "--json", "--data", bed.dataDir];
    chmodSync(bed.home, 0o500);
    // Root may write anywhere, so as root the test gives the files to another account and runs as that account.
    if (isRoot) execFileSync("chown", ["-R", String(nobody), bed.root]);
    const { stdout } = spawnSync(process.execPath, [inject("programs")["workspace-trust"], ...flags], {
      encoding: "utf8",
      env: { ...env, TMPDIR: join(bed.root, "tmp") },
      ...(isRoot ? { uid: nobody, cwd: bed.root } : {}),
    });
    chmodSync(bed.home, 0o700);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ code: "trust-not-persisted" }] });
    expect(bed.log()).toEqual([]);
  });
});
