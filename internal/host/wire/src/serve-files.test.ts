import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "@gatehouse/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { attachmentLimits } from "@gatehouse/session-rows/messages";
import { must, projectionOf } from "@gatehouse/session-rows/testing";
import { createMessageTables } from "@gatehouse/central-database/testing";
import {
  agentFiles,
  findFile,
  openHostSide,
  project,
  putFiles,
  sessionSignals,
} from "@gatehouse/session-rows";
import type { CentralTables } from "@gatehouse/central-database";
import { fileClient } from "./runner/fetch-files.ts";
import { serveFiles } from "./serve-files.ts";

const now = "2026-11-23T12:00:00.000Z";
const sessionId = "s-1";

/** A host that serves the files of session s-1 on a Unix socket to the holder of its token. */
const fixture = async () => {
  const folder = mkdtempSync(join(tmpdir(), "serve-files-"));
  const opened = await openSqlite<CentralTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(opened.error.code);
  const { db, close } = opened.value;
  await createMessageTables(db);
  const host = openHostSide({ db, signals: sessionSignals(), sessionId, token: 1 });
  const projected = (incarnation: number) =>
    must(host.transact(project(projectionOf({ sessionId, incarnation }))));
  await projected(1);
  const reported: unknown[] = [];
  const workload = { sessionId, incarnation: 1 };
  const server = createServer(
    serveFiles({
      open: async (token) =>
        token === "good" ? agentFiles(db, { ...workload, groupId: "ag-1" }, () => now) : null,
      report: (error) => reported.push(error),
    }),
  );
  const path = join(folder, "sock");
  const sockets: Socket[] = [];
  server.on("connection", (socket: Socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  const client = (token = "good") => fileClient({ connect: () => connect(path), token });
  const store = (name: string, content: Uint8Array) =>
    putFiles(db, { sessionId, box: "in", messageId: "m-1" }, [{ name, content }], {
      now,
      most: attachmentLimits.bytes,
    });
  return { db, path, folder, client, store, projected, sockets, reported };
};

const asked = (path: string, method: string, url: string, headers: Record<string, string | number>) =>
  new Promise<number>((resolve, reject) => {
    const sent = request({ socketPath: path, method, path: url, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });

describe("files of messages over the wire", () => {
  test.for([0, 1, 700_000])("a file of %d bytes arrives at the agent unchanged", async (size) => {
    const { folder, client, store } = await fixture();
    const bytes = randomBytes(size);
    await store("a b%.txt", bytes);
    const to = join(folder, "got");
    expect(await client().get("m-1", "a b%.txt", to)).toEqual({ ok: true, value: null });
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });

  test.for([0, 1, 700_000])("a file of %d bytes arrives at the host unchanged", async (size) => {
    const { db, folder, client } = await fixture();
    const from = join(folder, "mine");
    writeFileSync(from, randomBytes(size));
    expect(await client().put("m-2", "b", from)).toEqual({ ok: true, value: null });
    const found = await findFile(db, { sessionId, box: "out", messageId: "m-2" }, "b");
    expect(found.ok && found.value.size).toBe(size);
  });

  test("a missing file and an unknown token are refused, and nothing is written", async () => {
    const { folder, client } = await fixture();
    const to = join(folder, "got");
    expect(await client().get("m-1", "none", to)).toMatchObject({ ok: false, error: { code: "unreadable" } });
    expect(await client("bad").get("m-1", "a", to)).toMatchObject({ ok: false, error: { code: "closed" } });
    expect(readdirSync(folder).filter((name) => name.startsWith("got"))).toEqual([]);
  });

  test("a runner whose session has a newer incarnation writes no more", async () => {
    const { folder, client, projected } = await fixture();
    const from = join(folder, "mine");
    writeFileSync(from, "late");
    await projected(2);
    expect(await client().put("m-2", "b", from)).toMatchObject({ ok: false, error: { code: "fenced" } });
  });

  test("a broken connection is opened again, and the file arrives complete", async () => {
    const { folder, client, store, sockets } = await fixture();
    const bytes = randomBytes(3_000_000);
    await store("a", bytes);
    const to = join(folder, "got");
    const got = client().get("m-1", "a", to);
    await expect.poll(() => sockets.length).toBeGreaterThan(0);
    sockets[0]?.destroy();
    expect(await got).toEqual({ ok: true, value: null });
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });
});

/** A request with this token that announces a body and sends none of it. */
const unfinished = (path: string, token: string): void => {
  const sent = request({
    socketPath: path,
    method: "PUT",
    path: "/files/m-9/a",
    headers: { authorization: `Bearer ${token}`, "content-length": 10 },
  });
  sent.on("error", () => {});
  sent.flushHeaders();
  onTestFinished(() => void sent.destroy());
};

test("a fifth simultaneous request of one token is refused, and the runner asks again", async () => {
  const { path, client, folder, store, sockets } = await fixture();
  await store("a", Buffer.from("text"));
  const headers = { authorization: "Bearer good" };
  for (let count = 0; count < 4; count += 1) unfinished(path, "good");
  await expect.poll(() => asked(path, "GET", "/files/m-1/a", headers)).toBe(429);
  const got = client().get("m-1", "a", join(folder, "got"));
  for (const socket of sockets.slice(0, 4)) socket.destroy();
  expect(await got).toEqual({ ok: true, value: null });
});

test("a second request on a connection closes it, and its token is not served for a while", async () => {
  const { path, store } = await fixture();
  await store("a", Buffer.from("text"));
  expect(await asked(path, "GET", "/files/m-1/a", { authorization: "Bearer good" })).toBe(200);
  const headers = ["host: h", "authorization: Bearer good", "content-length: 1"];
  const put = ["PUT /files/m-1/b HTTP/1.1", ...headers, "", "x"].join("\r\n");
  const socket = connect(path).on("error", () => {});
  const ended = new Promise((resolve) => socket.once("close", resolve));
  const another = ["GET /files/m-1/a HTTP/1.1", "host: h", "authorization: Bearer other", "", ""].join(
    "\r\n",
  );
  socket.resume().write(`${put}${another.repeat(2_000)}`);
  await ended;
  expect(await asked(path, "GET", "/files/m-1/a", { authorization: "Bearer good" })).toBe(429);
  expect(await asked(path, "GET", "/files/m-1/a", { authorization: "Bearer other" })).toBe(401);
});

test("requests with an unknown token do not delay others", async () => {
  const { path, store } = await fixture();
  await store("a", Buffer.from("text"));
  for (let count = 0; count < 20; count += 1) unfinished(path, "bad");
  expect(await asked(path, "GET", "/files/m-1/a", { authorization: "Bearer good" })).toBe(200);
});

const auth = { authorization: "Bearer good" };
const chunked = { ...auth, "transfer-encoding": "chunked" };
test.for([
  { what: "another path", method: "GET", url: "/", headers: auth, status: 404 },
  { what: "a path of three parts", method: "GET", url: "/files/m/a/b", headers: auth, status: 404 },
  {
    what: "a name that leads into another folder",
    method: "GET",
    url: "/files/m/..%2Fa",
    headers: auth,
    status: 400,
  },
  { what: "a name that is not UTF-8", method: "GET", url: "/files/m/%ff", headers: auth, status: 404 },
  { what: "no token", method: "GET", url: "/files/m/a", headers: {}, status: 401 },
  { what: "another method", method: "DELETE", url: "/files/m/a", headers: auth, status: 405 },
  { what: "a body of unknown length", method: "PUT", url: "/files/m/a", headers: chunked, status: 411 },
  {
    what: "a hundred megabytes announced",
    method: "PUT",
    url: "/files/m/a",
    headers: { ...auth, "content-length": 100 * 2 ** 20 },
    status: 413,
  },
])("$what: $status", async ({ method, url, headers, status }) => {
  const { path, reported } = await fixture();
  expect(await asked(path, method, url, headers as Record<string, string>)).toBe(status);
  expect(reported).toEqual([]);
});
