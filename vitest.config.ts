import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const conditions = ["@nc/source"];
/** True for `npm run soak`: all tests, random seeds, many cases. */
const isSoak = process.env["GATEHOUSE_SOAK"] === "1";
/** `test` for `npm test`, `rest` for `npm run test:rest`; both if a person names tests. */
const part = process.env["GATEHOUSE_TESTS"];

/** The folders with tests. */
const folders = ["packages", "internal/foundation", "internal/trust", "internal/host", "apps"]
  .flatMap((group) => readdirSync(here(group)).map((name) => `${group}/${name}/src`))
  .concat("tools/compat/src", "tools/bench/src", "tools/repo-tests");

/** With a filter of tags alone, vitest would load each file to skip its tests. */
const filesWith = (text: RegExp, isWith = true): readonly string[] =>
  folders.flatMap((folder) =>
    readdirSync(here(folder), { encoding: "utf8", recursive: true })
      .map((file) => `${folder}/${file}`)
      .filter((file) => file.endsWith(".test.ts") && text.test(readFileSync(here(file), "utf8")) === isWith),
  );
/** The files without a test of this part, or of the gate. A suite for two databases has its tags in a fixture. */
const soakFiles = isSoak ? [] : filesWith(/@module-tag soak/);
const leftOut = [
  ...soakFiles,
  ...(part === "test" ? filesWith(/@module-tag rest/) : []),
  ...(part === "rest"
    ? filesWith(/"rest"|@module-tag rest|describeOnBoth|describeConfigStore|describeSchema/, false)
    : []),
];

const project = (
  name: string,
  include: readonly string[],
  more: object = {},
  exclude: readonly string[] = leftOut,
) => ({
  extends: true as const,
  test: { name, include: [...include], exclude: [...configDefaults.exclude, ...exclude], ...more },
});

/** The tests of files, of both databases, of a host alone, and of accounts of the machine. */
const notOnPostgres = [
  "{no-database,odd-files,killed,open-central,schema,try-vendor,central-status,container-rows,leases,session-rows}",
  "{many-restarts,only-host,rebuild-killed,hostile-source,rights,act-for-owner,containers,gateway,listen}",
  "{mcp-secrets,os-user,up-command,floods,channels-command,containers-status,serve-health}",
].map((names) => `**/${names}.test.ts`);

/** Repeats tests of the central database on PostgreSQL, if a server is available. */
const onPostgres = (
  name: string,
  include: readonly string[],
  [setUp, variable]: readonly [setUp: string, variable: string],
  isRun = true,
) =>
  project(
    name,
    isRun && part !== "test" && process.env["GATEHOUSE_TEST_POSTGRES"] !== undefined ? include : [],
    {
      env: { [variable]: "postgresql" },
      setupFiles: [setUp],
    },
    [...soakFiles, ...notOnPostgres],
  );
/** The database of a test itself. */
const ofTest = [
  "internal/host/central-database/src/drop-schemas.fixture.ts",
  "GATEHOUSE_TEST_CENTRAL",
] as const;
/** The database of the hosts that a test starts. */
const ofHosts = ["apps/host/src/database/own-schema.fixture.ts", "GATEHOUSE_TEST_HOST"] as const;
/** The tests that the gate repeats on PostgreSQL: commands, approvals, intents, leases, containers and delivery. */
const contracts = [
  "internal/host/{approvals/src/approvals,intents/src/intent-loop,command-context/src/{context/transact,decisions/verify-log}}.test.ts",
  "internal/host/sessions/src/{containers/{spawn,races,restart},delivery/delivery,intake/receive}.test.ts",
];
/** The rooms of the host whose tests have a central database. */
const rooms = [
  ...["central-database", "command-context", "intents", "approvals", "commands", "dispatch", "group-setup"],
  ...["session-rows", "wire", "routing", "sessions", "channels", "messengers", "people", "gateway"],
];
/** The suites that `npm run soak -- postgresql` repeats on PostgreSQL. */
const wholeSuites = [
  onPostgres(
    "postgresql-central",
    rooms.map((room) => `internal/host/${room}/src/**/*.test.ts`),
    ofTest,
    isSoak,
  ),
  onPostgres(
    "postgresql-host",
    [
      "apps/host/src/{doctor,import,init,status,up}/**/*.test.ts",
      "apps/host/src/{busy-database,cli}.test.ts",
    ],
    ofHosts,
    isSoak,
  ),
];

/** Files that replace a module for themselves. In a worker that has loaded it already, they would get the real one. */
const mocking = filesWith(/vi\.mock\(/);

/**
 * The tests in a browser. While an address of the machine comes or goes, as with each container that starts, Chromium 156 lets
 * each TLS connection that is being made fail with ERR_NETWORK_CHANGED. So the gate runs them beside no test of an engine.
 */
const inBrowser = filesWith(/chromium\.fixture\.ts/);

/** With `--project=NAME`, each folder is a project. A whole run is one project, whose workers load shared modules once. */
const projects = process.argv.some((arg) => arg.startsWith("--project") && !arg.startsWith("--project=!"))
  ? folders.map((folder) => project(basename(folder.replace(/\/src$/, "")), [`${folder}/**/*.test.ts`]))
  : [
      project(
        "gatehouse",
        folders.map((folder) => `${folder}/**/*.test.ts`),
        {},
        [...leftOut, ...mocking, ...inBrowser],
      ),
      project("isolated", mocking, { isolate: true }),
    ];

// The export condition "@nc/source" lets tests import the sources without a build.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Bounds for what hangs. A test takes two seconds, and many times as long on a busy machine with few cores.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    tags: [
      {
        name: "slow",
        description: "starts real programs: not in `npm run check`",
        timeout: 600_000,
      },
      {
        name: "rest",
        description: "needs more than Node, such as an engine or PostgreSQL: only in `npm run test:rest`",
        // Beside a load of 20 an engine took four minutes for what takes half a minute alone.
        timeout: 900_000,
        // A test of engines is slow, too. The lower number counts.
        priority: 2,
      },
      {
        name: "soak",
        description: "is random, kills programs or has thousands of cases: only in `npm run soak`",
        timeout: 1_800_000,
        priority: 1,
      },
    ],
    // Test files leave no state in their process, so a worker runs many files and loads shared modules once.
    isolate: false,
    // Workers outnumber the cores, because many tests wait for programs that they started, and for engines.
    maxWorkers: availableParallelism() + (part === "rest" ? 5 : 3),
    env: { DISABLE_AUTOUPDATER: "1" },
    setupFiles: [here("tools/scripts/before-each-file.mjs")],
    globalSetup: [here("tools/programs/src/vitest.programs.ts")],
    projects: [
      ...projects,
      project("browser", part === "test" ? [] : inBrowser),
      onPostgres("postgresql", contracts, ofTest),
      ...wholeSuites,
    ],
  },
});
