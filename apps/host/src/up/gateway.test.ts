import { createHash } from "node:crypto";
import { createServer, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openCentral } from "@gatehouse/central-database";
import { addRow, temporaryFolder } from "@gatehouse/central-database/testing";
import { gatewayTokenOf } from "@gatehouse/session-rows/messages";
import { expect, onTestFinished, test } from "vitest";
import { printedBy, ranCli } from "../ran-cli.fixture.ts";
import { spawnHost } from "./host.fixture.ts";

const token = gatewayTokenOf("the token of a workload");

/** A data folder with a session of the group ag-1 that has this token. */
const folderWithAgent = async (): Promise<string> => {
  const dataDir = temporaryFolder();
  const opened = await openCentral(dataDir);
  if (!opened.ok) expect.fail(opened.error.code);
  const { db, close } = opened.value;
  await addRow(db, "agent_groups", { id: "ag-1" });
  await addRow(db, "messaging_groups", { id: "mg-1" });
  await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1" });
  const gateway_hash = createHash("sha256").update(token).digest("base64url");
  await addRow(db, "session_tokens", { gateway_hash });
  await close();
  return dataDir;
};

/** A vendor on loopback. It records the keys of its requests, and the test ends its answers. */
const vendor = async () => {
  const [keys, open]: [unknown[], ServerResponse[]] = [[], []];
  const server = createServer((request, response) => {
    keys.push(request.headers["x-api-key"]);
    open.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { keys, open, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const ask = async (dataDir: string) => {
  const request = send({
    socketPath: join(dataDir, "gateway.sock"),
    path: "/v1/messages",
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "anthropic-version": "2023-06-01" },
  });
  request.end(JSON.stringify({ model: "claude-sonnet-4-5", max_tokens: 100, messages: [] }));
  return new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) =>
    request.once("error", reject).once("response", (response) => {
      void text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    }),
  );
};

test(
  "a running host uses a new key at once, and keeps its usage over a kill",
  { tags: ["slow"] },
  async () => {
    const dataDir = await folderWithAgent();
    const { keys, open, url } = await vendor();
    const first = spawnHost(dataDir, ["--upstream", `anthropic=${url}`]);
    await first.ready();
    expect(await ask(dataDir)).toMatchObject({
      status: 402,
      body: expect.stringContaining("gatehouse secrets set anthropic") as unknown,
    });
    await ranCli({ dataDir, input: "sk-ant-new" }, "secrets", "set", "anthropic");
    const answered = ask(dataDir);
    await expect.poll(() => keys).toEqual(["sk-ant-new"]);
    open.shift()?.end(JSON.stringify({ usage: { input_tokens: 1_000, output_tokens: 500 } }));
    expect(await answered).toMatchObject({ status: 200 });
    const cut = ask(dataDir).catch((error: unknown) => (error as { readonly code: string }).code);
    await expect.poll(() => keys.length).toBe(2);
    first.child.kill("SIGKILL");
    expect(await cut).toBe("ECONNRESET");
    const usage = async (): Promise<unknown> => JSON.parse(await printedBy(dataDir, "usage", "--json"));
    const { usage: rows } = (await usage()) as {
      readonly usage: readonly { readonly inputTokens: number }[];
    };
    // 500 of the complete answer, and the reservation of 100 (max_tokens) for the answer that the kill cut off.
    expect(rows).toMatchObject([{ group: "ag-1", requests: 2, outputTokens: 600 }]);
    expect(rows[0]?.inputTokens).toBeGreaterThan(1_000);
    const second = spawnHost(dataDir, ["--upstream", `anthropic=${url}`]);
    await second.ready();
    expect(await usage()).toMatchObject({ usage: rows });
  },
);

test.for([
  { upstream: "anthropic=http://models.example", says: /is http, which is allowed for this machine only/ },
  { upstream: "mistral=https://models.example", says: /Write anthropic=URL or openai=URL or google=URL/ },
  { upstream: "openai=nowhere", says: /is not a URL/ },
  { upstream: "openai=https://me:hunter2@models.example", says: /has a password/ },
])("up refuses --upstream $upstream", async ({ upstream, says }) => {
  const dataDir = temporaryFolder();
  const ended = await ranCli({ dataDir }, "up", "--runtime", "process", "--upstream", upstream);
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toMatch(says);
});
