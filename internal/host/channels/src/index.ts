export type {
  Attachment,
  Channel,
  ChannelError,
  DirectChat,
  EndedMessage,
  FromPerson,
  NoteSent,
  Quoted,
  ToChat,
  Writing,
} from "./channel.ts";
export { givenUpText, handingOver, type HandingOver } from "./hand-over.ts";
export { type ChannelHost, channels } from "./channels.ts";
export { openChatFile, type ChatFile } from "./local/open-chat-file.ts";
export { localChannel } from "./local/local-channel.ts";
export { isServed } from "./local/find-speaker.ts";
export { approvalCards } from "./cards/approval-cards.ts";
