import { describe, expect, test } from "vitest";
import type { Actor, Scope } from "../decision/actor.ts";
import { dispatch } from "../dispatch/dispatch.ts";
import type { ResponseFrame } from "../wire/frame.ts";
import { agent, memoryHost } from "../dispatch/memory-host.fixture.ts";
import { sampleCommands } from "../commands/sample-commands.fixture.ts";

const host: Actor = { type: "host" };

const ask = (
  command: string,
  actor: Actor = agent,
  scope: Scope = "group",
  args: object = {},
): Promise<ResponseFrame> => dispatch({ id: "1", command, args }, actor, memoryHost(sampleCommands, scope));

const human = async (...asked: Parameters<typeof ask>): Promise<string> => {
  const answer = await ask(...asked);
  return answer.ok ? (answer.human ?? "") : answer.error.message;
};

const data = async (...asked: Parameters<typeof ask>): Promise<unknown> => {
  const answer = await ask(...asked);
  return answer.ok ? answer.data : answer.error;
};

describe("help", () => {
  test("lists only what an agent of scope group may do", async () => {
    expect(await human("help")).toMatchInlineSnapshot(`
      "CLI scope: group. Ids of your agent group are filled in.

      Resources:
        groups        Agents' homes
                      list, get, update, delete, config get, config update, config add-mcp-server
        sessions      Conversations of an agent group
                      list, get
        wirings       Which agent group answers where
                      get, update
        destinations
                      list, add
        members
                      list, add

      Commands:
        help  What you can do. With words: the commands that start with them, or one command's flags.
        can   Whether a command is allowed, needs an approval or is refused, and by which rule.

      help RESOURCE lists its commands, help COMMAND its flags. [approval]: an agent waits for a person. [operator]: no agent may."
    `);
  });

  test("lists all resources for the operator and for an agent of scope global", async () => {
    const plurals = async (actor: Actor, scope: Scope): Promise<string[]> =>
      ((await data("help", actor, scope)) as { resources: { resource: string }[] }).resources.map(
        ({ resource }) => resource,
      );
    const all = [
      "groups",
      "sessions",
      "wirings",
      "messaging-groups",
      "users",
      "destinations",
      "members",
      "roles",
      "approvals",
    ];
    expect(await plurals(agent, "global")).toEqual(all);
    expect(await plurals(host, "group")).toEqual(all);
    expect(await human("help-groups-config-add-mount", host)).toContain("[operator]");
    expect(await human("help-groups-config", agent, "global")).not.toContain("add-mount");
  });

  test.each([
    { of: "the host's", resources: { groups: "Where agents live" }, says: "Where agents live" },
    { of: "the resource's own, if the host has none of it", resources: {}, says: "Agents' homes" },
    { of: "the resource's own, if the host has none", resources: undefined, says: "Agents' homes" },
  ])("describes a resource by a sentence: $of", async ({ resources, says }) => {
    const described = { ...memoryHost(sampleCommands), ...(resources && { resources }) };
    const asked = async (command: string): Promise<unknown> =>
      dispatch({ id: "1", command, args: {} }, host, described);
    expect(await asked("help-groups")).toMatchObject({ data: { description: says } });
    expect(await asked("help")).toMatchObject({
      data: { resources: expect.arrayContaining([expect.objectContaining({ description: says })]) },
    });
  });

  test("lists a resource's commands with their access, and its fields", async () => {
    expect(await human("help-groups")).toMatchInlineSnapshot(`
      "groups: Agents' homes

      Commands:
        groups list                   List groups, the newest first. [open]
        groups get                    Show one agent group. [open]
        groups update                 Change one agent group. [approval]
        groups delete                 Delete one agent group. [approval]
        groups config get             Does what "groups config get" says. [open]
        groups config update          Does what "groups config update" says. [approval]
        groups config add-mcp-server  Does what "groups config add-mcp-server" says. [approval]

      Fields:
        id <string>      The agent group.
        name <string>    Its name. [updatable]
        folder <string>  Its folder."
    `);
  });

  test("lists a command's flags without refused ones, and marks filled-in ones", async () => {
    expect(await human("help-groups-config-update")).toMatchInlineSnapshot(`
      "groups config update: Does what "groups config update" says. [approval]

      Usage: groups config update [--flag value]...

      Flags:
        --id <string>                        The agent group. [filled in]
        --model <string>                     The model.
        --max-messages-per-prompt <integer>  How many.
        --cpus <number>                      Processors.
        --unset <model|effort>               What to unset.

      Examples:
        groups config update --model opus"
    `);
    expect(await human("help-groups-config-update", host)).toMatchInlineSnapshot(`
      "groups config update: Does what "groups config update" says. [approval]

      Usage: groups config update <id> [--flag value]...

      Flags:
        --id <string>                        The agent group. [required]
        --model <string>                     The model.
        --max-messages-per-prompt <integer>  How many.
        --cpus <number>                      Processors.
        --unset <model|effort>               What to unset.
        --cli-scope <disabled|group|global>  Its scope.

      Examples:
        groups config update --model opus"
    `);
  });

  test("returns a page as data", async () => {
    expect(await data("help-members-add")).toEqual({
      command: "members add",
      access: "approval",
      description: 'Does what "members add" says.',
      usage: "members add --user <string> [--flag value]...",
      flags: [
        { flag: "--group", type: "string", required: false, description: "The agent group.", filledIn: true },
        { flag: "--user", type: "string", required: true, description: "The user.", filledIn: false },
      ],
      examples: [],
    });
  });

  test.each([
    { call: "groups-help", args: {} },
    { call: "groups", args: { help: true } },
    { call: "help", args: { words: "groups" } },
  ])("answers $call $args like help-groups", async ({ call, args }) => {
    expect(await data(call, agent, "group", args)).toEqual(await data("help-groups"));
  });

  test.each([
    { call: "groups-config-update", args: { help: true } },
    { call: "groups-config-update-ag-other", args: { help: true, model: "x" } },
    { call: "groups-config-update-help-help", args: { help: true } },
  ])("runs nothing for $call", async ({ call, args }) => {
    const memory = memoryHost(sampleCommands);
    const answer = await dispatch({ id: "1", command: call, args }, agent, memory);
    expect(answer).toMatchObject({ ok: true, data: { command: "groups config update" } });
    expect(memory.seen).toMatchObject({ runs: [], held: [], reaches: [] });
  });

  test("lists the commands that begin with some words", async () => {
    expect(await data("help-groups-config", agent)).toMatchObject({
      about: "groups config",
      commands: [
        { command: "groups config get" },
        { command: "groups config update" },
        { command: "groups config add-mcp-server" },
      ],
    });
  });

  test.each([
    "help-users",
    "help-users-list",
    "help-wirings-list",
    "help-groups-config-add-mount",
    "help-nothing",
    "help-group",
  ])("answers %s like an unknown command", async (call) => {
    const words = call.slice("help-".length);
    expect(await data(call)).toMatchObject({ code: "not-found" });
    expect(await human(call)).toBe((await human("help-nothing")).replace("nothing", words));
  });

  test("refuses an agent of scope disabled", async () => {
    expect(await data("help", agent, "disabled")).toMatchObject({ code: "forbidden" });
    expect(await data("groups-get", agent, "disabled", { help: true })).toMatchObject({ code: "forbidden" });
  });
});
