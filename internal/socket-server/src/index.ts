export { type SocketPathError, maxSocketPathBytes, socketPathProblem } from "./claim-socket-path.ts";
export type { Answer } from "./serve-connection.ts";
export { serveSocket } from "./serve-socket.ts";
