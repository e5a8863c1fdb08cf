import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A connection to the socket of agents that has sent nothing yet. */
export const plainConnection = async (path: string): Promise<Socket> => {
  const socket = connect(path).on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
};

/** A connection to the socket of agents on which `frameOf` can be written. */
export const upgradedConnection = async (path: string): Promise<Socket> => {
  const socket = await plainConnection(path);
  const head = ["GET /runner HTTP/1.1", "host: h", "upgrade: websocket", "connection: upgrade"];
  const key = `sec-websocket-key: ${"A".repeat(22)}==`;
  socket.write([...head, "sec-websocket-version: 13", key, "", ""].join("\r\n"));
  await once(socket, "data");
  return socket;
};

/** A masked text frame of WebSocket (RFC 6455); its mask is zero. */
export const frameOf = (value: unknown): Buffer => {
  const text = Buffer.from(JSON.stringify(value));
  const length =
    text.length < 126 ? [0x80 | text.length] : [0x80 | 126, text.length >> 8, text.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), text]);
};
