import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { type Answering, gatewayFixture, vendorKey } from "../gateway.fixture.ts";
import type { VendorName } from "../rules/vendors.ts";
import { counted, inTimezone, personDays, workFor } from "../usage/counted.fixture.ts";
import { usageBy } from "../usage/read-usage-rows.ts";

type Row = {
  readonly vendor: VendorName;
  readonly path: string;
  readonly body: object;
  readonly model: string;
  /** The header with the vendor's key, and its value. */
  readonly key: readonly [string, string];
  /** A stream's event with a beginning of the answer, and its last one: 20 tokens of input, and 30 of output. */
  readonly events: readonly [object, object];
  /** What an error of the gateway has beside its message. */
  readonly error: object;
};

/** A request of each vendor's API. What the gateway promises holds for all of them. */
const rows: readonly Row[] = [
  {
    vendor: "anthropic",
    path: "/v1/messages",
    body: { model: "claude-x", max_tokens: 100, messages: [] },
    model: "claude-x",
    key: ["x-api-key", vendorKey],
    events: [
      { type: "message_start", message: { usage: { input_tokens: 20, output_tokens: 1 } } },
      { type: "message_delta", usage: { output_tokens: 30 } },
    ],
    error: { type: "error", error: { type: "billing_error" } },
  },
  {
    vendor: "openai",
    path: "/v1/responses",
    body: { model: "gpt-x", max_output_tokens: 100, input: [] },
    model: "gpt-x",
    key: ["authorization", `Bearer ${vendorKey}`],
    events: [
      { type: "response.created", response: {} },
      { type: "response.completed", response: { usage: { input_tokens: 20, output_tokens: 30 } } },
    ],
    error: { error: { type: "billing_error" } },
  },
  {
    vendor: "google",
    path: "/v1beta/models/gemini-x:streamGenerateContent?alt=sse",
    body: { contents: [], generationConfig: { maxOutputTokens: 100 } },
    model: "gemini-x",
    key: ["x-goog-api-key", vendorKey],
    events: [
      { candidates: [{ content: { parts: [] } }], usageMetadata: { promptTokenCount: 20 } },
      {
        candidates: [{ finishReason: "STOP" }],
        usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 30 },
      },
    ],
    error: { error: { code: 402, status: "FAILED_PRECONDITION" } },
  },
];

const streaming =
  (...events: readonly object[]): Answering =>
  (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
  };

