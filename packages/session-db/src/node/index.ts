export { foreignReader, type ForeignReader, type ForeignReaderOptions } from "@gatehouse/sqlite";
export { type AgentEndOptions, openAgentEnd } from "./agent-end.ts";
export type { AttachmentError, AttachmentPlace } from "./attachment-place.ts";
export {
  clearAttachments,
  findAttachment,
  type FoundAttachment,
  hasAttachments,
  type NewAttachment,
  removeAttachments,
  writeAttachments,
} from "./attachments.ts";
export { beginSession } from "./begin-session.ts";
export { checkOutbound } from "./host/check-outbound.ts";
export { countUnanswered } from "./host/count-unanswered.ts";
export { handOverSession } from "./hand-over.ts";
export { type HostEndOptions, openHostEnd } from "./host-end.ts";
