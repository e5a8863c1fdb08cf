import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";

// The examples are files, so that the compiler checks them. The README and docs/*.md have to show exactly their text.
const packages = readdirSync(join(import.meta.dirname, "../../packages"));
const folderOf = (name: string) => join(import.meta.dirname, "../../packages", name);

const examplesOf = (name: string) => {
  const folder = join(folderOf(name), "examples");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8").trim() }));
};

/** The README of a package, then the files of its docs/. */
const pagesOf = (name: string): readonly [string, ...string[]] => {
  const docs = join(folderOf(name), "docs");
  const more = existsSync(docs) ? readdirSync(docs).filter((file) => file.endsWith(".md")) : [];
  return [join(folderOf(name), "README.md"), ...more.map((file) => join(docs, file))];
};

/** The TypeScript blocks of a page with an import: these can be run. */
const runnableBlocksOf = (page: string) =>
  [...readFileSync(page, "utf8").matchAll(/^```ts\n([^]*?)^```$/gm)]
    .map(([, block]) => block!.trim())
    .filter((block) => /^import /m.test(block));

describe.for(packages)("the README and docs of %s", (name) => {
  const pages = pagesOf(name);
  const blocks = pages.flatMap(runnableBlocksOf);

  test("show each example unchanged", () => {
    const missing = examplesOf(name).filter(({ text }) => !blocks.includes(text));
    expect(missing.map(({ file }) => file)).toEqual([]);
  });

  test("show only examples as runnable code", () => {
    const texts = examplesOf(name).map(({ text }) => text);
    expect(blocks.filter((block) => !texts.includes(block))).toEqual([]);
  });

  test("have an example in the README", () => expect(runnableBlocksOf(pages[0]).length).toBeGreaterThan(0));

  test("have a link in the README to each page of docs", () => {
    const readme = readFileSync(pages[0], "utf8");
    const files = pages.slice(1).map((page) => `](docs/${basename(page)}`);
    expect(files.filter((link) => !readme.includes(link))).toEqual([]);
  });
});
