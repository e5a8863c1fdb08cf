import type { Args, CommandError, Flag, Reply, RunCommand } from "./command.ts";
import { typed } from "../problems/command-messages.ts";
import { invalidArgs, noSuchRow } from "../problems/failure.ts";
import type { Column, ReadRowsContext, Resource, Row, RowsContext, Verb } from "./resource.ts";
import type { Result } from "@gatehouse/std";

/** How many rows a list returns by default, and at most. */
const listLimits = { usual: 200, most: 10_000 };

/** The command of one verb, for any resource. */
type Plan = Pick<
  RunCommand<RowsContext, ReadRowsContext>,
  "effect" | "description" | "flags" | "examples" | "check" | "run"
>;

type Answer = Result<Reply, CommandError>;

/** A column as an optional flag: only `create` requires the value. */
const flagOf = (column: Column): Flag => ({ ...column, required: false });

const idFlag = ({ id, plural }: Resource): Flag => ({
  refersTo: plural,
  ...id,
  name: "id",
  type: "string",
  required: true,
});

/** A flag with an example value, as typed: `--channel-type telegram`. */
const typedFlag = ({ name, example, values, min }: Column): string =>
  ` ${typed(name)} ${example ?? values?.[0] ?? min ?? "VALUE"}`;

const typedId = ({ id }: Resource): string => id.example ?? "ID";

const idOf = (args: Args): string => String(args["id"]);

const pick = (args: Args, flags: readonly Flag[]): Args =>
  Object.fromEntries(Object.entries(args).filter(([name]) => flags.some((flag) => flag.name === name)));

const answer = (resource: Resource, args: Args, found: Result<Row | null, CommandError>): Answer => {
  if (!found.ok) return found;
  if (found.value === null) return { ok: false, error: noSuchRow(resource.plural, idOf(args)) };
  return { ok: true, value: { data: found.value } };
};

/**
 * The flags that select rows: every column that a caller may set, and the columns that lock rows to a group.
 */
const filters = (resource: Resource): readonly Flag[] => {
  const columns = resource.columns
    .filter(({ generated, lock }) => generated !== true || lock !== undefined)
    .map(flagOf);
  const id = { ...idFlag(resource), required: false };
  return id.lock === undefined || columns.some(({ name }) => name === "id") ? columns : [id, ...columns];
};

const list = (resource: Resource): Plan => {
  const { usual, most } = listLimits;
  const selecting = filters(resource);
  const limit: Flag = {
    name: "limit",
    type: "integer",
    description: `How many at most; ${usual} if not given.`,
    min: 1,
    max: most,
  };
  return {
    effect: "read",
    description: `List ${resource.plural}, the newest first.`,
    flags: [...selecting, limit],
    examples: [`${resource.plural} list --limit 20`],
    run: async (args, { context }) => {
      const query = { where: pick(args, selecting), limit: Number(args["limit"] ?? usual) };
      const rows = await context.rows(resource.plural).list(query);
      return rows.ok ? { ok: true, value: { data: rows.value } } : rows;
    },
  };
};

const get = (resource: Resource): Plan => ({
  effect: "read",
  description: `Show one ${resource.name}.`,
  flags: [idFlag(resource)],
  examples: [`${resource.plural} get ${typedId(resource)}`],
  run: async (args, { context }) =>
    answer(resource, args, await context.rows(resource.plural).get(idOf(args))),
});

const create = (resource: Resource): Plan => {
  const set = resource.columns.filter(({ generated }) => generated !== true);
  const flags = set.map((column): Flag => column);
  const needed = set.filter(({ required }) => required === true).map(typedFlag);
  return {
    effect: "change",
    description: `Create one ${resource.name}.`,
    flags,
    examples: [`${resource.plural} create${needed.join("")}`],
    run: async (args, { context }) =>
      answer(resource, args, await context.rows(resource.plural).create(args)),
  };
};

const update = (resource: Resource): Plan => {
  const columns = resource.columns.filter(({ updatable }) => updatable === true);
  const changing = columns.map(flagOf);
  const flags = changing.map(({ name }) => name);
  return {
    effect: "change",
    description: `Change one ${resource.name}.`,
    flags: [idFlag(resource), ...changing],
    examples: columns
      .slice(0, 1)
      .map((column) => `${resource.plural} update ${typedId(resource)}${typedFlag(column)}`),
    check: (args) =>
      flags.some((name) => Object.hasOwn(args, name))
        ? null
        : invalidArgs([{ code: "nothing-to-change", flags }]),
    run: async (args, { context }) => {
      const values = pick(args, changing);
      return answer(resource, args, await context.rows(resource.plural).update(idOf(args), values));
    },
  };
};

const remove = (resource: Resource): Plan => ({
  effect: "change",
  description: `Delete one ${resource.name}.`,
  flags: [idFlag(resource)],
  examples: [`${resource.plural} delete ${typedId(resource)}`],
  run: async (args, { context }) =>
    answer(resource, args, await context.rows(resource.plural).delete(idOf(args))),
});

const plans: Record<Verb, (resource: Resource) => Plan> = { list, get, create, update, delete: remove };
const verbs = Object.keys(plans) as Verb[];

/**
 * Makes the commands for the verbs of a resource. Throws if a verb is within reach of a group and the
 * resource has no `rowGroup`: this is a mistake of the host's author, and it shows at the first start.
 */
export const crud = (resource: Resource): readonly RunCommand<RowsContext, ReadRowsContext>[] =>
  verbs.flatMap((verb) => {
    const access = resource.verbs[verb];
    if (access === undefined) return [];
    const { plural, rowGroup } = resource;
    if (access.reach === "group" && rowGroup === undefined)
      throw new TypeError(`${plural} ${verb}: a resource within reach of a group needs a rowGroup.`);
    const plan = plans[verb](resource);
    const positional = plan.flags.some(({ name, required }) => name === "id" && required)
      ? { positional: "id" }
      : {};
    // Deleting something whose id is locked, such as a group, may return a report instead of a row. Any other
    // deleted row names its group.
    const isReport = verb === "delete" && resource.id.lock !== undefined;
    const rows = rowGroup === undefined || isReport ? {} : { rowGroup };
    const of = { resource: plural, resourceDescription: resource.description };
    return [{ words: `${plural} ${verb}`, ...of, ...access, ...plan, ...positional, ...rows }];
  });
