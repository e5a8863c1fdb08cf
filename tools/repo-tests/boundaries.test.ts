import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const eslint = new ESLint({ cwd: root });

/** The rules that refuse a snippet, when it stands in the file of that path. */
const refusals = async (filePath: string, code: string): Promise<string[]> => {
  const [result] = await eslint.lintText(code, { filePath: `${root}${filePath}` });
  return result!.messages.filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId ?? "parse");
};

const core = "packages/preflight/src/plan.ts";
const engineCore = "packages/dialog-engine/src/screen/screen.ts";
const node = "packages/dialog-engine/src/node/pty.ts";
const helper = "packages/dialog-engine/src/testing/fake.ts";
const pack = "packages/dialog-engine/src/packs/acme.ts";
const app = "apps/host/src/run/run-agent.ts";
const tool = "tools/bench/src/measure.ts";
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
      what: "a path that leaves the package from a topic folder of the node layer",
      file: "packages/preflight/src/node/turns/turns.ts",
      code: `import "../../../../dialog-engine/src/index.ts";`,
      rule: "no-restricted-imports",
    },
    {
      what: "a path that leaves an app",
      file: app,
      code: `import "../../../../packages/preflight/src/index.ts";`,
      rule: "no-restricted-imports",
    },
    {
      what: "the test helpers in a core",
      file: engineCore,
      code: `import "../testing/index.ts";`,
      rule: dependency,
    },
    {
      what: "the test helpers in an app",
      file: app,
      code: `import "@trust/dialog-engine/testing";`,
      rule: dependency,
    },
    {
      what: "an engine that knows a pack",
      file: engineCore,
      code: `import "../packs/claude.ts";`,
      rule: dependency,
    },
    {
      what: "the same through its own name",
      file: engineCore,
      code: `import "@trust/dialog-engine/packs";`,
      rule: dependency,
    },
    {
      what: "a node layer that knows a pack",
      file: node,
      code: `import "../packs/index.ts";`,
      rule: dependency,
    },
    {
      what: "a test helper that knows a pack",
      file: helper,
      code: `import "../packs/index.ts";`,
      rule: dependency,
    },
    { what: "a pack that reads files", file: pack, code: `import "node:fs";`, rule: dependency },
    { what: "a pack that opens a PTY", file: pack, code: `import "../node/index.ts";`, rule: dependency },
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

  const plane = "internal/control-plane/src";
  test.for([
    {
      what: "an app from a private package",
      file: "internal/cli-kit/src/io.ts",
      code: `import "@gatehouse/host";`,
    },
    {
      what: "std that knows anybody",
      file: "internal/std/src/result.ts",
      code: `import "@gatehouse/fs-kit";`,
    },
    { what: "std that reads files", file: "internal/std/src/result.ts", code: `import "node:fs";` },
    { what: "a core that locks files", file: core, code: `import "@gatehouse/fs-kit";` },
    {
      what: "a published package that knows the host",
      file: "packages/preflight/src/node/plan-full.ts",
      code: `import "@gatehouse/control-plane";`,
    },
    {
      what: "a published package with a private one nobody listed",
      file: node,
      code: `import "@gatehouse/fs-kit";`,
    },
    {
      what: "a database that knows a world",
      file: `${plane}/database/tables.ts`,
      code: `import "../world/command-context.ts";`,
    },
    {
      what: "a world that knows approvals",
      file: `${plane}/world/world.ts`,
      code: `import "../approvals/hold.ts";`,
    },
    {
      what: "a world that knows a resource",
      file: `${plane}/world/world.ts`,
      code: `import "../resources/groups.ts";`,
    },
    {
      what: "approvals that know a resource",
      file: `${plane}/approvals/hold.ts`,
      code: `import "../resources/groups.ts";`,
    },
    {
      what: "decisions that know approvals",
      file: `${plane}/decisions/decision-log.ts`,
      code: `import "../approvals/hold.ts";`,
    },
    {
      what: "intents that know approvals",
      file: `${plane}/intents/intent-loop.ts`,
      code: `import "../approvals/hold.ts";`,
    },
    {
      what: "a resource that writes an intent itself",
      file: `${plane}/resources/users.ts`,
      code: `import "../intents/intent-rows.ts";`,
    },
    {
      what: "approvals that know intents",
      file: `${plane}/approvals/answering.ts`,
      code: `import "../intents/intent-loop.ts";`,
    },
    {
      what: "sessions that know intents",
      file: `${plane}/sessions/session-rows.ts`,
      code: `import "../intents/intent-rows.ts";`,
    },
    {
      what: "a resource that dispatches",
      file: `${plane}/resources/groups.ts`,
      code: `import "../dispatch/command-host.ts";`,
    },
    {
      what: "a group's start that dispatches",
      file: `${plane}/groups/init-group.ts`,
      code: `import "../dispatch/command-host.ts";`,
    },
    {
      what: "a room that knows preflight",
      file: `${plane}/world/world.ts`,
      code: `import "@trust/preflight/node";`,
    },
    {
      what: "a room that knows users.yaml",
      file: `${plane}/resources/users.ts`,
      code: `import "@gatehouse/user-directory";`,
    },
    {
      what: "a socket that knows the database",
      file: "internal/socket-server/src/serve-socket.ts",
      code: `import "@gatehouse/control-plane";`,
    },
    {
      what: "SQLite that knows the central database",
      file: "internal/sqlite/src/open-sqlite.ts",
      code: `import "@gatehouse/control-plane";`,
    },
    {
      what: "SQLite that knows configurations",
      file: "internal/sqlite/src/open-sqlite.ts",
      code: `import "@nc/container-config/node";`,
    },
    {
      what: "a core that opens a database",
      file: "packages/container-config/src/explain.ts",
      code: `import "@gatehouse/sqlite";`,
    },
    {
      what: "another library with SQLite",
      file: "packages/preflight/src/node/plan-full.ts",
      code: `import "@gatehouse/sqlite";`,
    },
    {
      what: "a command that opens a database",
      file: `${plane}/resources/groups.ts`,
      code: `import "@gatehouse/sqlite";`,
    },
    {
      what: "a lock that knows a terminal",
      file: "internal/fs-kit/src/file-lock.ts",
      code: `import "@gatehouse/agent-terminal";`,
    },
    {
      what: "the end of a process that knows a terminal",
      file: "internal/processes/src/end-agent.ts",
      code: `import "@trust/dialog-engine/node";`,
    },
    {
      what: "the end of a process that knows preflight",
      file: "internal/processes/src/end-agent.ts",
      code: `import "@trust/preflight/node";`,
    },
    {
      what: "a group's folder that knows the database",
      file: "internal/group-workspace/src/group-folder.ts",
      code: `import "@gatehouse/control-plane";`,
    },
    {
      what: "an agent's terminal that knows the flags",
      file: "internal/agent-terminal/src/run-attached.ts",
      code: `import "@gatehouse/trust-cli";`,
    },
    {
      what: "a fetch from npm that knows preflight",
      file: "internal/npm-fetch/src/fetch-packages.ts",
      code: `import "@trust/preflight";`,
    },
    {
      what: "an import that knows users.yaml",
      file: "internal/nanoclaw-import/src/import-nanoclaw.ts",
      code: `import "@gatehouse/user-directory";`,
    },
    {
      what: "users.yaml that knows an agent's terminal",
      file: "internal/user-directory/src/reload-users.ts",
      code: `import "@gatehouse/agent-terminal";`,
    },
    {
      what: "a list of held agents that opens the host's database",
      file: "internal/held-agents/src/commands/ps-command.ts",
      code: `await import("@gatehouse/control-plane");`,
    },
    {
      what: "a held agent that knows teams",
      file: "internal/held-agents/src/client/start-held.ts",
      code: `import "@trust/team-launch";`,
    },
    {
      what: "held agents that know the command that launches them",
      file: "internal/held-agents/src/commands/add-commands.ts",
      code: `import "@gatehouse/launch-commands";`,
    },
    {
      what: "a launch that knows the host's database",
      file: "internal/launch-commands/src/launch-command.ts",
      code: `import "@gatehouse/control-plane";`,
    },
    {
      what: "a team's launch that knows how an agent is held",
      file: "packages/team-launch/src/lifecycle/launch-team.ts",
      code: `import "@gatehouse/held-agents";`,
    },
    {
      what: "a core of a launch that takes locks",
      file: "packages/team-launch/src/lifecycle/launch-team.ts",
      code: `import "@gatehouse/fs-kit";`,
    },
    {
      what: "a launch whose core drives dialogs",
      file: "packages/team-launch/src/stages/agent-steps.ts",
      code: `import "@trust/dialog-engine";`,
    },
    { what: "a core that imports a tool", file: core, code: `import "@gatehouse/bench";` },
    {
      what: "a tool, by path, from a package",
      file: node,
      code: `import "../../../../tools/bench/src/measure.ts";`,
    },
    {
      what: "a tool from a private package",
      file: "internal/cli-kit/src/io.ts",
      code: `import "../../../tools/compat/src/args.ts";`,
    },
    { what: "a tool from an app", file: app, code: `import "../../../../tools/compat/src/args.ts";` },
    {
      what: "a tool from another tool",
      file: tool,
      code: `import "../../compat/src/args.ts";`,
    },
    { what: "a fixture in a program", file: app, code: `import "@gatehouse/test-kit";` },
    {
      what: "a fixture in a private package",
      file: "internal/cli-kit/src/io.ts",
      code: `import "@gatehouse/test-kit";`,
    },
    {
      what: "a fixture beside it",
      file: `${plane}/database/tables.ts`,
      code: `import "./central.fixture.ts";`,
    },
    {
      what: "another package's fixtures in a program",
      file: app,
      code: `import "@gatehouse/control-plane/testing";`,
    },
  ])("$what", async ({ file, code }) => {
    expect(await refusals(file, code)).toContain(dependency);
  });
});

