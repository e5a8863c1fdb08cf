import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as send, type IncomingMessage, type RequestListener } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { openGatewayPort } from "./gateway-port.ts";

/** A port in front of a gateway that answers so. */
const portTo = async (listener: RequestListener) => {
  const folder = mkdtempSync(join(tmpdir(), "gateway-port-"));
  const path = join(folder, "gateway.sock");
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const opened = await openGatewayPort(() => connect(path));
  if (!opened.ok) expect.fail(opened.error);
  onTestFinished(async () => {
    await opened.value.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...opened.value, server };
};

type Asked = { readonly host?: string; readonly path?: string; readonly body?: string };

const open = (url: string, { host, path = "/v1/messages", body = "" }: Asked = {}) => {
  const { hostname, port } = new URL(url);
  const headers = { authorization: "Bearer tok", ...(host === undefined ? {} : { host }) };
  const request = send({ hostname, port, path, method: "POST", headers, agent: false });
  request.end(body);
  return new Promise<IncomingMessage>((resolve, reject) =>
    request.once("response", resolve).once("error", reject),
  );
};

const echo: RequestListener = (request, response) =>
  void text(request).then((body) => {
    response.writeHead(201, { "content-type": "text/plain", "x-should-retry": "false" });
    response.end(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
  });

describe("the port to the gateway", () => {
  test("passes a request and its answer on", async () => {
    const { url } = await portTo(echo);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await open(url, { path: "/v1/messages?beta=true", body: "x".repeat(100_000) });
    expect(answer).toMatchObject({ statusCode: 201, headers: { "x-should-retry": "false" } });
    expect(await text(answer)).toBe(`POST /v1/messages?beta=true Bearer tok ${"x".repeat(100_000)}`);
  });

  test.for([
    { host: "localhost", status: 201 },
    { host: "127.0.0.1", status: 201 },
    { host: "evil.example", status: 421 },
    { host: "127.0.0.1.evil.example", status: 421 },
    { host: "[::1]", status: 421 },
  ])("answers the name $host with $status", async ({ host, status }) => {
    const { url } = await portTo(echo);
    const answer = await open(url, { host: `${host}:${new URL(url).port}` });
    expect(answer.statusCode).toBe(status);
  });

  test.for(["127.0.0.1", "127.0.0.1:1"])("refuses its own name with another port: %s", async (host) => {
    const { url } = await portTo(echo);
    expect((await open(url, { host })).statusCode).toBe(421);
  });

  test("has a new address for each start, so a program on an earlier address gets no token", async () => {
    const first = await portTo(echo);
    await first.close();
    let squatted = 0;
    const squatter = createServer((_, response) => void response.end(String((squatted += 1))));
    const port = Number(new URL(first.url).port);
    await new Promise<void>((resolve) => squatter.listen(port, "127.0.0.1", resolve));
    onTestFinished(() => void squatter.close());
    const second = await portTo(echo);
    expect(second.url).not.toBe(first.url);
    expect((await open(second.url)).statusCode).toBe(201);
    expect(squatted).toBe(0);
  });

  test("passes each chunk on as it comes", async () => {
    let next = (): void => {};
    const { url } = await portTo((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("one");
      next = () => void response.end("two");
    });
    const parts = (await open(url)).setEncoding("utf8")[Symbol.asyncIterator]();
    expect((await parts.next()).value).toBe("one");
    next();
    expect((await parts.next()).value).toBe("two");
  });

  test("shows an answer that the gateway cuts as cut", async () => {
    const { url } = await portTo((_, response) => void response.write("one", () => response.destroy()));
    const answer = await open(url);
    await new Promise((resolve) =>
      answer
        .resume()
        .on("error", () => {})
        .once("close", resolve),
    );
    expect(answer.complete).toBe(false);
  });

  test("cuts the request at the gateway when the CLI leaves, and all requests when it closes", async () => {
    let cut = 0;
    const { url, close } = await portTo((_, response) => {
      response.once("close", () => (cut += 1)).write("one");
    });
    (await open(url)).destroy();
    await expect.poll(() => cut).toBe(1);
    const answer = await open(url);
    answer.on("error", () => {});
    await close();
    await expect.poll(() => cut).toBe(2);
    await expect(open(url)).rejects.toThrow(/ECONNREFUSED/);
  });

  test("says that the gateway is away", async () => {
    const { url, server } = await portTo(echo);
    await new Promise((resolve) => server.close(resolve));
    const answer = await open(url);
    expect(answer.statusCode).toBe(502);
    expect(await text(answer)).toContain("cannot be reached (ENOENT)");
  });

  test("waits for a gateway whose queue is full", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gateway-port-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "gateway.sock");
    const program = `require("node:http").createServer((request, response) => response.end("late"))
      .listen({ path: process.argv[1], backlog: 1 }, () => console.log("listens"))`;
    const child = spawn(process.execPath, ["-e", program, path], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    child.kill("SIGSTOP");
    const refused = (): Promise<unknown> =>
      new Promise((resolve) => {
        for (let made = 0; made < 5; made += 1) connect(path).on("error", resolve);
      });
    expect(await refused()).toMatchObject({ code: "EAGAIN" });
    const opened = await openGatewayPort(() => connect(path));
    if (!opened.ok) expect.fail(opened.error);
    onTestFinished(opened.value.close);
    const answer = open(opened.value.url);
    // Meanwhile the port has dialled, too: without a second try it would have answered 502.
    for (let times = 0; times < 20; times += 1) await refused();
    child.kill("SIGCONT");
    expect(await text(await answer)).toBe("late");
  });
});
