import fc from "fast-check";
import { parse } from "toml";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import {
  buildOverrides,
  readOverrides,
  type CodexConfigOverride,
  type RejectionCode,
} from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";
import { utf8Bytes } from "@gatehouse/std";
import { limits } from "./limits.ts";

const linux: FolderContext = { platform: "linux", homes: ["/home/ada"] };
const windows: FolderContext = { platform: "win32", homes: ["C:\\Users\\Ada"] };

describe("buildOverrides spells", () => {
  test.each([
    { what: "a plain path", folder: "/work/repo", override: 'projects."/work/repo".trust_level="trusted"' },
    {
      what: "dots and spaces",
      folder: "/my app.v2",
      override: 'projects."/my app.v2".trust_level="trusted"',
    },
    { what: "quotes", folder: '/a"b', override: 'projects."/a\\"b".trust_level="trusted"' },
    { what: "backslashes", folder: "/a\\b", override: 'projects."/a\\\\b".trust_level="trusted"' },
    { what: "brackets", folder: "/[a]", override: 'projects."/[a]".trust_level="trusted"' },
    { what: "a trailing slash", folder: "/work/", override: 'projects."/work".trust_level="trusted"' },
  ])("$what", ({ folder, override }) => {
    expect(buildOverrides([folder], linux)).toMatchObject({ overrides: [override], rejected: [] });
  });

  test.each([
    { folder: "C:\\work", override: 'projects."C:\\\\work".trust_level="trusted"' },
    { folder: "c:/work/", override: 'projects."c:/work".trust_level="trusted"' },
    { folder: "\\\\host\\share\\x", override: 'projects."\\\\\\\\host\\\\share\\\\x".trust_level="trusted"' },
  ])("$folder of Windows", ({ folder, override }) => {
    expect(buildOverrides([folder], windows)).toMatchObject({ overrides: [override], rejected: [] });
  });

  test("a folder and its real path as two folders, in the given order", () => {
    const { overrides } = buildOverrides(["/var/x", "/private/var/x"], linux);
    expect(overrides).toEqual([
      'projects."/var/x".trust_level="trusted"',
      'projects."/private/var/x".trust_level="trusted"',
    ]);
  });

  test("a repeated folder once", () => {
    const { overrides, rejected } = buildOverrides(["/work", "/work/", "/work"], linux);
    expect(overrides).toHaveLength(1);
    expect(rejected).toEqual([
      { code: "duplicate", index: 1 },
      { code: "duplicate", index: 2 },
    ]);
  });

  test("several spellings of a Windows folder once", () => {
    expect(buildOverrides(["C:\\Work", "c:/work/"], windows).overrides).toHaveLength(1);
  });
});

const refused: readonly { what: string; value: unknown; code: RejectionCode }[] = [
  { what: "a number", value: 1, code: "not-text" },
  { what: "null", value: null, code: "not-text" },
  { what: "a list", value: ['projects."/a".trust_level="trusted"'], code: "not-text" },
  { what: "an empty text", value: "", code: "not-this-shape" },
  { what: "a path alone", value: "/work", code: "not-this-shape" },
  { what: "another key", value: 'model="o3"', code: "not-this-shape" },
  { what: "a table", value: 'projects={"/a"={trust_level="trusted"}}', code: "not-this-shape" },
  { what: "untrusted", value: 'projects."/a".trust_level="untrusted"', code: "not-this-shape" },
  { what: "another key of the folder", value: 'projects."/a".sandbox="trusted"', code: "not-this-shape" },
  { what: "a bare key", value: 'projects./a.trust_level="trusted"', code: "not-this-shape" },
  { what: "a literal key", value: "projects.'/a'.trust_level=\"trusted\"", code: "not-this-shape" },
  { what: "spaces", value: 'projects."/a".trust_level = "trusted"', code: "not-this-shape" },
  { what: "a space before it", value: ' projects."/a".trust_level="trusted"', code: "not-this-shape" },
  {
    what: "a line after it",
    value: 'projects."/a".trust_level="trusted"\nmodel="x"',
    code: "not-this-shape",
  },
  { what: "a comment after it", value: 'projects."/a".trust_level="trusted" # x', code: "not-this-shape" },
  { what: "a flag", value: '-c projects."/a".trust_level="trusted"', code: "not-this-shape" },
  { what: "a bare quote", value: 'projects."/a"b".trust_level="trusted"', code: "not-this-shape" },
  {
    what: "two overrides in one",
    value: 'projects."/a".trust_level="trusted",projects."/b".trust_level="trusted"',
    code: "not-this-shape",
  },
  {
    what: "another escape",
    value: 'projects."/\\u0061".trust_level="trusted"',
    code: "not-this-shape",
  },
  { what: "an escaped line break", value: 'projects."/a\\n".trust_level="trusted"', code: "not-this-shape" },
  { what: "a backslash at the end", value: 'projects."/a\\".trust_level="trusted"', code: "not-this-shape" },
  { what: "an incomplete override", value: 'projects.".trust_level="trusted"', code: "not-this-shape" },
  { what: "no path", value: 'projects."".trust_level="trusted"', code: "relative-path" },
  { what: "a relative path", value: 'projects."work".trust_level="trusted"', code: "relative-path" },
  { what: "a line break", value: 'projects."/a\n".trust_level="trusted"', code: "control-character" },
  { what: "NUL", value: 'projects."/a\0".trust_level="trusted"', code: "control-character" },
  { what: "a parent", value: 'projects."/a/../b".trust_level="trusted"', code: "dot-segment" },
  { what: "a trailing slash", value: 'projects."/a/".trust_level="trusted"', code: "not-normalized" },
  { what: "the root", value: 'projects."/".trust_level="trusted"', code: "root-refused" },
  { what: "home", value: 'projects."/home/ada".trust_level="trusted"', code: "home-refused" },
  {
    what: "a path that is too long",
    value: `projects."/${"x".repeat(9_000)}".trust_level="trusted"`,
    code: "folder-too-long",
  },
];

