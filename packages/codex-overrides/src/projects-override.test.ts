import fc from "fast-check";
import { parse } from "toml";
import { describe, expect, test } from "vitest";
import { buildOverrides } from "./config-override.ts";
import type { FolderContext } from "./folder-rules.ts";
import { limits } from "./limits.ts";
import type { ProjectEntries } from "./project-entries.ts";
import { projectsOverride } from "./projects-override.ts";
import { trustEntries, untrustedFolders } from "./trust-entries.ts";
import type { TomlTable } from "./toml-value.ts";

const context: FolderContext = { platform: "linux", homes: ["/home/ada"] };

const configured: ProjectEntries = new Map();

/** The one override for these folders behind those of the caller. */
const rendered = (folders: readonly string[], existing: readonly string[] = [], untrusted: string[] = []) =>
  projectsOverride(existing, {
    ...{ overrides: buildOverrides(folders, context).overrides, untrusted, configured, context },
  });
const value = (...given: Parameters<typeof rendered>) => {
  const result = rendered(...given);
  return result.ok ? result.value.value : result.error.code;
};

describe("projectsOverride writes", () => {
  test.each([
    { what: "one folder", folders: ["/a"], text: 'projects={"/a"={trust_level="trusted"}}' },
    {
      what: "all folders in one table, sorted",
      folders: ["/b c.d", "/a"],
      text: 'projects={"/a"={trust_level="trusted"},"/b c.d"={trust_level="trusted"}}',
    },
    {
      what: "quotes, backslashes and brackets",
      folders: ['/"a"\\[b]'],
      text: 'projects={"/\\"a\\"\\\\[b]"={trust_level="trusted"}}',
    },
    { what: "nothing for no folders", folders: [], text: null },
  ])("$what", ({ folders, text }) => expect(value(folders)).toBe(text));

  test("Windows folders with their backslashes escaped", () => {
    const windows: FolderContext = { platform: "win32", homes: ["C:\\Users\\Ada"] };
    const { overrides } = buildOverrides(["C:\\work", "\\\\host\\share\\x"], windows);
    expect(projectsOverride([], { overrides, untrusted: [], configured, context: windows })).toMatchObject({
      value: {
        value:
          'projects={"C:\\\\work"={trust_level="trusted"},"\\\\\\\\host\\\\share\\\\x"={trust_level="trusted"}}',
      },
    });
  });
});

describe("what the caller says about projects", () => {
  test("is repeated in ours, because the last one replaces the others", () => {
    const existing = ['projects={"/c"={trust_level="untrusted"},"/d"={trust_level="trusted",x=1}}'];
    expect(value(["/a"], existing)).toBe(
      'projects={"/a"={trust_level="trusted"},"/c"={trust_level="untrusted"},"/d"={trust_level="trusted",x=1}}',
    );
  });

  test("is repeated from dotted keys too", () => {
    expect(value(["/a"], ["projects./c.trust_level=untrusted"])).toBe(
      'projects={"/a"={trust_level="trusted"},"/c"={trust_level="untrusted"}}',
    );
  });

  test("keeps a folder's other keys", () => {
    expect(value(["/a"], ["projects={'/a'={x=1}}"])).toBe('projects={"/a"={x=1,trust_level="trusted"}}');
  });

  test("needs nothing of ours where it trusts the folder already", () => {
    expect(value(["/a"], ["model=o3", 'projects={"/a"={trust_level="trusted"}}', "model=o4"])).toBe(null);
  });

  test("does not matter where there is no folder to trust", () => {
    expect(value([], ["projects=x"])).toBe(null);
  });

  test("cannot be merged with if it is no table", () => {
    expect(value(["/a"], ["projects=x"])).toBe("caller-projects-unreadable");
  });
});

