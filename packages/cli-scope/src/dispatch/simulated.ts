import { canonicalArgs, canonicalName } from "../args/canonical-args.ts";
import { checkArgs } from "../args/check-args.ts";
import { can } from "../built-in/can.ts";
import type { Signature } from "../commands/command.ts";
import { findCommand } from "../commands/find-command.ts";
import type { Actor, Authorization } from "../decision/actor.ts";
import { explain } from "../problems/explain.ts";
import { invalidArgs } from "../problems/failure.ts";
import type { ErrorBody, RequestFrame } from "../wire/frame.ts";
import type { CommandHost } from "./command-host.ts";
import { withIds } from "./references.ts";
import type { Result } from "@gatehouse/std";

/** A request, and who it is decided for. */
export type AskedFor = { readonly request: RequestFrame; readonly actor: Actor };

const isAsGroup = (written: string): boolean => canonicalName(written) === "as_group";

/**
 * Takes `--as-group` out of an operator's request: it is decided as an agent of that group would be, and says
 * who asked. For any other caller, and for a command with such a flag of its own, nothing changes: the rules
 * refuse it, or the command has it.
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

/** The id of the group that the flag names by its id or its name. */
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

/** What the store records about a caller now; null if it is no agent, or its session or group is gone. */
export const authorizationOf = async (
  actor: Actor,
  host: Pick<CommandHost<never>, "authorization" | "groupAuthorization">,
): Promise<Authorization | null> => {
  if (actor.type !== "agent") return null;
  return actor.simulatedBy === undefined ? host.authorization(actor) : host.groupAuthorization(actor.groupId);
};
