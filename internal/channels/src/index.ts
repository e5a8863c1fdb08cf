export type { Attachment, Card, Channel, ChannelError, EndedMessage, FromPerson, ToChat } from "./channel.ts";
export { localChannel } from "./local/local-channel.ts";
export { type ApprovalCards, approvalCards } from "./cards/approval-cards.ts";
