import type { ChatNotHeld, NotHeld } from "@gatehouse/approvals";
import type { RouteReason } from "./route.ts";

/** Why no agent answers a message. */
export type DropReason = RouteReason | NotHeld | ChatNotHeld;

/** The reason as a sentence for the chat. */
export const whyDropped = (reason: DropReason): string => sentences[reason];

const sentences: Readonly<Record<DropReason, string>> = {
  "not-wired": "no agent answers in this chat.",
  "chat-waits":
    "a person was asked whether an agent may answer in this chat, and has not answered yet. No more messages wait for that.",
  "chat-refused": "a person refused an agent in this chat.",
  "pattern-differs":
    "the agent of this chat answers only messages of a certain form, which its operator has set.",
  "pattern-unreadable": "this chat is set up wrongly, and the operator has to mend it.",
  "not-named": "the agent of this chat answers only when you mention it.",
  "person-refused": "you may not write to the agents here.",
  "unknown-sender": "you are not known here.",
  "sender-waits":
    "a person was asked whether you may write here, and has not answered yet. No more messages wait for that.",
  "not-asked": "you are not known here, and no person can be asked now whether you may write.",
  "too-long": "a person must approve it first, and it is too long for the card.",
  "sender-not-known": "the agent of this chat answers only people it knows.",
  // The following reasons engage an agent, so they drop no message; the type needs them.
  "pattern-matches": "no agent took it.",
  named: "no agent took it.",
  "engaged-before": "no agent took it.",
};
