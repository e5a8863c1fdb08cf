import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL(".", import.meta.url));
const eslint = new ESLint({ cwd: root });

/** The rules that refuse a snippet, when it stands in the file of that path. */
const refusals = async (filePath: string, code: string): Promise<string[]> => {
  const [result] = await eslint.lintText(code, { filePath: `${root}${filePath}` });
  return result!.messages.filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId ?? "parse");
};

const core = "packages/preflight/src/plan.ts";
const engineCore = "packages/dialog-engine/src/screen.ts";
const node = "packages/dialog-engine/src/node/pty.ts";
const helper = "packages/dialog-engine/src/testing/fake.ts";
const app = "apps/host/src/run.ts";
const dependency = "boundaries/dependencies";

describe("the boundaries refuse", () => {
  test.for([
    { what: "a core that reads files", file: core, code: `import "node:fs";`, rule: dependency },
    { what: "a core that takes paths apart", file: core, code: `import "node:path";`, rule: dependency },
    { what: "a built-in without its prefix", file: core, code: `import "fs";`, rule: dependency },
    { what: "a core that opens a PTY", file: engineCore, code: `import "node-pty";`, rule: dependency },
    {
      what: "a core that uses a library nobody listed",
      file: core,
      code: `import "commander";`,
      rule: dependency,
    },
    {
      what: "a core that imports its own node layer",
      file: core,
      code: `import "./node/index.ts";`,
      rule: dependency,
    },
    {
      what: "the same for a type",
      file: core,
      code: `import type {} from "./node/index.ts";`,
      rule: dependency,
    },
    {
      what: "the same as a re-export",
      file: core,
      code: `export * from "./node/index.ts";`,
      rule: dependency,
    },
    { what: "the same, loaded late", file: core, code: `await import("./node/index.ts");`, rule: dependency },
    {
      what: "a core that imports an allowed package's node layer",
      file: core,
      code: `import "@trust/dialog-engine/node";`,
      rule: dependency,
    },
    {
      what: "an edge that is not listed",
      file: engineCore,
      code: `import "@trust/claude-state-probe";`,
      rule: dependency,
    },
    { what: "an edge backwards", file: engineCore, code: `import "@trust/preflight";`, rule: dependency },
    {
      what: "that edge from a node layer",
      file: node,
      code: `import "@trust/preflight/node";`,
      rule: dependency,
    },
    {
      what: "an app from a core",
      file: core,
      code: `import "../../../apps/host/src/main.ts";`,
      rule: dependency,
    },
    {
      what: "an app from a node layer",
      file: node,
      code: `import "../../../../apps/host/src/main.ts";`,
      rule: dependency,
    },
    {
      what: "a path that leaves the package, even along a listed edge",
      file: core,
      code: `import "../../dialog-engine/src/index.ts";`,
      rule: "no-restricted-imports",
    },
    {
      what: "a path that leaves an app",
      file: app,
      code: `import "../../../packages/preflight/src/index.ts";`,
      rule: "no-restricted-imports",
    },
    {
      what: "the test helpers in a core",
      file: engineCore,
      code: `import "./testing/index.ts";`,
      rule: dependency,
    },
    {
      what: "the test helpers in an app",
      file: app,
      code: `import "@trust/dialog-engine/testing";`,
      rule: dependency,
    },
    { what: "a test helper that reads files", file: helper, code: `import "node:fs";`, rule: dependency },
    {
      what: "the time in a core",
      file: core,
      code: `export const t = Date.now();`,
      rule: "no-restricted-syntax",
    },
    {
      what: "today in a core",
      file: core,
      code: `export const t = new Date();`,
      rule: "no-restricted-syntax",
    },
    {
      what: "chance in a core",
      file: core,
      code: `export const r = Math.random();`,
      rule: "no-restricted-syntax",
    },
  ])("$what", async ({ file, code, rule }) => {
    expect(await refusals(file, code)).toContain(rule);
  });
});

describe("the boundaries accept", () => {
  test.for([
    { what: "a core file in a core", file: engineCore, code: `import "./ports.ts";` },
    { what: "a listed library in a core", file: engineCore, code: `import "@xterm/headless";` },
    { what: "a listed edge", file: core, code: `import "@trust/dialog-engine";` },
    { what: "the other listed edge", file: core, code: `import "@trust/claude-state-probe";` },
    {
      what: "built-ins and libraries in a node layer",
      file: node,
      code: `import "node:fs"; import "node-pty";`,
    },
    { what: "its core in a node layer", file: node, code: `import "../ports.ts";` },
    {
      what: "a listed edge between node layers",
      file: "packages/preflight/src/node/run.ts",
      code: `import "@trust/dialog-engine/node"; import "@trust/dialog-engine";`,
    },
    {
      what: "any package, by name, in an app",
      file: app,
      code: `import "@trust/preflight"; import "@trust/dialog-engine/node"; import "node:fs"; import "commander";`,
    },
    {
      what: "vitest in a published test helper",
      file: helper,
      code: `import "vitest"; import "../ports.ts";`,
    },
    {
      what: "everything of its package in a test",
      file: "packages/dialog-engine/src/drive.test.ts",
      code: `import "vitest"; import "node:fs"; import "./node/index.ts"; import "./testing/index.ts";`,
    },
    { what: "a given time in a core", file: core, code: `export const t = new Date(0);` },
  ])("$what", async ({ file, code }) => {
    expect(await refusals(file, code)).toEqual([]);
  });
});
