import { EventEmitter } from "node:events";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { signIns } from "./sign-ins.ts";
import { visits } from "./visits.ts";

/** A console with one form, a signed-in browser, and its uploads of 21 MB, of which no more comes than the begin. */
const uploading = async () => {
  const kept = signIns(() => 0);
  const { posted } = visits({
    origins: () => ["http://console.test"],
    isServed: async () => true,
    signIns: kept,
    known: () => {},
    waits: async () => 0,
  });
  const app = new Hono().post(
    "/talk/ag-team",
    posted(async () => new Response("read")),
  );
  const cookie = `gatehouse-=${kept.takeCode(kept.invite("local:ana"))}`;
  const post = (body: string | ReadableStream, bytes: number, socket: object = new EventEmitter()) =>
    app.request(
      "/talk/ag-team",
      {
        method: "POST",
        headers: {
          cookie,
          "content-type": "multipart/form-data; boundary=b",
          "content-length": String(bytes),
        },
        body,
        duplex: "half",
      } as RequestInit,
      { incoming: { socket } },
    );
  const begin = (socket: object) => void post(new ReadableStream(), 21_000_000, socket);
  /** The status of one more upload: 503 if no room is left, else 400, since it has no form. */
  const next = async () => (await post("x", 21_000_000)).status;
  return { begin, next };
};

describe("the room of a form with files that is never read to its end", () => {
  test("is held while its connection is open", async () => {
    const { begin, next } = await uploading();
    for (const socket of [new EventEmitter(), new EventEmitter()]) begin(socket);
    await expect.poll(next).toBe(503);
  });

  test("is given back once its connection ends", async () => {
    const { begin, next } = await uploading();
    const sockets = [new EventEmitter(), new EventEmitter()] as const;
    for (const socket of sockets) begin(socket);
    await expect.poll(next).toBe(503);
    sockets[0].emit("close");
    expect(await next()).toBe(400);
  });

  test("is not held if its connection has ended before", async () => {
    const { begin, next } = await uploading();
    for (const socket of [1, 2, 3]) begin(Object.assign(new EventEmitter(), { destroyed: true, socket }));
    expect(await next()).toBe(400);
  });
});
