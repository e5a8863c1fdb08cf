import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

type Step = {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
};
type Job = {
  readonly needs?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly "timeout-minutes": number;
  readonly steps: readonly Step[];
};
type Workflow = { readonly on: unknown; readonly permissions: unknown; readonly jobs: Record<string, Job> };

const root = join(import.meta.dirname, "../..");
const folder = join(root, ".github/workflows");
const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");
const { on, permissions, jobs } = parse(textOf("release.yml")) as Workflow;
const runsOf = (job: Job): readonly string[] => job.steps.flatMap(({ run = [] }) => run);

describe.for(readdirSync(folder))("the workflow %s", (file) => {
  test("is YAML without a doubled key", () =>
    expect(() => parse(textOf(file), { strict: true })).not.toThrow());

  test("takes each action by its commit, with the version beside it", () => {
    const actions = [...textOf(file).matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});

describe("the workflow for macOS", () => {
  const macos = parse(textOf("macos.yml")) as Workflow;

  test("says that it never ran, and starts only by hand", () => {
    expect(textOf("macos.yml")).toMatch(/^# NEVER RUN/);
    expect(Object.keys(macos.on as object)).toEqual(["workflow_dispatch"]);
  });

  test("does the smoke run and the fast tests, and may publish nothing", () => {
    const job = macos.jobs["macos"]!;
    expect([macos.permissions, job.permissions]).toEqual([{}, { contents: "read" }]);
    expect(runsOf(job)).toEqual(["node tools/scripts/smoke.mjs", "npx vitest run --tags-filter='!slow'"]);
    for (const [, script] of runsOf(job)
      .join("\n")
      .matchAll(/node (\S+)/g))
      expect(existsSync(join(root, script!))).toBe(true);
  });
});

describe("the release workflow", () => {
  test("starts with a tag of a version, and with nothing else", () =>
    expect(on).toEqual({ push: { tags: ["v[0-9]*"] } }));

  test("allows nothing by itself, and each job only what it needs", () => {
    expect(permissions).toEqual({});
    expect(Object.entries(jobs).map(([name, job]) => [name, job.permissions])).toEqual([
      ["check", { contents: "read" }],
      ["publish", { contents: "read", "id-token": "write" }],
    ]);
  });

  test("ends a job that hangs", () => {
    for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
  });

  test("publishes what was checked: the tag, everything, and the tarballs", () => {
    expect(runsOf(jobs["check"]!)).toEqual([
      'node tools/scripts/release-check.mjs "$GITHUB_REF_NAME"',
      ".ci/run",
      "npm run pack:check -- --keep release",
    ]);
    expect(jobs["publish"]?.needs).toBe("check");
    expect(runsOf(jobs["publish"]!)).toEqual(["node tools/scripts/publish.mjs release --provenance"]);
  });

  test("knows npm's token nowhere but in the step that publishes", () => {
    const known = Object.values(jobs).flatMap(({ steps }) =>
      steps.filter((step) => JSON.stringify(step).includes("secrets.")),
    );
    expect(known.map(({ run }) => run)).toEqual(runsOf(jobs["publish"]!));
    const checkouts = Object.values(jobs).flatMap(({ steps }) =>
      steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@")),
    );
    for (const step of checkouts) expect(step.with).toMatchObject({ "persist-credentials": false });
  });

  test("starts scripts that are there", () => {
    const files = Object.values(jobs)
      .flatMap((job) => runsOf(job))
      .flatMap((line) => line.match(/[\w./-]+\.mjs|\.ci\/run/g) ?? []);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
  });
});
