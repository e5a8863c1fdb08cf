import { dispatch, type Command, type Flag } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, steward } from "@gatehouse/dispatch/testing";
import { referencesOf } from "./references.fixture.ts";
import { commands } from "./index.ts";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";

type Echo = Command<CommandContext, ReadContext>;

/** A command with the same flags that only returns its arguments after names were replaced by ids. */
const echo = ({ words, resource, reach, flags, positional }: Echo): Echo => ({
  words,
  resource,
  reach,
  effect: "read",
  access: "open",
  description: "",
  flags: flags.map((flag) => ({ ...flag, required: false, values: undefined }) as unknown as Flag),
  ...(positional === undefined ? {} : { positional }),
  run: async (args) => ({ ok: true, value: { data: args } }),
});

const prepared = async () => {
  const bed = await hostBed();
  const { db } = bed.central;
  await addRow(db, "agent_groups", { id: "ag-a", name: "Ana's", folder: "home-of-ana" });
  for (const id of ["ag-b", "ag-c"])
    await addRow(db, "agent_groups", { id, name: "twin", folder: `${id}-x` });
  await addRow(db, "agent_groups", { id: "ag-d", name: "ag-b-x", folder: "d" });
  await addRow(db, "agent_groups", { id: "ag-unique-beginning", name: "Una", folder: "una" });
  for (const [id, display_name] of [
    ["local:bo", "Bo"],
    ["telegram:filed", "Ana"],
    ["telegram:stranger", "Owner"],
    ["telegram:other", "Ana"],
  ] as const)
    await addRow(db, "users", { id, kind: id.split(":")[0] ?? "", display_name });
  await db.insertInto("file_users").values({ user_id: "telegram:filed", entry: "{}" }).execute();
  await addRow(db, "messaging_groups", { id: "mg-a", platform_id: "telegram:-55", name: "Family" });
  const host = { ...bed.host, commands: commands.map(echo) };
  const ask = async (command: string, args: object): Promise<unknown> => {
    const answer = await dispatch({ id: "1", command, args }, operator, host);
    return answer.ok ? answer.data : answer.error.message;
  };
  return { ...bed, ask };
};

/** By resource: texts in place of an id, each with the id that it becomes, or with part of the refusal. */
const names: Readonly<Record<string, readonly (readonly [written: string, id: string | RegExp])[]>> = {
  groups: [
    ["Ana's", "ag-a"],
    ["ANA'S", "ag-a"],
    ["home-of-ana", "ag-a"],
    ["ag-a", "ag-a"],
    ["ag-unique", "ag-unique-beginning"],
    ["twin", /^"twin" means several groups.*: ag-b \(twin\), ag-c \(twin\)\. Write one of the ids\.$/],
    // A text in the form of an id is never taken as a name, even if a group has that name.
    ["ag-b-x", "ag-b-x"],
    // A complete id without a row is passed on: the command refuses it.
    ["ag-019aa0c5-0000-7000-8000-000000000000", "ag-019aa0c5-0000-7000-8000-000000000000"],
    ["anna", /^There is no "anna" in groups.*\. There are: Una, .*"groups list" shows all\.$/],
  ],
  users: [
    ["Bo", "local:bo"],
    // Two users have this name, and the operator (users.yaml) named only one of them.
    ["Ana", "telegram:filed"],
    ["Owner", "Owner"],
    ["local:b", "local:b"],
  ],
  "messaging-groups": [
    ["telegram:-55", "mg-a"],
    ["Family", /^There is no "Family" in messaging-groups/],
  ],
};

/** Completion offers complete ids, and names in their own spelling. */
const offeredNames: readonly string[] = ["Ana's", "home-of-ana", "ag-a", "Bo", "Ana", "telegram:-55"];

describe("a name in place of an id", () => {
  const flags = referencesOf(commands).filter(({ resource }) => Object.hasOwn(names, resource));

  test("this test has names for every resource that a flag can name", () =>
    expect(new Set(flags.map(({ resource }) => resource))).toEqual(new Set(Object.keys(names))));

  test("a unique name that the operator gave is accepted in place of an id", async () => {
    const { ask } = await prepared();
    for (const { words, flag, resource, where } of flags)
      for (const [written, meant] of names[resource] ?? [])
        expect([
          words,
          flag,
          written,
          await ask(words.replaceAll(" ", "-"), { ...where, [flag]: written }),
        ]).toEqual([
          words,
          flag,
          written,
          typeof meant === "string" ? { ...where, [flag]: meant } : expect.stringMatching(meant),
        ]);
  });

  test("completion offers names beside the ids", async () => {
    const { host } = await prepared();
    const offered = async (words: readonly string[], current: string): Promise<readonly string[]> => {
      const frame = { id: "1", command: "complete", args: { words, current } };
      const answer = await dispatch(frame, operator, host);
      const { candidates } = answer.ok ? (answer.data as Candidates) : expect.fail(answer.error.message);
      return candidates.map(({ value }) => value);
    };
    for (const { words, flag, resource, where } of flags) {
      const given = Object.entries(where).flatMap(([name, value]) => [`--${name}`, String(value)]);
      for (const [written] of names[resource] ?? []) {
        const typed = [...words.split(" "), ...given, `--${flag}`];
        expect([words, flag, written, (await offered(typed, written)).includes(written)]).toEqual([
          words,
          flag,
          written,
          offeredNames.includes(written),
        ]);
      }
    }
  });

  test("the folder of a group is accepted as its name, also from a global agent and in --as-group", async () => {
    const { ok } = await prepared();
    expect(await ok(operator, "groups", "get", "home-of-ana")).toMatchObject({ id: "ag-a" });
    expect(await ok(steward, "groups", "get", "home-of-ana")).toMatchObject({ id: "ag-a" });
    expect(await ok(operator, "groups", "list", "--as-group", "home-of-ana")).toMatchObject([{ id: "ag-a" }]);
    await ok(operator, "members", "add", "--user", "Bo", "--group", "Ana's");
    expect(await ok(operator, "members", "list", "--agent-group-id", "home-of-ana")).toMatchObject([
      { user_id: "local:bo", agent_group_id: "ag-a" },
    ]);
  });
});

type Candidates = { readonly candidates: readonly { readonly value: string }[] };
