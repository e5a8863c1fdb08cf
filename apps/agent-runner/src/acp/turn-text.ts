import type { SessionUpdate } from "@agentclientprotocol/sdk";

/** The agent's text of one turn. */
export type TurnText = {
  /** Takes an update of the session; true if the text has grown. */
  readonly take: (update: SessionUpdate) => boolean;
  readonly whole: () => string;
};

/**
 * Joins the pieces of the agent's messages. What stands on both sides of a tool call are two paragraphs, so that a
 * message for a destination begins a line.
 */
export const createTurnText = (): TurnText => {
  const paragraphs: string[] = [];
  let message: string | null = null;
  let isNew = true;
  return {
    take: (update) => {
      if (update.sessionUpdate === "tool_call") isNew = true;
      if (update.sessionUpdate !== "agent_message_chunk" || update.content.type !== "text") return false;
      const id = update.messageId ?? null;
      if (isNew || id !== message) paragraphs.push("");
      paragraphs.push(`${paragraphs.pop() ?? ""}${update.content.text}`);
      message = id;
      isNew = false;
      return true;
    },
    whole: () => paragraphs.join("\n\n"),
  };
};
