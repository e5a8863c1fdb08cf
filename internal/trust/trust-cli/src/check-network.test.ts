import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkNetwork } from "./check-network.ts";

/** An address on loopback that accepts connections, the data sent to it, and an address that refuses them. */
const ports = async () => {
  const sent: string[] = [];
  const [open, shut] = [
    createServer((socket) => socket.on("data", (data) => sent.push(String(data)))),
    createServer(),
  ];
  for (const server of [open, shut]) await once(server.listen(0, "127.0.0.1"), "listening");
  const [opened, closed] = [open, shut].map((server) => (server.address() as AddressInfo).port) as [
    number,
    number,
  ];
  shut.close();
  onTestFinished(() => void open.close());
  return { open: `http://127.0.0.1:${opened}`, shut: `http://127.0.0.1:${closed}`, closed, sent };
};

describe("doctor warns of a missing network", () => {
  test("if the API accepts no connection, with its address and the reason", async () => {
    const { shut, closed } = await ports();
    expect(await checkNetwork({ ANTHROPIC_BASE_URL: shut })).toEqual([
      {
        name: "network",
        message: `Claude Code's API cannot be reached: 127.0.0.1:${closed} (ECONNREFUSED).`,
        fix: expect.stringContaining("HTTPS_PROXY") as string,
      },
    ]);
  });

  test("if the proxy accepts no connection, although the API does", async () => {
    const { open, shut } = await ports();
    const [warning] = await checkNetwork({ ANTHROPIC_BASE_URL: open, HTTPS_PROXY: shut });
    expect(warning?.message).toMatch(/^The proxy of HTTPS_PROXY cannot be reached/);
  });

  test("but not if the connection is accepted; it sends no data", async () => {
    const { open, shut, sent } = await ports();
    expect(await checkNetwork({ ANTHROPIC_BASE_URL: open, ANTHROPIC_API_KEY: "sk-ant-1" })).toEqual([]);
    expect(await checkNetwork({ ANTHROPIC_BASE_URL: shut, HTTPS_PROXY: open })).toEqual([]);
    expect(sent).toEqual([]);
  });

  test("but not if a cloud provides the API, or its address is invalid", async () => {
    const { shut } = await ports();
    expect(await checkNetwork({ ANTHROPIC_BASE_URL: shut, CLAUDE_CODE_USE_BEDROCK: "1" })).toEqual([]);
    expect(await checkNetwork({ ANTHROPIC_BASE_URL: "no address" })).toEqual([]);
  });
});
