import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow } from "@gatehouse/control-plane/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import { fromAna, given, install, sessionBed, until } from "../session-bed.fixture.ts";

test("a message that cannot be passed on is tried again later, and holds up no other", async () => {
  const bed = await sessionBed();
  const { db } = bed.central;
  await db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  for (const [index, thread] of ["bad", "good"].entries()) {
    const [session_id, approval_id] = [`se-${thread}`, `ap-${index}`];
    await addRow(db, "sessions", { id: session_id, thread_id: thread });
    await addRow(db, "pending_approvals", { approval_id, session_id, status: "approved", kind: "sender" });
    const message = JSON.stringify(fromAna(`m-${thread}`, thread, { threadId: thread }));
    await addRow(db, "held_messages", { approval_id, message_id: `m-${thread}`, message });
  }
  // A file in the place of a session's folder.
  mkdirSync(join(bed.dataDir, "sessions", "ag-1"), { recursive: true });
  writeFileSync(bed.folderOf("se-bad"), "");
  const reported: unknown[] = [];
  const { runtime } = fakeRuntime({ install });
  await bed.host({ runtime, report: (error) => reported.push(error), times: { tickMs: 20 } });
  await until(async () => expect(await given(bed.agent("se-good"))).toEqual(["good"]));
  expect(reported.length).toBeGreaterThan(0);
  rmSync(bed.folderOf("se-bad"));
  await until(async () => expect(await given(bed.agent("se-bad"))).toEqual(["bad"]));
  const open = db.selectFrom("held_messages").select("approval_id").where("ended_at", "is", null);
  await until(async () => expect(await open.execute()).toEqual([]));
});
