import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { addRow, hostDatabase, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { vendorKeys } from "@gatehouse/gateway/secrets";
import { expect, onTestFinished, test } from "vitest";
import { checkModels } from "./check-models.ts";

/** Starts a fake vendor on loopback that accepts one key, and knows all models but one. */
const vendor = async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${String(request.headers["x-api-key"])} ${request.url ?? ""}`);
    const isModel = request.url !== "/v1/models/claude-nothing-1";
    response.writeHead(request.headers["x-api-key"] === "good" ? (isModel ? 200 : 404) : 401).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return {
    seen,
    upstreams: { anthropic: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) },
  };
};

const folderWith = async (...models: readonly (string | null)[]): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  for (const [index, model] of models.entries()) {
    const id = `ag-${index}`;
    await addRow(db, "agent_groups", { id, name: id, folder: id });
    const row = {
      agent_group_id: id,
      provider: "claude",
      model,
      cli_scope: "group",
      generation: 1,
      updated_at: "2026",
    };
    await db
      .insertInto("container_configs")
      .values(row as never)
      .execute();
  }
  return dataDir;
};

test("checkModels asks once for each key and full name of a model", async () => {
  const dataDir = await folderWith("opus", null, "claude-sonnet-4-5[1m]", "claude-sonnet-4-5", null);
  const { seen, upstreams } = await vendor();
  const check = () => checkModels({ dataDir, database: hostDatabase() }, upstreams);
  expect(await check()).toBeNull();
  await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "good" });
  await vendorKeys.set(dataDir, { vendor: "anthropic", group: "ag-4", value: "bad" });
  const message = `anthropic refuses the key (401), at ${upstreams.anthropic.href}`;
  expect(await check()).toMatchObject({ ok: false, message });
  expect(seen.toSorted()).toEqual([
    "bad /v1/models?limit=1",
    "good /v1/models/claude-sonnet-4-5",
    "good /v1/models?limit=1",
  ]);
});

test("checkModels names only the unknown model", async () => {
  const dataDir = await folderWith(null, "claude-nothing-1");
  const { upstreams } = await vendor();
  await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "good" });
  const check = await checkModels({ dataDir, database: hostDatabase() }, upstreams);
  expect(check).toEqual({
    ok: false,
    message: `anthropic does not know the model claude-nothing-1, at ${upstreams.anthropic.href}`,
    fix: "ncl groups config update GROUP --model NAME",
  });
});

test("checkModels asks the address of each group", async () => {
  const dataDir = await folderWith(null, null);
  const [hosts, own] = [await vendor(), await vendor()];
  const { db, close } = await openedCentral(dataDir);
  await db
    .updateTable("container_configs")
    .set({ upstream: `anthropic=${own.upstreams.anthropic.href}` })
    .where("agent_group_id", "=", "ag-1")
    .execute();
  await close();
  await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "good" });
  const check = await checkModels({ dataDir, database: hostDatabase() }, hosts.upstreams);
  expect(check?.ok).toBe(true);
  for (const { seen, upstreams } of [hosts, own]) {
    expect(seen).toEqual(["good /v1/models?limit=1"]);
    expect(check?.message).toContain(`at ${upstreams.anthropic.href}`);
  }
});
