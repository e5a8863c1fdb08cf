import { readFileSync } from "node:fs";
import { join } from "node:path";
import { providers } from "@gatehouse/provider-facts";
import { expect, test } from "vitest";
import { controlSince } from "../scenarios/rungs.ts";
import { clis } from "./clis.ts";
import { compareVersions } from "./version.ts";

const readme = readFileSync(join(import.meta.dirname, "../../../../README.md"), "utf8");

test.each(providers)("the versions of %s are listed oldest first", (provider) => {
  const { versions } = clis[provider];
  expect([...versions].sort(compareVersions)).toEqual(versions);
});

// OpenCode asks for no trust, so that it has no row.
test.each([
  ["claude", "Claude Code"],
  ["codex", "Codex"],
  ["gemini", "Gemini CLI"],
  ["copilot", "Copilot CLI"],
  ["qwen", "Qwen Code"],
  ["kimi", "Kimi Code"],
  ["pi", "pi"],
] as const)("the README's row of %s names the versions that compat runs", (provider, name) => {
  const row = new RegExp(`^\\| ${name} +\\|.*\\| ${clis[provider].versions.join(", ")} +\\|$`, "m");
  expect(readme).toMatch(row);
});

test("the README names the first Claude Code with a control protocol", () =>
  expect(readme).toContain(`its control protocol, from ${controlSince} on`));
