import { readdirSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const conditions = ["@nc/source"];
/**
 * Test files leave nothing behind in their process: a worker runs those of a project one after the
 * other, and loads what they import once. Only what changes the process itself, such as its current
 * folder, has one for each file. After a change here: `npx vitest run --project <name>
 * --sequence.shuffle`.
 */
const isolated = new Set(["cli-kit"]);
/**
 * Where a run keeps the modules that it has transformed. Each project has a transformer of its own, and
 * most import the same sources: the first one transforms them for all. The next run starts anew, since a
 * module is found again by its text, which says nothing of what its imports resolve to;
 * `vitest.programs.ts` removes it. This file is read for each project: all have to name the same folder.
 */
const moduleCache = join(tmpdir(), `gatehouse-modules-${process.pid}-${Math.round(performance.timeOrigin)}`);
const project = (name: string, include: string[]) => ({
  extends: true as const,
  test: { name, include, isolate: isolated.has(name) },
});
type Project = ReturnType<typeof project>;
const packages = readdirSync(new URL("packages", import.meta.url));
const internal = readdirSync(new URL("internal", import.meta.url));
const apps = readdirSync(new URL("apps", import.meta.url));

/** Tests of what works on the central database, once more on PostgreSQL, where there is one. */
const onPostgres = (name: string, include: readonly string[]) => ({
  extends: true as const,
  test: {
    name,
    isolate: false,
    include: process.env["GATEHOUSE_TEST_POSTGRES"] === undefined ? [] : [...include],
    setupFiles: ["internal/control-plane/src/database/drop-schemas.fixture.ts"],
    env: { GATEHOUSE_TEST_CENTRAL: "postgresql" },
  },
});

/**
 * Not among them: control-plane's `database` and `sessions`, whose tests are of a file, or open both
 * themselves.
 */
const centralOnPostgres = onPostgres("central-on-postgresql", [
  "internal/control-plane/src/{approvals,decisions,dispatch,groups,intents,resources,world}/**/*.test.ts",
  "internal/control-plane/src/database/query-plans.test.ts",
  "internal/{channels,user-directory}/src/**/*.test.ts",
]);

/**
 * Not among them: `only-host`, since on a server every host may have others beside it; and
 * `many-restarts`, which the host's sessions-chaos-on-postgresql.test.ts does there, with real hosts.
 */
const sessionsOnPostgres = onPostgres("sessions-on-postgresql", [
  "internal/sessions/src/*.test.ts",
  "internal/sessions/src/*/!(only-host|many-restarts).test.ts",
]);

/**
 * The host once more, on PostgreSQL, each test in a schema of its own. Not among them are tests that
 * open no central database, those that open both (`chaos`, `database`), `users`, whose hosts run as
 * accounts that the server does not know, and `full-disk`: the disk that their database fills is the
 * server's.
 */
const hostOnPostgres = {
  extends: true as const,
  test: {
    name: "host-on-postgresql",
    isolate: false,
    include:
      process.env["GATEHOUSE_TEST_POSTGRES"] === undefined
        ? []
        : [
            "apps/host/src/{doctor,import,init,status,up}/**/*.test.ts",
            "apps/host/src/{busy-database,cli,spoilt-row}.test.ts",
          ],
    env: { GATEHOUSE_TEST_HOST: "postgresql" },
    setupFiles: ["apps/host/src/database/own-schema.fixture.ts"],
  },
};

/**
 * Projects whose tests compute, and start few programs with a time limit: CI runs them first, behind
 * compat, of which they take what it leaves, and then the others (`GATEHOUSE_TESTS`, of
 * `tools/scripts/test.mjs`).
 */
const early = new Set([
  ...["channels", "claude-state-probe", "cli-scope", "codex-overrides", "group-workspace", "nanoclaw-import"],
  ...["control-plane", "central-on-postgresql", "dialog-engine", "std", "user-directory", "team-launch"],
  ...["container-config", "repo", "user-wizard"],
]);

/**
 * Files whose tests compute, draw screens or ask a database: they look at no account, right or place, so CI does not
 * run them a second time as an ordinary account.
 */
const sameForAccounts = [
  "packages/{cli-scope,codex-overrides,dialog-engine}/**",
  "internal/{channels,nanoclaw-import,std}/**",
  "internal/control-plane/src/{approvals,decisions,dispatch,intents,resources}/**",
  "tools/{bench,compat}/**",
];

/** The tests of a whole run (`npm test`): `all`; in CI `early`, then `others`, and at last those of `accounts`. */
const chosen = process.env["GATEHOUSE_TESTS"];
const isChosen = ({ test: { name } }: Project): boolean =>
  chosen === "all" || chosen === "accounts" || (chosen === "early") === early.has(name);

/**
 * A whole run takes as one project what needs neither processes nor variables of its own: a worker
 * serves one project, and loads what several share once.
 */
const together = (chosenOnes: readonly Project[]): Project[] => {
  const own = chosenOnes.filter(({ test }) => test.isolate || "env" in test);
  const shared = chosenOnes.filter((one) => !own.includes(one));
  const include = shared.flatMap(({ test }) => test.include);
  return [...own, project("gatehouse", include)];
};

/**
 * The longest files, of half a minute and more: vitest goes by the names of projects, and left some for
 * the end.
 */
const longest = [
  "apps/host/src/chaos/chaos-on-postgresql",
  "apps/host/src/chaos/server-chaos",
  "apps/host/src/chaos/chaos",
  "apps/host/src/sessions-chaos/sessions-chaos",
  "apps/host/src/sessions-chaos/sessions-chaos-on-postgresql",
  "apps/host/src/launch-chaos/launch-chaos",
  "internal/sessions/src/containers/many-restarts",
  "packages/container-config/src/node/several-processes",
  "packages/preflight/src/node/control/confirm-claude",
  "packages/preflight/src/node/control/killed",
  "packages/user-wizard/src/node/add-user/interrupted",
  "packages/user-wizard/src/node/remove-user/interrupted-removal",
  "apps/orchestrator-adapter/src/run-launch",
  "internal/held-agents/src/speak",
  "internal/agent-terminal/src/run-until-ready",
  "packages/dialog-engine/src/packs/mutation",
].map((file) => `/${file}.test.ts`);
const isLongest = ({ moduleId }: TestSpecification) => longest.some((file) => moduleId.endsWith(file));

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}