describe.for(rows)("of $vendor, the gateway", ({ vendor: name, path, body, model, key, events, error }) => {
  const asked = { path, body, headers: { "anthropic-version": null } };

  test("adds the host's key by the vendor's header alone, and passes the events on", async () => {
    const { ask, vendor, token } = await gatewayFixture(streaming(...events));
    const answer = await ask(asked);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(JSON.stringify(events[1]));
    expect(vendor.received).toMatchObject([{ url: path, headers: { [key[0]]: key[1] } }]);
    const others = ["authorization", "x-api-key", "x-goog-api-key"].filter((each) => each !== key[0]);
    for (const other of others) expect(vendor.received[0]?.headers).not.toHaveProperty(other);
    expect(JSON.stringify(vendor.received)).not.toContain(token);
  });

  test("reserves what the request allows its answer", async () => {
    const { ask, reserved, settled } = await gatewayFixture(streaming(...events));
    await ask(asked);
    expect(reserved).toMatchObject([{ output: 100 }]);
    expect(settled).toEqual([{ input: 20, output: 30, cacheRead: 0, cacheWrite: 0 }]);
  });

  test("counts for the person of the message, and refuses beyond their day", async () => {
    inTimezone("UTC");
    const fixture = await counted({}, streaming(...events));
    const limits = { display_name: "Ana", max_requests_per_day: 1 };
    await addRow(fixture.central.db, "users", { id: "telegram:1", ...limits });
    await workFor(fixture, "telegram:1");
    expect(await fixture.ask(asked)).toMatchObject({ status: 200 });
    await expect
      .poll(() => personDays(fixture))
      .toMatchObject([{ user_id: "telegram:1", requests: 1, tokens: 50 }]);
    expect(await usageBy(fixture.central.reading, "person")).toMatchObject([{ name: "Ana", model }]);
    const refused = await fixture.ask(asked);
    expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
    expect(JSON.parse(refused.text)).toMatchObject(error);
    expect(refused.text).toContain("Ana has had as many answers as they may today.");
    expect(fixture.vendor.received).toHaveLength(1);
  });

  test("refuses more tokens than the day has left, and a model without a price for money", async () => {
    const fixture = await counted({ max_tokens_per_day: 50 }, streaming(...events));
    expect(await fixture.ask(asked)).toMatchObject({ status: 402 });
    const paid = await counted({ max_cost_per_day: 1 }, streaming(...events));
    const refused = await paid.ask(asked);
    expect(refused.text).toContain(`the host knows no price of ${model}, so it is refused.`);
    expect([...fixture.vendor.received, ...paid.vendor.received]).toEqual([]);
  });

  test("refuses another model than the agent's, and answers without a key in the vendor's form", async () => {
    const { ask, vendor, central } = await gatewayFixture(streaming(...events));
    const config = { agent_group_id: "ag-1", cli_scope: "group", generation: 1, updated_at: "2026" };
    await central.db
      .insertInto("container_configs")
      .values({ ...config, model: `${model}-other` } as never)
      .execute();
    const refused = await ask(asked);
    expect(refused.status).toBe(402);
    expect(refused.text).toContain(`This agent uses the model ${model}-other, so ${model} is refused.`);
    expect(vendor.received).toEqual([]);
  });

  test("cuts a running answer when its incarnation ends", async () => {
    const { open, revoke } = await gatewayFixture((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${JSON.stringify(events[0])}\n\n`);
    });
    const response = await open(asked);
    const ended = new Promise((resolve) => response.resume().once("close", () => resolve(response.complete)));
    await revoke();
    expect(await ended).toBe(false);
  });

  test.for([
    { what: "an error", status: 500, type: "application/json" },
    { what: "a stream", status: 200, type: "text/event-stream" },
  ])("passes no key on in $what", async ({ status, type }) => {
    const { ask } = await gatewayFixture(({ headers }, response) => {
      const packed = Buffer.from(vendorKey).toString("base64");
      response.writeHead(status, { "content-type": type, "retry-after": vendorKey });
      response.end(`data: ${String(headers[key[0]])} ${packed}\n\n`);
    });
    const answer = await ask(asked);
    expect(JSON.stringify(answer)).not.toContain(vendorKey);
    expect(JSON.stringify(answer)).not.toContain(Buffer.from(vendorKey).toString("base64").slice(0, 20));
  });

  test.for([
    { status: 429, says: `${name} takes no more requests now (429)` },
    { status: 503, says: `${name} is overloaded (503)` },
  ])("passes $status on to be tried again, and notes that $says", async ({ status, says }) => {
    const troubles: (string | null)[] = [];
    const { ask } = await gatewayFixture((_, response) => void response.writeHead(status).end("{}"), {
      noteVendor: async (_caller, _vendor, trouble) => void troubles.push(trouble),
    });
    const answer = await ask(asked);
    expect(answer).toMatchObject({ status, text: "{}" });
    expect(answer.headers).not.toHaveProperty("x-should-retry");
    expect(troubles).toEqual([says]);
  });
});

test("of Google, the gateway takes the 400 that refuses a key for what it is, and no other 400", async () => {
  const path = "/v1beta/models/gemini-x:generateContent";
  const reason = (word: string): string =>
    `{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason": "${word}"}]}}`;
  let word = "API_KEY_INVALID";
  const refused: VendorName[] = [];
  const { ask } = await gatewayFixture((_, response) => void response.writeHead(400).end(reason(word)), {
    keyRefused: (vendor) => void refused.push(vendor),
  });
  const answer = await ask({ path, body: { contents: [] } });
  expect(answer.status).toBe(402);
  expect(answer.text).toContain("google refuses this host's key. The operator sets a valid one");
  expect(refused).toEqual(["google"]);
  word = "BAD_SCHEMA";
  expect(await ask({ path, body: { contents: [] } })).toMatchObject({ status: 400, text: reason(word) });
  expect(refused).toEqual(["google"]);
});
