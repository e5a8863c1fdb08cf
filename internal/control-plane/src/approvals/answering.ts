import type { Kysely } from "kysely";
import { isAccepted, type CommandError, type ResponseFrame, type Signature } from "@nc/cli-scope";
import { ok, type Result } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";
import type { Answering } from "../world/answering.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { refused } from "../world/reply.ts";
import { claim, type Pending } from "./claim.ts";
import { deliver } from "./deliver.ts";
import type { ApprovalKind } from "./kinds/approval-kind.ts";
import { isOfAgent, kindOf } from "./kinds/index.ts";
import { shownTo } from "./shown-to.ts";

/** Dependencies for answering: all commands, since a command says what it reaches. */
export type AnsweringGround = ClockAndIds & { readonly commands: readonly Signature[] };

/** `run` runs the command of a claimed approval. */
export const answering = (
  db: Kysely<CentralTables>,
  clock: AnsweringGround,
  run: (approval: Pending) => Promise<ResponseFrame>,
): Answering => ({
  shownTo: (actor) => shownTo(db, actor),
  approve: async (id, actor, named) => {
    const claimed = await claim(db, { id, actor, status: "approved", at: clock.now() }, clock.commands);
    if (!claimed.ok) return claimed;
    const kind = kindOf(claimed.value, run);
    const group = await chosen(db, id, kind, named);
    if (!group.ok) return group;
    const ground = { at: clock.now(), id: clock.id, group: group.value };
    const frame = await kind.run(db, claimed.value, ground);
    const status = frame.ok ? "approved" : "failed";
    await db
      .updateTable("pending_approvals")
      .set({ status, result: JSON.stringify(frame) })
      .where("approval_id", "=", id)
      .execute();
    const text = approvedText(claimed.value.command, frame);
    await tell(db, clock, claimed.value, { status, text, frame });
    return { ok: true, value: frame };
  },
  reject: async (id, actor, reason) => {
    const claimed = await claim(db, { id, actor, status: "rejected", at: clock.now() }, clock.commands);
    if (!claimed.ok) return claimed;
    await kindOf(claimed.value, run).refuse(db, claimed.value, clock.now());
    const why = reason === undefined ? "." : `: ${reason}`;
    const text = `Your request "${claimed.value.command}" was rejected${why}`;
    await tell(db, clock, claimed.value, { status: "rejected", text });
    return { ok: true, value: null };
  },
});

/** Refused, nothing was answered: the transaction of the answer is undone. */
const chosen = async (
  db: Kysely<CentralTables>,
  id: string,
  { choose }: ApprovalKind,
  named: string | undefined,
): Promise<Result<string | null, CommandError>> => {
  if (choose !== undefined) return choose(db, named);
  return named === undefined
    ? ok(null)
    : refused("invalid-args", `${id} asks for no group: leave --group out.`);
};

type Outcome = { readonly status: string; readonly text: string; readonly frame?: ResponseFrame };

const tell = async (
  db: Kysely<CentralTables>,
  clock: ClockAndIds,
  { approval_id: approvalId, session_id: sessionId, kind }: Pending,
  outcome: Outcome,
): Promise<void> => {
  if (isOfAgent(kind) && sessionId !== null)
    await deliver(db, clock, sessionId, { type: "cli_response", approvalId, ...outcome });
};

const approvedText = (command: string, frame: ResponseFrame): string =>
  frame.ok
    ? `Your request "${command}" was approved${howFar(frame.data)}.`
    : `Your request "${command}" was approved, but it failed: ${frame.error.message}`;

const howFar = (data: unknown): string =>
  isAccepted(data)
    ? `, and is being carried out as ${data.accepted}: "intents get" shows its outcome`
    : " and done";
