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
  /** The fields that the person typed. Other unknown names are only reported: they are saved already. */
  readonly typed: readonly UnknownName["field"][];
  /** The person means the name, whatever the CLI knows. */
  readonly yes: boolean;
};

/** Asks the provider's CLI about the model and the effort of an agent. Warnings for the reply, or the refusal. */
export const prepareModel = async (
  { wanted, typed, yes }: Change,
  { checkModel }: Pick<ReadContext, "checkModel">,
): Promise<Result<readonly string[], CommandError>> => {
  const { model, effort } = wanted;
  if (model === null && effort === null) return { ok: true, value: [] };
  const provider = resolveProvider({ agent_provider: null }, wanted);
  const { unknown, notes, unasked } = await checkModel(provider, { model, effort });
  const wrong = yes ? undefined : unknown.find(({ field }) => typed.includes(field));
  if (wrong !== undefined)
    return refused("invalid-args", `${describeUnknown(wrong, provider)} If the provider has it, add --yes.`);
  const unchecked = unasked === null ? [] : [`It was saved unchecked: ${unasked}.`];
  return {
    ok: true,
    value: [...unknown.map((each) => describeUnknown(each, provider)), ...notes, ...unchecked],
  };
};
