import type { CanonicalArgs } from "../args/canonical-args.ts";
import { referencesIn } from "../args/references-in.ts";
import type { Args, Call, CommandError, Signature } from "../commands/command.ts";
import { reachOf } from "../decision/confined.ts";
import { scopesOf } from "../decision/policy.ts";
import { noSuchRow } from "../problems/failure.ts";
import type { CommandHost, ReferredRows } from "./command-host.ts";
import type { Caller } from "./run-command.ts";

/** Finds the rows of a resource; null if the host has none to look up. */
export type RowsOf = (resource: string) => ReferredRows | null;

/** Runs a function that looks rows up, within the reach of one caller. */
export type LookUp = <T>(run: (rowsOf: RowsOf) => Promise<T>) => Promise<T>;

export const lookUpFor =
  <Context extends Reading, Reading>(
    { actor, authorization }: Caller,
    host: CommandHost<Context, Reading>,
  ): LookUp =>
  async (run) => {
    const reach = reachOf(actor, authorization, scopesOf(host));
    const found = await host.read(reach, async (context) => ({
      ok: true,
      value: await run((resource) => host.referred?.({ actor, context }, resource) ?? null),
    }));
    if (!found.ok) throw new TypeError("A look at rows has no error of its own.");
    return found.value;
  };

/**
 * The arguments with ids in the place of unique names. It runs before the rules, so that a name and its id are
 * decided alike; a name out of reach stays what it is.
 */
export const withIds = async <Context extends Reading, Reading>(
  command: Pick<Signature, "flags">,
  args: CanonicalArgs,
  caller: Caller,
  host: CommandHost<Context, Reading>,
): Promise<CanonicalArgs> => {
  const named = host.referred === undefined ? [] : referencesIn(command, args);
  if (named.length === 0) return args;
  return lookUpFor(
    caller,
    host,
  )(async (rowsOf) => {
    const ids: Record<string, unknown> = {};
    for (const { flag, resource, id } of named) ids[flag.name] = (await rowsOf(resource)?.named(id)) ?? id;
    return { ...args, ...ids };
  });
};

/** The refusal of the first row that is not there or out of reach; null if all are there. */
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
