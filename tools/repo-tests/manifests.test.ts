import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

type Manifest = {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const root = join(import.meta.dirname, "../..");
const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
const foldersIn = (group: string): readonly string[] =>
  readdirSync(join(root, group)).map((name) => `${group}/${name}`);

/**
 * What `npm publish` takes: every package, and the apps that are installed. `ncl` is in the host's package.
 */
const published = [...foldersIn("packages"), ...foldersIn("apps")].filter(
  (folder) => manifestIn(folder).private !== true,
);

// The owner sets the repository's address in the root's package.json; every other place follows it.
const owner = manifestIn(".") as Manifest & {
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly type: string; readonly url: string };
};
const address = owner.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

test("the packages that are published are these", () =>
  expect(published.map((folder) => manifestIn(folder).name).sort()).toEqual([
    "@gatehouse/host",
    "@gatehouse/orchestrator-adapter",
    "@gatehouse/workspace-trust",
    "@nc/cli-scope",
    "@nc/container-config",
    "@nc/container-runtime",
    "@nc/session-db",
    "@nc/user-wizard",
    "@trust/claude-state-probe",
    "@trust/codex-overrides",
    "@trust/dialog-engine",
    "@trust/preflight",
    "@trust/team-launch",
  ]));

test("the root names the repository by https, its home page and its list of bugs there", () => {
  expect(owner.repository).toEqual({ type: "git", url: expect.stringMatching(/^git\+https:\/\/.+\.git$/) });
  expect(owner).toMatchObject({ homepage: `${address}#readme`, bugs: { url: `${address}/issues` } });
});

describe.for(published)("the package.json of %s", (folder) => {
  test("says who, where, under which licence and for which Node", () =>
    expect(manifestIn(folder)).toMatchObject({
      description: expect.stringMatching(/^.{20,140}\.$/),
      license: "MIT",
      author: "The Gatehouse authors",
      homepage: `${address}/tree/main/${folder}#readme`,
      bugs: owner.bugs,
      repository: { ...owner.repository, directory: folder },
      keywords: expect.arrayContaining([expect.any(String)]),
      engines: { node: ">=20.19" },
      files: expect.arrayContaining(["dist"]),
    }));

  test("is published for everybody, with the proof of where it was built", () =>
    expect(manifestIn(folder)).toMatchObject({ publishConfig: { access: "public", provenance: true } }));

  test("asks for ranges of others, and for none of our private packages", () => {
    const { dependencies, optionalDependencies } = manifestIn(folder);
    const asked = Object.entries({ ...dependencies, ...optionalDependencies });
    const exact = asked.filter(([, range]) => range !== "catalog:published" && range !== "workspace:^");
    expect(exact).toEqual([]);
    const privateOnes = foldersIn("internal").map((it) => manifestIn(it).name);
    expect(asked.filter(([name]) => privateOnes.includes(name))).toEqual([]);
  });
});

// npm would take a newer one from then on, and our own suite would never have run on the oldest.
test("a range begins at the version that our suite runs on", () => {
  const lock = parse(readFileSync(join(root, "pnpm-lock.yaml"), "utf8")) as {
    readonly catalogs: {
      readonly published: Readonly<Record<string, { readonly specifier: string; readonly version: string }>>;
    };
  };
  const starts = Object.entries(lock.catalogs.published);
  expect(starts.length).toBeGreaterThan(5);
  for (const [name, { specifier, version }] of starts)
    expect(specifier, name).toMatch(new RegExp(`(^|@)\\^${version.replaceAll(".", "\\.")}$`));
});
