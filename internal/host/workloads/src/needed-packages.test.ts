import { addRow, at, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { containerConfigStore } from "@nc/container-config/node";
import { expect, test } from "vitest";
import { neededPackages } from "./needed-packages.ts";

/** The group ag-1 with the list `old`, then `new`; its session se-1 started with `old`. */
const changed = async (container_status: string) => {
  const central = await openedCentral(temporaryFolder());
  await addRow(central.db, "agent_groups", { id: "ag-1" });
  await addRow(central.db, "messaging_groups", { id: "mg-1" });
  const configs = containerConfigStore(central.db, { now: () => at });
  await configs.create("ag-1", { packages_npm: ["old"] });
  const started = { config_generation: 1, container_status };
  await addRow(central.db, "sessions", { id: "se-1", agent_group_id: "ag-1", ...started });
  await configs.updateScalars("ag-1", { packages_npm: ["new"] });
  const npm = async () => (await neededPackages(central))?.map(({ packages_npm }) => packages_npm) ?? null;
  return { central, npm };
};

test("neededPackages has the packages of a group, and those with which its running agent started", async () => {
  expect(await (await changed("running")).npm()).toEqual([["new"], ["old"]]);
});

test("neededPackages has not the packages of an agent that has stopped", async () => {
  expect(await (await changed("stopped")).npm()).toEqual([["new"]]);
});

test("neededPackages is null while a configuration is unreadable", async () => {
  const { central, npm } = await changed("stopped");
  await central.db.updateTable("container_configs").set({ packages_npm: "torn" }).execute();
  expect(await npm()).toBeNull();
});
