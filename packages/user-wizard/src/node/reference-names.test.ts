import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const reference = readFileSync(at("../docs/reference.md"), "utf8");

const entries = [
  { name: "@nc/user-wizard", file: "index.ts", load: () => import("../index.ts") },
  { name: "@nc/user-wizard/node", file: "node/index.ts", load: () => import("./index.ts") },
];

/** The names between the braces of `export { a, type B } from`. */
const exportedBy = (file: string): readonly string[] =>
  [...readFileSync(at(file), "utf8").matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = ""]) =>
    names
      .split(",")
      .map((name) => name.replace("type ", "").trim())
      .filter((name) => name !== ""),
  );

/** Function and type names in the code of one entry's section. */
const namedIn = (entry: string): readonly string[] => {
  const [, section = ""] = reference.split(`\n## \`${entry}\`\n`);
  const [text = ""] = section.split("\n## ");
  const code = [...text.matchAll(/`([^`]+)`/g)].map(([, words = ""]) => words);
  const calls = code.flatMap((words) => /^[a-z]\w*[A-Z]\w*|^explain\b|^backends\b/.exec(words)?.[0] ?? []);
  const types = code.flatMap((words) => words.match(/\b[A-Z][A-Za-z]+\b/g) ?? []);
  return [...calls, ...types].filter((one) => one !== "Promise");
};

describe.for(entries)("the reference of $name", ({ name, file, load }) => {
  test("names what is exported, and nothing else", async () => {
    const exported = exportedBy(file);
    // A result or an argument may be a type of the core.
    const others = file === "index.ts" ? [] : exportedBy("index.ts");
    const named = namedIn(name).filter((one) => exported.includes(one) || !others.includes(one));
    expect(new Set(named)).toEqual(new Set(exported));
    expect(exported).toEqual(expect.arrayContaining(Object.keys(await load())));
  });
});
