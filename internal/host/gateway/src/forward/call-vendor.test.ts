import { readFileSync } from "node:fs";
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Server } from "node:net";
import { createServer } from "node:https";
import { tempFolder, writeNamedCertificate } from "@gatehouse/socket-server/testing";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { callVendor, type VendorCall } from "./call-vendor.ts";

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

/** A proxy that leads each connection to a vendor of its own, or answers with this status. */
const proxied = async (status = 200) => {
  const { cert, key } = await writeNamedCertificate(tempFolder(), { names: ["api.anthropic.com"] });
  const asked: string[] = [];
  const vendor = await listening(
    createServer({ cert: readFileSync(cert), key: readFileSync(key) }, ({ url = "", headers }, response) => {
      asked.push(`${headers.host ?? ""}${url} ${String(headers["x-api-key"])}`);
      response.end("hello");
    }),
  );
  const proxy = createPlain((request, response) => {
    asked.push(`in the clear: ${request.url ?? ""}`);
    response.end();
  });
  proxy.on("connect", ({ url, headers }, socket) => {
    asked.push(`connect ${url ?? ""} ${headers["proxy-authorization"] ?? ""}`.trim());
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const to = connect(vendor, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      to.pipe(socket).pipe(to);
    });
  });
  return { asked, address: `127.0.0.1:${await listening(proxy)}` };
};

const call = (url = "https://api.anthropic.com/v1/models", more: Partial<VendorCall> = {}) =>
  callVendor({
    vendor: "anthropic",
    url: new URL(url),
    keptFor: null,
    method: "GET",
    headers: { "x-api-key": "sk-1" },
    body: null,
    silenceMs: 10_000,
    signal: AbortSignal.timeout(10_000),
    ...more,
  });

const refusal = (message: string) => ({
  ok: false,
  error: { isSent: false, refusal: { status: 502, type: "api_error", message } },
});

afterEach(() => vi.unstubAllEnvs());

describe("a request to a vendor, with HTTPS_PROXY,", () => {
  test("goes through the proxy, which sees neither key nor path", async () => {
    const { asked, address } = await proxied();
    vi.stubEnv("HTTPS_PROXY", `http://ann:pa%3Ass@${address}`);
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const answer = await call();
    if (!answer.ok) expect.fail(JSON.stringify(answer.error));
    answer.value.resume();
    const login = Buffer.from("ann:pa:ss").toString("base64");
    expect(asked).toEqual([
      `connect api.anthropic.com:443 Basic ${login}`,
      "api.anthropic.com/v1/models sk-1",
    ]);
  });

  test.each([403, 407, 502])(
    "is not sent if the proxy answers with %i, and no key is called wrong",
    async (status) => {
      const { asked, address } = await proxied(status);
      vi.stubEnv("HTTPS_PROXY", `http://${address}`);
      const said = `The host cannot reach anthropic: the proxy of HTTPS_PROXY refuses the connection (${status}).`;
      expect(await call()).toEqual(refusal(said));
      expect(asked).toEqual(["connect api.anthropic.com:443"]);
    },
  );

  test.each([
    { proxy: "http://127.0.0.1:9", said: "The host cannot reach anthropic (ECONNREFUSED)." },
    {
      proxy: "http://secret word:9",
      said: "The host cannot reach its models: HTTPS_PROXY has no address of a proxy. Set it as http://HOST:PORT.",
    },
  ])("is not sent with the proxy $proxy", async ({ proxy, said }) => {
    vi.stubEnv("HTTPS_PROXY", proxy);
    expect(await call()).toEqual(refusal(said));
  });

  test("goes past it to a host of NO_PROXY, and to an address without TLS", async () => {
    const { asked, address } = await proxied();
    vi.stubEnv("HTTPS_PROXY", `http://${address}`);
    vi.stubEnv("NO_PROXY", "localhost,.internal");
    expect(await call("https://localhost:9/v1")).toMatchObject({ error: { isSent: false } });
    expect(await call("http://127.0.0.1:9/v1")).toMatchObject({ error: { isSent: false } });
    expect(asked).toEqual([]);
  });
});

/** A vendor that says which of its connections a request came by. `answer` decides by the place of a request on its own. */
const vendor = async (answer: (place: number, response: ServerResponse) => void) => {
  const [connections, came]: [unknown[], string[]] = [[], []];
  const places = new WeakMap<object, number>();
  const take = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    const place = (places.get(socket) ?? 0) + 1;
    places.set(socket, place);
    if (place === 1) connections.push(socket);
    came.push(`${connections.indexOf(socket) + 1}.${place}`);
    answer(place, response);
  };
  const url = `http://127.0.0.1:${await listening(createPlain(take))}`;
  const ask = async (keptFor: string | null, more: Partial<VendorCall> = {}) => {
    const called = await call(url, { keptFor, ...more });
    if (called.ok) for await (const _ of called.value);
    return called.ok ? "answered" : called.error;
  };
  return { came, ask };
};

describe("a connection to a vendor", () => {
  test("is kept for the next request of the same agent, and of no other", async () => {
    const { came, ask } = await vendor((_, response) => response.end("hello"));
    for (const agent of ["an", "bo", "an", null, null, "bo"]) expect(await ask(agent)).toBe("answered");
    expect(came).toEqual(["1.1", "2.1", "1.2", "3.1", "4.1", "2.2"]);
  });

  test("carries no second request if the vendor says so", async () => {
    const { came, ask } = await vendor((_, response) => {
      response.writeHead(200, { connection: "close" }).end("hello");
    });
    for (const agent of ["cy", "cy"]) expect(await ask(agent)).toBe("answered");
    expect(came).toEqual(["1.1", "2.1"]);
  });

  test("that ends without an answer, new or kept, has carried its request, which is not sent again", async () => {
    const { came, ask } = await vendor((place, response) =>
      place === 1 ? response.end("hello") : response.destroy(),
    );
    expect(await ask("di")).toBe("answered");
    expect(await ask("di")).toMatchObject({ isSent: true });
    expect(came).toEqual(["1.1", "1.2"]);
  });
});
