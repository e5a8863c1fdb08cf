import type { Actor, Authorization } from "../decision/actor.ts";
import type { BuiltIn, Question } from "./built-in.ts";
import type { Flag, Reply } from "../commands/command.ts";
import { decide } from "../decision/decide.ts";
import type { Decision } from "../decision/decision.ts";
import type { Policy } from "../decision/policy.ts";
import { explain } from "../problems/command-messages.ts";
import { invalidArgs, unresolved } from "../problems/failure.ts";
import type { ErrorBody } from "../wire/frame.ts";
import { type Asked, resolveCommand } from "../commands/resolve-command.ts";
import type { Result } from "@gatehouse/std";

type Asker = { readonly actor: Actor; readonly authorization: Authorization | null };

/**
 * The caller that the question is about: the asker itself or, if the operator names a group, an agent of that
 * group.
 */
const askerOf = async ({ actor, authorization, args, host }: Question): Promise<Result<Asker, ErrorBody>> => {
  const groupId = args["as_group"];
  if (typeof groupId !== "string" || actor.type === "agent")
    return { ok: true, value: { actor, authorization } };
  const found = await host.groupAuthorization(groupId);
  if (found === null) {
    const message = explain({ code: "no-such-group", id: groupId });
    return { ok: false, error: { code: "not-found", message } };
  }
  const agent = { type: "agent", sessionId: "", groupId, messagingGroupId: null } as const;
  return { ok: true, value: { actor: agent, authorization: found } };
};

type Verdict = Pick<Decision, "effect" | "ruleId" | "reason">;

const verdict = (
  { actor, authorization }: Asker,
  command: Asked,
  args: Question["passed"],
  policy: Policy | undefined,
): Verdict => {
  const { effect, ruleId, reason } = decide(actor, command, args, authorization, policy);
  return { effect, ruleId, reason };
};

const line = ({ effect, ruleId, reason }: Verdict): string => `${effect} (${ruleId}): ${reason}`;

const answerAll = (asker: Asker, { commands, host }: Question): Reply => ({
  data: commands
    .filter(({ isHidden }) => isHidden !== true)
    .map((command) => ({ command: command.words, ...verdict(asker, command, {}, host.policy) })),
});

const answerOne = (
  asker: Asker,
  words: string,
  { commands, passed, host }: Question,
): Result<Reply, ErrorBody> => {
  const resolved = resolveCommand(commands, words, passed);
  if (!resolved.ok) return { ok: false, error: unresolved(resolved.error) };
  const data = verdict(asker, resolved.value.command, resolved.value.args, host.policy);
  return { ok: true, value: { data, human: line(data) } };
};

/** Asks for an agent of this group instead of for the operator. */
export const asGroup: Flag = {
  name: "as_group",
  type: "string",
  description: "Ask for the agent of this group; for the operator.",
  refersTo: "groups",
};

/** Asks the rules the same question as dispatch, and runs nothing. */
export const can: BuiltIn = {
  words: "can",
  resource: null,
  effect: "read",
  access: "open",
  reach: "group",
  description: "Whether a command is allowed, needs an approval or is refused, and by which rule.",
  examples: ["can groups delete ag-1", "can groups config update --model opus --as-group ag-1", "can --list"],
  flags: [
    { name: "words", type: "string", description: "The command's words, and its id if it has one." },
    asGroup,
    { name: "list", type: "boolean", description: "Ask about every command." },
  ],
  positional: "words",
  passesFlags: true,
  answer: async (question) => {
    const { words, list } = question.args;
    if (typeof words !== "string" && list !== true)
      return { ok: false, error: invalidArgs([{ code: "words-missing", command: "can" }]) };
    const asker = await askerOf(question);
    if (!asker.ok) return asker;
    if (typeof words === "string") return answerOne(asker.value, words, question);
    return { ok: true, value: answerAll(asker.value, question) };
  },
};
