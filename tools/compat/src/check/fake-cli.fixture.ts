import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { InstalledCli } from "../clis/cli-cache.ts";

/** A fake Codex of this version asks in every folder. */
const versions = { claude: "2.1.328", codex: "0.101.0" } as const;

/** The fake CLI of `test-fixtures/programs`, with the behaviour of these fields. */
export const fakeCli = (provider: "claude" | "codex", fields: object): InstalledCli => {
  const program = new URL(`../../../../test-fixtures/programs/fake-${provider}.mjs`, import.meta.url);
  const folder = mkdtempSync(join(tmpdir(), "gh-fake-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, provider);
  symlinkSync(fileURLToPath(program), path);
  writeFileSync(join(folder, `fake-${provider}.json`), JSON.stringify(fields));
  return { provider, version: versions[provider], path };
};