describe("the boundaries accept", () => {
  test.for([
    { what: "a core file in a core", file: engineCore, code: `import "../ports.ts"; import "./rows.ts";` },
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
      what: "its core in a topic folder of the node layer",
      file: "packages/preflight/src/node/turns/turns.ts",
      code: `import "../../index.ts"; import "../same-folder/key-stamp.ts";`,
    },
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
      what: "any package and any program, by name, in a tool",
      file: tool,
      code: `import "@gatehouse/std"; import "@trust/preflight/node"; import "@gatehouse/host/testing"; import "node:fs";`,
    },
    {
      what: "vitest in a published test helper",
      file: helper,
      code: `import "vitest"; import "../ports.ts";`,
    },
    {
      what: "everything of its package in a test",
      file: "packages/dialog-engine/src/drive/drive-dialogs.test.ts",
      code: `import "vitest"; import "node:fs"; import "../node/index.ts"; import "../testing/index.ts"; import "../packs/claude.ts";`,
    },
    { what: "the types of the rules in a pack", file: pack, code: `import "../rules/rule.ts";` },
    {
      what: "the packs of a listed edge",
      file: "packages/preflight/src/node/run.ts",
      code: `import "@trust/dialog-engine/packs";`,
    },
    { what: "the packs in an app", file: app, code: `import "@trust/dialog-engine/packs";` },
    { what: "a given time in a core", file: core, code: `export const t = new Date(0);` },
  ])("$what", async ({ file, code }) => {
    expect(await refusals(file, code)).toEqual([]);
  });
});
