export { boundedStrangers } from "./bounded-strangers.ts";
export { type SocketPathError, maxSocketPathBytes, socketPathProblem } from "./claim-socket-path.ts";
export { drained } from "./drained.ts";
export { lineSocket } from "./line-socket.ts";
export { createLineSplitter } from "./line-splitter.ts";
export { listenOnSocket, type SocketListener } from "./listen-on-socket.ts";
export { readFrame } from "./read-frame.ts";
export type { AnswerFrame } from "./serve-connection.ts";
export { serveSocket } from "./serve-socket.ts";
export { boundHandshakes, handshakeMs } from "./tls/bound-handshakes.ts";
export { listenOnTls, type TlsDoor } from "./tls/listen-on-tls.ts";
export {
  ownTlsIdentity,
  type TlsError,
  type TlsFiles,
  type TlsIdentity,
  tlsIdentityIn,
} from "./tls/tls-identity.ts";
