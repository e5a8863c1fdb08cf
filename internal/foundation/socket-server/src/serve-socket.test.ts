import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { maxFrameBytes } from "./read-frame.ts";
import { serveSocket, type SocketServer } from "./serve-socket.ts";
import type { AnswerFrame } from "./serve-connection.ts";
import { rawClient, tempFolder, type RawClient } from "./socket.fixture.ts";

type Request = { readonly id: string; readonly args?: { readonly [name: string]: unknown } };

const echo: AnswerFrame = async (frame) => {
  const { id, args } = frame as Request;
  return { id, ok: true, data: args ?? null };
};
const transportError = (message: RegExp): unknown => ({
  id: "",
  ok: false,
  error: { code: "transport-error", message: expect.stringMatching(message) as unknown },
});
const line = (frame: unknown): string => `${JSON.stringify(frame)}\n`;
const ok = (id: string): unknown => expect.objectContaining({ id, ok: true });

type Served = { readonly path: string; readonly server: SocketServer; readonly bugs: readonly unknown[] };

const serve = async (answer: AnswerFrame = echo): Promise<Served> => {
  const path = join(tempFolder(), "ncl.sock");
  const bugs: unknown[] = [];
  const served = await serveSocket({ path, answer, report: (error) => void bugs.push(error) });
  if (!served.ok) throw new Error(served.error.code);
  onTestFinished(() => served.value.close());
  return { path, server: served.value, bugs };
};

/** Waits for this many turns of the event loop. */
const turns = async (count: number): Promise<void> => {
  for (let done = 0; done < count; done += 1) await turn();
};

/** Checks that the host still answers a well-behaved client. */
const expectAlive = async (path: string): Promise<void> => {
  const client = rawClient(path);
  client.say(line({ id: "alive" }));
  expect(await client.hear(1)).toEqual([ok("alive")]);
  client.socket.destroy();
};

/** An answer that waits until the test opens it, and the number of frames that wait for it. */
const gate = (): {
  readonly answer: AnswerFrame;
  readonly open: () => void;
  readonly asked: () => number;
} => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let asked = 0;
  return {
    answer: async (frame) => {
      asked += 1;
      await opened;
      return await echo(frame);
    },
    open: () => open(),
    asked: () => asked,
  };
};

describe("serveSocket, for valid frames,", () => {
  test("answers the frames of one connection in order, for any duration of each", async () => {
    const slowFirst: AnswerFrame = async (frame) => {
      if ((frame as Request).id === "1") await turns(20);
      return await echo(frame);
    };
    const { path } = await serve(slowFirst);
    const client = rawClient(path);
    client.say(["1", "2", "3"].map((id) => line({ id })).join(""));
    expect(await client.hear(3)).toEqual([ok("1"), ok("2"), ok("3")]);
  });

  test("reads frames that arrive byte by byte, several at once, and between empty lines", async () => {
    const { path } = await serve();
    const client = rawClient(path);
    const bytes = Buffer.from(`\n${line({ id: "é😀" })}\r\n  \n${line({ id: "2" })}${line({ id: "3" })}`);
    for (const byte of bytes) {
      client.say(Uint8Array.of(byte));
      await turn();
    }
    expect(await client.hear(3)).toEqual([ok("é😀"), ok("2"), ok("3")]);
  });

  test("answers frames after the client has closed its side, also a last frame without newline", async () => {
    const { path } = await serve();
    const client = rawClient(path);
    client.socket.end(`${line({ id: "1" })}{"id":"2"}`);
    expect(await client.ended).toEqual([ok("1"), ok("2")]);
  });

  test("reads a frame of exactly the maximum length", async () => {
    const { path } = await serve();
    const client = rawClient(path);
    const frame = `{"id":"${"x".repeat(maxFrameBytes - 9)}"}`;
    expect(Buffer.byteLength(frame)).toBe(maxFrameBytes);
    client.say(`${frame}\n`);
    expect(await client.hear(1)).toEqual([expect.objectContaining({ ok: true })]);
  });
});

