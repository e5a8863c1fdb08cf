import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { telegramApi } from "./telegram-api.ts";

/** A proxy that leads each connection to the Bot API of the test, or answers with this status. */
const proxied = async (status = 200) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(JSON.stringify({ ok: true, result: { id: 1, is_bot: true, first_name: "Gate" } }));
  });
  server.on("connect", ({ url }, socket) => {
    asked.push(`connect ${url ?? ""}`);
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const to = connect((server.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      to.pipe(socket).pipe(to);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const getMe = (root: string) => telegramApi({ token: "1:x", root }).call("getMe", {});

afterEach(() => vi.unstubAllEnvs());

describe("a call of the Bot API", () => {
  test("goes through the proxy of the environment", async () => {
    const { asked, address } = await proxied();
    vi.stubEnv("HTTP_PROXY", address);
    expect(await getMe("http://telegram.example")).toMatchObject({ ok: true, value: { first_name: "Gate" } });
    expect(asked).toEqual(["connect telegram.example:80", "/bot1:x/getMe"]);
  });

  test("goes past it to a host of NO_PROXY", async () => {
    const { asked, address } = await proxied();
    vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:9");
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    expect(await getMe(address)).toMatchObject({ ok: true });
    expect(asked).toEqual(["/bot1:x/getMe"]);
  });

  test.each([
    { what: "refuses", proxy: async () => (await proxied(403)).address, code: "UND_ERR_ABORTED" },
    { what: "is away", proxy: async () => "http://127.0.0.1:9", code: "ECONNREFUSED" },
    { what: "has no address", proxy: async () => "http://secret word:9", code: "ERR_INVALID_URL" },
  ])("was not sent if the proxy $what", async ({ proxy, code }) => {
    vi.stubEnv("HTTPS_PROXY", await proxy());
    expect(await getMe("https://telegram.example")).toEqual({
      ok: false,
      error: {
        code: "unsent",
        message: `Telegram cannot be reached through the proxy of HTTPS_PROXY (${code}).`,
      },
    });
  });
});
