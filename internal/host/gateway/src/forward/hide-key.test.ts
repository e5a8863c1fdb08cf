import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { gatewayFixture, vendorKey } from "../gateway.fixture.ts";
import { headersWithoutKey, keyFilter, withoutKeys } from "./hide-key.ts";

const base64 = (text: string, form: "base64" | "base64url" = "base64"): string =>
  Buffer.from(text).toString(form);

/** How a vendor, or a gateway before it, may repeat the key. */
const echoes: readonly { readonly what: string; readonly echo: string }[] = [
  { what: "in clear", echo: vendorKey },
  { what: "within a text", echo: `id-${vendorKey}-x` },
  { what: "in base64", echo: base64(vendorKey) },
  { what: "in base64 behind one letter", echo: base64(`:${vendorKey}`) },
  { what: "in base64 behind two letters", echo: base64(`u:${vendorKey}.`) },
  { what: "in base64 for URLs", echo: base64(`user:${vendorKey}`, "base64url") },
  { what: "in hexadecimal", echo: Buffer.from(vendorKey).toString("hex") },
  { what: "in hexadecimal capitals", echo: Buffer.from(vendorKey).toString("hex").toUpperCase() },
];

/** Other spellings, which only a header is searched for. */
const headerEchoes = [
  ...echoes,
  { what: "in capitals", echo: vendorKey.toUpperCase() },
  { what: "with percent signs", echo: vendorKey.replaceAll("-", "%2D") },
  { what: "with percent signs for letters", echo: vendorKey.replaceAll("s", "%73") },
];

const headerNames = [
  "content-type",
  "retry-after",
  "x-should-retry",
  "request-id",
  "anthropic-ratelimit-tokens-limit",
];

describe("no header of an answer has the key", () => {
  test.for(headerEchoes)("$what", async ({ echo }) => {
    for (const status of [200, 400, 429]) {
      const { ask } = await gatewayFixture((_, response) => {
        response.writeHead(status, echo, Object.fromEntries(headerNames.map((name) => [name, echo])));
        response.addTrailers({ "request-id": echo });
        response.end("{}");
      });
      const { headers, status: got } = await ask();
      expect(got).toBe(status);
      expect(Object.keys(headers).filter((name) => headerNames.includes(name))).toEqual([]);
      expect(JSON.stringify(headers).toLowerCase()).not.toContain(echo.toLowerCase());
    }
  });

  test("and others stay", async () => {
    const { ask } = await gatewayFixture((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "request-id": "req_%zz" }).end("{}");
    });
    expect((await ask()).headers).toMatchObject({ "request-id": "req_%zz" });
  });
});

/** What comes out if these chunks go in. */
const filtered = (...chunks: readonly (string | Buffer)[]): string => {
  const filter = keyFilter(vendorKey);
  return Buffer.concat([
    ...chunks.map((chunk) => filter.push(Buffer.from(chunk as string))),
    filter.end(),
  ]).toString();
};

describe("no stream has the key", () => {
  test.for(echoes)("$what, in one chunk, in two at each place, and byte by byte", ({ echo }) => {
    const text = `data: {"k":"é${echo}"}\n\n`;
    const whole = filtered(text);
    expect(whole).toContain("[key]");
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at += 1)
      expect(filtered(bytes.subarray(0, at), bytes.subarray(at))).toBe(whole);
    expect(filtered(...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toBe(whole);
  });

  test("twice, and behind a beginning of itself", () => {
    expect(filtered(vendorKey, vendorKey)).toBe("[key][key]");
    expect(filtered(vendorKey.slice(0, 9), vendorKey, vendorKey.slice(0, 9))).toBe(
      `${vendorKey.slice(0, 9)}[key]${vendorKey.slice(0, 9)}`,
    );
  });

  test("and other bytes pass at once and unchanged", () => {
    const filter = keyFilter(vendorKey);
    expect(filter.push(Buffer.from("data: x\n\n")).toString()).toBe("data: x\n\n");
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    expect(Buffer.concat([filter.push(bytes), filter.end()])).toEqual(bytes);
  });

  test.for([200, 400])("through the gateway, in two chunks of a %i", async (status) => {
    const { ask } = await gatewayFixture((_, response) => {
      response.writeHead(status, { "content-type": "text/event-stream" });
      response.write(`data: {"k":"${vendorKey.slice(0, 11)}`, () =>
        response.end(`${vendorKey.slice(11)}"}\n\n`),
      );
    });
    expect((await ask()).text).toBe('data: {"k":"[key]"}\n\n');
  });
});

describe("a key that is a word", () => {
  const answer = 'data: {"text":"no ollama, none"}\n\n';

  test.for(["x", "k", "none", "ollama", ":"])("%j changes no answer, error or header", (key) => {
    const { push, end } = keyFilter(key);
    expect(Buffer.concat([push(Buffer.from(answer)), end()]).toString()).toBe(answer);
    expect(withoutKeys(answer, key)).toBe(answer);
    expect(headersWithoutKey({ "content-type": "text/x-none-ollama" }, key)).not.toEqual({});
  });

  test("is hidden from eight letters on", () => {
    const { push, end } = keyFilter("password");
    expect(Buffer.concat([push(Buffer.from("a password")), end()]).toString()).toBe("a [key]");
  });
});
