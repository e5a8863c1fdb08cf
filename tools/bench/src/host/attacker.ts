import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { attackKinds, type AttackKind } from "./attack-kinds.ts";

// node attacker.ts KIND SOCKET TOKEN: attacks the agents' socket of a host until it is killed. TOKEN is a
// session's.
const [, , kind = "", path = "", token = ""] = process.argv;

/** A connection that is opened again each time it ends. */
const again = (begin: (socket: Socket) => void): void => {
  const socket = connect(path, () => begin(socket));
  socket.on("error", () => {});
  socket.once("close", () => setImmediate(again, begin));
};

/** A masked WebSocket text frame (RFC 6455) with a zero mask. */
const frameOf = (value: unknown): Buffer => {
  const text = Buffer.from(JSON.stringify(value));
  const length =
    text.length < 126 ? [0x80 | text.length] : [0x80 | 126, text.length >> 8, text.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), text]);
};

/** Calls back when the host has answered: it ends a connection that sends data before. */
const upgrade = (socket: Socket, done: () => void): void => {
  const head = ["GET /runner HTTP/1.1", "host: h", "upgrade: websocket", "connection: upgrade"];
  const key = `sec-websocket-key: ${"A".repeat(22)}==`;
  socket.write([...head, "sec-websocket-version: 13", key, "", ""].join("\r\n"));
  socket.once("data", () => {
    socket.write(frameOf({ type: "hello", versions: [2], token }));
    done();
  });
};

/** Writes for as long as the host reads. */
const writeOn = (socket: Socket, piece: Buffer): void => {
  while (socket.writable && socket.write(piece));
  socket.once("drain", () => writeOn(socket, piece));
};

const calls = (type: object): Buffer =>
  Buffer.concat(Array.from({ length: 100 }, (_, id) => frameOf({ id, ...type })));

const attacks: Readonly<Record<AttackKind, () => void>> = {
  "half-open": () => {
    for (let count = 0; count < 500; count += 1)
      again((socket) => socket.write("GET /runner HTTP/1.1\r\nhost: h\r\n"));
  },
  calls: () =>
    again((socket) => {
      upgrade(socket, () => {
        socket.resume();
        writeOn(socket, calls({ type: "get", key: "x" }));
      });
    }),
  unread: () =>
    again((socket) => {
      upgrade(socket, () => {
        socket.pause();
        writeOn(socket, calls({ type: "session" }));
      });
    }),
  files: () => {
    const head = ["PUT /files/m/a HTTP/1.1", "host: h", `authorization: Bearer ${token}`];
    const request = [...head, "content-length: 1", "", "x"].join("\r\n");
    for (let count = 0; count < 20; count += 1)
      again((socket) => {
        socket.resume();
        socket.write(request);
        setImmediate(() => writeOn(socket, Buffer.from(request.repeat(100))));
      });
  },
};

const known = attackKinds.find((name) => name === kind);
if (known === undefined) throw new Error(`There is no attack ${kind}: there is ${attackKinds.join(", ")}.`);
attacks[known]();
console.log("ready");
