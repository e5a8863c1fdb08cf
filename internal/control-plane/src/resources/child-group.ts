import type { AgentActor, CommandError } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import { addAgentDestination } from "../world/group-destinations.ts";
import type { CommandContext } from "../world/command-context.ts";

/** A group that an agent made. */
type Child = { readonly id: string; readonly name: string };

/** The provider of the group that an agent belongs to; null if it has none of its own. */
export const providerOf = async (context: CommandContext, groupId: string): Promise<string | null> => {
  const config = await context.config(groupId)?.get();
  return config?.ok === true ? (config.value?.provider ?? null) : null;
};

/** Makes a group that an agent created and the agent's own group destinations of each other (case 69). */
export const meet = async (
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
