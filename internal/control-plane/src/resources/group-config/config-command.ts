import type { ArgsOf, CommandError } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CommandContext } from "../../world/command-context.ts";
import type { GroupConfig } from "../../world/group-config.ts";
import { noConfiguration } from "./config-refusal.ts";

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

export const updateOptions = ({
  if_generation: generation,
}: ConfigArgs): { readonly ifGeneration?: number } =>
  generation === undefined ? {} : { ifGeneration: generation };
