import type { CommandError } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { ReadContext } from "@gatehouse/command-context";

/**
 * The lines that an approver reads about a change of a person's rights: who the person is, the rights before
 * and after, and whether they differ. The name is left out if the agent that asks may not read it.
 */
export const rightsChange = async (
  context: ReadContext,
  userId: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<Result<readonly string[], CommandError>> => {
  const user = await context.rows("users").get(userId);
  const name = user.ok ? user.value?.["display_name"] : null;
  const who = typeof name === "string" ? `${userId} (${JSON.stringify(name)})` : userId;
  const lines = [`Who: ${who}`, `Before: ${before}`, `After: ${after}`];
  return { ok: true, value: before === after ? [...lines, "No effect: nothing would change."] : lines };
};