describe("serveSocket, for invalid frames,", () => {
  const cases: readonly { what: string; bytes: string | Uint8Array; says: RegExp }[] = [
    { what: "a line that is not JSON", bytes: "groups list\n", says: /not JSON/ },
    {
      what: "bytes that are not UTF-8",
      bytes: Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
      says: /not UTF-8/,
    },
    { what: "a NUL", bytes: '{"id":"a\0b"}\n', says: /not JSON/ },
    {
      what: "a frame that is nested too deep",
      bytes: `${"[".repeat(100_000)}${"]".repeat(100_000)}\n`,
      says: /nests deeper/,
    },
    {
      what: "a frame that is nested one level too deep",
      bytes: `${"[".repeat(65)}${"]".repeat(65)}\n`,
      says: /nests deeper/,
    },
  ];
  test.for(cases)("answers $what with an error, and reads the next frame", async ({ bytes, says }) => {
    const { path } = await serve();
    const client = rawClient(path);
    client.say(bytes);
    client.say(line({ id: "next" }));
    expect(await client.hear(2)).toEqual([transportError(says), ok("next")]);
  });

  test("runs no frame after a frame that is too long", async () => {
    const { answer, open, asked } = gate();
    const { path } = await serve(answer);
    open();
    const client = rawClient(path);
    client.say("x".repeat(maxFrameBytes + 2 ** 17));
    await client.hear(1);
    client.say(`\n${line({ id: "2" })}`);
    await turns(50);
    expect(client.heard()).toEqual([transportError(/longer/)]);
    expect(asked()).toBe(0);
  });

  test("disconnects a refused client that stays connected", { tags: ["slow"] }, async () => {
    const { path } = await serve();
    const client = rawClient(path);
    client.say("x".repeat(maxFrameBytes + 1));
    await client.ended;
    const saysMore = (): void => {
      client.say("x");
      expect(client.socket.destroyed).toBe(true);
    };
    await vi.waitFor(saysMore, { interval: 50 });
  });

  test("answers half a frame with an error when the client closes its side", async () => {
    const { path } = await serve();
    const client = rawClient(path);
    client.socket.end('{"id":"1","comm');
    expect(await client.ended).toEqual([transportError(/not JSON/)]);
    await expectAlive(path);
  });

  test("ignores half a frame of a client that disconnects", async () => {
    const { path, bugs } = await serve();
    const client = rawClient(path);
    client.say('{"id":"1","comm');
    await turn();
    client.socket.destroy();
    await expectAlive(path);
    expect(bugs).toEqual([]);
  });

  test.for([
    { what: "one byte over the limit", bytes: maxFrameBytes + 1 },
    { what: "10 MB", bytes: 10 * 2 ** 20 },
  ])("closes the connection with the reason after a frame of $what", async ({ bytes }) => {
    const { path } = await serve();
    const client = rawClient(path);
    client.say(line({ id: "before" }));
    client.say(`"${"x".repeat(bytes - 2)}"\n${line({ id: "after" })}`);
    expect(await client.ended).toEqual([ok("before"), transportError(/at most 1048576 bytes/)]);
    await expectAlive(path);
  });
});

describe("serveSocket, for a bug in a command,", () => {
  test.for([
    { what: "a command that throws", answer: (async () => Promise.reject(new Error("boom"))) as AnswerFrame },
    {
      what: "a command whose answer is not JSON",
      answer: (async () => ({ id: "1", ok: true, data: 1n })) as AnswerFrame,
    },
  ])("reports $what, answers handler-error, and keeps the connection", async ({ answer }) => {
    const { path, bugs } = await serve(async (frame) =>
      (frame as Request).id === "1" ? answer(frame) : echo(frame),
    );
    const client = rawClient(path);
    client.say(line({ id: "1" }) + line({ id: "2" }));
    const [first, second] = await client.hear(2);
    expect(first).toMatchObject({ id: "1", ok: false, error: { code: "handler-error" } });
    expect(second).toEqual(ok("2"));
    expect(bugs).toHaveLength(1);
    expect(JSON.stringify(first)).not.toContain("boom");
  });
});

