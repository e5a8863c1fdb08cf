import type { Kysely } from "kysely";
import { isAccepted, type ResponseFrame, type Signature } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";
import type { Answering } from "../world/answering.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { claim, type Pending } from "./claim.ts";
import { deliver } from "./deliver.ts";
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
  approve: async (id, actor) => {
    const claimed = await claim(db, { id, actor, status: "approved", at: clock.now() }, clock.commands);
    if (!claimed.ok) return claimed;
    const frame = await kindOf(claimed.value, run).run(db, claimed.value, clock.now());
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

type Outcome = { readonly status: string; readonly text: string; readonly frame?: ResponseFrame };

const tell = async (
  db: Kysely<CentralTables>,
  clock: ClockAndIds,
  { approval_id: approvalId, session_id: sessionId, kind }: Pending,
  outcome: Outcome,
): Promise<void> => {
  if (isOfAgent(kind)) await deliver(db, clock, sessionId, { type: "cli_response", approvalId, ...outcome });
};

const approvedText = (command: string, frame: ResponseFrame): string =>
  frame.ok
    ? `Your request "${command}" was approved${howFar(frame.data)}.`
    : `Your request "${command}" was approved, but it failed: ${frame.error.message}`;

const howFar = (data: unknown): string =>
  isAccepted(data)
    ? `, and is being carried out as ${data.accepted}: "intents get" shows its outcome`
    : " and done";