describe("what config.toml says and Codex would not merge", () => {
  const withConfig = (
    folders: readonly string[],
    configured: ProjectEntries,
    existing: readonly string[] = [],
  ) => {
    const { overrides } = buildOverrides(folders, context);
    const result = projectsOverride(existing, { overrides, untrusted: [], configured, context });
    return result.ok ? result.value : result.error;
  };
  const config: ProjectEntries = new Map([
    ["/c", { trust_level: "untrusted" }],
    ["/d", { trust_level: "trusted", x: 1n }],
  ]);
  const both = '"/c"={trust_level="untrusted"},"/d"={trust_level="trusted",x=1}';

  test("is repeated as it is", () => {
    const text = `projects={"/a"={trust_level="trusted"},${both}}`;
    expect(withConfig(["/a"], config)).toMatchObject({ value: text });
  });

  test("is repeated beside the caller's projects, whose word beats it", () => {
    expect(withConfig(["/a"], config, ['projects={"/d"={trust_level="untrusted"}}'])).toMatchObject({
      value:
        'projects={"/a"={trust_level="trusted"},"/c"={trust_level="untrusted"},"/d"={trust_level="untrusted",x=1}}',
    });
  });

  test("joins an override of ours that was written without it", () => {
    expect(withConfig(["/a"], config, ['projects={"/b"={trust_level="trusted"}}'])).toMatchObject({
      value: `projects={"/a"={trust_level="trusted"},"/b"={trust_level="trusted"},${both}}`,
      replacesLast: true,
    });
  });

  test("keeps a folder untrusted without being told so again", () => {
    expect(withConfig(["/c"], config)).toEqual({
      value: null,
      replacesLast: false,
      leftOut: [{ code: "untrusted-by-user", folder: "/c" }],
    });
  });

  test("keeps what it says of a trusted folder's other keys", () => {
    expect(withConfig(["/d"], config)).toMatchObject({ value: `projects={${both}}` });
  });

  test("may hold what nobody could name, for the user said it himself", () => {
    const wide: ProjectEntries = new Map([["/home/ada", { trust_level: "trusted" }]]);
    expect(withConfig(["/a"], wide)).toMatchObject({
      value: 'projects={"/a"={trust_level="trusted"},"/home/ada"={trust_level="trusted"}}',
    });
  });

  const many = (length: number): ProjectEntries =>
    new Map(
      Array.from({ length }, (_, index) => [`/${index}${"x".repeat(100)}`, { trust_level: "trusted" }]),
    );

  test("fits as far as one argument goes", () => {
    expect(withConfig(["/a"], many(900))).not.toHaveProperty("code");
  });

  test("is no launch where it does not fit, and says that it is config.toml's doing", () => {
    expect(withConfig(["/a"], many(1_100))).toHaveProperty("code", "configured-projects-too-long");
  });

  test("is not blamed for folders that do not fit without it", () => {
    const existing = [`projects={"/${"x".repeat(limits.argumentBytes)}"={trust_level="untrusted"}}`];
    expect(withConfig(["/a"], config, existing)).toMatchObject({ code: "argument-too-long" });
  });

  test("is no launch where it is nested beyond all use", () => {
    const deep = parse(`projects.a${".b".repeat(100)} = 1`)["projects"] as TomlTable;
    expect(withConfig(["/a"], new Map([["a", deep["a"] as TomlTable]]))).toEqual({
      code: "configured-projects-too-deep",
    });
    const trusted = ['projects={"/b"={trust_level="trusted"}}'];
    expect(withConfig(["/b"], new Map([["a", deep["a"] as TomlTable]]), trusted)).toHaveProperty(
      "value",
      null,
    );
  });
});

describe("a folder called untrusted", () => {
  test.each([
    { what: "in config.toml", existing: [], untrusted: ["/a"] },
    { what: "in config.toml with a slash at the end", existing: [], untrusted: ["/a/"] },
    { what: "in a table", existing: ['projects={"/a"={trust_level="untrusted"}}'], untrusted: [] },
    { what: "in a bare key", existing: ["projects./a.trust_level=untrusted"], untrusted: [] },
    { what: "in a quoted key", existing: ['projects."/a".trust_level="untrusted"'], untrusted: [] },
  ])("$what stays so, and the others are trusted", ({ existing, untrusted }) => {
    const result = rendered(["/a", "/b"], existing, untrusted);
    if (!result.ok) throw new Error(result.error.code);
    expect(result.value.leftOut).toEqual([{ code: "untrusted-by-user", folder: "/a" }]);
    const { projects } = parse(result.value.value ?? "") as { projects: Record<string, object> };
    expect(projects["/b"]).toEqual({ trust_level: "trusted" });
    expect(projects["/a"]).not.toEqual({ trust_level: "trusted" });
  });

  test("in other case stays so on Windows", () => {
    const windows: FolderContext = { platform: "win32", homes: [] };
    const { overrides } = buildOverrides(["C:\\Work"], windows);
    expect(
      projectsOverride([], { overrides, untrusted: ["c:/work"], configured, context: windows }),
    ).toMatchObject({
      value: { value: null, leftOut: [{ code: "untrusted-by-user" }] },
    });
  });
});

