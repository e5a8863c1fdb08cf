import type { ArgsOf, Call, CommandError } from "@nc/cli-scope";
import { checkOrigin, type ContainerConfig, type Origin, type UpdateOptions } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import { type CommandContext, type ReadContext, nameOfActor } from "@gatehouse/command-context";
import { configRefusal, noConfiguration, typedRefusal } from "./config-refusal.ts";

/** The flag that names the group of the configuration. */
export const groupId = {
  name: "id",
  type: "string",
  description: "The agent group.",
  required: true,
  lock: "group",
  refersTo: "groups",
} as const;

export const ifGeneration = {
  name: "if_generation",
  type: "integer",
  min: 1,
  description: "Change nothing unless the configuration is at this generation.",
} as const;

export const reason = {
  name: "reason",
  type: "string",
  description: "Why, in one line. The history shows it.",
} as const;

/** The flags of every command that changes a group's configuration, beside its own. */
export const changeFlags: readonly [typeof ifGeneration, typeof reason] = [ifGeneration, reason];

/** The arguments of a command that changes a group's configuration. */
export type ConfigArgs = ArgsOf<readonly [typeof groupId, typeof ifGeneration, typeof reason]>;

/**
 * Checks `--reason`, then runs the command's own check, so that no person is asked about an invalid reason.
 */
export const withReason =
  <A>(own?: (args: A) => CommandError | null) =>
  (args: A & Pick<ConfigArgs, "reason">): CommandError | null => {
    const checked = checkOrigin(args.reason === undefined ? {} : { reason: args.reason });
    const refusal = checked.ok ? null : typedRefusal(checked.error, () => "--reason");
    return refusal !== null && !refusal.ok ? refusal.error : (own?.(args) ?? null);
  };

/** The properties that all commands on a group's configuration share. */
export const aboutConfig = { resource: "groups", positional: "id", rowGroup: "agent_group_id" } as const;

/** The configuration of the group that `--id` names. */
export const configIn = <Config>(
  { id }: Pick<ConfigArgs, "id">,
  context: { readonly config: (groupId: string) => Config | null },
): Result<Config, CommandError> => {
  const config = context.config(id);
  return config === null ? noConfiguration(id) : { ok: true, value: config };
};

type ReadConfig = NonNullable<ReturnType<ReadContext["config"]>>;

/** The configuration of the group that `--id` names, and what is saved there now. */
export const savedConfigIn = async (
  { id }: Pick<ConfigArgs, "id">,
  context: ReadContext,
): Promise<Result<{ readonly config: ReadConfig; readonly saved: ContainerConfig }, CommandError>> => {
  const config = configIn({ id }, context);
  if (!config.ok) return config;
  const read = await config.value.get();
  if (!read.ok) return configRefusal(read.error);
  return read.value === null
    ? noConfiguration(id)
    : { ok: true, value: { config: config.value, saved: read.value } };
};

/** Like `savedConfigIn`, and refused if `--if-generation` names another generation than the present one. */
export const configToChange = async (
  args: ConfigArgs,
  context: ReadContext,
): Promise<Result<ContainerConfig, CommandError>> => {
  const found = await savedConfigIn(args, context);
  if (!found.ok) return found;
  const { saved } = found.value;
  const { id, if_generation: expected = saved.generation } = args;
  if (expected === saved.generation) return { ok: true, value: saved };
  return configRefusal({ code: "generation-conflict", groupId: id, expected, current: saved.generation });
};

/** The author and the reason of a change: the typed reason, then the person who approved it. */
export const originOf = (said: string | undefined, { actor, context }: Call<CommandContext>): Origin => {
  const reasons = [said, context.approved].filter((text) => typeof text === "string");
  return { actor: nameOfActor(actor), ...(reasons.length === 0 ? {} : { reason: reasons.join("; ") }) };
};

export const updateOptions = (
  { if_generation: generation, reason: said }: ConfigArgs,
  call: Call<CommandContext>,
): UpdateOptions => ({
  ...originOf(said, call),
  ...(generation === undefined ? {} : { ifGeneration: generation }),
});
