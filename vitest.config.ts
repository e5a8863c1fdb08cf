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

/** Folders with tests. */
const folders = ["packages", "internal/foundation", "internal/trust", "internal/host", "apps"]
  .flatMap((group) => readdirSync(here(group)).map((name) => `${group}/${name}/src`))
  .concat("tools/compat/src", "tools/bench/src", "tools/repo-tests");

/** The test files that are soak as a whole. A filter of tags alone would load each of them, to skip all it has. */
const soakFiles = folders.flatMap((folder) =>
  readdirSync(here(folder), { encoding: "utf8", recursive: true })
    .map((file) => `${folder}/${file}`)
    .filter(
      (file) => file.endsWith(".test.ts") && readFileSync(here(file), "utf8").includes("@module-tag soak"),
    ),
);

const project = (
  name: string,
  include: readonly string[],
  more: object = {},
  notOn: readonly string[] = [],
) => ({
  extends: true as const,
  test: {
    name,
    include: [...include],
    exclude: [...configDefaults.exclude, ...(isSoak ? [] : soakFiles), ...notOn],
    ...more,
  },
});

/** Tests of files, tests that open both databases, and tests that need a host alone, or accounts of its own. */
const notOnPostgres = [
  "{no-database,odd-files,killed,open-central,schema,try-vendor,central-status,container-rows,leases,session-rows}",
  "{many-restarts,only-host,rebuild-killed,hostile-source,rights,act-for-owner,containers,gateway,listen}",
  "{mcp-secrets,os-user,up-command}",
].map((names) => `**/${names}.test.ts`);

/** Tests of what works on the central database, once more on PostgreSQL, where there is one. */
const onPostgres = (name: string, include: readonly string[], setUp: string, isRun = true) =>
  project(
    name,
    isRun && process.env["GATEHOUSE_TEST_POSTGRES"] !== undefined ? include : [],
    {
      env: { GATEHOUSE_TEST_CENTRAL: "postgresql", GATEHOUSE_TEST_HOST: "postgresql" },
      setupFiles: [setUp],
    },
    notOnPostgres,
  );
const dropSchemas = "internal/host/central-database/src/drop-schemas.fixture.ts";
/** The gate runs the contracts on PostgreSQL: commands, approvals, intents, leases and containers, delivery. */
const contracts = [
  "internal/host/{approvals/src/approvals,intents/src/intent-loop,command-context/src/context/transact}.test.ts",
  "internal/host/sessions/src/{containers/{spawn,races,restart},delivery/delivery,intake/receive}.test.ts",
];
/** Rooms of the host whose tests have a central database. */
const rooms = [
  ...["central-database", "command-context", "intents", "approvals", "commands", "dispatch", "group-setup"],
  ...["session-rows", "wire", "routing", "sessions", "channels", "people", "gateway"],
];
/** `npm run soak -- postgresql` runs all other suites there. */
const wholeSuites = [
  onPostgres(
    "postgresql-central",
    rooms.map((room) => `internal/host/${room}/src/**/*.test.ts`),
    dropSchemas,
    isSoak,
  ),
  onPostgres(
    "postgresql-host",
    [
      "apps/host/src/{doctor,import,init,status,up}/**/*.test.ts",
      "apps/host/src/{busy-database,cli}.test.ts",
    ],
    "apps/host/src/database/own-schema.fixture.ts",
    isSoak,
  ),
];

/** A project for each folder, if one is asked for by name. A whole run has one: its workers load what files share once. */
const projects = process.argv.some((arg) => arg.startsWith("--project"))
  ? folders.map((folder) => project(basename(folder.replace(/\/src$/, "")), [`${folder}/**/*.test.ts`]))
  : [
      project(
        "gatehouse",
        folders.map((folder) => `${folder}/**/*.test.ts`),
      ),
    ];

// Tests read the sources through the "@nc/source" export condition: no build comes first.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A test that computes takes a second or two; a busy machine with few cores takes it many times over.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    tags: [
      {
        name: "slow",
        description: "starts real programs: not in `npm run check`",
        timeout: 240_000,
        retry: 1,
      },
      {
        name: "soak",
        description: "draws lots, kills or counts thousands: only in `npm run soak`",
        timeout: 1_800_000,
      },
    ],
    // Test files leave nothing behind in their process: a worker runs many, and loads what they import once.
    isolate: false,
    // More than the cores: many tests wait for a program that they started.
    maxWorkers: availableParallelism() + 3,
    env: { DISABLE_AUTOUPDATER: "1" },
    setupFiles: [here("tools/scripts/before-each-file.mjs")],
    globalSetup: [here("tools/programs/src/vitest.programs.ts")],
    projects: [...projects, onPostgres("postgresql", contracts, dropSchemas), ...wholeSuites],
  },
});
