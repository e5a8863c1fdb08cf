import type { AgentSide, ReceivedInbound } from "@gatehouse/session-rows/messages";
import type { ActiveTurn } from "./agent-state.ts";
import { isFromPerson, orderIn } from "./next-work.ts";

/** Reports, once, the messages of people that are not taken into the running turn. An order needs no report. */
export const tellWaiting = (
  side: Pick<AgentSide, "progress">,
  { told }: Pick<ActiveTurn, "told">,
  received: readonly ReceivedInbound[],
): void => {
  for (const message of received) {
    if (!isFromPerson(message) || orderIn(message) !== null || told.has(message.id)) continue;
    told.add(message.id);
    side.progress({ inReplyTo: message.id, text: "", waits: true });
  }
};
