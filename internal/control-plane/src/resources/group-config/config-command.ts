import type { Args, CommandError, Flag } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { CommandContext } from "../../world/command-context.ts";
import type { GroupConfig } from "../../world/group-config.ts";
import { integerOf, requiredText } from "../checked-args.ts";
import { noConfiguration } from "./config-refusal.ts";

/** Which group's configuration. */
export const groupId: Flag = {
  name: "id",
  type: "string",
  description: "The agent group.",
  required: true,
  lock: "group",
};

export const ifGeneration: Flag = {
  name: "if_generation",
  type: "integer",
  min: 1,
  description: "Change nothing unless the configuration is at this generation.",
};

/** What all commands on a group's configuration have in common. */
export const aboutConfig = { resource: "groups", positional: "id", rowGroup: "agent_group_id" } as const;

/** The configuration of the group that `--id` names. */
export const configIn = (args: Args, context: CommandContext): Result<GroupConfig, CommandError> => {
  const id = requiredText(args, "id");
  const config = context.config(id);
  return config === null ? noConfiguration(id) : { ok: true, value: config };
};

export const updateOptions = (args: Args): { readonly ifGeneration?: number } => {
  const generation = integerOf(args, "if_generation");
  return generation === undefined ? {} : { ifGeneration: generation };
};
