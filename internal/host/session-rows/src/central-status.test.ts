import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { statusOf } from "./central-status.ts";
import { describeOnBoth } from "./two-hosts.fixture.ts";

const now = "2026-11-21T08:00:00.000Z";
const [earlier, early, late] = [6, 7, 9].map((hour) => `2026-11-21T0${hour}:00:00.000Z`) as [
  string,
  string,
  string,
];
const none = { count: 0, oldest: null };

describeOnBoth("the status of the central database", ({ twoHosts }) => {
  test("of a new host shows that nothing waits", async (context) => {
    const [db] = await twoHosts(context);
    expect(await statusOf(db, now)).toEqual({
      groups: 1,
      sessions: { running: 0, stopped: 1, closed: 0 },
      intents: none,
      approvals: none,
      questions: none,
      localMessages: none,
    });
  });

  test("counts sessions by their container, and waiting rows with the oldest time", async (context) => {
    const [db] = await twoHosts(context);
    await addRow(db, "agent_groups", { id: "ag-2", folder: "two" });
    const session = (id: string, container_status: string, status = "active") =>
      addRow(db, "sessions", { id, thread_id: id, container_status, status });
    for (const id of ["r-1", "r-2"]) await session(id, "running");
    await session("c-1", "stopped", "closed");
    await session("c-2", "running", "closed");
    for (const [id, created_at] of [
      ["in-1", early],
      ["in-2", earlier],
    ] as const)
      await addRow(db, "intents", { id, created_at });
    await addRow(db, "intents", { id: "in-3", created_at: "2026", outcome: "{}", done_at: now });
    const approval = (approval_id: string, status: string, expires_at: string) =>
      addRow(db, "pending_approvals", { approval_id, status, expires_at, created_at: early });
    await approval("ap-1", "pending", late);
    await addRow(db, "pending_approvals", {
      approval_id: "ap-q",
      kind: "question",
      status: "pending",
      expires_at: late,
      created_at: earlier,
    });
    await approval("ap-over", "pending", early);
    await approval("ap-answered", "approved", late);
    const said = (id: string, seq: number, direction: string, routed_at: string | null) =>
      addRow(db, "local_messages", { id, seq, direction, routed_at, at: early });
    await said("lm-1", 1, "in", null);
    await said("lm-2", 2, "in", now);
    await said("lm-3", 3, "out", null);
    await addRow(db, "local_messages", { id: "lm-4", seq: 4, waits_for: "ap-1", at: earlier });
    expect(await statusOf(db, now)).toEqual({
      groups: 2,
      sessions: { running: 2, stopped: 1, closed: 2 },
      intents: { count: 2, oldest: earlier },
      approvals: { count: 1, oldest: early },
      questions: { count: 1, oldest: earlier },
      localMessages: { count: 1, oldest: early },
    });
  });
});
