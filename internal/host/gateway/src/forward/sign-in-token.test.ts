import { ok } from "@gatehouse/std";
import { expect, test } from "vitest";
import { gatewayFixture } from "../gateway.fixture.ts";

const signIn = "sk-ant-oat01-of-a-subscription";

/** The headers with which a request reaches the vendor, if the host has this key. */
const headersWith = async (key: string, headers: Readonly<Record<string, string>> = {}) => {
  const { ask, vendor } = await gatewayFixture(undefined, { keyOf: async () => ok(key) });
  expect(await ask({ headers })).toMatchObject({ status: 200 });
  const { "x-api-key": apiKey, authorization, "anthropic-beta": beta } = vendor.received[0]?.headers ?? {};
  return { apiKey, authorization, beta };
};

test.for([
  { what: "adds its beta", beta: {}, sent: "oauth-2025-04-20" },
  {
    what: "adds its beta to those of the agent",
    beta: { "anthropic-beta": "claude-code-20250219,effort-2025-11-24" },
    sent: "claude-code-20250219,effort-2025-11-24,oauth-2025-04-20",
  },
  {
    what: "leaves its beta, if the agent names it",
    beta: { "anthropic-beta": "oauth-2025-04-20,effort-2025-11-24" },
    sent: "oauth-2025-04-20,effort-2025-11-24",
  },
])("sends the token of a subscription as Claude Code does: $what", async ({ beta, sent }) => {
  expect(await headersWith(signIn, beta)).toEqual({
    apiKey: undefined,
    authorization: `Bearer ${signIn}`,
    beta: sent,
  });
});

test("sends a key of the API by its own header, and adds no beta", async () => {
  const key = "sk-ant-api03-with-sk-ant-oat-inside";
  expect(await headersWith(key, { "anthropic-beta": "effort-2025-11-24" })).toEqual({
    apiKey: key,
    authorization: undefined,
    beta: "effort-2025-11-24",
  });
});

test("keeps the token out of an error of the vendor", async () => {
  const { ask } = await gatewayFixture(
    (_, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `the token ${signIn} has no such right` } }));
    },
    { keyOf: async () => ok(signIn) },
  );
  const { text } = await ask();
  expect(text).toContain("the token [key] has no such right");
});
