import { canonicalArgs, canonicalName } from "../args/canonical-args.ts";
import { checkArgs } from "../args/check-args.ts";
import { can } from "../built-in/can.ts";
import type { Signature } from "../commands/command.ts";
import { findCommand } from "../commands/find-command.ts";
import type { Actor, Authorization } from "../decision/actor.ts";
import { explain } from "../problems/command-messages.ts";
import { invalidArgs } from "../problems/failure.ts";
import type { ErrorBody, RequestFrame } from "../wire/frame.ts";
import type { CommandHost } from "./command-host.ts";
import { withIds } from "./references.ts";
import type { Result } from "@gatehouse/std";

/** A request, and the actor for whom it is decided. */
export type AskedFor = { readonly request: RequestFrame; readonly actor: Actor };

const isAsGroup = (written: string): boolean => canonicalName(written) === "as_group";

/**
 * Removes `--as-group` from an operator's request, and returns an agent of that group as the actor, with
 * `simulatedBy`. Returns the request unchanged for any other caller, whom the rules refuse, and for a command
 * that itself has such a flag.
 */
export const simulated = async <Context extends Reading, Reading>(
  request: RequestFrame,
  actor: Actor,
  commands: readonly Pick<Signature, "words" | "positional" | "flags">[],
  host: CommandHost<Context, Reading>,
): Promise<Result<AskedFor, ErrorBody>> => {
  const unchanged = { ok: true, value: { request, actor } } as const;
  const entries = Object.entries(request.args);
  const written = Object.fromEntries(entries.filter(([name]) => isAsGroup(name)));
  if (actor.type !== "host" || Object.keys(written).length === 0) return unchanged;
  const found = findCommand(commands, request.command);
  if (found.ok && found.value.command.flags.some((flag) => flag.name === "as_group")) return unchanged;
  const groupId = await groupIn(written, actor, host);
  if (!groupId.ok) return groupId;
  const args = Object.fromEntries(entries.filter(([name]) => !isAsGroup(name)));
  const agent: Actor = {
    type: "agent",
    sessionId: "",
    groupId: groupId.value,
    messagingGroupId: null,
    simulatedBy: "host",
  };
  return { ok: true, value: { request: { ...request, args }, actor: agent } };
};

/** The id of the group that the flag names, by id or by name. */
const groupIn = async <Context extends Reading, Reading>(
  written: RequestFrame["args"],
  actor: Actor,
  host: CommandHost<Context, Reading>,
): Promise<Result<string, ErrorBody>> => {
  const canonical = canonicalArgs(written);
  if (!canonical.ok) return { ok: false, error: invalidArgs(canonical.error) };
  const checked = checkArgs(can, canonical.value);
  if (!checked.ok) return { ok: false, error: invalidArgs(checked.error) };
  const named = await withIds(can, checked.value, { actor, authorization: null }, host);
  if (named.refusal !== null) return { ok: false, error: named.refusal };
  const id = String(named.args["as_group"]);
  if ((await host.groupAuthorization(id)) !== null) return { ok: true, value: id };
  return { ok: false, error: { code: "not-found", message: explain({ code: "no-such-group", id }) } };
};

/** The store's current record of a caller; null if it is not an agent, or its session or group is gone. */
export const authorizationOf = async (
  actor: Actor,
  host: Pick<CommandHost<never>, "authorization" | "groupAuthorization">,
): Promise<Authorization | null> => {
  if (actor.type !== "agent") return null;
  return actor.simulatedBy === undefined ? host.authorization(actor) : host.groupAuthorization(actor.groupId);
};
