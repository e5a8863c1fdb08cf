import { readdirSync } from "node:fs";
import { bundledEdges, floors, libraryEdges, pureLibraries } from "../../walls.js";

const el = (type, captured) => ({ element: captured ? { type, captured } : { type } });
const own = (key) => ({ [key]: `{{from.element.captured.${key}}}` });
const outside = { module: { origin: ["core", "external"] } };
const library = (...source) => ({ module: { origin: "external", source } });
const ofTests = { file: { categories: ["test", "fixture"] } };
const std = el("foundation", { pkg: "std" });
const testKit = el("trust", { pkg: "test-kit" });

/** The kinds of elements: the floors of internal/, and the layers of a published package. */
const privateKinds = Object.keys(floors);
const publishedKinds = ["core", "packs", "node"];
const anyPrivate = privateKinds.map((floor) => el(floor));
const anyPublished = publishedKinds.map((layer) => el(layer));
const samePackage = (kinds) => kinds.map((kind) => el(kind, own("pkg")));

const floorOf = (pkg) => privateKinds.find((floor) => pkg in floors[floor]);
/** A package by name: a private one as it is, a published one by its core, its packs and its node layer. */
const reached = (pkg) =>
  floorOf(pkg) ? [el(floorOf(pkg), { pkg })] : publishedKinds.map((layer) => el(layer, { pkg }));

/** Who may import what. The last policy that matches counts; each of them costs time, so one folder has few. */
export const policies = [
  { from: el([...publishedKinds, "testing", ...privateKinds, "app", "tool"]), allow: { to: std } },
  { from: el("core"), allow: { to: [el("core", own("pkg")), library(...pureLibraries)] } },
  // A pack is data for its core: it may read the core, and the core never imports a pack.
  { from: el("packs"), allow: { to: samePackage(["core", "packs"]) } },
  { from: el("node"), allow: { to: [...samePackage(["core", "node"]), outside] } },
  {
    from: el("testing"),
    allow: { to: [...samePackage(["core", "testing"]), library("vitest", ...pureLibraries)] },
  },
  ...libraryEdges.flatMap(([pkg, to]) => [
    {
      from: el(["core", "node"], { pkg }),
      allow: { to: [el("core", { pkg: to }), el("packs", { pkg: to })] },
    },
    { from: el("node", { pkg }), allow: { to: el("node", { pkg: to }) } },
  ]),
  ...bundledEdges.map(([pkg, to]) => ({ from: el("node", { pkg }), allow: { to: reached(to) } })),
  ...privateKinds.map((floor) => ({ from: el(floor), allow: { to: [el(floor, own("pkg")), outside] } })),
  ...privateKinds.flatMap((floor) =>
    Object.entries(floors[floor])
      .filter(([, imports]) => imports.length > 0)
      .map(([pkg, imports]) => ({ from: el(floor, { pkg }), allow: { to: imports.flatMap(reached) } })),
  ),
  { from: std, disallow: { to: outside } },
  { from: std, allow: { to: library("fastest-levenshtein") } },
  { from: el("app"), allow: { to: [...anyPublished, ...anyPrivate, el("app", own("app")), outside] } },
  {
    from: el("tool"),
    allow: {
      to: [
        ...[...anyPublished, el("testing"), ...anyPrivate, el("app")],
        ...[el("tool", own("tool")), el("tool", { tool: "programs" }), outside],
      ],
    },
  },
  // A package of ours that is not among its dependencies resolves to nothing, and is no library of others.
  { disallow: { to: library("@trust/**", "@nc/**", "@gatehouse/**") } },
  // No fixture reaches a user: tests are allowed more below, and the last word counts.
  { disallow: { to: [ofTests, testKit] } },
  { from: testKit, allow: { to: testKit } },
  // A measurement starts what a test starts.
  { from: el("tool"), allow: { to: { file: { categories: "fixture" } } } },
  { from: { ...ofTests, ...el(privateKinds) }, allow: { to: anyPublished } },
  {
    from: ofTests,
    allow: {
      to: [...samePackage(publishedKinds), el("testing"), ...anyPrivate, el("app", own("app")), outside],
    },
  },
];

/**
 * The policies that can match a file of these elements, with the names that its folder gives them (`names`)
 * filled in. The plugin tries every policy that it is given on every import, and fills in names each time;
 * most policies are about one other package.
 */
const policiesFrom = (types, names) =>
  withNames(policies, names).filter(({ from }) => {
    const { type = types, captured = {} } = from?.element ?? {};
    return (
      [type].flat().some((one) => types.includes(one)) &&
      Object.entries(captured).every(([key, name]) => names[key] === name)
    );
  });

const withNames = (chosen, names) =>
  JSON.parse(JSON.stringify(chosen), (_, value) => {
    const [, key] = /^\{\{from\.element\.captured\.(\w+)\}\}$/.exec(value) ?? [];
    return names[key] ?? value;
  });

export const dependenciesRule = (chosen) => [
  "error",
  { default: "disallow", checkAllOrigins: true, checkInternals: true, policies: chosen },
];

const namesIn = (folder) =>
  readdirSync(new URL(`../../${folder}`, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

const folders = [
  ...namesIn("packages").map((pkg) => [
    `packages/${pkg}/src/**/*.ts`,
    [...publishedKinds, "testing"],
    { pkg },
  ]),
  ...privateKinds.flatMap((floor) =>
    namesIn(`internal/${floor}`).map((pkg) => [`internal/${floor}/${pkg}/src/**/*.ts`, [floor], { pkg }]),
  ),
  ...namesIn("apps").map((app) => [`apps/${app}/src/**/*.ts`, ["app"], { app }]),
  ...namesIn("tools").map((tool) => [`tools/${tool}/**/*.{ts,mjs}`, ["tool"], { tool }]),
];

/** The rule for the files of each folder: a file elsewhere is tried against all policies. */
export const ruleOfFolder = folders.map(([files, types, names]) => ({
  files: [files],
  rules: { "boundaries/dependencies": dependenciesRule(policiesFrom(types, names)) },
}));

/** What a file is, by its path; the first match counts, so node, packs and testing come before core. */
export const elements = [
  ...privateKinds.map((floor) => ({ type: floor, pattern: `internal/${floor}/*/src`, capture: ["pkg"] })),
  ...["node", "packs", "testing"].map((layer) => ({
    type: layer,
    pattern: `packages/*/src/${layer}`,
    capture: ["pkg"],
  })),
  { type: "core", pattern: "packages/*/src", capture: ["pkg"] },
  { type: "app", pattern: "apps/*/src", capture: ["app"] },
  { type: "tool", pattern: "tools/*", capture: ["tool"] },
];
