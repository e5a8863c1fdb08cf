import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { connect, createServer as createDoor, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { awaitHead } from "./await-head.ts";

/** An HTTP server behind `awaitHead` that answers with the method and the body of a request. */
const fixture = async () => {
  const folder = mkdtempSync(join(tmpdir(), "await-head-"));
  const path = join(folder, "sock");
  let handedOn = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) =>
      response.setHeader("connection", "close").end(`${request.method} ${body}`),
    );
  });
  const sockets: Socket[] = [];
  const door = createDoor({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    awaitHead(socket, () => {
      handedOn += 1;
      server.emit("connection", socket);
    });
  });
  await once(door.listen(path), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    door.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const dial = async (): Promise<Socket> => {
    const socket = connect(path).on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  return { dial, sockets, handedOn: () => handedOn };
};

const head = (method: string, ...headers: string[]): string =>
  [`${method} /files/m/a HTTP/1.1`, "host: h", ...headers, "", ""].join("\r\n");

const answerOf = async (socket: Socket): Promise<string | undefined> =>
  (await text(socket)).split("\r\n\r\n")[1];

const long = (bytes: number): string => `x: ${"x".repeat(bytes - head("GET", "x: ").length)}`;

test.for([
  { what: "a head alone", sent: head("GET"), answer: "GET " },
  { what: "a head of 8 KiB", sent: head("GET", long(8_192)), answer: "GET " },
  { what: "a head with its body", sent: `${head("PUT", "Content-Length:4")}body`, answer: "PUT body" },
])("$what is handed on unchanged", async ({ sent, answer }) => {
  const { dial } = await fixture();
  const socket = await dial();
  socket.write(sent);
  expect(await answerOf(socket)).toContain(answer);
});

test("a head and a body that arrive byte by byte are handed on once", async () => {
  const { dial, handedOn } = await fixture();
  const socket = await dial();
  socket.setNoDelay(true);
  const answer = answerOf(socket);
  for (const byte of `${head("PUT", "content-length: 4")}body`) {
    socket.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await answer).toContain("PUT body");
  expect(handedOn()).toBe(1);
});

test.for([
  { what: "a second request", sent: head("GET").repeat(2) },
  { what: "one byte more", sent: `${head("GET")}x` },
  { what: "more than its body", sent: `${head("PUT", "content-length: 4")}body${head("GET")}` },
  {
    what: "a body of unknown length",
    sent: `${head("PUT", "transfer-encoding: chunked")}4\r\nbody\r\n0\r\n\r\n`,
  },
  { what: "a head that is longer than 8 KiB", sent: head("GET", long(8_193)) },
  { what: "8 KiB without an end", sent: "x".repeat(8_193) },
  { what: "a line that is not of HTTP", sent: '{"id":"1","command":"groups-list"}\n' },
])("$what is refused, and no server gets it", async ({ sent }) => {
  const { dial, handedOn } = await fixture();
  const socket = await dial();
  socket.write(sent);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(handedOn()).toBe(0);
});

test("a connection that breaks off before its head is complete is closed", async () => {
  const { dial, sockets } = await fixture();
  const socket = await dial();
  socket.end("GET /files/m/a HTTP/1.1\r\n");
  await expect.poll(() => sockets[0]?.destroyed).toBe(true);
});
