import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const inGroup = (group: string) =>
  readdirSync(join(import.meta.dirname, group)).map((name) => join(group, name));
const members = [...inGroup("packages"), ...inGroup("apps"), "compat", "bench"];

// `Result` is copied instead of shared (docs/decisions/0003-result-copied.md): the copies may not drift apart.
test("every copy of Result is the same text", () => {
  const copies = members
    .map((member) => join(import.meta.dirname, member, "src/result.ts"))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
  expect(copies.length).toBeGreaterThan(1);
  expect(copies.filter(({ text }) => text !== copies[0]!.text).map(({ path }) => path)).toEqual([]);
});
