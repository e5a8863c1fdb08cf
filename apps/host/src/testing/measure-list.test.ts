import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { centralCommandHost } from "@gatehouse/dispatch";
import { fillSessions, listFilters, measureList } from "./measure-list.ts";

test("the list and the bare query return the same rows with each filter", async () => {
  const dataDir = temporaryFolder();
  const central = await openedCentral(dataDir);
  const host = centralCommandHost(central, {
    dataDir,
    report: (error) => {
      throw error;
    },
  });
  await fillSessions(central, 1_500);
  for (const column of Object.values(listFilters)) {
    const times = await measureList({ central, host, now: () => performance.now() }, column);
    expect(times).toEqual({ listMs: expect.any(Number), bareMs: expect.any(Number) });
  }
  await host.flush();
});