const projects: Project[] = [
  ...packages.map((name) => project(name, [`packages/${name}/src/**/*.test.ts`])),
  ...internal.map((name) => project(name, [`internal/${name}/src/**/*.test.ts`])),
  ...apps.map((name) => project(name, [`apps/${name}/src/**/*.test.ts`])),
  centralOnPostgres,
  sessionsOnPostgres,
  hostOnPostgres,
  ...["compat", "bench"].map((name) => project(name, [`tools/${name}/src/**/*.test.ts`])),
  project("repo", ["tools/repo-tests/*.test.ts"]),
];

// Tests read the sources through the "@nc/source" export condition: no build comes first.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    experimental: { fsModuleCache: true, fsModuleCachePath: moduleCache },
    // A property test takes a second or two; a busy machine with few cores takes it several times over.
    testTimeout: 30_000,
    // Hooks start hosts and make accounts.
    hookTimeout: 60_000,
    tags: [
      { name: "slow", description: "spawns real programs or runs thousands of cases", timeout: 120_000 },
    ],
    // Random cases and kill points: a tenth of them says most of it. CI tries them all.
    provide: { shareOfCases: process.env["GATEHOUSE_CASES"] === "full" ? 1 : 0.1 },
    // Three more than the cores (vitest takes one less): many tests wait for a program that they started.
    maxWorkers: availableParallelism() + 3,
    sequence: { sequencer: LongestFirst },
    ...(chosen === "accounts" ? { exclude: [...configDefaults.exclude, ...sameForAccounts] } : {}),
    env: { DISABLE_AUTOUPDATER: "1" },
    setupFiles: [fileURLToPath(new URL("tools/scripts/before-each-file.mjs", import.meta.url))],
    globalSetup: [fileURLToPath(new URL("vitest.programs.ts", import.meta.url))],
    projects: chosen === undefined ? projects : together(projects.filter(isChosen)),
  },
});