describe("readOverrides", () => {
  test.each(refused)("leaves out $what: $code", ({ value, code }) => {
    const good = 'projects."/work".trust_level="trusted"';
    expect(readOverrides([value, good], linux)).toEqual({
      folders: ["/work"],
      overrides: [good],
      rejected: [{ code, index: 0 }],
    });
  });

  test("reads no more values than the limit, and reports the rest once", () => {
    const values = Array.from({ length: 100_000 }, () => "x");
    const { rejected } = readOverrides(values, linux);
    expect(rejected).toHaveLength(limits.folders + 1);
    expect(rejected.at(-1)).toEqual({ code: "too-many-overrides", index: limits.folders });
  });

  test("accepts exactly as many values as the limit", () => {
    const { overrides } = buildOverrides(
      Array.from({ length: limits.folders }, (_, index) => `/${index}`),
      linux,
    );
    expect(readOverrides(overrides, linux)).toMatchObject({ overrides, rejected: [] });
  });

  test("accepts no more bytes than one argument can have, and still a short one after a long one", () => {
    const long = (name: string) => `/${name}${"x".repeat(4_000)}`;
    const folders = [...Array.from({ length: 40 }, (_, index) => long(`${index}-`)), "/short"];
    const { overrides, rejected } = buildOverrides(folders, linux);
    const bytes = overrides.reduce((sum, override) => sum + utf8Bytes(override), 0);
    expect(bytes).toBeLessThanOrEqual(limits.overrideBytes);
    expect(rejected.every(({ code }) => code === "too-many-bytes")).toBe(true);
    expect(overrides.at(-1)).toBe('projects."/short".trust_level="trusted"');
    expect(rejected.length + overrides.length).toBe(folders.length);
  });
});

const name = fc
  .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
  .filter((text) => !/[/\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text) && text !== "." && text !== "..");
const anyFolder = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => `/${names.join("/")}`);

describe("for any folder", () => {
  const noHome = { platform: "linux", homes: [] } as const;

  test("the override is read back as the same folder", () => {
    fc.assert(
      fc.property(anyFolder, (folder) => {
        const { overrides } = buildOverrides([folder], noHome);
        expect(readOverrides(overrides, noHome)).toEqual({ folders: [folder], overrides, rejected: [] });
      }),
    );
  });

  test("the override is TOML for exactly that folder", () => {
    fc.assert(
      fc.property(anyFolder, (folder) => {
        const [override = ""] = buildOverrides([folder], noHome).overrides;
        expect(Object.entries(parse(override)["projects"] as object)).toEqual([
          [folder, { trust_level: "trusted" }],
        ]);
      }),
    );
  });
});

describe("for any list", () => {
  const nearly = fc.oneof(
    anyFolder.map((folder) => `projects."${folder}".trust_level="trusted"`),
    fc.string({ unit: "binary" }).map((text) => `projects."/${text}".trust_level="trusted"`),
    fc.constantFrom(...refused.map(({ value }) => value)),
  );
  /** An override in which some characters are replaced by others. */
  const mutated = fc
    .tuple(nearly, fc.nat(80), fc.nat(8), fc.string({ maxLength: 4, unit: "binary" }))
    .map(([value, at, length, put]) =>
      typeof value === "string" ? value.slice(0, at) + put + value.slice(at + length) : value,
    );
  const anyList = fc.array(fc.oneof(nearly, mutated, fc.anything(), fc.string({ unit: "binary" })), {
    maxLength: 12,
  });

  test("the accepted overrides are ones that buildOverrides writes", { tags: ["slow"] }, () => {
    fc.assert(
      fc.property(anyList, (values) => {
        const { folders, overrides, rejected } = readOverrides(values, linux);
        expect(buildOverrides(folders, linux)).toEqual({ folders, overrides, rejected: [] });
        expect(overrides.every((override) => values.includes(override))).toBe(true);
        expect(overrides.length + rejected.length).toBe(values.length);
      }),
    );
  });
});

describe("the time grows linearly with the input", () => {
  /** The fastest of several runs, in milliseconds: other programs can only make a run slower. */
  const fastest = (run: () => void): number =>
    Math.min(
      ...Array.from({ length: 9 }, () => {
        const start = performance.now();
        run();
        return performance.now() - start;
      }),
    );

  test.each([
    { what: "slashes", piece: "/" },
    { what: "backslashes", piece: "\\" },
    { what: "escaped quotes", piece: '\\"' },
    { what: "dots", piece: "/..." },
    { what: "folders", piece: "/a" },
    { what: "prefixes", piece: 'projects."' },
  ])("with many $what", { tags: ["soak"] }, async ({ piece }) => {
    const list = (factor: number) => {
      const text = `projects."/${piece.repeat((500 * factor) / piece.length)}".trust_level="trusted"`;
      return Array.from({ length: 200 }, () => text);
    };
    const [short, long] = [list(1), list(8)];
    // Measures again if another program slowed one of the two.
    await vi.waitFor(() => {
      const shortMs = fastest(() => readOverrides(short, linux));
      const longMs = fastest(() => readOverrides(long, linux));
      expect(longMs).toBeLessThan(8 * 4 * shortMs + 2);
    });
  });
});

test("the type of an override accepts no other text", () => {
  expectTypeOf<'projects."/a".trust_level="trusted"'>().toExtend<CodexConfigOverride>();
  expectTypeOf<"-c">().not.toExtend<CodexConfigOverride>();
  expectTypeOf<string>().not.toExtend<CodexConfigOverride>();
});
