import { addRow, hostDatabase, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { vendorKeys } from "@gatehouse/gateway/secrets";
import { expect, test } from "vitest";
import { checkKeys } from "./check-keys.ts";

/** Creates a data folder with a group for each provider; null is the default, claude. */
const folderWith = async (...providers: readonly (string | null)[]): Promise<string> => {
  const dataDir = temporaryFolder();
  const { db } = await openedCentral(dataDir);
  for (const [index, provider] of providers.entries()) {
    const id = `ag-${index}`;
    await addRow(db, "agent_groups", { id, name: id, folder: id });
    const row = { agent_group_id: id, provider, cli_scope: "group", generation: 1, updated_at: "2026" };
    await db
      .insertInto("container_configs")
      .values(row as never)
      .execute();
  }
  return dataDir;
};

const check = (dataDir: string) => checkKeys({ dataDir, database: hostDatabase() });

test("checkKeys returns null if no agents need a key", async () => {
  expect(await check(await folderWith("echo"))).toBeNull();
  expect(await check(temporaryFolder())).toBeNull();
});

test("checkKeys names the groups of a missing key, and the command that sets the key", async () => {
  const dataDir = await folderWith(null, "codex", "echo");
  expect(await check(dataDir)).toEqual({
    ok: false,
    message: "there is no key for the agents of ag-0 (anthropic), ag-1 (openai)",
    fix: "gatehouse secrets set anthropic",
  });
  await vendorKeys.set(dataDir, { vendor: "anthropic", group: null, value: "k" });
  await vendorKeys.set(dataDir, { vendor: "openai", group: "ag-0", value: "k" });
  expect(await check(dataDir)).toMatchObject({ ok: false, fix: "gatehouse secrets set openai" });
  await vendorKeys.set(dataDir, { vendor: "openai", group: "ag-1", value: "k" });
  expect(await check(dataDir)).toMatchObject({ ok: true });
});

test("checkKeys includes the provider of an active session, and of no closed one", async () => {
  const dataDir = await folderWith("echo");
  const { db } = await openedCentral(dataDir);
  const session = { agent_group_id: "ag-0", agent_provider: "claude" };
  await addRow(db, "messaging_groups", { id: "mg-1" });
  await addRow(db, "sessions", { id: "se-1", ...session, status: "closed", messaging_group_id: "mg-1" });
  expect(await check(dataDir)).toBeNull();
  await addRow(db, "sessions", { id: "se-2", ...session, status: "active", messaging_group_id: "mg-1" });
  expect(await check(dataDir)).toMatchObject({
    ok: false,
    message: expect.stringContaining("ag-0 (anthropic)"),
  });
});

test("checkKeys includes the agent_backend of a group's members, and of no other people", async () => {
  const dataDir = await folderWith("echo");
  const { db } = await openedCentral(dataDir);
  for (const [id, agent_backend] of [
    ["telegram:5", "codex"],
    ["telegram:6", "claude"],
  ] as const) {
    await addRow(db, "users", { id });
    await addRow(db, "file_users", { user_id: id, entry: JSON.stringify({ agent_backend }) });
  }
  expect(await check(dataDir)).toBeNull();
  await addRow(db, "agent_group_members", { user_id: "telegram:5", agent_group_id: "ag-0" });
  expect(await check(dataDir)).toMatchObject({
    ok: false,
    message: "there is no key for the agents of ag-0 (openai)",
  });
});
