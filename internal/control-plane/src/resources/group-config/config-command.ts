import type { ArgsOf, CommandError } from "@nc/cli-scope";
import type { ContainerConfig } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { ReadContext } from "../../world/command-context.ts";
import { configRefusal, noConfiguration } from "./config-refusal.ts";

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

/** The arguments of a command that changes a group's configuration. */
export type ConfigArgs = ArgsOf<readonly [typeof groupId, typeof ifGeneration]>;

/** What all commands on a group's configuration have in common. */
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

/** The same for a change: refused if `--if-generation` names another generation than the present one. */
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

export const updateOptions = ({
  if_generation: generation,
}: ConfigArgs): { readonly ifGeneration?: number } =>
  generation === undefined ? {} : { ifGeneration: generation };
