import { existsSync, mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runPreflight } from "./execute.ts";
import { makeBed } from "./fake-claude.bed.ts";

const claude = process.env["GATEHOUSE_TEST_CLAUDE"];
const why = "GATEHOUSE_TEST_CLAUDE names no real Claude Code";

describe("the real Claude Code", () => {
  test("trusts eight folders at once, and leaves nothing", { tags: ["slow"] }, async ({ skip }) => {
    skip(claude === undefined || !existsSync(claude), why);
    const bed = makeBed();
    const folders = Array.from({ length: 8 }, (_, at) => bed.folder(`project ${at}`));
    const request = bed.request(folders, { cli: { claude: claude ?? "" }, timeoutMs: 30_000 });
    const report = await runPreflight(request);
    expect(report.results.map(({ code }) => code)).toEqual(folders.map(() => "trusted"));
    expect([...bed.trusted()].sort()).toEqual([...folders].sort());
    const again = await runPreflight(request);
    expect(again.results.map(({ code }) => code)).toEqual(folders.map(() => "already-trusted"));
    expect(bed.leftovers()).toEqual([]);
  });

  test("is waited for where a killed one left its lock", { tags: ["slow"] }, async ({ skip }) => {
    skip(claude === undefined || !existsSync(claude), why);
    const bed = makeBed();
    mkdirSync(`${bed.stateFile}.lock`);
    const request = bed.request([bed.folder("project")], { cli: { claude: claude ?? "" } });
    const { results } = await runPreflight(request);
    expect(results).toMatchObject([{ code: "trusted", diagnostics: [{ code: "stale-cli-lock" }] }]);
    expect(bed.leftovers()).toEqual([]);
  });
});
