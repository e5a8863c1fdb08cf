export { attachmentLimits, type NamedFile, namedFiles } from "./decisions/named-files.ts";
export { isFolderName, safeFileName, safeFileNames } from "./decisions/safe-names.ts";
export type {
  Address,
  Destination,
  InboundMessage,
  Json,
  MessageKind,
  OutboundMessage,
  ReceivedInbound,
  ReceivedOutbound,
} from "./messages.ts";
export type {
  Acknowledgement,
  AgentEnd,
  Delivery,
  HostEnd,
  Identity,
  Notice,
  Origin,
  Projection,
  Question,
  SessionState,
  TransportError,
  TransportResult,
  Undelivered,
  Unanswered,
  Waiting,
} from "./transport.ts";
export { type WireAddress, wireAddressOf } from "./wire/wire-address.ts";
