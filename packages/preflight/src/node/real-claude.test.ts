// @module-tag rest
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runPreflight } from "./execute.ts";
import { makeBed } from "@gatehouse/test-kit";

const claude = process.env["GATEHOUSE_TEST_CLAUDE"];
const slow = { tags: ["slow"] };
const why = "GATEHOUSE_TEST_CLAUDE names no real Claude Code";

describe("the real Claude Code", () => {
  const rungs = ["control", "dialog"] as const;
  test.for(rungs)(
    "trusts eight folders at once by %s, and leaves nothing behind",
    { tags: ["slow"] },
    async (via, { skip }) => {
      skip(claude === undefined || !existsSync(claude), why);
      const bed = makeBed();
      const folders = Array.from({ length: 8 }, (_, at) => bed.folder(`project ${at}`));
      const request = bed.request(folders, { via, cli: { claude: claude ?? "" }, timeoutMs: 30_000 });
      const report = await runPreflight(request);
      expect(report.results.map((result) => [result.code, result.via])).toEqual(
        folders.map(() => ["trusted", via]),
      );
      expect([...bed.trusted()].sort()).toEqual([...folders].sort());
      const again = await runPreflight(request);
      expect(again.results.map(({ code }) => code)).toEqual(folders.map(() => "already-trusted"));
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test.for(rungs)(
    "accepts once when three programs with different data folders confirm one folder, by %s",
    slow,
    async (via, { skip }) => {
      skip(claude === undefined || !existsSync(claude), why);
      const bed = makeBed();
      const folder = bed.folder("project");
      const reports = await Promise.all(
        ["one", "two", "three"].map((name) =>
          runPreflight(
            bed.request([folder], {
              dataDir: join(bed.root, name),
              cli: { claude: claude ?? "" },
              timeoutMs: 30_000,
              via,
            }),
          ),
        ),
      );
      const found = reports.flatMap(({ results }) => results.map(({ code }) => code));
      const after = "already-trusted-after-wait";
      expect(found.sort()).toEqual([after, after, "trusted"]);
      expect(bed.trusted()).toEqual([folder]);
      expect(bed.leftovers()).toEqual([]);
    },
  );

  test(
    "waits for the lock that a killed Claude Code left behind, and trusts the folder",
    slow,
    async ({ skip }) => {
      skip(claude === undefined || !existsSync(claude), why);
      const bed = makeBed();
      mkdirSync(`${bed.stateFile}.lock`);
      const request = bed.request([bed.folder("project")], { cli: { claude: claude ?? "" } });
      const { results } = await runPreflight(request);
      expect(results).toMatchObject([{ code: "trusted", diagnostics: [{ code: "stale-cli-lock" }] }]);
      expect(bed.leftovers()).toEqual([]);
    },
  );
});
