import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const src = fileURLToPath(new URL("..", import.meta.url));

const codesIn = (file: string): readonly string[] =>
  [...readFileSync(join(src, file), "utf8").matchAll(/\bcode: ((?:(?: \| )?"[a-z-]+")+)/g)].flatMap(
    ([, codes = ""]) => [...codes.matchAll(/[a-z-]+/g)].map(([code]) => code),
  );

test("the reference's table of errors lists every code, and no other", () => {
  const sources = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    /^(?!.*\.(?:test|fixture)\.ts$).*\.ts$/.test(file),
  );
  const [, section = ""] = readFileSync(join(src, "../docs/reference.md"), "utf8").split("\n## Errors\n");
  const [table = ""] = section.split("\n## ");
  const told = [...table.matchAll(/`([a-z-]+-[a-z-]+|busy|conflict|refused)`/g)].map(([, code]) => code);
  expect(new Set(told)).toEqual(new Set(sources.flatMap(codesIn)));
});
