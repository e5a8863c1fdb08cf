import { describe, expect, test } from "vitest";
import type { Actor, Scope } from "../decision/actor.ts";
import type { Command } from "../commands/command.ts";
import type { RowsContext } from "../commands/resource.ts";
import { dispatch } from "../dispatch/dispatch.ts";
import type { CommandHost } from "../dispatch/command-host.ts";
import type { Choice } from "../problems/problem.ts";
import { agent, memoryHost, own } from "../dispatch/memory-host.fixture.ts";

const operator: Actor = { type: "host" };

const command = (words: string, more: Partial<Command<RowsContext>> = {}): Command<RowsContext> =>
  ({
    words,
    resource: words.split(" ")[0],
    effect: "read",
    access: "open",
    reach: "group",
    rowGroup: "id",
    description: `The command ${words}.`,
    flags: [],
    run: async () => ({ ok: true, value: { data: null } }),
    ...more,
  }) as Command<RowsContext>;

const id = {
  name: "id",
  type: "string",
  description: "The group.",
  lock: "group",
  refersTo: "groups",
} as const;
const commands = [
  command("groups list"),
  command("groups get", { flags: [id], positional: "id" }),
  command("groups config get", { flags: [id], positional: "id" }),
  command("groups config update", {
    access: "approval",
    positional: "id",
    flags: [
      id,
      { name: "cli_scope", type: "string", description: "", values: ["group", "global"], escalates: true },
      { name: "unset", type: "list", description: "", values: ["model", "memory"] },
      { name: "rw", type: "boolean", description: "" },
      { name: "note_text", type: "string", description: "Any text." },
    ],
  }),
  command("users list", { reach: "host" }),
  command("members add", {
    access: "approval",
    flags: [
      { name: "user", type: "string", description: "The person.", refersTo: "users" },
      { name: "kind", type: "string", description: "", values: ["agent", "chat"] },
      {
        name: "target",
        type: "string",
        description: "",
        refersTo: [{ resource: "groups", where: { kind: "agent" } }],
      },
    ],
  }),
  command("decisions list", { access: "operator" }),
];

const choice = (id: string, name: string | null = null, description: string | null = name): Choice => ({
  id,
  names: name === null ? [] : [name],
  description,
});
const rows: Readonly<Record<string, readonly Choice[]>> = {
  groups: [
    { id: own, names: ["My Research", "research"], description: "My Research" },
    choice("ag-2", "--force"),
    choice("ag-3", "a\u001b[2J"),
    choice("-rf"),
    choice("ag-4", null, "twin"),
  ],
  users: [choice("telegram:60", null, "Ana")],
};

/** A host with these rows. An agent of scope `group` sees only its own group. */
const hostWith = (scope: Scope = "group", more: Partial<CommandHost<RowsContext>> = {}) => ({
  ...memoryHost(commands, scope),
  referred: ({ actor }: { readonly actor: Actor }, resource: string) => ({
    has: async () => true,
    meant: async () => [],
    isIdForm: null,
    beginning: async (text: string, limit: number) =>
      (rows[resource] ?? [])
        .filter(({ id }) => actor.type === "host" || scope === "global" || id === own)
        .filter(({ id, names }) => [id, ...names].some((one) => one.startsWith(text)))
        .slice(0, limit),
  }),
  ...more,
});

/** The values offered for a line. The cursor is at the end of the text after the last blank. */
const offered = async (line: string, actor: Actor = operator, host = hostWith()): Promise<unknown> => {
  const words = line.split(" ");
  const args = { words: words.slice(0, -1), current: words.at(-1) };
  const answer = await dispatch({ id: "1", command: "complete", args }, actor, host);
  if (!answer.ok) return answer.error.code;
  const { candidates } = answer.data as { readonly candidates: readonly { readonly value: string }[] };
  return candidates.map(({ value }) => value);
};

