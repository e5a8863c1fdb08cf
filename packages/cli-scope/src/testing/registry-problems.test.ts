import { expect, test } from "vitest";
import type { Command, Flag, RunCommand } from "../commands/command.ts";
import type { RowsContext } from "../commands/resource.ts";
import { registryProblems } from "./registry-problems.ts";
import { sampleCommands } from "../commands/sample-commands.fixture.ts";

const flag = (name: string, more: Partial<Flag> = {}): Flag => ({
  name,
  type: "string",
  description: "",
  ...more,
});

const command = (more: Partial<RunCommand<RowsContext>>): Command<RowsContext> => ({
  words: "things list",
  resource: "things",
  effect: "read",
  access: "open",
  reach: "host",
  description: "",
  flags: [],
  run: async () => ({ ok: true, value: { data: null } }),
  ...more,
});

const intent = async (): Promise<unknown> => ({ ok: true, value: { kind: "wake", payload: null } });

/** A command that the compiler would refuse. */
const unchecked = (more: object): Command<RowsContext> =>
  ({ ...command({}), ...more }) as Command<RowsContext>;

test("registryProblems finds no problem in good commands", () => {
  expect(registryProblems(sampleCommands)).toEqual([]);
  const names = [{ what: "group", where: { kind: "agent", any: "x" } }];
  const flags = [flag("to", { names }), flag("kind", { values: ["chat", "agent"] }), flag("any")];
  expect(registryProblems([command({ flags })])).toEqual([]);
  expect(registryProblems([unchecked({ effect: "act", run: undefined, intent })])).toEqual([]);
});

test.each([
  { what: "the same words", commands: [command({}), command({})], says: "twice" },
  {
    what: "the same name on the wire",
    commands: [command({}), command({ words: "things-list" })],
    says: "twice",
  },
  { what: "upper case", commands: [command({ words: "Things list" })], says: "lower case" },
  { what: "no effect", commands: [unchecked({ effect: undefined })], says: "has no effect" },
  {
    what: "an unknown effect",
    commands: [unchecked({ effect: "write" })],
    says: "has no effect",
  },
  {
    what: "an act that runs in a transaction",
    commands: [unchecked({ effect: "act", intent })],
    says: "is an act and has a run",
  },
  {
    what: "an act without an intent",
    commands: [unchecked({ effect: "act", run: undefined })],
    says: "is an act and has no intent",
  },
  { what: "a read with an intent", commands: [unchecked({ intent })], says: "has an intent" },
  {
    what: "a change without a run",
    commands: [unchecked({ effect: "change", run: undefined })],
    says: "has no run",
  },
  { what: "two spaces", commands: [command({ words: "things  list" })], says: "lower case" },
  {
    what: "a repeated flag",
    commands: [command({ flags: [flag("a"), flag("a")] })],
    says: "flag a is there twice",
  },
  {
    what: "a flag name with a dash",
    commands: [command({ flags: [flag("as-group")] })],
    says: "no canonical name",
  },
  {
    what: "a positional that is not a flag",
    commands: [command({ positional: "id" })],
    says: "positional id",
  },
  {
    what: "a command that is not tied to a group",
    commands: [command({ reach: "group" })],
    says: "nothing ties it",
  },
  {
    what: "a group flag without a lock",
    commands: [command({ reach: "group", rowGroup: "id", flags: [flag("group")] })],
    says: "no lock",
  },
  {
    what: "a scope flag that does not escalate",
    commands: [command({ flags: [flag("cli_scope")] })],
    says: "escalate",
  },
  {
    what: "a naming that depends on a missing flag",
    commands: [command({ flags: [flag("to", { names: [{ what: "group", where: { kind: "agent" } }] })] })],
    says: "flag to names a group where kind is what it cannot be",
  },
  {
    what: "a naming that depends on an impossible value",
    commands: [
      command({
        flags: [
          flag("to", { names: [{ what: "group", where: { kind: "agnet" } }] }),
          flag("kind", { values: ["agent"] }),
        ],
      }),
    ],
    says: "flag to names a group where kind is what it cannot be",
  },
  {
    what: "a naming by a number",
    commands: [command({ flags: [flag("to", { type: "integer", names: [{ what: "group" }] })] })],
    says: "flag to names something and is no text",
  },
])("registryProblems finds $what", ({ commands, says }) => {
  expect(registryProblems(commands).join("\n")).toContain(says);
});
