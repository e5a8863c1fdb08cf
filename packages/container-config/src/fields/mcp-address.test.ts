import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkField } from "./check-config.ts";

/** The problems of a server at this address; "" if there is none. */
const problemOf = (url: string): string => {
  const checked = checkField("mcp_servers", { web: { url } });
  return checked.ok ? "" : checked.error.problems.map(({ problem }) => problem).join("; ");
};

describe("the address of an MCP server", () => {
  test.each([
    "https://h.example/mcp?api_key=abc",
    "https://h.example/mcp?apiKey=abc",
    "https://h.example/mcp?apikey=abc",
    "https://h.example/mcp?x=1&token=abc",
    "https://h.example/mcp?x=1;token=abc",
    "https://h.example/mcp?authToken=abc",
    "https://h.example/mcp?access_token=abc",
    "https://h.example/mcp?X-Amz-Signature=abc",
    "https://h.example/mcp?client-secret=abc",
    "https://h.example/mcp?pwd=abc",
    "https://h.example/mcp?api%5Fkey=abc",
    "https://h.example/mcp?%74oken=abc",
    "https://h.example/mcp?to=x%3Ftoken%3Dabc",
    "https://h.example/mcp?to=https%3A%2F%2Fme%3Apw%40other",
    "https://h.example/mcp?q=sk-ant-api03-0123456789abcdef",
    "https://h.example/mcp?q=0a1B2c3D4e5F6g7H8i9J0k1L",
    "https://h.example/mcp/ghp_0a1B2c3D4e5F6g7H8i9J",
    "https://h.example/mcp/token=abc",
    "https://h.example/mcp;key=abc/x",
    "https://h.example/eyJhbGciOiJI.eyJzdWIiOiIx.c2ln/mcp",
    "https://h.example/mcp#secret",
    "https://h.example/mcp#",
  ])("%s is refused because of its secret, and the message names headers instead", (url) => {
    expect(problemOf(url)).toMatch(/headers/);
    expect(problemOf(url)).not.toMatch(/abc|secret$|0a1B2c/);
  });

  test.each([
    "https://h.example/mcp",
    "https://h.example/mcp?x=1",
    "https://h.example/mcp?profile=dev&keyword=news&author=ann&monkey=1",
    "https://h.example/mcp?project=my-project-2024-production",
    "https://h.example/mcp?id=0b2e4a1c-9f3d-4c5e-8a7b-1c2d3e4f5a6b",
    "https://h.example/keys/mcp",
    "https://h.example:8443/task-list/risk-free",
    "https://h.example?tokens",
    "https://h.example/mcp?page_token_size=",
  ])("%s is accepted: it has no secret", (url) => {
    expect(problemOf(url)).toBe("");
  });

  test.each([
    "http://localhost/mcp",
    "http://localhost:3000/mcp",
    "http://LOCALHOST:3000",
    "http://127.0.0.1:3000/mcp",
    "http://127.1:3000",
    "http://127.8.9.10",
    "http://127.0.0.1.",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]:8080/mcp?x=1",
    "http://[0:0:0:0:0:0:0:1]/",
  ])("%s is accepted with plain http: it is this machine", (url) => {
    expect(problemOf(url)).toBe("");
  });

  test.each([
    "http://h.example/mcp",
    "http://localhost.evil.com",
    "http://localhost.",
    "http://evil.localhost",
    "http://127.0.0.1.nip.io",
    "http://127.0.0.256",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://10.0.0.5",
    "http://[::2]",
    "http://[::ffff:127.0.0.1]",
    "http://[::1].x",
    "http://localhost@evil.com",
    "http://localhost:80@evil.com",
    "http://evil.com\\@localhost",
    "http://localhost\\.evil.com",
    "http://evil.com#@localhost",
    "http:/localhost",
    "http://xn--localhost-.example",
  ])("%s is refused: it is not this machine", (url) => {
    expect(problemOf(url)).not.toBe("");
  });

  test("the message for another machine names https", () => {
    expect(problemOf("http://localhost.evil.com")).toMatch(/https/);
  });

  test("plain http to any machine but this one is refused, in any spelling", () => {
    const piece = fc.constantFrom("localhost", "127.0.0.1", "[::1]", ".", "@", "\\", "/", "#", "?", ":", "80", "evil.com", "%2e", "。", "\t", "０"); // prettier-ignore
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        const url = `http://${pieces.join("")}`;
        if (problemOf(url) !== "") return;
        const { hostname, username } = new URL(url);
        expect([hostname, username]).toEqual([
          expect.stringMatching(/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/),
          "",
        ]);
      }),
    );
  });
});