describe("complete, for the operator,", () => {
  test.for([
    { line: "", next: ["groups", "users", "members", "decisions", "help", "can"] },
    { line: "g", next: ["groups"] },
    { line: "groups ", next: ["list", "get", "config"] },
    { line: "groups config ", next: ["get", "update"] },
    { line: "groups get ", next: [own, "My Research", "research", "ag-2", "ag-3", "ag-4"] },
    { line: "groups get res", next: ["research"] },
    { line: "groups list --as", next: ["--as-group"] },
    { line: "groups list --as-group My", next: ["My Research"] },
    { line: "groups list --as-group=res", next: ["--as-group=research"] },
    { line: "--as-group ag-", next: [own, "ag-2", "ag-3", "ag-4"] },
    { line: "groups get ag-", next: [own, "ag-2", "ag-3", "ag-4"] },
    { line: "groups get My", next: ["My Research"] },
    { line: "groups get ag-2 ", next: [] },
    { line: "groups get -", next: ["--id", "--as-group"] },
    { line: "groups get --id=ag-4", next: ["--id=ag-4"] },
    { line: "groups config update ag-2 ", next: ["--cli-scope", "--unset", "--rw", "--note-text"] },
    { line: "groups config update ag-2 --rw --cli", next: ["--cli-scope"] },
    { line: "groups config update ag-2 --rw ", next: ["--cli-scope", "--unset", "--note-text"] },
    { line: "groups config update ag-2 --cli-scope ", next: ["group", "global"] },
    { line: "groups config update ag-2 --CLI_SCOPE gl", next: ["global"] },
    { line: "groups config update ag-2 --cli-scope=gl", next: ["--cli-scope=global"] },
    { line: "groups config update ag-2 --rw=", next: ["--rw=true", "--rw=false"] },
    { line: "groups config update ag-2 --unset model,me", next: ["model,memory"] },
    { line: "groups config update ag-2 --note-text ", next: [] },
    { line: "groups config update ag-2 --nothing=", next: [] },
    { line: "groups list -- -", next: [] },
    { line: "members add --user tele", next: ["telegram:60"] },
    { line: "members add --kind agent --target ag-2", next: ["ag-2"] },
    { line: "members add --kind chat --target ag-2", next: [] },
    { line: "members add --target ag-2", next: [] },
    { line: "help groups c", next: ["config"] },
    { line: "can groups get My", next: ["My Research"] },
    { line: "nothing ", next: [] },
    { line: "complete ", next: [] },
  ])('offers for the line "$line": $next', async ({ line, next }) => {
    const found = await offered(line);
    expect([...(found as string[])].toSorted()).toEqual([...next].toSorted());
  });

  test("describes each word, with control characters escaped", async () => {
    const args = { words: ["groups", "get"], current: "" };
    const answer = await dispatch({ id: "1", command: "complete", args }, operator, hostWith());
    expect(answer).toMatchObject({
      data: {
        candidates: [
          { value: own, description: "My Research" },
          { value: "My Research", description: own },
          { value: "research", description: own },
          { value: "ag-2", description: "--force" },
          { value: "ag-3", description: "a\\u{1b}[2J" },
          { value: "ag-4", description: "twin" },
        ],
      },
    });
  });

  test("offers at most 100 words", async () => {
    const many = Array.from({ length: 300 }, (_, index) => choice(`ag-${index}`, `n${index}`));
    const referred = () => ({
      has: async () => true,
      meant: async () => [],
      isIdForm: null,
      beginning: async (_text: string, limit: number) => many.slice(0, limit),
    });
    expect(await offered("groups get ", operator, hostWith("group", { referred }) as never)).toHaveLength(
      100,
    );
  });

  test("offers no row if the host cannot look rows up", async () => {
    const host = memoryHost(commands) as never;
    expect(await offered("groups get ", operator, host)).toEqual(["--id"]);
  });
});

describe("complete, for an agent,", () => {
  test.for([
    { line: "", scope: "group", next: ["groups", "members", "help", "can"] },
    { line: "groups get ", scope: "group", next: [own, "My Research", "research"] },
    { line: "members add --kind agent --target ", scope: "group", next: [own, "My Research", "research"] },
    { line: "members add --user ", scope: "group", next: [] },
    { line: "members add --user ", scope: "global", next: ["telegram:60"] },
    { line: "groups config update x --cli", scope: "group", next: [] },
    { line: "groups config update x --cli", scope: "global", next: ["--cli-scope"] },
    { line: "decisions ", scope: "global", next: [] },
    { line: "groups ", scope: "disabled", next: "forbidden" },
  ] as const)(
    'offers in scope $scope only words that it may use, for the line "$line"',
    async ({ line, scope, next }) => {
      const found = await offered(line, agent, hostWith(scope));
      expect(Array.isArray(found) ? found.toSorted() : found).toEqual(
        typeof next === "string" ? next : [...next].toSorted(),
      );
    },
  );
});

test("complete is hidden from help and can, and refused to a person on a channel", async () => {
  const ask = (command: string, actor: Actor = operator) =>
    dispatch({ id: "1", command, args: command === "can" ? { list: true } : {} }, actor, hostWith());
  expect(JSON.stringify([await ask("help"), await ask("can")])).not.toContain("complete");
  expect(await ask("complete", { type: "user", userId: "telegram:1" })).toMatchObject({
    error: { code: "permission-denied" },
  });
});
