export { foreignReader, type ForeignReader, type ForeignReaderOptions } from "@gatehouse/sqlite";
export { type AgentEndOptions, openAgentEnd } from "./agent-end.ts";
export {
  type AttachmentError,
  type AttachmentPlace,
  clearAttachments,
  findAttachment,
  type FoundAttachment,
  type NewAttachment,
  readAttachment,
  removeAttachments,
  writeAttachments,
} from "./attachments.ts";
export { beginSession } from "./begin-session.ts";
export { handOverSession } from "./hand-over.ts";
export { type HostEndOptions, openHostEnd } from "./host-end.ts";
