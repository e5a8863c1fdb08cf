import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { hostBundles, program } from "../settings/tsup.shared.ts";

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const root = join(import.meta.dirname, "../..");
const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
const foldersIn = (group: string): readonly string[] =>
  readdirSync(join(root, group)).map((name) => `${group}/${name}`);

/** The folders of published packages and apps. `ncl` is part of the host's package. */
const published = [...foldersIn("packages"), ...foldersIn("apps")].filter(
  (folder) => manifestIn(folder).private !== true,
);

const manifests = new Map(published.map(manifestIn).map((manifest) => [manifest.name, manifest]));

// The owner sets the repository's address in the root's package.json; all other places have to match it.
const owner = manifestIn(".") as Manifest & {
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly type: string; readonly url: string };
};
const address = owner.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

test("each package extends tsconfig.base.json, so that an editor checks a package that is opened alone", () => {
  const rooms = ["foundation", "trust", "host"].flatMap((floor) => foldersIn(`internal/${floor}`));
  for (const folder of [...foldersIn("packages"), ...rooms, ...foldersIn("apps")]) {
    const settings = JSON.parse(readFileSync(join(root, folder, "tsconfig.json"), "utf8")) as object;
    expect({ folder, settings }).toMatchObject({
      folder,
      settings: { extends: `${"../".repeat(folder.split("/").length)}tsconfig.base.json` },
    });
  }
});

test("the published packages are these", () =>
  expect(published.map((folder) => manifestIn(folder).name).sort()).toEqual([
    "@gatehouse/host",
    "@gatehouse/orchestrator-adapter",
    "@gatehouse/workspace-trust",
    "@nc/cli-scope",
    "@nc/container-config",
    "@nc/container-runtime",
    "@nc/kubernetes-runtime",
    "@nc/user-wizard",
    "@trust/claude-state-probe",
    "@trust/codex-overrides",
    "@trust/dialog-engine",
    "@trust/preflight",
    "@trust/team-launch",
  ]));

test.for(published)("%s says what its first release has, in a changeset or in its changelog", (folder) => {
  const changelog = join(root, folder, "CHANGELOG.md");
  if (existsSync(changelog)) return expect(readFileSync(changelog, "utf8")).toContain("first release");
  const { name } = manifestIn(folder);
  const changesets = readdirSync(join(root, ".changeset")).filter((file) => file.endsWith(".md"));
  const texts = changesets.map((file) => readFileSync(join(root, ".changeset", file), "utf8"));
  const own = texts.filter((text) => text.startsWith(`---\n"${name}": minor\n---\n`));
  expect(own).toHaveLength(1);
  expect(own[0]).toMatch(/\n---\n\n(?:The|This) first release[^]{100,}/);
});

test("the root's package.json has the repository's https address, home page and issues", () => {
  expect(owner.repository).toEqual({ type: "git", url: expect.stringMatching(/^git\+https:\/\/.+\.git$/) });
  expect(owner).toMatchObject({ homepage: `${address}#readme`, bugs: { url: `${address}/issues` } });
});

