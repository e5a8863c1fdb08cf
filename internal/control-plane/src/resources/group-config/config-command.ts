import type { ArgsOf, CommandError } from "@nc/cli-scope";
import type { ContainerConfig } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { CommandContext } from "../../world/command-context.ts";
import type { GroupConfig } from "../../world/group-config.ts";
import { configRefusal, noConfiguration } from "./config-refusal.ts";

/** The flag that names the group of the configuration. */
export const groupId = {
  name: "id",
  type: "string",
  description: "The agent group.",
  required: true,
  lock: "group",
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
export const configIn = (
  { id }: Pick<ConfigArgs, "id">,
  context: CommandContext,
): Result<GroupConfig, CommandError> => {
  const config = context.config(id);
  return config === null ? noConfiguration(id) : { ok: true, value: config };
};

/** The configuration of the group that `--id` names, and what is saved there now. */
export const savedConfigIn = async (
  { id }: Pick<ConfigArgs, "id">,
  context: CommandContext,
): Promise<Result<{ readonly config: GroupConfig; readonly saved: ContainerConfig }, CommandError>> => {
  const config = configIn({ id }, context);
  if (!config.ok) return config;
  const read = await config.value.get();
  if (!read.ok) return configRefusal(read.error);
  return read.value === null
    ? noConfiguration(id)
    : { ok: true, value: { config: config.value, saved: read.value } };
};

export const updateOptions = ({
  if_generation: generation,
}: ConfigArgs): { readonly ifGeneration?: number } =>
  generation === undefined ? {} : { ifGeneration: generation };
