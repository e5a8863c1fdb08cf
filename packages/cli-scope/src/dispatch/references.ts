import type { CanonicalArgs } from "../args/canonical-args.ts";
import { referencesIn, type Referred } from "../args/references-in.ts";
import type { Args, Call, CommandError, Signature } from "../commands/command.ts";
import { reachOf } from "../decision/confined.ts";
import { explain } from "../problems/command-messages.ts";
import { noSuchRow } from "../problems/failure.ts";
import type { Choice } from "../problems/problem.ts";
import type { CommandHost, ReferredRows } from "./command-host.ts";
import type { Caller } from "./run-command.ts";

/** Returns the rows of a resource; null if the host cannot look them up. */
export type RowsOf = (resource: string) => ReferredRows | null;

/** Runs a function that looks rows up, within the reach of one caller. */
export type LookUp = <T>(run: (rowsOf: RowsOf) => Promise<T>) => Promise<T>;

export const lookUpFor =
  <Context extends Reading, Reading>(caller: Caller, host: CommandHost<Context, Reading>): LookUp =>
  async (run) => {
    const { actor } = caller;
    const found = await host.read(reachOf(caller, host), async (context) => ({
      ok: true,
      value: await run((resource) => host.referred?.({ actor, context }, resource) ?? null),
    }));
    if (!found.ok) throw new TypeError("A look-up of rows never returns an error.");
    return found.value;
  };

/**
 * The arguments with ids instead of names, and the refusal of the first text that does not mean exactly one
 * row.
 */
export type WithIds = { readonly args: CanonicalArgs; readonly refusal: CommandError | null };

/**
 * Replaces names, and beginnings of ids, by ids. It runs before the rules, so that the rules decide alike
 * about a name and its id. A text that does not mean exactly one row within reach stays as it is. The caller
 * refuses it after the rules have allowed the command, because a rule's own refusal comes first.
 */
export const withIds = async <Context extends Reading, Reading>(
  command: Pick<Signature, "flags" | "positional">,
  args: CanonicalArgs,
  caller: Caller,
  host: CommandHost<Context, Reading>,
): Promise<WithIds> => {
  const named = host.referred === undefined ? [] : referencesIn(command, args);
  if (named.length === 0) return { args, refusal: null };
  return lookUpFor(
    caller,
    host,
  )(async (rowsOf) => {
    const ids: Record<string, unknown> = {};
    let refusal: CommandError | null = null;
    for (const each of named) {
      const rows = rowsOf(each.resource);
      const found = (await rows?.meant(each.id)) ?? [];
      if (rows === null || found.length === 1) ids[each.flag.name] = found[0]?.id ?? each.id;
      // An agent may name things of another group, which are out of its reach. The rehearsal checks them.
      else if (found.length > 0 || each.flag.names === undefined || caller.actor.type === "host")
        refusal ??= await notOneRow(each, command.positional, found, rows);
    }
    return { args: { ...args, ...ids }, refusal };
  });
};

/** Maximum rows named in an error. */
const mostNamed = 8;

/**
 * The refusal of a text that means several rows, or no existing row. Null if only the command can decide,
 * such as for the id of a deleted row.
 */
const notOneRow = async (
  { flag, resource, id }: Referred,
  positional: string | undefined,
  found: readonly Choice[],
  rows: ReferredRows,
): Promise<CommandError | null> => {
  const where = { resource, id, ...(flag.name === positional ? {} : { flag: flag.name }) };
  if (found.length > 0)
    return { code: "not-found", message: explain({ code: "row-ambiguous", ...where, rows: found }) };
  if (rows.isIdForm === null || rows.isIdForm(id)) return null;
  const known = await rows.beginning("", mostNamed);
  return { code: "not-found", message: explain({ code: "no-such-row", ...where, known }) };
};

/** The refusal of the first row that does not exist or is out of reach; null if all exist. */
export const missingReference = async <Context extends Reading, Reading>(
  command: Signature,
  args: Args,
  call: Call<Context>,
  host: CommandHost<Context, Reading>,
): Promise<CommandError | null> => {
  for (const { flag, resource, id } of referencesIn(command, args)) {
    if (flag.names !== undefined) continue;
    const rows = host.referred?.(call, resource) ?? null;
    if (rows === null || (await rows.has(id))) continue;
    return noSuchRow(resource, id, flag.name === command.positional ? undefined : flag.name);
  }
  return null;
};
