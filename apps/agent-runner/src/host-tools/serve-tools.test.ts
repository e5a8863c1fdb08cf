import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { socketFolder, testSession, textOf, toAgent, type TestSession } from "../session.fixture.ts";
import { programWord } from "./tool-names.ts";

/** The program of the tools, as the runner names it to a CLI. */
const programOf = (socket: string): readonly string[] => [
  inject("programs")["agent-runner"],
  programWord,
  socket,
];

/** A client of MCP that starts the program as a CLI would. */
const connected = async (session: TestSession): Promise<Client> => {
  const socket = join(await socketFolder(session.temporary), "tools.sock");
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [...programOf(socket)] }));
  onTestFinished(() => client.close());
  return client;
};

describe("the program of the host tools", { tags: ["slow"] }, () => {
  test("sends messages of the running turn, and none between two turns", async () => {
    const session = await testSession();
    await session.run();
    const client = await connected(session);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      "send_message",
      "ncl",
      "install_packages",
      "add_mcp_server",
    ]);
    const send = (text: string): Promise<unknown> =>
      client.callTool({ name: "send_message", arguments: { text } });
    expect(await send("too early")).toMatchObject({ isError: true });
    await session.send(toAgent("m-1", "/slow 60000"));
    await session.claimed("m-1", 1);
    // The turn begins a moment after its claim is stored.
    const isSent = { content: [{ text: "Sent to this chat." }], isError: false };
    await vi.waitFor(async () => expect(await send("now")).toMatchObject(isSent));
    expect((await session.sent(1)).map(textOf)).toEqual(["now"]);
  });

  test("reports that its runner is gone, and exits", async () => {
    const [file = "", ...args] = programOf("/proc/nowhere/tools.sock");
    const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(child, "close")) as [number];
    expect([code, said]).toEqual([
      1,
      "error: The agent's runner cannot be reached at /proc/nowhere/tools.sock (ENOENT).\n",
    ]);
  });
});
