/** The npm packages that a core may import. They do no I/O. */
const pureLibraries = ["zod", "@xterm/headless", "toml", "yaml", "diff", "string-width"];

/** The only imports from one published package into others: core to core, node to core and node. */
const libraryEdges = {
  preflight: [
    "dialog-engine", // answers the CLI's dialogs
    "claude-state-probe", // reads trust in Claude's state
    "codex-overrides", // gives Codex its trust at launch
  ],
  "team-launch": [
    "preflight", // plans and executes trust for a team
    "claude-state-probe", // converts workspaces to the keys of Claude's state
    "codex-overrides", // applies the patches with Codex's trust
  ],
};

/** The type of a file, by its folder. The first match counts, so the layers of a package come before its core. */
const elements = [
  // What a core may import too: no Node, clock or randomness.
  { type: "std", pattern: "internal/foundation/{std,provider-facts}/src" },
  { type: "foundation", pattern: "internal/foundation/*/src", capture: ["pkg"] },
  { type: "trust", pattern: "internal/trust/*/src", capture: ["pkg"] },
  { type: "host", pattern: "internal/host/*/src", capture: ["pkg"] },
  { type: "packs", pattern: "packages/*/src/packs", capture: ["pkg"] },
  { type: "node", pattern: "packages/*/src/node", capture: ["pkg"] },
  { type: "testing", pattern: "packages/*/src/testing", capture: ["pkg"] },
  { type: "core", pattern: "packages/*/src", capture: ["pkg"] },
  { type: "app", pattern: "apps/*/src", capture: ["pkg"] },
];

/** The files that are not published. */
const testFiles = [
  "{packages,internal,apps}/**/*.{test,fixture}.ts",
  "{apps/*,internal/*/*}/src/testing/*.ts",
  "internal/trust/test-kit/src/**/*.ts",
];

const el = (type, captured) => ({ element: captured ? { type, captured } : { type } });
const library = (...source) => ({ module: { origin: "external", source } });
/** Node's modules and npm packages. */
const outside = { module: { origin: ["core", "external"] } };
const published = ["core", "packs", "node"];

const ownElement = { dependency: { relationship: { to: "internal" } } };
/** Layers of the importer's package. */
const own = (...layers) => el(layers, { pkg: "{{from.element.captured.pkg}}" });

const neverInUse = [
  // A workspace package outside the importer's dependencies resolves to nothing, and counts as a missing library.
  library("@trust/**", "@nc/**", "@gatehouse/**"),
  { file: { categories: "test" } },
];
const alsoInTests = [
  {
    to: [
      own(...published, "testing"),
      el([...published, "testing", "foundation"]),
      el("trust", { pkg: "test-kit" }),
      outside,
    ],
  },
];

const mayImport = (allow, disallow, edges = []) => [
  "error",
  {
    default: "disallow",
    checkAllOrigins: true,
    checkInternals: true,
    policies: [{ allow: [ownElement, ...allow] }, ...edges, { disallow: { to: disallow } }],
  },
];

/**
 * The rules for imports of a folder's files and tests. Each folder has a short list of its own, because the plugin tries
 * every policy on every import. The last wall of a file counts.
 */
const wall = (folder, allow, edges) => [
  { files: [folder], rules: { "boundaries/dependencies": mayImport(allow, neverInUse, edges) } },
  {
    files: unpublishedIn(folder),
    rules: {
      "boundaries/dependencies": mayImport([...allow, ...alsoInTests], neverInUse.slice(0, 1), edges),
    },
  },
];

/** The files of a folder that are not published, as `testFiles` has them for all folders. */
const unpublishedIn = (folder) => [
  folder.replace("*.ts", "*.{test,fixture}.ts"),
  ...(folder.startsWith("packages/") ? [] : [folder.replace("**/*.ts", "testing/*.ts")]),
  ...(folder.startsWith("internal/trust/") ? ["internal/trust/test-kit/src/**/*.ts"] : []),
];

const edges = (layer, reached) =>
  Object.entries(libraryEdges).map(([pkg, to]) => ({
    from: el(layer, { pkg }),
    allow: { to: el(reached, { pkg: to }) },
  }));

/** The configuration of the linter for imports between packages. It does not restrict the tools. */
export const walls = {
  settings: {
    "import/resolver": { typescript: { conditionNames: ["@nc/source", "import", "default"] } },
    // The old templates would make the plugin describe each match on every import and policy.
    "boundaries/legacy-templates": false,
    "boundaries/elements": elements,
    "boundaries/files": [{ category: "test", pattern: testFiles }],
  },
  overrides: [
    {
      files: ["{packages/*,internal/*/*,apps/*}/src/**/*.ts"],
      rules: { "boundaries/no-unknown-files": "error", "boundaries/no-unknown-dependencies": "error" },
    },
    ...wall(
      "packages/*/src/**/*.ts",
      [{ to: [el("std"), library(...pureLibraries)] }],
      edges("core", ["core", "packs"]),
    ),
    // A pack is data for its core, and the core never imports a pack.
    ...wall("packages/*/src/packs/**/*.ts", [{ to: [el("std"), own("core")] }]),
    ...wall("packages/*/src/testing/**/*.ts", [
      { to: [el("std"), own("core"), library("vitest", ...pureLibraries)] },
    ]),
    ...wall(
      "packages/*/src/node/**/*.ts",
      [{ to: [el(["std", "foundation"]), own("core"), outside] }],
      edges("node", published),
    ),
    ...wall("internal/foundation/*/src/**/*.ts", [{ to: [el(["std", "foundation"]), outside] }]),
    ...wall("internal/foundation/{std,provider-facts}/src/**/*.ts", [{ to: library("fastest-levenshtein") }]),
    ...wall("internal/trust/*/src/**/*.ts", [
      { to: [el(["std", "foundation", ...published, "trust"]), outside] },
    ]),
    ...wall("internal/host/*/src/**/*.ts", [
      { to: [el(["std", "foundation", ...published, "host"]), outside] },
    ]),
    ...wall("apps/*/src/**/*.ts", [
      { to: [el(["std", "foundation", ...published, "trust", "host"]), outside] },
    ]),
  ],
};
