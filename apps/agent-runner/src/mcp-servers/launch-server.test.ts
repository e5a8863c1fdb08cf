import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { text as textOfBody } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { testSession, textOf, toAgent, type TestSession } from "../session.fixture.ts";
import { launcherWord } from "./serve-starts.ts";

const program = fileURLToPath(new URL("../../../../test-fixtures/programs/secret-mcp.mjs", import.meta.url));
const secret = "planted-Zq7";
const [auth, runner] = [`Bearer ${secret}`, inject("programs")["agent-runner"]];
const hash = createHash("sha256").update(secret).digest("hex");

/** A session whose agent echoes, and has these MCP servers. */
const sessionWith = async (mcpServers: object, secrets: Readonly<Record<string, string>>) => {
  const session = await testSession(secrets);
  const json = { agentGroupId: "ag-1", assistantName: "Ana", provider: "echo", mcpServers };
  session.writeContainerJson(JSON.stringify(json));
  return session;
};

/** The sockets of the runner, once it has all of them. */
const socketsOf = ({ temporary }: TestSession, names: readonly string[]): Promise<string> =>
  vi.waitFor(
    () => {
      const [folder = ""] = readdirSync(temporary);
      expect(readdirSync(join(temporary, folder)).toSorted()).toEqual(names);
      return join(temporary, folder);
    },
    { interval: 5 },
  );

const all = ["mcp.sock", "ncl.sock", "tools.sock"];

/** A client of MCP that starts the launcher as a CLI would. */
const connected = async (socket: string, name: string, env: Readonly<Record<string, string>> = {}) => {
  const client = new Client({ name: "test", version: "1" });
  const args = [runner, launcherWord, socket, name];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env: { ...env } }));
  onTestFinished(() => client.close());
  return client;
};

const revealed = async (client: Client): Promise<unknown> =>
  (await client.callTool({ name: "reveal", arguments: {} })).content;

/** A server of MCP at an address. `seen` are the headers of its requests. */
const addressed = async () => {
  const seen: (readonly [string, unknown, unknown])[] = [];
  const server = createServer((request, response) => {
    const { method = "", headers } = request;
    seen.push([method, headers.authorization, headers["mcp-protocol-version"]]);
    if (request.url === "/moved")
      return void response.writeHead(307, { location: "http://127.0.0.2:1/mcp" }).end();
    if (method !== "POST") return void response.writeHead(405).end();
    void textOfBody(request).then((body) => {
      const { id, method: called } = JSON.parse(body) as { readonly id?: number; readonly method: string };
      if (id === undefined) return response.writeHead(202).end();
      const result =
        called === "initialize"
          ? {
              protocolVersion: "2025-06-18",
              capabilities: { tools: {} },
              serverInfo: { name: "a", version: "1" },
            }
          : { content: [{ type: "text", text: "by address" }] };
      return response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

describe("the launcher of an MCP server", { tags: ["slow"] }, () => {
  test("starts the program with its secret, and with the variables that the CLI gave it", async () => {
    const tiny = { command: process.execPath, args: [program], secretEnv: { TOKEN: "TINY" } };
    const session = await sessionWith({ tiny }, { TINY: secret });
    await session.run();
    const socket = join(await socketsOf(session, all), "mcp.sock");
    const client = await connected(socket, "tiny", { PLAIN: "seen" });
    expect(await revealed(client)).toMatchObject([
      { text: expect.stringContaining(`token ${hash} plain seen`) as unknown },
    ]);
    const ended = new Promise<void>((resolve) => (client.onclose = resolve));
    await expect(client.callTool({ name: "die", arguments: {} })).rejects.toThrow("Connection closed");
    await ended;
  });

  test("connects to an address with its secret in a header, and reports a failed connection", async () => {
    const { seen, url } = await addressed();
    const secretHeaders = { Authorization: "AUTH" };
    const servers = { there: { url, secretHeaders }, moved: { url: `${url}/moved`, secretHeaders } };
    const session = await sessionWith(servers, { AUTH: auth });
    await session.run();
    const socket = join(await socketsOf(session, all), "mcp.sock");
    expect(await revealed(await connected(socket, "there"))).toEqual([{ type: "text", text: "by address" }]);
    expect(seen.map(([, authorization]) => authorization)).toEqual(seen.map(() => auth));
    expect(seen).toContainEqual(["POST", auth, "2025-06-18"]);
    // Another origin must not get the header.
    await expect(connected(socket, "moved")).rejects.toThrow(/\/moved cannot be used: .*redirect/i);
  });

  test("ends with a sentence if the runner is gone, or does not know the server", async () => {
    const tiny = { command: process.execPath, args: [program], secretEnv: { TOKEN: "TINY" } };
    const session = await sessionWith(
      { tiny, none: { command: "/no/such", secretEnv: { A: "TINY" } } },
      { TINY: secret },
    );
    await session.run();
    const socket = join(await socketsOf(session, all), "mcp.sock");
    const launch = (...args: readonly string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [runner, launcherWord, ...args], {
        encoding: "utf8",
      });
      return [status, stderr];
    };
    expect(launch("/proc/nowhere/mcp.sock", "tiny")).toEqual([
      1,
      "error: The MCP server tiny cannot be started: the agent's runner cannot be reached at /proc/nowhere/mcp.sock (ENOENT).\n",
    ]);
    expect(launch(socket, "other")).toEqual([
      1,
      "error: The MCP server other cannot be started: the agent's runner does not know it.\n",
    ]);
    expect(launch(socket, "none")).toEqual([
      1,
      "error: The MCP server none cannot be started: /no/such cannot be run (ENOENT).\n",
    ]);
  });
});

describe("an agent whose MCP server lacks its secret", { tags: ["slow"] }, () => {
  test("answers without the server, reports it to the host, and its first prompt says why", async () => {
    const tiny = { command: process.execPath, args: [program], secretEnv: { TOKEN: "TINY" } };
    const session = await sessionWith({ tiny }, {});
    await session.run();
    await socketsOf(session, ["ncl.sock", "tools.sock"]);
    await session.send(toAgent("m-1", "/prompt"), toAgent("m-2", "hello"));
    const [report, answer] = await session.sent(2);
    expect(report?.content).toEqual({ report: "mcp-server-failed", server: "tiny", why: "no-secret" });
    const first = answer === undefined ? "" : textOf(answer);
    expect(first).toContain("The MCP server tiny was not started");
    expect(first).toContain("gatehouse secrets set TINY");
  });
});
