import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { fail, ok } from "@gatehouse/std";
import { containerConfigStore } from "@nc/container-config/node";
import { describe, expect, test } from "vitest";
import { secretsOfAgent } from "./secrets-of-agent.ts";

const servers = {
  tools: { command: "x", env: { A: "plain" }, secretEnv: { TOKEN: "TOOLS_TOKEN", OTHER: "NOT_SET" } },
};

/** Creates the session se-1 of the group ag-1, whose MCP server names two secrets. `events` is the host's log. */
const configured = async () => {
  const central = await openedCentral(temporaryFolder());
  await addRow(central.db, "agent_groups", { id: "ag-1" });
  await addRow(central.db, "messaging_groups", { id: "mg-1" });
  await addRow(central.db, "sessions", { id: "se-1", agent_group_id: "ag-1" });
  const configs = containerConfigStore(central.db, { now: () => at });
  await configs.create("ag-1", {});
  await configs.updateEntries("ag-1", "mcp_servers", () => ok(servers), {});
  const events: object[] = [];
  const log = (event: string, fields: object): void => void events.push({ event, ...fields });
  return { events, context: { central, now: () => at, log } };
};

describe("secretsOfAgent", () => {
  test("returns the secrets that the group's MCP servers name, and logs a missing one", async () => {
    const { events, context } = await configured();
    const asked: unknown[] = [];
    const readSecrets = async (group: string, names: readonly string[]) => {
      asked.push([group, names]);
      return ok({ TOOLS_TOKEN: "planted" });
    };
    const secrets = await secretsOfAgent({ ...context, readSecrets }, { sessionId: "se-1" });
    expect(secrets).toEqual({ TOOLS_TOKEN: "planted" });
    expect(asked).toEqual([["ag-1", ["TOOLS_TOKEN", "NOT_SET"]]]);
    expect(events).toEqual([{ event: "secret-missing", session: "se-1", group: "ag-1", secret: "NOT_SET" }]);
  });

  test("returns no secrets if the host cannot read them, and logs the reason", async () => {
    const { events, context } = await configured();
    const readSecrets = async () => fail("The file cannot be read.");
    expect(await secretsOfAgent({ ...context, readSecrets }, { sessionId: "se-1" })).toEqual({});
    expect(events[0]).toMatchObject({ event: "secrets-not-read", reason: "The file cannot be read." });
    expect(events).toHaveLength(3);
  });

  test("returns no secrets for a missing session, or for a host without secrets", async () => {
    const { events, context } = await configured();
    const readSecrets = async () => expect.fail("nothing is read");
    expect(await secretsOfAgent({ ...context, readSecrets }, { sessionId: "se-2" })).toEqual({});
    expect(await secretsOfAgent(context, { sessionId: "se-1" })).toEqual({});
    expect(events).toEqual([]);
  });
});
