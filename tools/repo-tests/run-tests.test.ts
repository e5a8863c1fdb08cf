import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const script = new URL("../scripts/run-tests.mjs", import.meta.url).href;

/** What is told of a test at the end of a run. */
type Told = { readonly name: string; readonly reason: string };
type Ran = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errors: readonly string[];
  readonly files: readonly {
    readonly project: string;
    readonly file: string;
    readonly failures: readonly Told[];
    readonly onlyAlone: readonly Told[];
    readonly notAlone: readonly Told[];
    readonly skipped: readonly Told[];
  }[];
};

/** Passes and fails by how often its file was run: each run leaves a folder beside it. */
const counting = `
  import { mkdirSync, existsSync } from "node:fs";
  const [first, second] = [1, 2].map((run) => import.meta.filename + "." + process.env.TEST_OF + run);
  const isFirst = !existsSync(first);
  mkdirSync(isFirst ? first : second);
`;

const config = `export default { test: { globals: true, isolate: false, maxWorkers: 1, projects: [
  { extends: true, test: { name: "one", include: ["*.test.mjs"], env: { TEST_OF: "one" } } },
  { extends: true, test: { name: "two", include: ["both.test.mjs"], env: { TEST_OF: "two" } } },
] } };`;

/** Runs these test files with the real vitest. */
const run = async (files: Readonly<Record<string, string>>): Promise<Ran> => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-run-tests-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  writeFileSync(join(folder, "vitest.config.mjs"), config);
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source);
  const code = `import { runTests } from ${JSON.stringify(script)};
    process.stdout.write("\\nRESULT " + JSON.stringify(await runTests(${JSON.stringify(folder)})));`;
  // A process of its own: vitest's words go to its output, and this run's variables are not for that one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV|GATEHOUSE_)/.test(name)),
  );
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
    env,
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\nRESULT ") + "\nRESULT ".length)) as Ran;
};

const slow = { tags: ["slow"] };

test("a failed file is run once more, alone: what passes there counts, and is named", slow, async () => {
  const ran = await run({
    "steady.test.mjs": `test("passes", () => {});\ntest("is skipped", ({ skip }) => skip("no server"));`,
    "both.test.mjs": `${counting}
      test("fails twice", () => { throw new Error("always\\nhere"); });
      test("flakes (GATEHOUSE_SOME_SEED=" + (process.env.GATEHOUSE_SOME_SEED ?? 7) + ", " + isFirst + ")", () => {
        if (isFirst) throw new Error("too slow");
        expect(process.env.GATEHOUSE_SOME_SEED).toBe("7");
      });
      test("fails alone", () => { if (!isFirst) throw new Error("too quick"); });`,
    "loads-late.test.mjs": `${counting}
      if (isFirst) throw new Error("not there yet");
      test("passes once it is loaded", () => {});`,
  });
  expect(ran).toMatchObject({ passed: 6, failed: 2, skipped: 1, errors: [] });
  const of = (project: string, file: string) =>
    ran.files.find((each) => each.project === project && each.file === file);
  for (const project of ["one", "two"])
    expect(of(project, "both.test.mjs")).toMatchObject({
      failures: [{ name: "both.test.mjs: fails twice", reason: "always\nhere" }],
      onlyAlone: [{ name: "both.test.mjs: flakes (GATEHOUSE_SOME_SEED=7, true)", reason: "too slow" }],
      notAlone: [{ name: "both.test.mjs: fails alone", reason: "too quick" }],
    });
  expect(of("one", "loads-late.test.mjs")).toMatchObject({
    ...{ failures: [], notAlone: [] },
    onlyAlone: [{ name: "loads-late.test.mjs", reason: "not there yet" }],
  });
  expect(of("one", "steady.test.mjs")?.skipped).toMatchObject([{ name: "steady.test.mjs: is skipped" }]);
});

test("six failed files are no flake: none is run again", slow, async () => {
  const flake = `${counting} test("flakes", () => { if (isFirst) throw new Error("too slow"); });`;
  const names = [1, 2, 3, 4, 5, 6].map((at) => `flake${at}.test.mjs`);
  const ran = await run(Object.fromEntries(names.map((name) => [name, flake])));
  expect(ran).toMatchObject({ passed: 0, failed: 6 });
  expect(ran.files.flatMap(({ onlyAlone }) => onlyAlone)).toEqual([]);
});

test("an error outside of every test fails the run, whatever passes alone", slow, async () => {
  const ran = await run({
    "stray.test.mjs": `${counting}
      test("leaves something behind", async () => {
        if (isFirst) { void Promise.reject(new Error("nobody waited")); await new Promise(setImmediate); }
      });`,
  });
  expect(ran).toMatchObject({ passed: 1, failed: 1, errors: ["nobody waited"] });
});
