import { parse } from "toml";
import { describe, expect, test } from "vitest";
import { entriesToRepeat, projectEntries } from "./project-entries.ts";

describe("projectEntries reads", () => {
  test("complete entries, by their keys as written", () => {
    const config = parse('model = "x"\n[projects."/a b.c/"]\ntrust_level = "maybe"\nx = 1\n');
    expect([...projectEntries(config)]).toEqual([["/a b.c/", { trust_level: "maybe", x: 1 }]]);
  });

  test.each([
    { what: "no projects", toml: 'model = "x"' },
    { what: "projects that are not a table", toml: 'projects = "x"' },
    { what: "an entry that is not a table", toml: 'projects."/a" = "trusted"' },
  ])("no entry from $what", ({ toml }) => expect(projectEntries(parse(toml)).size).toBe(0));
});

describe("entriesToRepeat", () => {
  const entries = new Map([["/a", { trust_level: "trusted" }]]);

  test.each([
    { version: "0.20.0", repeats: true },
    { version: "0.66.0", repeats: true },
    { version: "0.71.9", repeats: true },
    { version: "0.72.0", repeats: false },
    { version: "0.169.0", repeats: false },
    { version: "1.0.0", repeats: false },
    { version: "0.72.0-alpha.1", repeats: true },
    { version: "codex-cli 0.169.0", repeats: true },
    { version: "", repeats: true },
    { version: null, repeats: true },
  ])("for version $version is all of them: $repeats", ({ version, repeats }) => {
    expect(entriesToRepeat(entries, version).size).toBe(repeats ? 1 : 0);
  });
});
