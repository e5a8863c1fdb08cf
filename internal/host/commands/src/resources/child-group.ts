import type { AgentActor, CommandError } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import { addAgentDestination, type CommandContext } from "@gatehouse/command-context";

/** A group that an agent made. */
type Child = { readonly id: string; readonly name: string };

/** The provider in the configuration of an agent's group; null if none is set. */
export const providerOf = async (context: CommandContext, groupId: string): Promise<string | null> => {
  const config = await context.config(groupId)?.get();
  return config?.ok === true ? (config.value?.provider ?? null) : null;
};

/** Makes a new group and the group of the agent that created it destinations of each other. */
export const connectGroups = async (
  context: CommandContext,
  { groupId }: AgentActor,
  child: Child,
): Promise<Result<string, CommandError>> => {
  const parent = await context.rows("groups").get(groupId);
  if (!parent.ok) return parent;
  const name = String(parent.value?.["name"] ?? groupId);
  const back = await addAgentDestination(context, child.id, { id: groupId, name });
  return back.ok ? addAgentDestination(context, groupId, child) : back;
};
