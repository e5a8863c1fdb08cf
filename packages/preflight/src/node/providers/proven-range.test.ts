import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { installCli, makeBed, type Bed } from "@gatehouse/test-kit";
import { agentClis, type Code, type Provider } from "../../index.ts";
import { runPreflight } from "../execute.ts";
import { momentOf, planContext } from "../plan-full.ts";
import { strategies } from "./strategies.ts";

type Row = {
  readonly provider: Provider;
  /** Null: the program is missing. */
  readonly version: string | null;
  /** Files of the folder; default: none. */
  readonly files?: Readonly<Record<string, string>>;
  /** The program is installed under the name that its package had before it moved. */
  readonly isFormer?: true;
  readonly code: Code;
};

const own = { ".pi/settings.json": "{}" };

/** Each provider for which a result may say that it does not ask, on both sides of its tested range. */
const rows: readonly Row[] = [
  { provider: "opencode", version: "1.18.33", code: "not-needed" },
  { provider: "opencode", version: "1.18.34", code: "version-not-proven" },
  { provider: "opencode", version: "1.18.32", code: "version-not-proven" },
  { provider: "opencode", version: "2.0.0", code: "version-not-proven" },
  { provider: "opencode", version: null, code: "version-not-proven" },

  { provider: "pi", version: "0.78.0", files: own, code: "version-not-proven" },
  { provider: "pi", version: "0.78.1", files: own, code: "not-needed" },
  { provider: "pi", version: "0.79.0", files: own, code: "passed-at-launch" },
  { provider: "pi", version: "1.5.2", files: own, code: "passed-at-launch" },
  { provider: "pi", version: "1.5.3", files: own, code: "version-not-proven" },
  { provider: "pi", version: "1.5.2", code: "not-asked" },
  { provider: "pi", version: "1.5.3", code: "version-not-proven" },
  { provider: "pi", version: null, code: "version-not-proven" },
  { provider: "pi", version: "0.73.1", isFormer: true, code: "version-not-proven" },
  { provider: "pi", version: "1.5.2", isFormer: true, files: own, code: "version-not-proven" },

  { provider: "qwen", version: "0.15.9", code: "version-not-proven" },
  { provider: "qwen", version: "0.15.10", code: "not-asked" },
  { provider: "qwen", version: "0.24.4", code: "not-asked" },
  { provider: "qwen", version: "0.24.5", code: "version-not-proven" },
  { provider: "qwen", version: null, code: "version-not-proven" },

  // Trust at launch does no harm to a Codex that does not ask, so an untested Codex gets it.
  { provider: "codex", version: "0.161.0", code: "not-asked" },
  { provider: "codex", version: "0.171.0", code: "not-asked" },
  { provider: "codex", version: "0.171.1", code: "passed-at-launch" },
  { provider: "codex", version: null, code: "passed-at-launch" },

  // These results do not claim that the CLI does not ask; they say what has to be done.
  { provider: "gemini", version: "0.62.0", code: "passed-at-launch" },
  { provider: "copilot", version: "1.0.103", code: "consent-needed" },
  { provider: "kimi", version: "2.1.1", code: "consent-needed" },
];

const install = (bed: Bed, { provider, version, isFormer }: Row): void => {
  if (version === null) return;
  installCli(bed, provider, version);
  if (!isFormer) return;
  const { npmPackage, formerPackage: name } = agentClis[provider];
  const home = join(bed.root, "lib", "node_modules", npmPackage);
  writeFileSync(join(home, "package.json"), JSON.stringify({ name, version }));
};

describe("a result for a CLI that may not ask for trust", () => {
  const named = rows.map((row) => ({ ...row, from: row.isFormer ? " of the former package" : "" }));
  test.each(named)("is $code for $provider $version$from with the files $files", async (row) => {
    const bed = makeBed();
    install(bed, row);
    const folder = bed.folder("w", row.files);
    const request = bed.request([folder], { providers: [row.provider] });
    const { ok, results } = await runPreflight(request);
    expect(results).toMatchObject([{ code: row.code }]);
    const isUnknown = row.code === "version-not-proven";
    if (isUnknown) expect([ok, results[0]?.status]).toEqual([false, "unknown"]);
    const context = await planContext(request, row.provider);
    const status = await strategies[row.provider].statusReader(
      context,
      momentOf(context.home).locate,
    )(folder);
    expect([status.code, status.state === "unknown"]).toEqual([row.code, isUnknown]);
  });

  const reasons: readonly { row: Row; says: RegExp }[] = [
    { row: { provider: "pi", version: null, code: "version-not-proven" }, says: /No "pi" was found/ },
    {
      row: { provider: "pi", version: "1.6.0", code: "version-not-proven" },
      says: /pi 1\.6\.0 was not tried; 0\.78\.1 to 1\.5\.2 were tried/,
    },
    {
      row: { provider: "pi", version: "0.73.1", isFormer: true, code: "version-not-proven" },
      says: /is from @mariozechner\/pi-coding-agent, which has moved to @earendil-works\/pi-coding-agent/,
    },
    {
      row: { provider: "opencode", version: "2.0.0", code: "version-not-proven" },
      says: /1\.18\.33 was tried/,
    },
  ];
  test.each(reasons)("version-not-proven gives the reason: $says", async ({ row, says }) => {
    const bed = makeBed();
    install(bed, row);
    const { results } = await runPreflight(bed.request([bed.folder("w")], { providers: [row.provider] }));
    expect(results).toMatchObject([{ message: expect.stringMatching(says) as unknown }]);
  });

  test("is version-not-proven for a program of another package, whose version is unknown", async () => {
    const bed = makeBed();
    installCli(bed, "opencode", "1.18.33");
    mkdirSync(join(bed.root, "lib"), { recursive: true });
    const file = join(bed.root, "lib", "node_modules", agentClis.opencode.npmPackage, "package.json");
    writeFileSync(file, '{ "name": "my-wrapper", "version": "1.18.33" }');
    const { results } = await runPreflight(bed.request([bed.folder("w")], { providers: ["opencode"] }));
    expect(results).toMatchObject([{ code: "version-not-proven" }]);
  });
});
