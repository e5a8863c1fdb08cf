import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fail, ok } from "@gatehouse/std";
import { describe, expect, onTestFinished, test } from "vitest";
import { noSecret } from "../rules/refusal-messages.ts";
import { defaultUpstreams } from "../rules/vendors.ts";
import { tryVendor } from "./try-vendor.ts";

/** A vendor on loopback that answers everything with this status. */
const vendor = async (status: number, text = "{}") => {
  const seen: Pick<IncomingMessage, "method" | "url" | "headers">[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(status, { location: "http://127.0.0.1:9/elsewhere" }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const anthropic = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { seen, upstreams: { ...defaultUpstreams, anthropic, google: anthropic } };
};

const asked = { vendor: "anthropic", groupId: "ag-1", model: null } as const;
const keyOf = () => Promise.resolve(ok("sk-ant-1"));

describe("a trial of a vendor", () => {
  test("asks for its models with the key of the group, and nothing that costs", async () => {
    const { seen, upstreams } = await vendor(200);
    expect(await tryVendor({ ...asked, upstreams, keyOf })).toEqual({
      outcome: "ok",
      message: expect.stringMatching(/^anthropic takes the key \(\d+ ms\)$/) as unknown,
    });
    expect(seen).toMatchObject([
      {
        method: "GET",
        url: "/v1/models?limit=1",
        headers: { "x-api-key": "sk-ant-1", "anthropic-version": "2023-06-01" },
      },
    ]);
  });

  test("looks up the model of a group", async () => {
    const { seen, upstreams } = await vendor(200);
    const trial = await tryVendor({ ...asked, model: "claude-sonnet-4-5", upstreams, keyOf });
    expect(trial.message).toMatch(/knows claude-sonnet-4-5/);
    expect(seen.map(({ url }) => url)).toEqual(["/v1/models/claude-sonnet-4-5"]);
  });

  test.for([
    { model: null, status: 200, text: "{}", url: "/v1beta/models?pageSize=1", outcome: "ok" },
    { model: "gemini-2.5-pro", status: 200, text: "{}", url: "/v1beta/models/gemini-2.5-pro", outcome: "ok" },
    { model: "models/gemini-x", status: 200, text: "{}", url: "/v1beta/models/gemini-x", outcome: "ok" },
    {
      model: "google/gemini-x",
      status: 200,
      text: "{}",
      url: "/v1beta/models/google%2Fgemini-x",
      outcome: "ok",
    },
    {
      model: null,
      status: 400,
      text: '{"error":{"details":[{"reason": "API_KEY_INVALID"}]}}',
      url: "/v1beta/models?pageSize=1",
      outcome: "key-refused",
    },
    { model: null, status: 400, text: "{}", url: "/v1beta/models?pageSize=1", outcome: "odd" },
  ])(
    "asks Google for $url: $status with $text is $outcome",
    async ({ model, status, text, url, outcome }) => {
      const { seen, upstreams } = await vendor(status, text);
      expect(await tryVendor({ ...asked, vendor: "google", model, upstreams, keyOf })).toMatchObject({
        outcome,
      });
      expect(seen).toMatchObject([{ method: "GET", url, headers: { "x-goog-api-key": "sk-ant-1" } }]);
    },
  );

  test.for([
    { status: 401, model: null, outcome: "key-refused", says: /refuses the key \(401\)/ },
    { status: 403, model: null, outcome: "key-refused", says: /refuses the key \(403\)/ },
    { status: 404, model: "claude-9", outcome: "model-unknown", says: /does not know the model claude-9/ },
    { status: 404, model: null, outcome: "ok", says: /the key was not tried/ },
    { status: 429, model: null, outcome: "busy", says: /busy or has trouble \(429\)/ },
    { status: 529, model: null, outcome: "busy", says: /busy or has trouble \(529\)/ },
    { status: 302, model: null, outcome: "odd", says: /answers with 302/ },
  ])("names a $status, with the model $model: $outcome", async ({ status, model, outcome, says }) => {
    const { seen, upstreams } = await vendor(status);
    const trial = await tryVendor({ ...asked, model, upstreams, keyOf });
    expect(trial).toMatchObject({ outcome, message: expect.stringMatching(says) as unknown });
    expect(seen).toHaveLength(1);
  });

  test("names a vendor that is away, and how another address is set", async () => {
    const upstreams = { ...defaultUpstreams, anthropic: new URL("http://127.0.0.1:9") };
    expect(await tryVendor({ ...asked, upstreams, keyOf })).toMatchObject({
      outcome: "away",
      message: "The host cannot reach anthropic (ECONNREFUSED)",
      fix: expect.stringContaining("--upstream") as unknown,
    });
  });

  test("names a missing key, and sends no request", async () => {
    const { seen, upstreams } = await vendor(200);
    const none = () => Promise.resolve(fail(noSecret("anthropic")));
    expect(await tryVendor({ ...asked, upstreams, keyOf: none })).toMatchObject({
      outcome: "no-key",
      fix: "gatehouse secrets set anthropic",
    });
    expect(seen).toEqual([]);
  });
});
