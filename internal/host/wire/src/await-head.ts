import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** Most bytes of a request's head. Its longest parts are a message's id, a file's name and a token. */
const mostHeadBytes = 8_192;

const headEnd = "\r\n\r\n";

const refusal = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n";

/**
 * Waits for the complete head of a connection's first request, then hands the connection on with the bytes
 * received so far. More bytes than the head and its body are refused, because an agent sends nothing else
 * before it gets an answer. Without this, Node's HTTP server serves every request in a piece of 64 KiB (some
 * 2,500) before it does anything else, which cost a host a whole processor and its attacker a tenth of one
 * (Node 20.20).
 */
export const awaitHead = (socket: Socket, handOn: () => void): void => {
  let received = Buffer.alloc(0);
  const end = (): void => void socket.destroy();
  const readHead = (): void => {
    // Node 26 gives one chunk at a time.
    let isMore = false;
    for (let piece; (piece = socket.read() as Buffer | null) !== null; isMore = true)
      received = Buffer.concat([received, piece]);
    if (!isMore) return;
    const at = received.subarray(0, mostHeadBytes).indexOf(headEnd);
    if (at === -1 && mayBecomeHead(received)) return;
    socket.off("readable", readHead).off("end", end);
    const head = received.toString("latin1", 0, at);
    if (at === -1 || received.length - at - headEnd.length > bodyBytes(head))
      return void socket.end(refusal, end);
    socket.unshift(received);
    handOn();
  };
  // Before the handover errors are ignored; after it the connection's server handles them.
  socket
    .on("error", () => {})
    .on("end", end)
    .on("readable", readHead);
};

const mayBecomeHead = (received: Buffer): boolean =>
  received.length <= mostHeadBytes &&
  /^[A-Z]+ [^\n]+ HTTP\/1\.[01]\r\n|^[^\n]*$/.test(received.toString("latin1"));

const bodyBytes = (head: string): number => Number(/\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1] ?? 0);
