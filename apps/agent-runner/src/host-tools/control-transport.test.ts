import { describe, expect, test } from "vitest";
import { controlTransport } from "./control-transport.ts";
import type { HostTools } from "./host-tools.ts";
import { toolServer } from "./tool-server.ts";

const tools: HostTools = {
  sendMessage: ({ text }) => Promise.resolve({ text: `sent ${text}`, isError: false }),
  ncl: (argv) => Promise.resolve({ text: argv.join("+"), isError: true }),
  installPackages: () => Promise.resolve({ text: "It waits.", isError: false }),
  addMcpServer: () => Promise.resolve({ text: "It waits.", isError: false }),
  begin: () => {},
};

const opened = async (current: HostTools | null = tools) => {
  const transport = controlTransport();
  await toolServer(() => current).connect(transport);
  let id = 0;
  const call = async (method: string, params: object): Promise<unknown> =>
    ((await transport.deliver({ jsonrpc: "2.0", id: (id += 1), method, params })) as { result: unknown })
      .result;
  const clientInfo = { name: "test", version: "1" };
  await call("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
  return { call, transport };
};

const textResult = (text: string, isError: boolean): object => ({
  content: [{ type: "text", text }],
  isError,
});

describe("the host tools over a control protocol", () => {
  test("are listed with the mark by which Claude Code loads them at once", async () => {
    const { call } = await opened();
    const list = (await call("tools/list", {})) as { readonly tools: readonly object[] };
    expect(list.tools).toMatchObject(
      ["send_message", "ncl", "install_packages", "add_mcp_server"].map((name) => ({
        name,
        _meta: { "anthropic/alwaysLoad": true },
      })),
    );
  });

  test("answer each call", async () => {
    const { call } = await opened();
    const [one, other] = await Promise.all([
      call("tools/call", { name: "send_message", arguments: { text: "hi" } }),
      call("tools/call", { name: "ncl", arguments: { argv: ["groups", "list"] } }),
    ]);
    expect([one, other]).toEqual([textResult("sent hi", false), textResult("groups+list", true)]);
  });

  test("refuse a wrong input, and every call between two turns", async () => {
    const wrong = await (await opened()).call("tools/call", { name: "send_message", arguments: { to: "x" } });
    expect(wrong).toMatchObject({ isError: true });
    const idle = await opened(null);
    expect(await idle.call("tools/call", { name: "ncl", arguments: { argv: ["help"] } })).toEqual(
      textResult("No message of a person is in work.", true),
    );
  });

  test("answer a notification, and a value that is no message", async () => {
    const { transport } = await opened();
    const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
    expect(await transport.deliver(notification)).toEqual({ jsonrpc: "2.0", result: {} });
    expect(await transport.deliver("hello")).toMatchObject({ error: { code: -32_600 } });
  });
});
