import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { everyMember } from "./team.ts";
import { readTeam } from "./read-team.ts";

const root = join(import.meta.dirname, "../../../..");
const textOf = (...path: readonly string[]): string => readFileSync(join(root, ...path), "utf8");

const examples = readdirSync(join(root, "examples"))
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => ({ name: `examples/${name}`, text: textOf("examples", name) }));

/** The team files in this package's README and in its page about them. */
const shown = ["README.md", "docs/team-file.md"].flatMap((page) =>
  [...textOf("packages/team-launch", page).matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = ""], at) => ({
    name: `block ${at + 1} of ${page}`,
    page,
    text,
  })),
);

test("examples/, the README and docs/team-file.md have examples of a team file", () => {
  expect(examples.length).toBeGreaterThan(0);
  expect([...new Set(shown.map(({ page }) => page))]).toEqual(["README.md", "docs/team-file.md"]);
});

test.for([...examples, ...shown])("$name is a team without a problem", ({ text }) => {
  const read = readTeam(text, { home: "/home/ada", base: "/home/ada/teams", platform: "linux" });
  expect(read.ok ? [] : read.error).toEqual([]);
  expect(read.ok && everyMember(read.value).map(({ name, provider }) => `${name} ${provider}`)).toEqual([
    "ana claude",
    "bo codex",
    "cy claude",
  ]);
});
