import type { FromPerson } from "@gatehouse/channels";
import type { SessionKey } from "@gatehouse/session-rows";
import type { RoutedWiring } from "./route.ts";

/** The key of the session that gets a message, by the mode of the wiring. */
export const sessionKey = (
  { threadId }: Pick<FromPerson, "threadId">,
  chat: { readonly id: string },
  { groupId, sessionMode }: Pick<RoutedWiring, "groupId" | "sessionMode">,
): SessionKey => ({
  groupId,
  messagingGroupId: sessionMode === "agent-shared" ? null : chat.id,
  threadId: sessionMode === "per-thread" ? threadId : null,
});
