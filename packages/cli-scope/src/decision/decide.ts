import type { Actor, Authorization } from "./actor.ts";
import type { CanonicalArgs } from "../args/canonical-args.ts";
import type { Flag, Signature } from "../commands/command.ts";
import { scopeReach } from "./confined.ts";
import type { Decision } from "./decision.ts";
import { typed } from "../problems/command-messages.ts";
import { defaultPolicy, type Policy } from "./policy.ts";
import { defaultDeny, type Facts } from "./rules.ts";

type Locked = { readonly args: CanonicalArgs; readonly warnings: readonly string[] };

/** The value that a locked flag must have for an agent limited to its group; undefined for any other flag. */
const ownValue = ({ lock }: Flag, groupId: string, wiringId: string | null): string | null | undefined => {
  if (lock === "group") return groupId;
  return lock === "wiring" ? wiringId : undefined;
};

/**
 * Sets all locked flags to the caller's own group and wiring, and warns if the caller gave another value. An agent that reaches
 * everything keeps what it gave.
 */
const lockArgs = ({ actor, command, args, authorization, reach }: Facts): Locked => {
  if (actor.type !== "agent") return { args, warnings: [] };
  const own: Record<string, unknown> = { ...args };
  const warnings: string[] = [];
  for (const flag of command.flags) {
    const value = ownValue(flag, actor.groupId, authorization?.wiringId ?? null);
    if (value === undefined) continue;
    if (reach === "everything" && (flag.isOwnByDefault !== true || Object.hasOwn(args, flag.name))) continue;
    if (Object.hasOwn(args, flag.name) && args[flag.name] !== value)
      warnings.push(
        `${typed(flag.name)} is locked to ${value}, this conversation's own: what was given is not used.`,
      );
    own[flag.name] = value;
  }
  return { args: own, warnings };
};

/**
 * Decides whether this caller may run this command. The first matching rule of the policy decides; if no rule
 * matches, the command is refused. Pure: the same facts give the same decision, and a call changes nothing.
 * `args` are canonical; their values are not checked yet.
 */
export const decide = (
  actor: Actor,
  command: Signature,
  args: CanonicalArgs,
  authorization: Authorization | null,
  { rules, scopes }: Policy = defaultPolicy,
): Decision => {
  const reach = scopeReach(actor, authorization, scopes);
  const facts: Facts = { actor, command, args, authorization, reach };
  const rule = rules.find(({ when }) => when(facts)) ?? defaultDeny;
  const { id: ruleId, effect, code = "forbidden" } = rule;
  const reason = rule.reason(facts);
  return effect === "deny"
    ? { effect, ruleId, reason, code }
    : { effect, ruleId, reason, ...lockArgs(facts) };
};
