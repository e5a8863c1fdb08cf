import { describeUnknown, type UnknownName } from "@gatehouse/agent-clis";
import { refused, type ReadContext } from "@gatehouse/command-context";
import type { Result } from "@gatehouse/std";
import type { CommandError } from "@nc/cli-scope";
import { resolveProvider } from "@nc/container-config";

/** The settings of an agent after a change. */
type Wanted = {
  readonly provider: string | null;
  readonly model: string | null;
  readonly effort: string | null;
};

type Change = {
  readonly wanted: Wanted;
  /** The fields that the person typed. The problems of others are only reported: they are saved already. */
  readonly typed: readonly ("provider" | UnknownName["field"])[];
  /** The person means the name, whatever the CLI knows. */
  readonly yes: boolean;
};

/**
 * Looks for the provider of an agent on this host, and asks its CLI about the model and the effort. Warnings for the reply,
 * or the refusal.
 */
export const prepareAgent = async (
  { wanted, typed, yes }: Change,
  { providerProblem, checkModel }: Pick<ReadContext, "providerProblem" | "checkModel">,
): Promise<Result<readonly string[], CommandError>> => {
  const { model, effort } = wanted;
  const provider = resolveProvider({ agent_provider: null }, wanted);
  const problem = await providerProblem(provider);
  if (problem !== null && typed.includes("provider")) return refused("invalid-args", problem);
  const missing = problem === null ? [] : [problem];
  if (model === null && effort === null) return { ok: true, value: missing };
  const { unknown, notes, unasked } = await checkModel(provider, { model, effort });
  const wrong = yes ? undefined : unknown.find(({ field }) => typed.includes(field));
  if (wrong !== undefined)
    return refused("invalid-args", `${describeUnknown(wrong, provider)} If the provider has it, add --yes.`);
  const unchecked = unasked === null ? [] : [`It was saved unchecked: ${unasked}.`];
  return {
    ok: true,
    value: [...missing, ...unknown.map((each) => describeUnknown(each, provider)), ...notes, ...unchecked],
  };
};