describe("what is no override", () => {
  test("is left out here too, by its place", () => {
    const overrides = ["-c", "model=o3"] as unknown as ReturnType<typeof buildOverrides>["overrides"];
    expect(projectsOverride([], { overrides, untrusted: [], configured, context })).toEqual({
      ok: true,
      value: {
        value: null,
        replacesLast: false,
        leftOut: [
          { code: "not-this-shape", index: 0 },
          { code: "not-this-shape", index: 1 },
        ],
      },
    });
  });

  test("an argument that would be too long is refused whole", () => {
    const existing = [`projects={"/${"x".repeat(limits.argumentBytes)}"={trust_level="untrusted"}}`];
    const result = rendered(["/a"], existing);
    expect(result).toMatchObject({ ok: false, error: { code: "argument-too-long", limit: 131_071 } });
  });

  test("what fits into a list of overrides fits into the argument", () => {
    const folders = Array.from({ length: limits.folders }, (_, index) => `/${index}${"x".repeat(88)}`);
    expect(value(folders)).toMatch(/^projects=/);
  });
});

const name = fc
  .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
  .filter((text) => !/[/\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text) && text !== "." && text !== "..");
const anyFolders = fc.uniqueArray(
  fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => `/${names.join("/")}`),
  { maxLength: 8 },
);
/** Entries as they stand in a config.toml: of any folder, also of ours, of any level, with whatever else. */
const anyConfig = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(
        name.map((text) => `/${text}`),
        fc.constantFrom("/", "a b", ""),
      ),
      fc.record(
        {
          trust_level: fc.constantFrom("trusted", "untrusted", "maybe"),
          note: fc.string(),
          n: fc.bigInt(0n, 99n),
        },
        { requiredKeys: [] },
      ),
    ),
    { maxLength: 6, selector: ([key]) => key },
  )
  .map((entries) => {
    const projects: ProjectEntries = new Map(entries);
    return { projects, untrusted: untrustedFolders(trustEntries(projects)) };
  });
const apart: FolderContext = { platform: "linux", homes: [] };

describe("for any folders", () => {
  test("a TOML parser reads exactly these folders, trusted", () => {
    fc.assert(
      fc.property(anyFolders, (folders) => {
        const { overrides } = buildOverrides(folders, apart);
        const result = projectsOverride([], { overrides, untrusted: [], configured, context: apart });
        const text = (result.ok && result.value.value) || "projects={}";
        const projects = new Map(Object.entries(parse(text)["projects"] as object));
        expect(new Set(projects.keys())).toEqual(new Set(folders));
        for (const entry of projects.values()) expect(entry).toEqual({ trust_level: "trusted" });
      }),
    );
  });

  test("it does not matter in how many steps or in which order they came", () => {
    const all = (
      existing: readonly string[],
      folders: readonly string[],
      configured: ProjectEntries,
    ): readonly string[] => {
      const { overrides } = buildOverrides(folders, apart);
      const result = projectsOverride(existing, { overrides, untrusted: [], configured, context: apart });
      if (!result.ok || result.value.value === null) return existing;
      return [...(result.value.replacesLast ? existing.slice(0, -1) : existing), result.value.value];
    };
    fc.assert(
      fc.property(anyFolders, fc.nat(8), anyConfig, (folders, at, { projects }) => {
        const once = all(["model=o3"], folders, projects);
        const first = all(["model=o3"], folders.slice(at), projects);
        expect(all(first, folders.slice(0, at), projects)).toEqual(once);
        expect(all(once, folders, projects)).toBe(once);
      }),
    );
  });

  test("a TOML parser reads every entry of config.toml as it was, beside exactly these folders", () => {
    fc.assert(
      fc.property(anyFolders, anyConfig, fc.boolean(), (folders, { projects, untrusted }, isTold) => {
        const { overrides } = buildOverrides(folders, apart);
        const trust = { overrides, untrusted: isTold ? untrusted : [], configured: projects, context: apart };
        const result = projectsOverride([], trust);
        if (!result.ok || result.value.value === null) return;
        const read = new Map(
          Object.entries(parse(result.value.value, { bigint: true })["projects"] as object),
        );
        const trusted = folders.filter((folder) => !untrusted.includes(folder));
        expect(new Set(read.keys())).toEqual(new Set([...projects.keys(), ...trusted]));
        for (const [key, entry] of projects)
          expect(read.get(key)).toEqual(trusted.includes(key) ? { ...entry, trust_level: "trusted" } : entry);
        for (const folder of trusted) expect(read.get(folder)).toMatchObject({ trust_level: "trusted" });
      }),
    );
  });
});
