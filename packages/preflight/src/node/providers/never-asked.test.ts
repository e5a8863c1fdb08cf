import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runPreflight } from "../execute.ts";
import { makeBed, installCli } from "@gatehouse/test-kit";
import { momentOf, planContext } from "../plan-full.ts";
import { strategies } from "./strategies.ts";

describe.each([
  { provider: "opencode", version: "1.18.33" },
  { provider: "pi", version: "0.78.1" },
] as const)("$provider $version", ({ provider, version }) => {
  test("needs no trust in any folder, is not started, and nothing is recorded", async () => {
    const bed = makeBed();
    const started = installCli(bed, provider, version);
    const folders = [bed.folder("plain"), bed.folder("repo", { ".git/HEAD": "" }), bed.home];
    const report = await runPreflight(bed.request(folders, { providers: [provider] }));
    expect(report).toMatchObject({ ok: true });
    expect(report.results.map(({ code, trustKey }) => ({ code, trustKey }))).toEqual(
      folders.map(() => ({ code: "not-needed", trustKey: null })),
    );
    expect([existsSync(started), existsSync(bed.dataDir)]).toEqual([false, false]);
  });

  test("fails if the folder is missing", async () => {
    const bed = makeBed();
    const request = bed.request([join(bed.root, "none")], { providers: [provider] });
    expect((await runPreflight(request)).results).toMatchObject([{ code: "not-a-folder" }]);
  });

  test("has the status not-needed, since it does not ask", async () => {
    const bed = makeBed();
    installCli(bed, provider, version);
    const context = await planContext(bed.request([]), provider);
    const readStatus = strategies[provider].statusReader(context, momentOf(context.home).locate);
    expect(await readStatus(bed.folder("plain"))).toMatchObject({
      state: "untrusted",
      code: "not-needed",
      file: null,
    });
  });
});

test("a run with several providers has a result for each folder and provider", async () => {
  const bed = makeBed();
  const folder = bed.folder("plain");
  installCli(bed, "opencode", "1.18.33");
  const { results } = await runPreflight(
    bed.request([folder, bed.home], { providers: ["opencode", "codex"] }),
  );
  expect(results.map(({ workspace, provider }) => [workspace, provider])).toEqual([
    [folder, "opencode"],
    [folder, "codex"],
    [bed.home, "opencode"],
    [bed.home, "codex"],
  ]);
});
