import { registryProblems } from "@nc/cli-scope/testing";
import { expect, test } from "vitest";
import { commands, resourceSentences, storedTables } from "./index.ts";

test("all commands can be found, and what is within reach of a group is tied to it", () =>
  expect(registryProblems(commands)).toEqual([]));

test("each resource has its rows and a sentence", () => {
  const resources = new Set(commands.map(({ resource }) => resource));
  expect(new Set(Object.keys(storedTables))).toEqual(resources);
  expect(new Set(Object.keys(resourceSentences))).toEqual(resources);
});

test("within reach of a group are these, and no other command", () =>
  expect(commands.filter(({ reach }) => reach === "group").map(({ words }) => words)).toEqual([
    "groups list",
    "groups get",
    "groups update",
    "groups config get",
    "groups config update",
    "groups config add-mcp-server",
    "groups config remove-mcp-server",
    "groups config add-package",
    "groups config remove-package",
    "groups config add-mount",
    "groups config remove-mount",
    "groups config diff",
    "groups config history",
    "groups config rollback",
    "wirings get",
    "wirings update",
    "members list",
    "members add",
    "members remove",
    "destinations list",
    "destinations add",
    "destinations remove",
    "sessions list",
    "sessions get",
  ]));

test("secrets are these flags, and no other", () =>
  expect(
    commands.flatMap(({ words, flags }) =>
      flags.filter(({ secret }) => secret).map(({ name }) => `${words} ${name}`),
    ),
  ).toEqual(["groups config add-mcp-server env", "groups config add-mcp-server headers"]));
