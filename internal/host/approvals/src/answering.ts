import type { Kysely } from "kysely";
import { isAccepted, type CommandError, type ResponseFrame, type Signature } from "@nc/cli-scope";
import { ok, type Result } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import { type Answering, type ApprovalChoice, type ClockAndIds, refused } from "@gatehouse/command-context";
import { claim, type Pending } from "./claim.ts";
import { deliver, toolAnswered } from "./deliver.ts";
import type { ApprovalKind } from "./kinds/approval-kind.ts";
import { isOfAgent, isOfTool, kindOf } from "./kinds/index.ts";
import { shownTo } from "./shown-to.ts";

/**
 * Dependencies for answering. `commands`: all commands, since their flags say which groups a command
 * concerns.
 */
export type AnsweringDeps = ClockAndIds & { readonly commands: readonly Signature[] };

/** The functions that show and answer approvals. `run` runs the command of a claimed approval. */
export const answering = (
  db: Kysely<CentralTables>,
  clock: AnsweringDeps,
  run: (approval: Pending) => Promise<ResponseFrame>,
): Answering => ({
  shownTo: (actor) => shownTo(db, actor),
  approve: async (id, actor, choice = {}) => {
    const claimed = await claim(db, { id, actor, status: "approved", at: clock.now() }, clock.commands);
    if (!claimed.ok) return claimed;
    const kind = kindOf(claimed.value, run);
    const group = await chosen(db, id, kind, choice.group);
    if (!group.ok) return group;
    const misfit = misfitOf(kind, claimed.value, choice);
    if (misfit !== null) return refused("invalid-args", misfit);
    const deps = { at: clock.now(), id: clock.id, group: group.value, choice };
    const frame = await kind.run(db, claimed.value, deps);
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
    await kindOf(claimed.value, run).refuse(db, claimed.value, clock.now(), reason);
    const why = reason === undefined ? "." : `: ${reason}`;
    const text = `Your request "${claimed.value.command}" was rejected${why}`;
    await tell(db, clock, claimed.value, { status: "rejected", text });
    return { ok: true, value: null };
  },
});

/** The group that the answer chooses. A refusal rolls back the answer, and the approval stays pending. */
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

const notTaken = {
  isAlways: "can be approved only once: leave --always out",
  rule: "has no rule to choose: leave --rule out",
  answer: "is no question: ncl approvals approve",
} as const;

/** Why an approval of this kind cannot be given with this choice, a sentence; null if it can. */
const misfitOf = (kind: ApprovalKind, approval: Pending, choice: ApprovalChoice): string | null => {
  const { approval_id: id } = approval;
  const taken: readonly string[] = kind.takes ?? [];
  for (const name of ["isAlways", "rule", "answer"] as const) {
    const isSaid = choice[name] !== undefined && choice[name] !== false;
    if (isSaid && !taken.includes(name)) return `${id} ${notTaken[name]}.`;
  }
  return kind.misfit?.(approval, choice) ?? null;
};

type Outcome = { readonly status: string; readonly text: string; readonly frame?: ResponseFrame };

const tell = async (
  db: Kysely<CentralTables>,
  clock: ClockAndIds,
  { approval_id: approvalId, session_id: sessionId, kind }: Pending,
  outcome: Outcome,
): Promise<void> => {
  if (sessionId === null) return;
  if (isOfTool(kind)) await deliver(db, clock, sessionId, { type: toolAnswered, approvalId });
  else if (isOfAgent(kind))
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
