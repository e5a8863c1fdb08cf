import { registryProblems } from "@nc/cli-scope/testing";
import { expect, test } from "vitest";
import { namesKnown } from "@gatehouse/approvals";
import { commands, resourceSentences, storedTables } from "./index.ts";

test("registryProblems finds no problem in the commands", () =>
  expect(registryProblems(commands)).toEqual([]));

test("every resource has a table and a sentence for help", () => {
  const resources = new Set(commands.map(({ resource }) => resource));
  expect(new Set(Object.keys(storedTables))).toEqual(resources);
  expect(new Set(Object.keys(resourceSentences))).toEqual(resources);
});

test("only these commands are within reach of a group", () =>
  expect(commands.filter(({ reach }) => reach === "group").map(({ words }) => words)).toEqual([
    "groups list",
    "groups get",
    "groups update",
    "groups restart",
    "groups install-packages",
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
    "sessions config get",
    "sessions config update",
    "tasks list",
    "tasks get",
    "tasks create",
    "tasks update",
    "tasks pause",
    "tasks resume",
    "tasks run",
    "tasks delete",
    "tool-rules list",
    "intents list",
    "intents get",
  ]));

test("only these flags name things of other groups, and the owners of these things can be found", () => {
  const named = commands.flatMap(({ words, flags }) =>
    flags.flatMap(({ name, names = [] }) => names.map(({ what }) => ({ flag: `${words} ${name}`, what }))),
  );
  expect(named).toEqual([
    { flag: "destinations add target_id", what: "chat" },
    { flag: "destinations add target_id", what: "group" },
  ]);
  for (const { what } of named) expect(namesKnown).toContain(what);
});

test("every flag that names a row says its resource, and the rows of that resource can be looked up", () => {
  const flags = commands.flatMap(({ words, flags }) =>
    flags
      .filter(({ name, type }) => type === "string" && /(^|_)(id|user|group)$/.test(name))
      .map(({ name, refersTo }) => ({ flag: `${words} ${name}`, refersTo })),
  );
  // The ids of new users, of platforms, and of rules.
  expect(flags.filter(({ refersTo }) => refersTo === undefined).map(({ flag }) => flag)).toEqual([
    "messaging-groups list platform_id",
    "messaging-groups create platform_id",
    "users list id",
    "users create id",
    "sessions list thread_id",
    "dropped-messages list platform_id",
    "decisions list rule_id",
  ]);
  const resources = flags.flatMap(({ refersTo = [] }) =>
    typeof refersTo === "string" ? refersTo : refersTo.map(({ resource }) => resource),
  );
  for (const resource of resources) expect([resource, storedTables[resource]?.id]).not.toContain(null);
  for (const resource of resources) expect(Object.keys(storedTables)).toContain(resource);
});

test("only these free texts of an agent within its group reach a person, and none names another group", () => {
  const waits = commands.filter(({ access, reach }) => access === "approval" && reach === "group");
  const texts = waits.flatMap(({ words, flags }) =>
    flags
      .filter(
        ({ type, lock, escalates, values, names }) =>
          type === "string" && !(lock ?? escalates ?? values ?? names),
      )
      .map(({ name }) => `${words} ${name}`),
  );
  expect(texts).toEqual([
    "groups update name",
    "groups restart message",
    "groups install-packages message",
    "groups install-packages reason",
    "groups config update provider",
    "groups config update model",
    "groups config update effort",
    "groups config update image_tag",
    "groups config update assistant_name",
    "groups config update timezone",
    "groups config update reason",
    "groups config add-mcp-server name",
    "groups config add-mcp-server command",
    "groups config add-mcp-server url",
    "groups config add-mcp-server instructions",
    "groups config add-mcp-server reason",
    "groups config remove-mcp-server name",
    "groups config remove-mcp-server reason",
    "groups config add-package apt",
    "groups config add-package npm",
    "groups config add-package reason",
    "groups config remove-package apt",
    "groups config remove-package npm",
    "groups config remove-package reason",
    "groups config rollback reason",
    "wirings update engage_pattern",
    "members add user",
    "members remove user",
    "destinations add local_name",
    "destinations remove local_name",
    // The rehearsal sees only sessions of the agent's group: session-config.test.ts.
    "sessions config update id",
    "sessions config update provider",
    "sessions config update model",
    "tasks create text",
    "tasks create at",
    "tasks create every",
    "tasks create cron",
    // Only a chat in which its group answers: tasks.test.ts.
    "tasks create chat",
    "tasks create within",
    "tasks create if",
    "tasks update id",
    "tasks update text",
    "tasks update at",
    "tasks update every",
    "tasks update cron",
    "tasks update timezone",
    "tasks update within",
    "tasks update if",
    "tasks resume id",
    "tasks run id",
  ]);
});