describe.for(published)("the package.json of %s", (folder) => {
  test("has a description, author, addresses, licence and Node version", () =>
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

  test("is published as public, with provenance", () =>
    expect(manifestIn(folder)).toMatchObject({ publishConfig: { access: "public", provenance: true } }));

  test("depends on ranges of external packages, and on no private package of ours", () => {
    const { dependencies, optionalDependencies } = manifestIn(folder);
    const wanted = Object.entries({ ...dependencies, ...optionalDependencies });
    const exact = wanted.filter(([, range]) => range !== "catalog:published" && range !== "workspace:^");
    expect(exact).toEqual([]);
    const privateOnes = foldersIn("internal")
      .flatMap(foldersIn)
      .map((it) => manifestIn(it).name);
    expect(wanted.filter(([name]) => privateOnes.includes(name))).toEqual([]);
  });
});

/** The pages of a package that are in its tarball. */
const shippedPages = (folder: string): readonly string[] => [
  "README.md",
  ...(existsSync(join(root, folder, "docs")) ? readdirSync(join(root, folder, "docs")) : [])
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

// Another team reads the README in the tarball, without the repository beside it.
describe.for(published)("what the pages of %s link to", (folder) => {
  const { files } = manifestIn(folder);
  const links = shippedPages(folder).flatMap((page) =>
    [...readFileSync(join(root, folder, page), "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)/gu)].map(
      ([, link = ""]) => ({ link, from: dirname(page) }),
    ),
  );
  const isAbsolute = (link: string): boolean => /^[a-z]+:/u.test(link);

  test("is in its tarball, if the link is relative", () => {
    const shipped = (path: string): boolean =>
      path === "README.md" || files.some((entry) => path === entry || path.startsWith(`${entry}/`));
    const paths = links.filter(({ link }) => !isAbsolute(link)).map(({ link, from }) => join(from, link));
    expect(paths.filter((path) => !shipped(path) || !existsSync(join(root, folder, path)))).toEqual([]);
  });

  test("is in the repository, if the link is to its pages", () => {
    const own = /^https:\/\/[^/]+\/[^/]+\/[^/]+\/(?:blob|tree)\/main\//u;
    const paths = links.map(({ link }) => link).filter((link) => own.test(link));
    const found = (link: string): boolean => existsSync(join(root, link.replace(own, "")));
    expect(paths.filter((link) => !link.startsWith(`${address}/`) || !found(link))).toEqual([]);
  });
});

test.for(published.filter((folder) => folder !== "apps/host"))(
  "the install line of %s works: before the first release it names each tarball that it needs",
  (folder) => {
    const readme = readFileSync(join(root, folder, "README.md"), "utf8");
    const line = /^npm install (.+)$/mu.exec(readme)?.[1] ?? "";
    if (!/^It is not on npm yet\./mu.test(readme))
      return expect(line.split(" ")[0]).toBe(manifestIn(folder).name);
    const needed = new Set<string>();
    const add = (name: string): void => {
      if (needed.has(name)) return;
      needed.add(name);
      const { dependencies, optionalDependencies } = manifests.get(name) ?? {};
      for (const [other, range] of Object.entries({ ...dependencies, ...optionalDependencies }))
        if (range.startsWith("workspace:")) add(other);
    };
    add(manifestIn(folder).name);
    const tarballs = [...needed].map(
      (name) =>
        `CLONE/tarballs/${name.replace("@", "").replace("/", "-")}-${manifests.get(name)?.version ?? ""}.tgz`,
    );
    expect(
      line
        .split(" ")
        .filter((word) => word.startsWith("CLONE/"))
        .toSorted(),
    ).toEqual(tarballs.toSorted());
  },
);

// What is bundled brings its own imports: without this, a built host cannot find a library of a room of its own.
test("the host depends on every library of the private rooms in its bundle, or bundles that library too", () => {
  const rooms = new Map(
    foldersIn("internal")
      .flatMap(foldersIn)
      .map((folder) => [manifestIn(folder).name, manifestIn(folder)] as const),
  );
  const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = manifestIn("apps/host");
  const bundled = new Set(Object.keys(devDependencies).filter((name) => rooms.has(name)));
  for (const room of bundled)
    for (const name of Object.keys(rooms.get(room)?.dependencies ?? {}))
      if (rooms.has(name)) bundled.add(name);
  const libraries = [...bundled]
    .flatMap((room) => Object.keys(rooms.get(room)?.dependencies ?? {}))
    .filter((name) => !rooms.has(name));
  const found = new Set<unknown>([
    ...Object.keys({ ...dependencies, ...optionalDependencies }),
    ...(program.noExternal ?? []),
    ...hostBundles,
  ]);
  expect(new Set(libraries.filter((name) => !found.has(name)))).toEqual(new Set());
});

// Otherwise consumers could install a version older than any that our suite has run with.
test("each range of a published package begins at the version in our lockfile", () => {
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