describe("serveSocket, for many clients,", () => {
  test("answers 200 clients at the same time while others are idle", { tags: ["slow"] }, async () => {
    const { path } = await serve();
    const idle = Array.from({ length: 50 }, () => rawClient(path));
    const busy = Array.from({ length: 200 }, () => rawClient(path));
    for (const [index, client] of busy.entries())
      for (let round = 0; round < 5; round += 1) client.say(line({ id: `${index}.${round}` }));
    const answers = await Promise.all(busy.map((client) => client.hear(5)));
    for (const [index, frames] of answers.entries())
      expect(frames).toEqual([0, 1, 2, 3, 4].map((round) => ok(`${index}.${round}`)));
    expect(idle.flatMap((client) => client.heard())).toEqual([]);
  });

  test("tells clients beyond the limit the reason", { tags: ["slow"] }, async () => {
    const { path } = await serve();
    const served = Array.from({ length: 512 }, () => rawClient(path));
    for (const client of served) client.say(line({ id: "1" }));
    await Promise.all(served.map((client) => client.hear(1)));
    const oneMore = rawClient(path);
    oneMore.socket.pause();
    await turns(20);
    // The refusal was sent by now; the client writes before it listens, as ncl does.
    oneMore.say(line({ id: "2" }));
    await turns(20);
    oneMore.socket.resume();
    expect(await oneMore.ended).toEqual([transportError(/512 connections/)]);
    // Clients that read the reason and leave make room for the next refusal; clients that stay make none.
    for (let more = 0; more < 100; more += 1) {
      const client = rawClient(path);
      expect(await client.ended).toEqual([transportError(/512 connections/)]);
      client.socket.destroy();
    }
    const staying = Array.from({ length: 64 }, () => rawClient(path));
    for (const client of staying) await client.ended;
    expect(await rawClient(path).ended).toEqual([]);
    for (const client of served) client.socket.destroy();
    await vi.waitFor(() => expectAlive(path));
  });

  test("runs no further frames of a client that does not read, and does not block others", async () => {
    let asked = 0;
    const large = "x".repeat(2 ** 20);
    const { path } = await serve(async (frame) => {
      const { id } = frame as Request;
      if (id !== "alive") asked += 1;
      return { id, ok: true, data: id === "alive" ? null : large };
    });
    const client = rawClient(path);
    client.socket.pause();
    client.say(line({ id: "1" }).repeat(100));
    await vi.waitFor(() => expect(asked).toBeGreaterThan(0));
    await expectAlive(path);
    await expectAlive(path);
    expect(asked).toBeLessThan(20);
    client.socket.resume();
    await client.hear(100);
    expect(asked).toBe(100);
  });

  test("stops reading from a client that sends faster than it is answered", async () => {
    const { answer, open, asked } = gate();
    const { path } = await serve(answer);
    const client = rawClient(path);
    client.say(line({ id: "1", args: { text: "x".repeat(1000) } }).repeat(4000));
    await vi.waitFor(() => expect(asked()).toBe(1));
    await turns(500);
    // Bytes beyond the kernel's buffers are still with the client.
    expect(client.socket.writableLength).toBeGreaterThan(0);
    open();
    expect(await client.hear(4000)).toHaveLength(4000);
  });

  test("runs no further frames of a client that disconnected", async () => {
    let asked = 0;
    const { path } = await serve(async (frame) => {
      asked += 1;
      await turn();
      return echo(frame);
    });
    const client = rawClient(path);
    client.say(line({ id: "1" }).repeat(200));
    await client.hear(1);
    client.socket.destroy();
    await turns(500);
    expect(asked).toBeLessThan(200);
  });
});

