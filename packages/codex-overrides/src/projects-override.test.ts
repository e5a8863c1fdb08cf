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

/** The one override for these folders, after the caller's overrides. */
const rendered = (folders: readonly string[], existing: readonly string[] = [], untrusted: string[] = []) =>
  projectsOverride(existing, {
    overrides: buildOverrides(folders, context).overrides,
    untrusted,
    configured,
    context,
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
    { what: "null for no folders", folders: [], text: null },
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

describe("the caller's own projects", () => {
  test("are repeated in our override, because the last one replaces the others", () => {
    const existing = ['projects={"/c"={trust_level="untrusted"},"/d"={trust_level="trusted",x=1}}'];
    expect(value(["/a"], existing)).toBe(
      'projects={"/a"={trust_level="trusted"},"/c"={trust_level="untrusted"},"/d"={trust_level="trusted",x=1}}',
    );
  });

  test("are repeated from dotted keys too", () => {
    expect(value(["/a"], ["projects./c.trust_level=untrusted"])).toBe(
      'projects={"/a"={trust_level="trusted"},"/c"={trust_level="untrusted"}}',
    );
  });

  test("keep the other fields of a folder", () => {
    expect(value(["/a"], ["projects={'/a'={x=1}}"])).toBe('projects={"/a"={x=1,trust_level="trusted"}}');
  });

  test("need no override if they already trust the folder", () => {
    expect(value(["/a"], ["model=o3", 'projects={"/a"={trust_level="trusted"}}', "model=o4"])).toBe(null);
  });

  test("do not matter if there is no folder to trust", () => {
    expect(value([], ["projects=x"])).toBe(null);
  });

  test("cannot be merged if they are not a table", () => {
    expect(value(["/a"], ["projects=x"])).toBe("caller-projects-unreadable");
  });
});

describe("the entries of config.toml, for a Codex that does not merge,", () => {
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

  test("are repeated unchanged", () => {
    const text = `projects={"/a"={trust_level="trusted"},${both}}`;
    expect(withConfig(["/a"], config)).toMatchObject({ value: text });
  });

  test("are repeated beside the caller's projects, which take precedence", () => {
    expect(withConfig(["/a"], config, ['projects={"/d"={trust_level="untrusted"}}'])).toMatchObject({
      value:
        'projects={"/a"={trust_level="trusted"},"/c"={trust_level="untrusted"},"/d"={trust_level="untrusted",x=1}}',
    });
  });

  test("are added to an override of ours that was written without them", () => {
    expect(withConfig(["/a"], config, ['projects={"/b"={trust_level="trusted"}}'])).toMatchObject({
      value: `projects={"/a"={trust_level="trusted"},"/b"={trust_level="trusted"},${both}}`,
      replacesLast: true,
    });
  });

  test("keep a folder untrusted that the list of untrusted folders does not name", () => {
    expect(withConfig(["/c"], config)).toEqual({
      value: null,
      replacesLast: false,
      leftOut: [{ code: "untrusted-by-user", folder: "/c" }],
    });
  });

  test("keep the other fields of a trusted folder", () => {
    expect(withConfig(["/d"], config)).toMatchObject({ value: `projects={${both}}` });
  });

  test("may trust a folder that an override may not name, because the user wrote them", () => {
    const wide: ProjectEntries = new Map([["/home/ada", { trust_level: "trusted" }]]);
    expect(withConfig(["/a"], wide)).toMatchObject({
      value: 'projects={"/a"={trust_level="trusted"},"/home/ada"={trust_level="trusted"}}',
    });
  });

  const many = (length: number): ProjectEntries =>
    new Map(
      Array.from({ length }, (_, index) => [`/${index}${"x".repeat(100)}`, { trust_level: "trusted" }]),
    );

  test("fit up to the length of one argument", () => {
    expect(withConfig(["/a"], many(900))).not.toHaveProperty("code");
  });

  test("prevent the launch if they do not fit, with an error that names config.toml", () => {
    expect(withConfig(["/a"], many(1_100))).toHaveProperty("code", "configured-projects-too-long");
  });

  test("are not named by the error if the folders do not fit without them", () => {
    const existing = [`projects={"/${"x".repeat(limits.argumentBytes)}"={trust_level="untrusted"}}`];
    expect(withConfig(["/a"], config, existing)).toMatchObject({ code: "argument-too-long" });
  });

  test("prevent the launch if they are nested too deep", () => {
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

describe("a folder marked untrusted", () => {
  test.each([
    { what: "in config.toml", existing: [], untrusted: ["/a"] },
    { what: "in config.toml with a slash at the end", existing: [], untrusted: ["/a/"] },
    { what: "in a table", existing: ['projects={"/a"={trust_level="untrusted"}}'], untrusted: [] },
    { what: "in a bare key", existing: ["projects./a.trust_level=untrusted"], untrusted: [] },
    { what: "in a quoted key", existing: ['projects."/a".trust_level="untrusted"'], untrusted: [] },
  ])("$what stays untrusted, and the others are trusted", ({ existing, untrusted }) => {
    const result = rendered(["/a", "/b"], existing, untrusted);
    if (!result.ok) throw new Error(result.error.code);
    expect(result.value.leftOut).toEqual([{ code: "untrusted-by-user", folder: "/a" }]);
    const { projects } = parse(result.value.value ?? "") as { projects: Record<string, object> };
    expect(projects["/b"]).toEqual({ trust_level: "trusted" });
    expect(projects["/a"]).not.toEqual({ trust_level: "trusted" });
  });

  test("in other letter case stays untrusted on Windows", () => {
    const windows: FolderContext = { platform: "win32", homes: [] };
    const { overrides } = buildOverrides(["C:\\Work"], windows);
    expect(
      projectsOverride([], { overrides, untrusted: ["c:/work"], configured, context: windows }),
    ).toMatchObject({
      value: { value: null, leftOut: [{ code: "untrusted-by-user" }] },
    });
  });
});

describe("an override that cannot be used", () => {
  test("is left out here too, and reported by its index", () => {
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

  test("because the argument would be too long is refused completely", () => {
    const existing = [`projects={"/${"x".repeat(limits.argumentBytes)}"={trust_level="untrusted"}}`];
    const result = rendered(["/a"], existing);
    expect(result).toMatchObject({ ok: false, error: { code: "argument-too-long", limit: 131_071 } });
  });

  test("does not exist in a full list: what the list may have fits into the argument", () => {
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
/** Entries that a config.toml may have: for any folder, also for ours, with any level and other fields. */
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
const noHome: FolderContext = { platform: "linux", homes: [] };

describe("for any folders", () => {
  test("a TOML parser reads exactly these folders, trusted", () => {
    fc.assert(
      fc.property(anyFolders, (folders) => {
        const { overrides } = buildOverrides(folders, noHome);
        const result = projectsOverride([], { overrides, untrusted: [], configured, context: noHome });
        const text = (result.ok && result.value.value) || "projects={}";
        const projects = new Map(Object.entries(parse(text)["projects"] as object));
        expect(new Set(projects.keys())).toEqual(new Set(folders));
        for (const entry of projects.values()) expect(entry).toEqual({ trust_level: "trusted" });
      }),
    );
  });

  test("the number of steps and the order do not change the argument", () => {
    const all = (
      existing: readonly string[],
      folders: readonly string[],
      configured: ProjectEntries,
    ): readonly string[] => {
      const { overrides } = buildOverrides(folders, noHome);
      const result = projectsOverride(existing, { overrides, untrusted: [], configured, context: noHome });
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

  test("a TOML parser reads every entry of config.toml unchanged, and exactly these folders", () => {
    fc.assert(
      fc.property(anyFolders, anyConfig, fc.boolean(), (folders, { projects, untrusted }, isListed) => {
        const { overrides } = buildOverrides(folders, noHome);
        const trust = {
          overrides,
          untrusted: isListed ? untrusted : [],
          configured: projects,
          context: noHome,
        };
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
