import { describe, expect, test } from "vitest";
import { defaultUpstreams, parseUpstream, upstreamUrl } from "./vendors.ts";

describe("the address of a path at a vendor", () => {
  const messages = "/v1/messages?beta=true";
  const contents = "/v1beta/models/gemini-x:streamGenerateContent?alt=sse";

  test.each([
    { address: "anthropic=http://localhost:9", path: messages, url: `http://localhost:9${messages}` },
    { address: "anthropic=https://proxy/models/", path: messages, url: `https://proxy/models${messages}` },
    { address: "anthropic=https://proxy//", path: messages, url: `https://proxy${messages}` },
    {
      address: "openai=https://api.openai.com/v1",
      path: "/v1/responses",
      url: "https://api.openai.com/v1/responses",
    },
    { address: "openai=https://proxy/to/v1/", path: "/v1/responses", url: "https://proxy/to/v1/responses" },
    { address: "openai=https://proxy/v11", path: "/v1/responses", url: "https://proxy/v11/v1/responses" },
    { address: "openai=https://proxy/mv1", path: "/v1/responses", url: "https://proxy/mv1/v1/responses" },
    { address: "openai=https://proxy/v1/x", path: "/v1/responses", url: "https://proxy/v1/x/v1/responses" },
    { address: "google=https://proxy/v1beta", path: contents, url: `https://proxy${contents}` },
    { address: "google=https://proxy/v1", path: contents, url: `https://proxy/v1${contents}` },
    {
      address: "google=https://proxy/v1beta/models",
      path: contents,
      url: `https://proxy/v1beta/models${contents}`,
    },
  ])("of $address and $path is $url", ({ address, path, url }) => {
    const parsed = parseUpstream(address);
    if (typeof parsed === "string") return expect.fail(parsed);
    const [vendor = "anthropic"] = Object.keys(parsed) as (keyof typeof defaultUpstreams)[];
    expect(upstreamUrl({ ...defaultUpstreams, ...parsed }, vendor, path).href).toBe(url);
  });
});