describe("serveSocket, for unfinished frames,", () => {
  const half = "x".repeat(maxFrameBytes - 1);
  /** Clients that each send a frame without its end, one after the other. */
  const sendHalves = async (path: string, count: number): Promise<readonly RawClient[]> => {
    const clients = Array.from({ length: count }, () => rawClient(path));
    for (const client of clients) {
      client.say(half);
      // The host has read the frame, or refused it.
      await vi.waitFor(() =>
        expect(client.heard().length + Number(client.socket.writableLength === 0)).toBeGreaterThan(0),
      );
    }
    return clients;
  };

  test(
    "refuses unfinished frames beyond 32 MiB in all connections, with the reason",
    { tags: ["slow"] },
    async () => {
      const { path } = await serve();
      const clients = await sendHalves(path, 60);
      const refused = (): readonly RawClient[] => clients.filter((client) => client.heard().length > 0);
      await vi.waitFor(() => expect(refused().length).toBeGreaterThanOrEqual(60 - 35));
      expect(refused().length).toBeLessThanOrEqual(60 - 32);
      for (const client of refused())
        expect(await client.ended).toEqual([transportError(/unfinished frames/)]);
      await expectAlive(path);
    },
  );

  test("has room for frames of the usual size, also in pieces", { tags: ["slow"] }, async () => {
    const { path } = await serve();
    await sendHalves(path, 40);
    const client = rawClient(path);
    const text = line({ id: "1", args: { text: "x".repeat(60_000) } });
    client.say(text.slice(0, 30_000));
    await turns(20);
    client.say(text.slice(30_000));
    expect(await client.hear(1)).toEqual([ok("1")]);
  });

  test("has room again when the connections of unfinished frames end", { tags: ["slow"] }, async () => {
    const { path } = await serve();
    for (const client of await sendHalves(path, 40)) client.socket.destroy();
    const whole = `{"id":"${"x".repeat(maxFrameBytes - 9)}"}\n`;
    await vi.waitFor(async () => {
      const client = rawClient(path);
      client.say(whole);
      expect(await client.hear(1)).toEqual([expect.objectContaining({ ok: true })]);
    });
  });

  test("has room again when frames are answered, one after the other", { tags: ["slow"] }, async () => {
    const { path } = await serve();
    const client = rawClient(path);
    const whole = `{"id":"${"x".repeat(maxFrameBytes - 9)}"}\n`;
    for (let count = 1; count <= 40; count += 1) {
      client.say(whole);
      await client.hear(count);
    }
    expect(client.heard()).toHaveLength(40);
  });
});

