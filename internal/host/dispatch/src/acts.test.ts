import { type ActCommand, type Command } from "@nc/cli-scope";
import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";
import { hostBed, member, operator, person } from "./host.fixture.ts";

const act: ActCommand<CommandContext, ReadContext> = {
  words: "groups poke",
  resource: "groups",
  effect: "act",
  access: "approval",
  reach: "group",
  description: "",
  flags: [{ name: "id", type: "string", description: "", required: true, lock: "group" }],
  positional: "id",
  intent: async (args) => ({ ok: true, value: { kind: "reload", payload: args["id"] ?? null } }),
};

const intentsOf = async (bed: Awaited<ReturnType<typeof hostBed>>) =>
  bed.central.db
    .selectFrom("intents")
    .select(["kind", "command", "asked_by", "payload", "outcome"])
    .execute();

test("a command that is an act answers with its outcome, and its intent names the caller", async () => {
  const bed = await hostBed();
  expect(await bed.ok(operator, "users", "reload")).toEqual({ ok: true });
  expect(await intentsOf(bed)).toEqual([
    {
      kind: "reload",
      command: "users reload",
      asked_by: "host",
      payload: "null",
      outcome: '{"ok":true,"value":{"data":{"ok":true}}}',
    },
  ]);
});

test("the intent of an approved act is written in the transaction of the approval, and carried out after the commit", async () => {
  const bed = await hostBed({ commands: [act] });
  const asked = await bed.ask(member, "groups", "poke");
  const id = asked.ok ? "" : (asked.approvalId ?? "");
  expect(await intentsOf(bed)).toEqual([]);
  expect(await bed.ok(person("owner"), "approvals", "approve", id)).toMatchObject({
    status: "approved",
    result: { accepted: expect.stringMatching(/^in-/) as unknown },
  });
  const row = { kind: "reload", command: "groups poke", asked_by: "agent:ag-team/se-team" };
  await expect
    .poll(() => intentsOf(bed))
    .toEqual([{ ...row, payload: '"ag-team"', outcome: '{"ok":true,"value":{"data":{"ok":true}}}' }]);
  const [note] = await bed.central.db.selectFrom("session_messages_in").select("content").execute();
  expect(JSON.parse(note?.content ?? "")).toMatchObject({
    text: expect.stringMatching(
      /^Your request "groups poke" was approved, and is being carried out as in-\S+: "intents get" shows its outcome\.$/,
    ) as unknown,
  });
});

/** A read that tries to write. */
const sly: Command<CommandContext, ReadContext> = {
  words: "groups peek",
  resource: "groups",
  effect: "read",
  access: "approval",
  reach: "group",
  rowGroup: "id",
  description: "",
  flags: [{ name: "id", type: "string", description: "", required: true, lock: "group" }],
  positional: "id",
  run: async (args, { context }) => {
    const updated = await context.rows("groups").update(String(args["id"]), { name: "Sly" });
    return updated.ok ? { ok: true, value: { data: updated.value } } : updated;
  },
};

test("an approved read command that writes is rolled back", async () => {
  const bed = await hostBed({ commands: [sly] });
  const asked = await bed.ask(member, "groups", "peek");
  const id = asked.ok ? "" : (asked.approvalId ?? "");
  expect(await bed.ok(person("owner"), "approvals", "approve", id)).toMatchObject({ status: "approved" });
  expect(await bed.ok(operator, "groups", "get", "ag-team")).toMatchObject({ name: "team" });
});

test("expireApprovals also deletes intents that ended more than 90 days ago", async () => {
  const bed = await hostBed();
  await addRow(bed.central.db, "intents", {
    id: "in-old",
    outcome: "{}",
    done_at: "2026-01-01T00:00:00.000Z",
  });
  await bed.host.expireApprovals();
  expect(await intentsOf(bed)).toEqual([]);
});
