import type { FromPerson } from "@gatehouse/channels";
import type { RoutedWiring } from "./route.ts";

type Key = {
  readonly groupId: string;
  readonly messagingGroupId: string | null;
  readonly threadId: string | null;
};

/** The conversation that gets a message, by the mode of the wiring. */
export const sessionKey = (
  { threadId }: Pick<FromPerson, "threadId">,
  chat: { readonly id: string },
  { groupId, sessionMode }: Pick<RoutedWiring, "groupId" | "sessionMode">,
): Key => ({
  groupId,
  messagingGroupId: sessionMode === "agent-shared" ? null : chat.id,
  threadId: sessionMode === "per-thread" ? threadId : null,
});
