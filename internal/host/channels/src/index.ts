export type {
  Attachment,
  Card,
  Channel,
  ChannelError,
  EndedMessage,
  FromPerson,
  ToChat,
  Writing,
} from "./channel.ts";
export { type ChannelHost, channels } from "./channels.ts";
export { localChannel } from "./local/local-channel.ts";
export { type ApprovalCards, approvalCards } from "./cards/approval-cards.ts";
