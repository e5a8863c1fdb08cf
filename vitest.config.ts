import { readdirSync } from "node:fs";
import process from "node:process";
import { defineConfig } from "vitest/config";

const conditions = ["@nc/source"];
const project = (name: string, include: string[]) => ({
  extends: true as const,
  test: { name, include },
});
const packages = readdirSync(new URL("packages", import.meta.url));
const internal = readdirSync(new URL("internal", import.meta.url));
const apps = readdirSync(new URL("apps", import.meta.url));

/**
 * The commands of `ncl` once more, on PostgreSQL, where there is one. Left out are a killed host, which is SQLite's own
 * matter, and thousands of random arguments, which say nothing about a database.
 */
const rooms = "{approvals,decisions,dispatch,groups,resources,world}";
const commandsOnPostgres = {
  extends: true as const,
  test: {
    name: "control-plane-on-postgresql",
    include:
      process.env["GATEHOUSE_TEST_POSTGRES"] === undefined
        ? []
        : [`internal/control-plane/src/${rooms}/**/*.test.ts`],
    exclude: ["**/kill.test.ts", "**/any-arguments.test.ts"],
    setupFiles: ["internal/control-plane/src/database/drop-schemas.fixture.ts"],
    env: { GATEHOUSE_TEST_CENTRAL: "postgresql" },
  },
};

// Tests read the sources through the "@nc/source" export condition: no build comes first.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A property test takes a second or two; a busy machine with few cores takes it several times over.
    testTimeout: 30_000,
    tags: [
      { name: "slow", description: "spawns real programs or runs thousands of cases", timeout: 120_000 },
    ],
    env: { DISABLE_AUTOUPDATER: "1" },
    projects: [
      ...packages.map((name) => project(name, [`packages/${name}/src/**/*.test.ts`])),
      ...internal.map((name) => project(name, [`internal/${name}/src/**/*.test.ts`])),
      ...apps.map((name) => project(name, [`apps/${name}/src/**/*.test.ts`])),
      commandsOnPostgres,
      ...["compat", "bench"].map((name) => project(name, [`tools/${name}/src/**/*.test.ts`])),
      project("repo", ["tools/repo-tests/*.test.ts"]),
    ],
  },
});
