import { lstatSync } from "node:fs";
import { gatewayTokenOf } from "@gatehouse/session-rows/messages";
import { addRow } from "@gatehouse/central-database/testing";
import { fail } from "@gatehouse/std";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import {
  answerHello,
  gatewayFixture,
  hello,
  vendorKey,
  vendorServer,
  type Asked,
  type Received,
} from "../gateway.fixture.ts";
import { noSecret } from "../rules/refusal-messages.ts";
import { defaultUpstreams } from "../rules/vendors.ts";

const messageOf = (text: string): string =>
  (JSON.parse(text) as { readonly error: { readonly message: string } }).error.message;

describe("the gateway knows agents by their token", () => {
  test("forwards a request with a valid token, and adds the host's key", async () => {
    const { ask, vendor, token, path } = await gatewayFixture();
    expect((lstatSync(path).mode & 0o777).toString(8)).toBe("666");
    expect(await ask()).toMatchObject({ status: 200 });
    expect(vendor.received).toMatchObject([{ url: "/v1/messages", headers: { "x-api-key": vendorKey } }]);
    expect(JSON.stringify(vendor.received)).not.toContain(token);
  });

  test("accepts the token by each header that Claude Code sends", async () => {
    const { ask, token } = await gatewayFixture();
    const both = { authorization: `Bearer ${token}`, "x-api-key": token };
    for (const headers of [
      both,
      { authorization: `bearer ${token}` },
      { authorization: null, "x-api-key": token },
      { authorization: null, "x-api-key": "", "x-goog-api-key": token },
    ])
      expect(await ask({ headers })).toMatchObject({ status: 200 });
  });

  const strangers: readonly {
    what: string;
    headers: (tokens: Record<string, string>) => Asked["headers"];
  }[] = [
    { what: "no token", headers: () => ({ authorization: null }) },
    { what: "an invented token", headers: () => ({ authorization: `Bearer ${"a".repeat(43)}` }) },
    { what: "the token of the wire", headers: ({ wire }) => ({ authorization: `Bearer ${wire ?? ""}` }) },
    { what: "another scheme", headers: ({ token }) => ({ authorization: `Basic ${token ?? ""}` }) },
    { what: "a second, different token", headers: () => ({ "x-api-key": "sk-ant-own" }) },
    { what: "a second, different token of Google", headers: () => ({ "x-goog-api-key": "AIza-own" }) },
  ];
  test.for(strangers)("refuses $what, and forwards nothing", async ({ headers }) => {
    const { ask, vendor, token, wireToken } = await gatewayFixture();
    const refused = await ask({ headers: headers({ token, wire: wireToken }) ?? {} });
    expect(refused).toMatchObject({ status: 401, headers: { "x-should-retry": "false" } });
    expect(vendor.received).toEqual([]);
  });

  test("refuses the token of an ended incarnation at its next request", async () => {
    const { ask, issue, revoke, vendor } = await gatewayFixture();
    expect(await ask()).toMatchObject({ status: 200 });
    await revoke();
    expect(await ask()).toMatchObject({ status: 401 });
    const next = gatewayTokenOf(await issue(2));
    expect(await ask({ headers: { authorization: `Bearer ${next}` } })).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 401 });
    expect(vendor.received).toHaveLength(2);
  });

  test("cuts a running answer when its incarnation ends, and the request to the vendor with it", async () => {
    let isCut = false;
    const { open, revoke } = await gatewayFixture((_, response) => {
      response.once("close", () => (isCut = true));
      response.writeHead(200, { "content-type": "text/event-stream" }).write("event: ping\n\n");
    });
    const response = await open();
    const ended = new Promise((resolve) => response.resume().once("close", () => resolve(response.complete)));
    await revoke();
    expect(await ended).toBe(false);
    await expect.poll(() => isCut).toBe(true);
  });

  test("refuses the token of a deleted session", async () => {
    const { ask, central } = await gatewayFixture();
    await central.db.deleteFrom("sessions").execute();
    expect(await ask()).toMatchObject({ status: 401 });
  });
});

