export { foreignReader, type ForeignReader, type ForeignReaderOptions } from "@gatehouse/sqlite";
export { type AgentEndOptions, openAgentEnd } from "./agent-end.ts";
export {
  type AttachmentError,
  type AttachmentPlace,
  readAttachment,
  removeAttachments,
  writeAttachments,
} from "./attachments.ts";
export { beginSession } from "./begin-session.ts";
export { countUnanswered } from "./host/count-unanswered.ts";
export { handOverSession } from "./hand-over.ts";
export { type HostEndOptions, openHostEnd } from "./host-end.ts";