describe("the socket of serveSocket", () => {
  test("may be opened by its owner only", async () => {
    const { path } = await serve();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("replaces a socket without a listener", async () => {
    const path = join(tempFolder(), "ncl.sock");
    const killed = createServer();
    await new Promise<void>((resolve) => killed.listen(path, resolve));
    // As after a kill -9: closing it under another name leaves the file behind.
    renameSync(path, `${path}.kept`);
    await new Promise((resolve) => killed.close(resolve));
    renameSync(`${path}.kept`, path);
    expect(lstatSync(path).isSocket()).toBe(true);
    const served = await serveSocket({ path, answer: echo, report: () => {} });
    expect(served.ok).toBe(true);
    await expectAlive(path);
    if (served.ok) await served.value.close();
    expect(existsSync(path)).toBe(false);
  });

  type Obstacle = { what: string; code: string; make: (path: string) => void };
  const obstacles: readonly Obstacle[] = [
    { what: "a file", code: "not-a-socket", make: (path) => writeFileSync(path, "mine") },
    { what: "an empty file", code: "not-a-socket", make: (path) => writeFileSync(path, "") },
    { what: "a folder", code: "not-a-socket", make: (path) => mkdirSync(path) },
    { what: "a dangling link", code: "not-a-socket", make: (path) => symlinkSync("nowhere", path) },
  ];
  test.for(obstacles)("does not replace $what", async ({ code, make }) => {
    const path = join(tempFolder(), "ncl.sock");
    make(path);
    const before = lstatSync(path);
    const served = await serveSocket({ path, answer: echo, report: () => {} });
    expect(served).toEqual({ ok: false, error: { code, path } });
    expect(lstatSync(path)).toMatchObject({ ino: before.ino, size: before.size });
  });

  test("is not taken from a host that is too busy to accept a connection", { tags: ["slow"] }, async () => {
    const path = join(tempFolder(), "ncl.sock");
    const listening = `require("net").createServer().listen({ path: process.argv[1], backlog: 1 }, () => console.log("ready"))`;
    const stopped = spawn(process.execPath, ["-e", listening, path]);
    onTestFinished(() => void stopped.kill("SIGKILL"));
    await once(stopped.stdout, "data");
    stopped.kill("SIGSTOP");
    for (let others = 0; others < 8; others += 1) rawClient(path);
    const refused = await serveSocket({ path, answer: echo, report: () => {} });
    expect(refused).toEqual({ ok: false, error: { code: "socket-in-use", path } });
    expect(existsSync(path)).toBe(true);
  });

  test("is refused to a second host, and the first keeps it", async () => {
    const { path } = await serve();
    const second = await serveSocket({ path, answer: echo, report: () => {} });
    expect(second).toEqual({ ok: false, error: { code: "socket-in-use", path } });
    await expectAlive(path);
  });

  test.for([
    { bytes: 107, ok: true },
    { bytes: 108, ok: false },
  ])("can be bound at a path of $bytes bytes: $ok", async ({ bytes, ok: fits }) => {
    const folder = tempFolder();
    const path = join(folder, `${"é".repeat(4)}${"x".repeat(bytes - Buffer.byteLength(folder) - 14)}.sock`);
    expect(Buffer.byteLength(path)).toBe(bytes);
    const served = await serveSocket({ path, answer: echo, report: () => {} });
    if (fits) expect(served.ok).toBe(true);
    else expect(served).toEqual({ ok: false, error: { code: "socket-path-too-long", path, bytes } });
    if (served.ok) {
      await expectAlive(path);
      await served.value.close();
    }
  });

  test("is unavailable in a missing folder", async () => {
    const path = join(tempFolder(), "nowhere", "ncl.sock");
    expect(await serveSocket({ path, answer: echo, report: () => {} })).toEqual({
      ok: false,
      error: { code: "socket-unavailable", path, detail: "ENOENT" },
    });
  });
});

describe("closing serveSocket", () => {
  test("answers the running command, and runs no later one", async () => {
    const { answer, open, asked } = gate();
    const { path, server } = await serve(answer);
    const [idle, busy]: RawClient[] = [rawClient(path), rawClient(path)];
    busy!.say(line({ id: "1" }) + line({ id: "2" }));
    await vi.waitFor(() => expect(asked()).toBe(1));
    const closed = server.close();
    expect(await idle!.ended).toEqual([]);
    expect(existsSync(path)).toBe(false);
    open();
    expect(await busy!.ended).toEqual([ok("1")]);
    await closed;
    expect(asked()).toBe(1);
  });

  test(
    "waits at most some seconds for a client that does not read its answer",
    { tags: ["slow"] },
    async () => {
      const { path, server } = await serve(async () => ({ id: "1", ok: true, data: "x".repeat(2 ** 22) }));
      const client = rawClient(path);
      client.socket.pause();
      client.say(line({ id: "1" }));
      await vi.waitFor(() => expect(client.socket.bytesRead).toBeGreaterThan(0));
      await server.close();
      expect(existsSync(path)).toBe(false);
    },
  );

  test("waits for a command whose client has disconnected", async () => {
    const { answer, open, asked } = gate();
    const { path, server } = await serve(answer);
    const client = rawClient(path);
    client.say(line({ id: "1" }));
    await vi.waitFor(() => expect(asked()).toBe(1));
    client.socket.destroy();
    let isClosed = false;
    const closed = server.close().then(() => (isClosed = true));
    await turns(20);
    expect(isClosed).toBe(false);
    open();
    await closed;
  });
});
