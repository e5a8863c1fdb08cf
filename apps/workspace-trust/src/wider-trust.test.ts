// @module-tag rest
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { exitCodeOf } from "@trust/preflight";
import { renderReport } from "@gatehouse/trust-cli";
import { runCli } from "./cli.ts";
import { runPreflight, readConsents } from "@trust/preflight/node";
import { plainPaint, type Io } from "@gatehouse/cli-kit";
import { makeBed, setUpProfile, type Bed, steps, withMoreTime } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };

/** Trusts a key during the preflight, as a person could. */
const trustBeside = ({ stateFile }: Bed, key: string): void => {
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as { projects?: object };
  const projects = { ...state.projects, [key]: { hasTrustDialogAccepted: true } };
  writeFileSync(stateFile, JSON.stringify({ ...state, projects }));
};

const outcomesOf = async ({ dataDir }: Bed): Promise<unknown> => {
  const ledger = await readConsents(join(dataDir, "consents.jsonl"));
  return ledger.ok && ledger.value.consents.map(({ outcome, unplanned }) => ({ outcome, unplanned }));
};

describe("a trusted key that was not named", () => {
  const wider: readonly { what: string; records: (bed: Bed) => string[] }[] = [
    { what: "the root beside the folder", records: () => ["own", "/"] },
    { what: "a folder above in place of the folder", records: ({ root }) => [root] },
    { what: "another folder in place of the folder", records: () => ["/srv/never-named"] },
  ];
  test.each(wider)(
    "is reported as trust-wider-than-planned, with the fix: $what",
    slow,
    async ({ records }) => {
      const { bed, folder, keys, report } = await withMoreTime(
        async (timeoutMs) => {
          const bed = makeBed({ remountMs: null });
          const keys = records(bed);
          writeFileSync(
            join(bed.root, "bin", "fake-claude.json"),
            JSON.stringify({ remountMs: null, records: keys }),
          );
          const folder = bed.folder("project");
          const report = await runPreflight(bed.request([folder], { timeoutMs }));
          return { bed, folder, keys, report };
        },
        ({ bed }) => bed.log().some(({ event }) => event === "written"),
      );
      const unplanned = keys.filter((key) => key !== "own");
      expect(report.results).toMatchObject([
        { code: "trust-wider-than-planned", status: "failed", trustKey: folder, unplannedKeys: unplanned },
      ]);
      expect(exitCodeOf(report)).toBe(1);
      const [{ message = "", fix = "" } = {}] = report.results;
      for (const key of unplanned) expect(message).toContain(key);
      expect(fix).toContain(bed.stateFile);
      expect(fix).toContain(JSON.stringify(unplanned[0]));
      expect(await outcomesOf(bed)).toEqual([{ outcome: "trust-wider-than-planned", unplanned }]);
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test("is found even if the run was cancelled after its key", slow, async () => {
    const bed = makeBed({ remountMs: null, records: ["/srv/never-named"] });
    const controller = new AbortController();
    const running = runPreflight(bed.request([bed.folder("project")]), { signal: controller.signal });
    await vi.waitFor(() => expect(bed.trusted()).toEqual(["/srv/never-named"]));
    controller.abort();
    expect((await running).results).toMatchObject([{ code: "trust-wider-than-planned" }]);
    expect(bed.leftovers()).toEqual([]);
  });

  test("is found through a worktree's pointers, although it is not above the folder", slow, async () => {
    const bed = makeBed({ remountMs: null });
    const main = bed.folder("elsewhere/main", {
      ".git/HEAD": "ref: refs/heads/main\n",
      ".git/objects/": "",
      ".git/refs/": "",
    });
    const worktree = bed.folder("wt", { ".git": `gitdir: ${main}/.git/worktrees/wt\n` });
    const pointed = join(main, ".git");
    writeFileSync(
      join(bed.root, "bin", "fake-claude.json"),
      JSON.stringify({ remountMs: null, records: ["own", pointed] }),
    );
    bed.folder("elsewhere/main/.git/worktrees/wt", {
      commondir: "../..\n",
      gitdir: `${worktree}/.git\n`,
      HEAD: "ref: refs/heads/wt\n",
    });
    const { results } = await runPreflight(bed.request([worktree]));
    expect(results).toMatchObject([
      { code: "trust-wider-than-planned", trustKey: main, unplannedKeys: [pointed] },
    ]);
  });

  test("is reported for the folder that it covers, if it appears after the batch", slow, async () => {
    const bed = makeBed({ remountMs: null });
    const [inner, beside] = [bed.folder("outer/inner"), bed.folder("beside")];
    const report = await runPreflight(bed.request([inner, beside], { jobs: 1 }), {
      onProgress: steps(({ workspace, step }) => {
        if (workspace === beside && step === "done") trustBeside(bed, join(bed.root, "outer"));
      }),
    });
    expect(report.results).toMatchObject([{ code: "trust-wider-than-planned" }, { code: "trusted" }]);
    expect(await outcomesOf(bed)).toMatchObject([
      { outcome: "trust-wider-than-planned", unplanned: [join(bed.root, "outer")] },
      { outcome: "trusted" },
    ]);
  });
});

describe("another key that becomes trusted during the run", () => {
  test("is a diagnostic if it covers no named folder", slow, async () => {
    const bed = makeBed({ remountMs: null, records: ["own", "/srv/of-a-person"] });
    const folder = bed.folder("project");
    const { results } = await runPreflight(bed.request([folder]));
    expect(results).toMatchObject([{ code: "trusted", diagnostics: [{ code: "unplanned-key" }] }]);
    expect(results[0]?.diagnostics?.[0]?.message).toContain("/srv/of-a-person");
    expect(await outcomesOf(bed)).toEqual([{ outcome: "trusted" }]);
  });

  test(
    "is not reported if it was trusted before, or belongs to another folder of the batch",
    slow,
    async () => {
      const bed = makeBed(
        { remountMs: null },
        { ...setUpProfile, projects: { "/": { hasTrustDialogAccepted: true } } },
      );
      const [repo, other] = [
        bed.folder("repo", { ".git/HEAD": "ref: x\n", ".git/objects/": "", ".git/refs/": "" }),
        bed.folder("repo2", { ".git/HEAD": "ref: x\n", ".git/objects/": "", ".git/refs/": "" }),
      ];
      const { results } = await runPreflight(bed.request([repo, other]));
      expect(results.map(({ code, diagnostics }) => ({ code, diagnostics }))).toEqual([
        { code: "trusted", diagnostics: undefined },
        { code: "trusted", diagnostics: undefined },
      ]);
    },
  );
});

test("reports a key that was not named on stderr, also with --json", slow, async () => {
  const bed = makeBed({ remountMs: null, records: ["own", "/"] });
  let [stdout, stderr] = ["", ""];
  const io: Io = {
    env: bed.request([]).env,
    cwd: bed.root,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runCli([bed.folder("project"), "--data", bed.dataDir, "--json"], "1.2.3", io);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, results: [{ unplannedKeys: ["/"] }] });
  expect(stderr).toMatch(/^WARNING: .* now trusts \/, which was not named.*\nTake it back: /);
  let consents = "";
  await runCli(["consents", "--data", bed.dataDir], "1.2.3", {
    ...io,
    stdout: { write: (text) => (consents += text) },
  });
  expect(consents).toContain("trust-wider-than-planned");
  expect(consents).toContain("not planned: /\n");
});

test("prints a key that differs from the folder, also on success", slow, async () => {
  const bed = makeBed({ remountMs: null });
  const repo = bed.folder("repo", {
    ".git/HEAD": "ref: x\n",
    ".git/objects/": "",
    ".git/refs/": "",
    "sub/": "",
  });
  const report = await runPreflight(bed.request([join(repo, "sub")]));
  expect(report.results).toMatchObject([{ code: "trusted", trustKey: repo }]);
  expect(renderReport(report, plainPaint)).toContain(`key: ${repo}\n`);
  expect(renderReport(await runPreflight(bed.request([join(repo, "sub")])), plainPaint)).toContain(
    `key: ${repo}\n`,
  );
});
