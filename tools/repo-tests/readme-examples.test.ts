import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

// The examples are files, so that the compiler checks them. READMEs have to show exactly their text.
const packages = readdirSync(join(import.meta.dirname, "../../packages"));
const folderOf = (name: string) => join(import.meta.dirname, "../../packages", name);

const examplesOf = (name: string) => {
  const folder = join(folderOf(name), "examples");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8").trim() }));
};

/** The TypeScript blocks of a README with an import: these can be run. */
const runnableBlocksOf = (name: string) =>
  [...readFileSync(join(folderOf(name), "README.md"), "utf8").matchAll(/^```ts\n([^]*?)^```$/gm)]
    .map(([, block]) => block!.trim())
    .filter((block) => /^import /m.test(block));

describe.for(packages)("the README of %s", (name) => {
  test("shows each example unchanged", () => {
    const blocks = runnableBlocksOf(name);
    const missing = examplesOf(name).filter(({ text }) => !blocks.includes(text));
    expect(missing.map(({ file }) => file)).toEqual([]);
  });

  test("shows only examples as runnable code", () => {
    const texts = examplesOf(name).map(({ text }) => text);
    expect(runnableBlocksOf(name).filter((block) => !texts.includes(block))).toEqual([]);
  });

  test("has at least one example", () => expect(examplesOf(name).length).toBeGreaterThan(0));
});
