export type { Attachment, Channel, EndedMessage, FromPerson, ToChat, Writing } from "./channel.ts";
export { type ChannelHost, channels } from "./channels.ts";
export { localChannel } from "./local/local-channel.ts";
export { isServed } from "./local/find-speaker.ts";
export { approvalCards } from "./cards/approval-cards.ts";
