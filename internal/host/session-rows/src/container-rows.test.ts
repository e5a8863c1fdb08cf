import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { containerRows } from "./container-rows.ts";
import { describeOnBoth } from "./two-hosts.fixture.ts";

describeOnBoth("the containers that rows name", ({ twoHosts }) => {
  test("are those that run, and those of named sessions", async (context) => {
    const [db] = await twoHosts(context);
    const session = (id: string, container_status: string, over: object = {}) =>
      addRow(db, "sessions", { id, thread_id: id, container_status, incarnation: 3, ...over });
    await session("r-1", "running", { container_ref: "c-1" });
    await session("s-1", "stopped");
    await session("s-2", "stopped");
    await session("c-1", "stopped", { status: "closed" });
    const running = { sessionId: "r-1", incarnation: 3, isRunning: true, reference: "c-1" };
    expect(await containerRows(db, [])).toEqual([running]);
    expect(await containerRows(db, ["s-2", "c-1", "gone"])).toEqual([
      running,
      { sessionId: "s-2", incarnation: 3, isRunning: false, reference: null },
    ]);
  });
});
