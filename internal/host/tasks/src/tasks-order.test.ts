import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { tasksOrder } from "./tasks-order.ts";

test("/tasks shows the group's tasks of this chat, and no other's", async () => {
  const { db } = await openedCentral(temporaryFolder());
  await addRow(db, "agent_groups");
  await addRow(db, "agent_groups", { id: "ag-2", folder: "two" });
  await addRow(db, "messaging_groups");
  await addRow(db, "messaging_groups", { id: "mg-2", platform_id: "telegram:2" });
  const answer = tasksOrder({ db });
  const here = { groupId: "ag-1", chatId: "mg-1" };
  expect(await answer(here)).toEqual({ text: "No task's answers come to this chat.", failed: false });
  await addRow(db, "tasks", { next_at: "2026-12-01T08:00:00.000Z" });
  await addRow(db, "tasks", {
    id: "ta-2",
    text: `Look\nat ${"it ".repeat(50)}`,
    status: "paused",
    paused_because: "its last 8 runs failed",
    next_at: "2026-12-02T08:00:00.000Z",
  });
  await addRow(db, "tasks", { id: "ta-3", text: "Another chat.", messaging_group_id: "mg-2" });
  await addRow(db, "tasks", { id: "ta-4", text: "Another group.", agent_group_id: "ag-2" });
  await addRow(db, "tasks", { id: "ta-5", text: "It is over.", status: "ended" });
  expect((await answer(here)).text.split("\n")).toEqual([
    "Read the news.",
    "  At 08:00, Monday through Friday (UTC); next: Tue 2026-12-01 08:00 (ta-1)",
    expect.stringMatching(/^Look at it it .{40,}…$/),
    "  At 08:00, Monday through Friday (UTC); paused: its last 8 runs failed (ta-2)",
  ]);
});
