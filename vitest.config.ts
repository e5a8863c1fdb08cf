import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const conditions = ["@nc/source"];
const project = (name: string, include: string[]) => ({
  extends: true as const,
  test: { name, include },
});
const packages = readdirSync(new URL("packages", import.meta.url));
const internal = readdirSync(new URL("internal", import.meta.url));
const apps = readdirSync(new URL("apps", import.meta.url));

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
    // Random cases and kill points: a tenth of them says most of it. CI tries them all.
    provide: { shareOfCases: process.env["GATEHOUSE_CASES"] === "full" ? 1 : 0.1 },
    env: { DISABLE_AUTOUPDATER: "1" },
    projects: [
      ...packages.map((name) => project(name, [`packages/${name}/src/**/*.test.ts`])),
      ...internal.map((name) => project(name, [`internal/${name}/src/**/*.test.ts`])),
      ...apps.map((name) => project(name, [`apps/${name}/src/**/*.test.ts`])),
      ...["compat", "bench"].map((name) => project(name, [`tools/${name}/src/**/*.test.ts`])),
      project("repo", ["tools/repo-tests/*.test.ts"]),
    ],
  },
});
