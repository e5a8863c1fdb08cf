import type { Call, ReferredRows } from "@nc/cli-scope";
import type { ReadContext } from "@gatehouse/command-context";

/** The rows that an argument of this caller may refer to. */
export const referred = ({ actor, context }: Call<ReadContext>, resource: string): ReferredRows | null =>
  context.referred(resource, actor.type === "agent" ? actor.groupId : null);