const gemini = "/v1beta/models/gemini-2.5-pro";
const contents = { contents: [] };

describe("the gateway forwards only what agents need", () => {
  const gpt = { model: "gpt-5.1-codex", input: [] };
  test.for<Asked & { readonly sent: string }>([
    { path: "/v1/messages?beta=true", sent: "/v1/messages?beta=true" },
    { path: "/v1/messages?beta=true&workspace=x", sent: "/v1/messages?beta=true" },
    { path: "/v1/messages/count_tokens?beta=true", sent: "/v1/messages/count_tokens?beta=true" },
    { path: "/v1/models?limit=1000", method: "GET", sent: "/v1/models?limit=1000" },
    { path: "/v1/models/claude-opus-4-5", method: "GET", sent: "/v1/models/claude-opus-4-5" },
    { path: "/v1/responses", body: gpt, sent: "/v1/responses" },
    { path: `${gemini}:generateContent`, body: contents, sent: `${gemini}:generateContent` },
    {
      path: `${gemini}:generateContent?key=AIzaOwn&alt=sse`,
      body: contents,
      sent: `${gemini}:generateContent`,
    },
    {
      path: `${gemini}:streamGenerateContent?key=AIzaOwn&alt=sse&%6bey=x`,
      body: contents,
      sent: `${gemini}:streamGenerateContent?alt=sse`,
    },
    {
      path: `${gemini}:streamGenerateContent?alt=proto`,
      body: contents,
      sent: `${gemini}:streamGenerateContent`,
    },
    { path: `${gemini}:countTokens`, body: contents, sent: `${gemini}:countTokens` },
  ])("forwards $method $path", async ({ sent, ...asked }) => {
    const { ask, vendor } = await gatewayFixture();
    expect(await ask(asked)).toMatchObject({ status: 200 });
    expect(vendor.received.map(({ url }) => url)).toEqual([sent]);
  });

  test("chooses the vendor of the models by the version header", async () => {
    const other = await vendorServer(answerHello);
    const { vendor, ask } = await gatewayFixture(answerHello, {
      upstreams: () => ({ ...defaultUpstreams, anthropic: new URL("http://127.0.0.1:9"), openai: other.url }),
    });
    await ask({ path: "/v1/models", method: "GET", headers: { "anthropic-version": null } });
    expect(other.received).toMatchObject([{ headers: { authorization: `Bearer ${vendorKey}` } }]);
    expect(vendor.received).toEqual([]);
  });

  test.for([
    { what: "the group's address of the vendor", upstream: "anthropic", reaches: "group" },
    { what: "the host's address, beside the group's of another vendor", upstream: "openai", reaches: "host" },
  ] as const)("asks $what", async ({ upstream, reaches }) => {
    const group = await vendorServer(answerHello);
    const { ask, vendor, central } = await gatewayFixture();
    const config = { agent_group_id: "ag-1", cli_scope: "group", generation: 1, updated_at: "2026" };
    await central.db
      .insertInto("container_configs")
      .values({ ...config, upstream: `${upstream}=${group.url.href}v2` } as never)
      .execute();
    expect(await ask()).toMatchObject({ status: 200 });
    const urls = [vendor, group].map(({ received }) => received.map(({ url }) => url));
    expect(urls).toEqual(reaches === "host" ? [["/v1/messages"], []] : [[], ["/v2/v1/messages"]]);
  });

  test.for(["/", "/api/hello"])("answers HEAD %s itself, also without a token", async (path) => {
    const { ask, vendor } = await gatewayFixture();
    expect(await ask({ method: "HEAD", path, headers: { authorization: null } })).toMatchObject({
      status: 200,
    });
    expect(vendor.received).toEqual([]);
  });

  test.for<Asked & { readonly status: number }>([
    { path: "/v1/messages", method: "GET", status: 405 },
    { path: "/v1/models", method: "POST", status: 405 },
    { path: "/v1/messages", method: "OPTIONS", status: 405 },
    { path: "/v1/messages/batches", status: 404 },
    { path: "/v1/files", status: 404 },
    { path: "/v1/organizations/api_keys", method: "GET", status: 404 },
    { path: "/v1/complete", status: 404 },
    { path: "/v1/chat/completions", status: 404 },
    { path: "/v1/responses/resp_1", method: "GET", status: 404 },
    { path: "/V1/messages", status: 404 },
    { path: "/v1/messages/", status: 404 },
    { path: "/v1//messages", status: 404 },
    { path: "//v1/messages", status: 400 },
    { path: "//127.0.0.1/v1/messages", status: 400 },
    { path: "http://127.0.0.1:1/v1/messages", status: 400 },
    { path: "https://api.anthropic.com/v1/messages", status: 400 },
    { path: "/v1/files/../messages", status: 404 },
    { path: "/v1/messages/../files", status: 404 },
    { path: "/v1/models/..", method: "GET", status: 404 },
    { path: "/v1/models/%2e%2e", method: "GET", status: 404 },
    { path: "/v1/models/%2e%2e%2ffiles", method: "GET", status: 404 },
    { path: "/v1/mess%61ges", status: 404 },
    { path: "/v1%2fmessages", status: 404 },
    { path: "/%2f127.0.0.1/v1/messages", status: 404 },
    { path: "/v1/models/a%2f..%2f..%2ffiles", method: "GET", status: 404 },
    { path: "/\\127.0.0.1/v1/messages", status: 404 },
    { path: "/v1/messages;x=/../files", status: 404 },
    { path: "/v1\\messages", status: 404 },
    { path: "/v1/messages#x", status: 404 },
    { path: `${gemini}:generateContent`, method: "GET", status: 405 },
    { path: `${gemini}:batchGenerateContent`, status: 404 },
    { path: `${gemini}:embedContent`, status: 404 },
    { path: `${gemini}:GenerateContent`, status: 404 },
    { path: `${gemini}:generateContent:countTokens`, status: 404 },
    { path: `${gemini}:generateContent/`, status: 404 },
    { path: `${gemini}%3AgenerateContent`, status: 404 },
    { path: "/v1beta/models/gemini%2D2.5-pro:generateContent", status: 404 },
    { path: "/v1beta/models/..:generateContent", status: 404 },
    { path: "/v1beta/models/../tunedModels/x:generateContent", status: 404 },
    { path: "/v1beta/models/%2e%2e/cachedContents:generateContent", status: 404 },
    { path: "/v1beta/models/a%2f..%2fb:generateContent", status: 404 },
    { path: "/v1beta/models/:generateContent", status: 404 },
    { path: "/v1beta/tunedModels/x:generateContent", status: 404 },
    { path: "/v1beta/cachedContents", status: 404 },
    { path: "/v1beta/files", status: 404 },
    { path: "/upload/v1beta/files", status: 404 },
    { path: "/v1/models/gemini-2.5-pro:generateContent", method: "POST", status: 405 },
  ])("answers $method $path itself with $status", async ({ status, ...asked }) => {
    const { ask, vendor } = await gatewayFixture();
    const refused = await ask(asked);
    expect(refused).toMatchObject({ status, headers: { "x-should-retry": "false" } });
    expect(messageOf(refused.text)).toMatch(/gateway/);
    expect(vendor.received).toEqual([]);
  });

  test("says how to name a model of Google whose name has a slash", async () => {
    const { ask, vendor } = await gatewayFixture();
    const path = "/v1beta/models/google/gemini-2.5-pro:streamGenerateContent?alt=sse";
    const refused = await ask({ path, body: contents, headers: { "anthropic-version": null } });
    expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
    expect(refused.text).toContain("--model NAME");
    expect(vendor.received).toEqual([]);
  });

  test("reads one request of a connection, and no second one behind it", async () => {
    const { path, token, vendor } = await gatewayFixture();
    const body = JSON.stringify(hello);
    const one = `POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const socket = connect(path);
    socket.write(one + one + one);
    await new Promise((resolve) => socket.resume().once("close", resolve));
    expect(vendor.received.length).toBeLessThan(2);
  });

  test("does not follow a redirect of the vendor", async () => {
    const { ask, vendor } = await gatewayFixture((_, response) => {
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
    });
    const refused = await ask();
    expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
    expect(refused.headers).not.toHaveProperty("location");
    expect(vendor.received).toHaveLength(1);
  });
});

describe("the gateway passes on named headers only", () => {
  test("of the agent", async () => {
    const { ask, vendor } = await gatewayFixture();
    await ask({
      headers: {
        "anthropic-beta": "a",
        "user-agent": "claude-cli/2.1.328",
        "x-stainless-lang": "js",
        cookie: "c=1",
        "x-api-key": "",
        "anthropic-organization": "org-1",
        "openai-organization": "org-1",
        "x-forwarded-for": "1.2.3.4",
        "accept-encoding": "gzip",
        "proxy-authorization": "Basic eDp5",
        host: "evil.example",
      },
    });
    const { headers } = vendor.received[0] ?? expect.fail("nothing was forwarded");
    expect(Object.keys(headers).toSorted()).toEqual(
      [
        ...["anthropic-beta", "anthropic-version", "connection", "content-length", "content-type", "host"],
        ...["user-agent", "x-api-key", "x-stainless-lang"],
      ].toSorted(),
    );
    expect(headers).toMatchObject({ host: vendor.url.host, "x-api-key": vendorKey });
  });

  test("of Gemini CLI, and the key in no other place than its header", async () => {
    const { ask, vendor, token } = await gatewayFixture();
    await ask({
      path: `${gemini}:streamGenerateContent?alt=sse&key=${token}`,
      headers: {
        authorization: null,
        "anthropic-version": null,
        "x-goog-api-key": token,
        "x-goog-api-client": "google-genai-sdk/1.30.0",
        "x-gemini-api-privileged-user-id": "an-id",
        "x-goog-user-project": "another-project",
        "user-agent": "GeminiCLI-acp/0.61.0",
      },
      body: contents,
    });
    const [{ headers, url }] = vendor.received as [Received];
    expect(Object.keys(headers).toSorted()).toEqual([
      ...["connection", "content-length", "content-type", "host", "user-agent", "x-goog-api-client"],
      "x-goog-api-key",
    ]);
    expect(headers["x-goog-api-key"]).toBe(vendorKey);
    expect(url).toBe(`${gemini}:streamGenerateContent?alt=sse`);
  });

  test("of the vendor", async () => {
    const { ask } = await gatewayFixture((_, response) => {
      response.writeHead(200, {
        "content-type": "application/json",
        "request-id": "req_1",
        "retry-after": "3",
        "anthropic-ratelimit-tokens-limit": "5",
        "anthropic-organization-id": "org-1",
        "set-cookie": "c=1",
        "x-internal": "y",
        "strict-transport-security": "max-age=1",
      });
      response.end("{}");
    });
    const { headers } = await ask();
    expect(Object.keys(headers).toSorted()).toEqual([
      ...["anthropic-ratelimit-tokens-limit", "connection", "content-type", "date"],
      ...["request-id", "retry-after", "transfer-encoding"],
    ]);
  });
});

const ownModel = { agent_model: "claude-opus-4-5", agent_model_provider: "claude" } as const;

describe("the gateway checks a request's body", () => {
  test.for<{ what: string; body: object; says: RegExp }>([
    {
      what: "another model",
      body: { ...hello, model: "claude-opus-4-5" },
      says: /uses the model claude-sonnet-4-5/,
    },
    {
      what: "a tool that the vendor runs",
      body: { ...hello, tools: [{ name: "a" }, { type: "web_search_20250305", name: "web_search" }] },
      says: /"web_search_20250305" runs at the vendor/,
    },
    { what: "tools that are no list", body: { ...hello, tools: { type: "x" } }, says: /runs at the vendor/ },
    {
      what: "MCP servers of the vendor",
      body: { ...hello, mcp_servers: [{ url: "x" }] },
      says: /"mcp_servers"/,
    },
    { what: "a container", body: { ...hello, container: "c" }, says: /"container"/ },
  ])("refuses $what with a final sentence", async ({ body, says }) => {
    const { ask, vendor, central } = await gatewayFixture();
    await configure(central.db, "claude-sonnet-4-5");
    const refused = await ask({ body });
    expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
    expect(messageOf(refused.text)).toMatch(says);
    expect(vendor.received).toEqual([]);
  });

  const vendorTool = { type: "web_search" };
  const group = (...tools: object[]) => ({ type: "namespace", name: "x", tools });
  test.for<{ what: string; body: object }>([
    { what: "a tool", body: { tools: [{ type: "function" }, vendorTool] } },
    { what: "a tool in a group", body: { tools: [group({ type: "function" }, vendorTool)] } },
    { what: "a group in a group", body: { tools: [group(group(group(group(group(group())))))] } },
    { what: "a list as a tool", body: { tools: [[vendorTool]] } },
    { what: "a tool in the input", body: { input: [{ type: "additional_tools", tools: [vendorTool] }] } },
    {
      what: "a tool that was searched for",
      body: { input: [{ type: "tool_search_output", tools: [group(vendorTool)] }] },
    },
    { what: "a search of tools that OpenAI runs", body: { tools: [{ type: "tool_search" }] } },
  ])("refuses $what that OpenAI runs, in the form of OpenAI's errors", async ({ body }) => {
    const { ask, vendor } = await gatewayFixture();
    const refused = await ask({
      path: "/v1/responses",
      body: { model: "gpt-5.1-codex", input: [], ...body },
    });
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: "permission_error" } });
    expect(vendor.received).toEqual([]);
  });

  test("lets the tools of Codex pass", async () => {
    const { ask } = await gatewayFixture();
    const tools = [
      { type: "function" },
      { type: "custom" },
      group({ type: "function" }),
      { type: "tool_search", execution: "client" },
    ];
    const input = [
      { type: "additional_tools", tools },
      { type: "tool_search_output", tools },
      { type: "message" },
    ];
    const body = { model: "gpt-5.1-codex", input, tools };
    expect(await ask({ path: "/v1/responses", body })).toMatchObject({ status: 200 });
  });

  test.for([
    { configured: "claude-sonnet-4-5", model: "claude-sonnet-4-5" },
    { configured: "claude-sonnet-4-5[1m]", model: "claude-sonnet-4-5" },
    { configured: "claude-sonnet-4-5", model: "claude-haiku-4-5-20251001" },
    { configured: "opus", model: "claude-opus-5-5" },
    { configured: null, model: "claude-any" },
  ])("lets a group of $configured use $model", async ({ configured, model }) => {
    const { ask, central } = await gatewayFixture();
    await configure(central.db, configured);
    const tools = [{ name: "a" }, { type: "custom", name: "b" }];
    expect(await ask({ body: { ...hello, model, tools } })).toMatchObject({ status: 200 });
  });

  const started = (model: string | null) =>
    JSON.stringify({ provider: { value: "claude", from: "group" }, model: { value: model, from: "group" } });

  test.for<{ says: string; session: object; model: string; status: number }>([
    { says: "its session's model", session: ownModel, model: "claude-opus-4-5", status: 200 },
    {
      says: "the model of its group, which its session replaces",
      session: ownModel,
      model: "claude-sonnet-4-5",
      status: 402,
    },
    {
      says: "the model that it started with, until it starts again",
      session: { ...ownModel, container_agent: started("claude-sonnet-4-5"), config_generation: 1 },
      model: "claude-sonnet-4-5",
      status: 200,
    },
    {
      says: "a third model meanwhile",
      session: { ...ownModel, container_agent: started("claude-sonnet-4-5"), config_generation: 1 },
      model: "claude-haiku-9",
      status: 402,
    },
    {
      says: "any model, if it started without one",
      session: { ...ownModel, container_agent: started(null), config_generation: 1 },
      model: "claude-haiku-9",
      status: 200,
    },
    {
      says: "the model that it started with, once its group's configuration has changed",
      session: { ...ownModel, container_agent: started("claude-haiku-9"), config_generation: 0 },
      model: "claude-haiku-9",
      status: 402,
    },
    {
      says: "another provider's model, while its own is not for that provider",
      session: { ...ownModel, agent_provider: "codex" },
      model: "gpt-1",
      status: 200,
    },
  ])("an agent that asks for $says gets $status", async ({ session, model, status }) => {
    const { ask, central } = await gatewayFixture();
    await configure(central.db, "claude-sonnet-4-5");
    await central.db.updateTable("sessions").set(session).execute();
    expect(await ask({ body: { ...hello, model } })).toMatchObject({ status });
  });

  test.for([
    { says: "Codex use the model before the present one", provider: "codex", model: "gpt-5.5", status: 200 },
    { says: "Codex use a model of another session", provider: "codex", model: "gpt-5.4", status: 402 },
    { says: "Claude Code use an earlier model", provider: "claude", model: "gpt-5.5", status: 402 },
  ])("lets $says with $status", async ({ provider, model, status }) => {
    const { ask, central } = await gatewayFixture();
    const { db } = central;
    await configure(db, "gpt-6-sol");
    await db.updateTable("container_configs").set({ provider }).execute();
    const counts = { requests: 1, priced_requests: 0, input_tokens: 1, output_tokens: 1, cost: null };
    const row = { agent_group_id: "ag-1", day: "2026-11-20", user_id: "", provider: "openai", ...counts };
    const values = [
      { ...row, session_id: "se-1", model: "gpt-5.5" },
      { ...row, session_id: "se-2", model: "gpt-5.4" },
    ];
    await db.insertInto("usage").values(values).execute();
    const headers = { "anthropic-version": null };
    expect(await ask({ path: "/v1/responses", headers, body: { model, input: [] } })).toMatchObject({
      status,
    });
  });

  test("allows the model of the session's person, and not that of its group", async () => {
    const { ask, central } = await gatewayFixture();
    const { db } = central;
    await configure(db, "claude-sonnet-4-5");
    await addRow(db, "users", { id: "telegram:5" });
    await addRow(db, "file_users", { user_id: "telegram:5", entry: JSON.stringify({ model: "opus" }) });
    await db.updateTable("messaging_groups").set({ user_id: "telegram:5" }).execute();
    await db.updateTable("sessions").set({ messaging_group_id: "mg-1" }).execute();
    expect(await ask({ body: { ...hello, model: "claude-opus-5-5" } })).toMatchObject({ status: 200 });
    expect(await ask({ body: { ...hello, model: "claude-sonnet-4-5" } })).toMatchObject({ status: 402 });
  });

  test.for([
    { model: "gemini-2.5-pro", body: contents, status: 200 },
    { model: "gemini-2.5-flash", body: contents, status: 402 },
    { model: "gemini-2.5-pro-x", body: contents, status: 402 },
    { model: "gemini-2.5-flash", body: { ...contents, model: "gemini-2.5-pro" }, status: 402 },
    { model: "gemini-2.5-pro", body: { ...contents, model: "models/gemini-2.5-flash" }, status: 402 },
  ])(
    "of a group of gemini-2.5-pro, $model in the path and $body: $status",
    async ({ model, body, status }) => {
      const { ask, vendor, central } = await gatewayFixture();
      await configure(central.db, "gemini-2.5-pro");
      for (const method of ["generateContent", "streamGenerateContent?alt=sse", "countTokens"])
        expect(await ask({ path: `/v1beta/models/${model}:${method}`, body })).toMatchObject({ status });
      expect(vendor.received).toHaveLength(status === 200 ? 3 : 0);
    },
  );

  test.for([
    { configured: "models/gemini-2.5-pro", status: 200 },
    { configured: "gemini-2.5-pro", status: 200 },
    { configured: "models/models/gemini-2.5-pro", status: 402 },
    { configured: "tunedModels/gemini-2.5-pro", status: 402 },
    { configured: "models/gemini-2.5-flash", status: 402 },
  ])("of a group of $configured, gemini-2.5-pro in the path: $status", async ({ configured, status }) => {
    const { ask, central } = await gatewayFixture();
    await configure(central.db, configured);
    const path = "/v1beta/models/gemini-2.5-pro:generateContent";
    expect(await ask({ path, body: contents })).toMatchObject({ status });
  });

  test.for([
    { configured: "opus", model: "claude-sonnet-4-5" },
    { configured: "sonnet", model: "evil-claude-sonnet-4-5" },
    { configured: "claude-sonnet-4-5", model: "claude-sonnet-4-5-x" },
    { configured: "claude-sonnet-4-5", model: "claude-haiku-4-5-evil" },
  ])("keeps a group of $configured from $model", async ({ configured, model }) => {
    const { ask, central } = await gatewayFixture();
    await configure(central.db, configured);
    expect(await ask({ body: { ...hello, model } })).toMatchObject({ status: 402 });
  });

  test("forwards what it has checked: of two models in one body, the checked one", async () => {
    const { ask, vendor, central } = await gatewayFixture();
    await configure(central.db, "claude-sonnet-4-5");
    await ask({ body: `{"model":"claude-opus-4-5","messages":[],"model":"claude-sonnet-4-5"}` });
    expect(vendor.received[0]?.body).toBe('{"model":"claude-sonnet-4-5","messages":[]}');
  });

  test.for(["", "no json", "[]", "null", "{}", '{"model":3}'])("refuses the body %j", async (body) => {
    const { ask, vendor } = await gatewayFixture();
    expect(await ask({ body })).toMatchObject({ status: 400, headers: { "x-should-retry": "false" } });
    expect(vendor.received).toEqual([]);
  });

  test("refuses a body that is too long", async () => {
    const { ask } = await gatewayFixture(answerHello, { limits: { mostBytes: 2 ** 20, withinMs: 60_000 } });
    const long = { ...hello, messages: ["a".repeat(2 ** 20)] };
    expect(await ask({ body: long })).toMatchObject({ status: 413 });
  });

  test("refuses a body that is too slow", async () => {
    const { open } = await gatewayFixture(answerHello, { limits: { mostBytes: 2 ** 20, withinMs: 100 } });
    const slow = await open({ headers: { "content-length": "1000" } });
    expect(slow.statusCode).toBe(408);
  });
});

describe("the gateway passes answers on", () => {
  test("chunk by chunk", async () => {
    let next = (): void => {};
    const { open, settled } = await gatewayFixture(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(
        `event: message_start\ndata: {"message":{"usage":{"input_tokens":5,"cache_read_input_tokens":7,"output_tokens":1}}}\n\n`,
      );
      await new Promise<void>((resolve) => (next = resolve));
      response.end(`event: message_delta\ndata: {"usage":{"output_tokens":9}}\n\n`);
    });
    const response = (await open({ body: { ...hello, stream: true } })).setEncoding("utf8");
    const parts = response[Symbol.asyncIterator]();
    expect((await parts.next()).value).toContain("message_start");
    next();
    expect((await parts.next()).value).toContain("message_delta");
    expect((await parts.next()).done).toBe(true);
    await expect.poll(() => settled).toEqual([{ input: 12, output: 9, cacheRead: 7, cacheWrite: 0 }]);
  });

  test("and shows an answer that the vendor cut as cut, and counts its input by the estimate", async () => {
    const { open, reserved, settled } = await gatewayFixture((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("event: ping\n\n", () => response.destroy());
    });
    const response = await open({ body: { ...hello, stream: true } });
    await new Promise((resolve) =>
      response
        .resume()
        .on("error", () => {})
        .once("close", resolve),
    );
    expect(response.complete).toBe(false);
    expect(reserved).toEqual([{ input: 19, output: 100, cacheRead: 0, cacheWrite: 0 }]);
    await expect.poll(() => settled).toEqual([{ input: 19, output: 0, cacheRead: 0, cacheWrite: 0 }]);
  });

  test("and ends the vendor's work when the agent leaves", async () => {
    let isCut = false;
    const { open, settled } = await gatewayFixture((_, response) => {
      response.once("close", () => (isCut = true));
      response.writeHead(200, { "content-type": "text/event-stream" }).write("event: ping\n\n");
    });
    (await open()).destroy();
    await expect.poll(() => isCut).toBe(true);
    await expect.poll(() => settled).toEqual([{ input: 15, output: 0, cacheRead: 0, cacheWrite: 0 }]);
  });

  test.for([429, 500, 529])("and a %i of the vendor, to be tried again", async (status) => {
    const { ask, settled } = await gatewayFixture((_, response) => {
      response.writeHead(status, { "content-type": "application/json", "retry-after": "7" });
      response.end('{"type":"error"}');
    });
    const answer = await ask();
    expect(answer).toMatchObject({ status, text: '{"type":"error"}', headers: { "retry-after": "7" } });
    expect(answer.headers).not.toHaveProperty("x-should-retry");
    expect(settled).toEqual([{ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }]);
  });

  test.for([401, 403])("but a %i of the vendor as a final sentence with the fix", async (status) => {
    const { ask } = await gatewayFixture((_, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `invalid x-api-key ${vendorKey}` } }));
    });
    const refused = await ask();
    expect(refused).toMatchObject({ status: 402, headers: { "x-should-retry": "false" } });
    expect(messageOf(refused.text)).toContain("gatehouse secrets set anthropic");
    expect(refused.text).not.toContain(vendorKey);
  });

  test("but no key in the vendor's errors", async () => {
    const { ask } = await gatewayFixture(({ headers }, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(
        `{"message":"key ${String(headers["x-api-key"])}, or sk-proj-other12, or sk-ant-...Q3bC, or AIzaSyOther-12"}`,
      );
    });
    const { text } = await ask();
    expect(text).toBe('{"message":"key [key], or [key], or [key], or [key]"}');
  });

  test("but no key in an error in the middle of a stream", async () => {
    const { ask } = await gatewayFixture(({ headers }, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`event: error\ndata: {"error":"é ${String(headers["x-api-key"])}"}\n\n`);
    });
    expect(await ask()).toMatchObject({ status: 200, text: 'event: error\ndata: {"error":"é [key]"}\n\n' });
  });

  test("and what has arrived of an error that the vendor cuts, in at most 64 KiB", async () => {
    const { ask } = await gatewayFixture((_, response) => {
      response.writeHead(500, { "content-type": "text/plain", "content-length": "1000000" });
      response.write("x".repeat(100_000), () => response.destroy());
    });
    expect(await ask()).toMatchObject({ status: 500, text: "x".repeat(2 ** 16) });
  });

  test("but says in the vendor's form that the host has no key", async () => {
    const { ask, vendor } = await gatewayFixture(answerHello, {
      keyOf: async (name) => fail(noSecret(name)),
    });
    const refused = await ask();
    expect(refused.status).toBe(402);
    expect(JSON.parse(refused.text)).toMatchObject({
      type: "error",
      error: { type: "authentication_error" },
    });
    expect(messageOf(refused.text)).toContain("gatehouse secrets set anthropic");
    expect(vendor.received).toEqual([]);
  });

  test("and names a vendor that cannot be reached, or is silent", async () => {
    const { ask, vendor } = await gatewayFixture(() => {}, { limits: { silenceMs: 100 } });
    expect(await ask()).toMatchObject({ status: 504 });
    vendor.server.closeAllConnections();
    vendor.server.close();
    const refused = await ask();
    expect(refused.status).toBe(502);
    expect(messageOf(refused.text)).toBe("The host cannot reach anthropic (ECONNREFUSED).");
  });
});

const configure = async (db: Parameters<typeof addRow>[0], model: string | null): Promise<void> => {
  const values = { agent_group_id: "ag-1", cli_scope: "group", generation: 1, updated_at: "2026", model };
  await db
    .insertInto("container_configs")
    .values(values as never)
    .execute();
};
