import { describe, expect, test } from "vitest";
import type { Args, Call } from "./command.ts";
import { crud } from "./crud.ts";
import type { Resource, Row, Rows, RowsContext } from "./resource.ts";

const open = { access: "open", reach: "host" } as const;

const resource: Resource = {
  name: "thing",
  plural: "things",
  description: "Things",
  id: { description: "The thing." },
  rowGroup: "agent_group_id",
  columns: [
    { name: "agent_group_id", type: "string", description: "Whose.", required: true, lock: "group" },
    { name: "colour", type: "string", description: "Colour.", updatable: true, values: ["red", "blue"] },
    { name: "key", type: "string", description: "Key.", updatable: true },
    { name: "created_at", type: "string", description: "When.", generated: true },
  ],
  verbs: { list: open, get: open, create: open, update: open, delete: open },
};

const commands = crud(resource);
const command = (verb: string): (typeof commands)[number] => {
  const found = commands.find(({ words }) => words === `things ${verb}`);
  if (found === undefined) throw new Error(`There is no ${verb}.`);
  return found;
};

/** A store with one row. `asked` lists its calls. */
const context = (): { readonly call: Call<RowsContext>; readonly asked: unknown[] } => {
  const asked: unknown[] = [];
  const row: Row = { id: "t-1", colour: "red" };
  const found = async (id: string, ...more: unknown[]): ReturnType<Rows["get"]> => {
    asked.push([id, ...more]);
    return { ok: true, value: id === "t-1" ? row : null };
  };
  const rows: Rows = {
    list: async (query) => {
      asked.push(query);
      return { ok: true, value: [row] };
    },
    get: found,
    create: async (values) => {
      asked.push(values);
      return { ok: false, error: { code: "invalid-args", message: "That name is taken." } };
    },
    update: found,
    delete: found,
  };
  return { asked, call: { actor: { type: "host" }, context: { rows: () => rows } } };
};

describe("crud", () => {
  test.each([
    { verb: "list", flags: ["agent_group_id", "colour", "key", "limit"], needs: [], positional: undefined },
    { verb: "get", flags: ["id"], needs: ["id"], positional: "id" },
    {
      verb: "create",
      flags: ["agent_group_id", "colour", "key"],
      needs: ["agent_group_id"],
      positional: undefined,
    },
    { verb: "update", flags: ["id", "colour", "key"], needs: ["id"], positional: "id" },
    { verb: "delete", flags: ["id"], needs: ["id"], positional: "id" },
  ])("makes $verb with the flags $flags", ({ verb, flags, needs, positional }) => {
    const made = command(verb);
    expect(made.flags.map(({ name }) => name)).toEqual(flags);
    expect(made.flags.filter(({ required }) => required === true).map(({ name }) => name)).toEqual(needs);
    expect(made.positional).toBe(positional);
  });

  test("makes examples from the columns' example values, and VALUE or ID without one", () => {
    const required = true;
    const columns: Resource["columns"] = [
      { name: "owner_id", type: "string", description: "", example: "telegram:1", required },
      { name: "size", type: "integer", description: "", min: 3, required, updatable: true },
      { name: "colour", type: "string", description: "", values: ["red", "blue"], required },
      { name: "note", type: "string", description: "", required },
    ];
    const id = { description: "", example: "t-1" };
    const verbs = { get: open, create: open, update: open, delete: open };
    expect(crud({ ...resource, id, columns, verbs }).flatMap(({ examples }) => examples)).toEqual([
      "things get t-1",
      "things create --owner-id telegram:1 --size 3 --colour red --note VALUE",
      "things update t-1 --size 3",
      "things delete t-1",
    ]);
    expect(crud({ ...resource, verbs: { get: open } })[0]?.examples).toEqual(["things get ID"]);
  });

  test("makes only the resource's verbs", () => {
    expect(crud({ ...resource, verbs: { get: open } }).map(({ words }) => words)).toEqual(["things get"]);
  });

  test("makes a locked id a filter, so that a list has only one group's rows", () => {
    const { columns } = resource;
    const made = crud({
      ...resource,
      columns,
      id: { description: "", lock: "group" },
      verbs: { list: open },
    });
    expect(made[0]?.flags[0]).toMatchObject({ name: "id", lock: "group", required: false });
  });

  test("refuses a resource within reach of a group that has no rowGroup", () => {
    const { rowGroup, ...nobodys } = resource;
    const verbs = { list: { access: "open", reach: "group" } } as const;
    expect(() => crud({ ...nobodys, verbs })).toThrow("things list: a resource within reach of a group");
    expect(crud({ ...nobodys, rowGroup: String(rowGroup), verbs })).toHaveLength(1);
  });
});

test.each([
  { what: "command of rows that have a group column", lock: undefined, rowGroup: "agent_group_id" },
  { what: "command of groups, which may return a report", lock: "group" as const, rowGroup: undefined },
])("crud sets rowGroup $rowGroup for the delete $what", ({ lock, rowGroup }) => {
  const id = { description: "The thing.", ...(lock === undefined ? {} : { lock }) };
  expect(crud({ ...resource, id, verbs: { delete: open } })[0]?.rowGroup).toBe(rowGroup);
});

describe("a verb of crud", () => {
  test.each<{ verb: string; args: Args; asks: unknown; data: unknown }>([
    { verb: "list", args: {}, asks: { where: {}, limit: 200 }, data: [{ id: "t-1", colour: "red" }] },
    {
      verb: "list",
      args: { colour: "red", limit: 5 },
      asks: { where: { colour: "red" }, limit: 5 },
      data: [{ id: "t-1", colour: "red" }],
    },
    { verb: "get", args: { id: "t-1" }, asks: ["t-1"], data: { id: "t-1", colour: "red" } },
    {
      verb: "update",
      args: { id: "t-1", colour: "blue" },
      asks: ["t-1", { colour: "blue" }],
      data: { id: "t-1", colour: "red" },
    },
    { verb: "delete", args: { id: "t-1" }, asks: ["t-1"], data: { id: "t-1", colour: "red" } },
  ])("$verb $args calls the rows of the context once", async ({ verb, args, asks, data }) => {
    const { call, asked } = context();
    expect(await command(verb).run(args, call)).toEqual({ ok: true, value: { data } });
    expect(asked).toEqual([asks]);
  });

  test.each(["get", "update", "delete"])("%s answers not-found for a missing row", async (verb) => {
    const answer = await command(verb).run({ id: "t-2", colour: "red" }, context().call);
    expect(answer).toEqual({
      ok: false,
      error: { code: "not-found", message: 'There is no "t-2" in things.' },
    });
  });

  test("create returns the store's refusal", async () => {
    const { call, asked } = context();
    const answer = await command("create").run({ agent_group_id: "ag-1", colour: "red" }, call);
    expect(answer).toMatchObject({ ok: false, error: { message: "That name is taken." } });
    expect(asked).toEqual([{ agent_group_id: "ag-1", colour: "red" }]);
  });

  test("update without a column is refused by its check", () => {
    const { check } = command("update");
    expect(check?.({ id: "t-1" })).toMatchObject({ code: "invalid-args" });
    expect(check?.({ id: "t-1", colour: "red" })).toBeNull();
  });
});
