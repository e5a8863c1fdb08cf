import { readdirSync } from "node:fs";
import { bundledEdges, libraryEdges, privateEdges, pureLibraries, rooms } from "./walls.js";

const el = (type, captured) => ({ element: captured ? { type, captured } : { type } });
const nameOfFrom = (key) => `{{from.element.captured.${key}}}`;
const samePackage = { pkg: nameOfFrom("pkg") };
const sameTool = { tool: nameOfFrom("tool") };
const sameApp = { app: nameOfFrom("app") };
const sameRoom = { room: nameOfFrom("room") };
const outside = (...origin) => ({ module: { origin } });
const library = (...source) => ({ module: { origin: "external", source } });
const test = { file: { categories: ["test", "fixture"] } };
const published = (pkg) => [el("core", { pkg }), el("packs", { pkg }), el("node", { pkg })];
const namesIn = (folder) =>
  readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
/** A private package by name: control-plane is entered by its front door, the index of its rooms. */
const inHouse = (pkg) => (pkg === "control-plane" ? el("plane") : el("private", { pkg }));
const isPrivate = (pkg) => pkg === "control-plane" || pkg in privateEdges;
const reached = (pkg) => (isPrivate(pkg) ? [inHouse(pkg)] : published(pkg));

/**
 * Who may import what. The last policy that matches counts; each of them costs time, so one folder has
 * few.
 */
export const policies = [
  {
    from: {
      element: { type: ["core", "packs", "testing", "node", "private", "room", "app", "tool"] },
    },
    allow: { to: el("std") },
  },
  { from: el("std"), allow: { to: [el("std"), library("fastest-levenshtein")] } },
  { from: el("core"), allow: { to: [el("core", samePackage), library(...pureLibraries)] } },
  // A pack is data for its core: it may read the core, and the core never imports a pack.
  { from: el("packs"), allow: { to: [el("core", samePackage), el("packs", samePackage)] } },
  ...libraryEdges.map(([from, to]) => ({
    from: { element: { captured: { pkg: from }, type: ["core", "node"] } },
    allow: { to: [el("core", { pkg: to }), el("packs", { pkg: to })] },
  })),
  ...libraryEdges.map(([from, to]) => ({
    from: el("node", { pkg: from }),
    allow: { to: el("node", { pkg: to }) },
  })),
  ...bundledEdges.map(([from, to]) => ({
    from: el("node", { pkg: from }),
    allow: { to: inHouse(to) },
  })),
  {
    from: el("testing"),
    allow: {
      to: [el("core", samePackage), el("testing", samePackage), library("vitest", ...pureLibraries)],
    },
  },
  {
    from: el("node"),
    allow: { to: [el("core", samePackage), el("node", samePackage), outside("core", "external")] },
  },
  { from: el("private"), allow: { to: [el("private", samePackage), outside("core", "external")] } },
  ...Object.entries(privateEdges)
    .filter(([, all]) => all.length > 0)
    .map(([pkg, all]) => ({ from: el("private", { pkg }), allow: { to: all.flatMap(reached) } })),
  {
    from: el("room"),
    allow: {
      to: [el("room", sameRoom), outside("core", "external")],
    },
  },
  ...Object.entries(rooms).map(([room, { enters, imports }]) => ({
    from: el("room", { room }),
    allow: { to: [...enters.map((to) => el("room", { room: to })), ...imports.flatMap(reached)] },
  })),
  { from: el("plane"), allow: { to: el("room") } },
  {
    from: el("app"),
    allow: {
      to: [
        el("core"),
        el("packs"),
        el("node"),
        el("private"),
        el("plane"),
        el("app", sameApp),
        outside("core", "external"),
      ],
    },
  },
  {
    from: el("tool"),
    allow: {
      to: [
        el("core"),
        el("packs"),
        el("node"),
        el("testing"),
        el("private"),
        el("plane"),
        el("app"),
        el("tool", sameTool),
        el("tool", { tool: "programs" }),
        outside("core", "external"),
      ],
    },
  },
  // A package of ours that is not among its dependencies resolves to nothing, and is no library of
  // others.
  { disallow: { to: library("@trust/**", "@nc/**", "@gatehouse/**") } },
  // No fixture reaches a user: tests are allowed more below, and the last word counts.
  {
    disallow: {
      to: [{ file: { categories: ["test", "fixture"] } }, el("private", { pkg: "test-kit" })],
    },
  },
  { from: el("private", { pkg: "test-kit" }), allow: { to: el("private", { pkg: "test-kit" }) } },
  // A measurement starts what a test starts.
  { from: el("tool"), allow: { to: { file: { categories: "fixture" } } } },
  {
    from: { ...test, element: { type: ["room", "private", "plane"] } },
    allow: { to: [el("core"), el("packs"), el("packs"), el("node")] },
  },
  {
    from: test,
    allow: {
      to: [
        el("core", samePackage),
        el("packs", samePackage),
        el("node", samePackage),
        el("testing"),
        el("app", sameApp),
        el("room"),
        el("private"),
        el("plane"),
        outside("core", "external"),
      ],
    },
  },
];

/**
 * The policies that can match a file of these elements, by the name that their folder gives them
 * (`own`), which is also filled in. The plugin tries every policy that it is given on every import, and
 * fills in its names each time; most of them are about one other package.
 */
export const policiesFrom = (types, own) =>
  withNames(policies, own).filter(({ from }) => {
    const { type = types, captured = {} } = from?.element ?? {};
    return (
      [type].flat().some((one) => types.includes(one)) &&
      Object.entries(captured).every(([key, name]) => own[key] === name)
    );
  });

const withNames = (chosen, own) =>
  JSON.parse(JSON.stringify(chosen), (key, value) =>
    value === nameOfFrom(key) ? (own[key] ?? value) : value,
  );

export const dependenciesRule = (chosen) => [
  "error",
  { default: "disallow", checkAllOrigins: true, checkInternals: true, policies: chosen },
];

/** The files of each folder, and what they are: a file elsewhere is tried against all policies. */
export const folders = [
  ...namesIn("packages").map((name) => [
    `packages/${name}/src/**/*.ts`,
    ["core", "packs", "node", "testing"],
    { pkg: name },
  ]),
  ...namesIn("internal").map((name) => [
    `internal/${name}/src/**/*.ts`,
    [name === "std" ? "std" : "private"],
    { pkg: name },
  ]),
  // After its house: the last configuration of a file counts.
  ["internal/control-plane/src/*.ts", ["plane"], {}],
  ...namesIn("internal/control-plane/src").map((name) => [
    `internal/control-plane/src/${name}/**/*.ts`,
    ["room"],
    { room: name },
  ]),
  ...namesIn("apps").map((name) => [`apps/${name}/src/**/*.ts`, ["app"], { app: name }]),
  ...namesIn("tools").map((name) => [`tools/${name}/**/*.{ts,mjs}`, ["tool"], { tool: name }]),
];
