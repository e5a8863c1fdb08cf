import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import {
  isAccepted,
  type Actor,
  type CommandError,
  type DecisionEntry,
  type ResponseFrame,
  type Signature,
} from "@nc/cli-scope";
import { ok, type Result } from "@gatehouse/std";
import { appendIn } from "@gatehouse/session-rows";
import { hostText, type Json } from "@gatehouse/session-rows/messages";
import type { CentralTables } from "@gatehouse/central-database";
import {
  nameOfActor,
  refused,
  type Answering,
  type ApprovalChoice,
  type ClockAndIds,
} from "@gatehouse/command-context";
import type { Pending } from "./approval-row.ts";
import { concernedBy, ifShown, mayAnswer, shownTo, type AnsweringDeps } from "./approvers.ts";
import { cardOf, ifSeen } from "./card.ts";
import { kindOf, type ApprovalKind } from "./kinds.ts";
import { askedUserId } from "./questions.ts";
import { sealAnswer } from "./seal-answer.ts";

/**
 * The functions that show and answer approvals. `run` runs the command of a claimed approval, and hands its decisions to
 * `record`.
 */
export const answering = (
  db: Kysely<CentralTables>,
  clock: AnsweringDeps,
  run: (approval: Pending, record: (entry: DecisionEntry) => void) => Promise<ResponseFrame>,
): Answering => ({
  shownTo: (actor) => shownTo(db, actor),
  card: async (id) => {
    const row = await db
      .selectFrom("pending_approvals")
      .selectAll()
      .where("approval_id", "=", id)
      .where("status", "=", "pending")
      .where("expires_at", ">", clock.now())
      .executeTakeFirst();
    return row === undefined ? null : cardOf(db, row);
  },
  approve: async (id, actor, choice = {}) => {
    const claimed = await claim(db, { id, actor, status: "approved", at: clock.now() }, clock.commands);
    if (!claimed.ok) return claimed;
    const isSeen = await ifSeen(db, claimed.value, choice.seen);
    if (!isSeen.ok) return isSeen;
    const kind = kindOf(claimed.value.kind);
    const group = await chosen(db, id, kind, choice.group);
    if (!group.ok) return group;
    const choiceProblem = choiceProblemOf(kind, claimed.value, choice);
    if (choiceProblem !== null) return refused("invalid-args", choiceProblem);
    const entries: DecisionEntry[] = [];
    const runCommand = (approval: Pending) => run(approval, (entry) => void entries.push(entry));
    const deps = { at: clock.now(), id: clock.id, group: group.value, choice, runCommand };
    const frame = await kind.run(db, claimed.value, deps);
    const status = frame.ok ? "approved" : "failed";
    await db
      .updateTable("pending_approvals")
      .set({ status, result: JSON.stringify(frame) })
      .where("approval_id", "=", id)
      .execute();
    const text = approvedText(claimed.value.command, frame);
    await tell(db, clock, claimed.value, { status, text, frame });
    await sealAnswer(db, { id, actor, entries }, clock);
    return { ok: true, value: frame };
  },
  reject: async (id, actor, { reason, seen } = {}) => {
    const claimed = await claim(db, { id, actor, status: "rejected", at: clock.now() }, clock.commands);
    if (!claimed.ok) return claimed;
    const isSeen = await ifSeen(db, claimed.value, seen);
    if (!isSeen.ok) return isSeen;
    await kindOf(claimed.value.kind).refuse?.(db, claimed.value, clock.now(), reason);
    const why = reason === undefined ? "." : `: ${reason}`;
    const text = `Your request "${claimed.value.command}" was rejected${why}`;
    await tell(db, clock, claimed.value, { status: "rejected", text });
    await sealAnswer(db, { id, actor, entries: [] }, clock);
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
const choiceProblemOf = (kind: ApprovalKind, approval: Pending, choice: ApprovalChoice): string | null => {
  const { approval_id: id } = approval;
  const taken: readonly string[] = kind.takes ?? [];
  for (const name of ["isAlways", "rule", "answer"] as const) {
    const isSaid = choice[name] !== undefined && choice[name] !== false;
    if (isSaid && !taken.includes(name)) return `${id} ${notTaken[name]}.`;
  }
  return kind.choiceProblem?.(approval, choice) ?? null;
};

const approvedText = (command: string, frame: ResponseFrame): string =>
  frame.ok
    ? `Your request "${command}" was approved${progressText(frame.data)}.`
    : `Your request "${command}" was approved, but it failed: ${frame.error.message}`;

const progressText = (data: unknown): string =>
  isAccepted(data)
    ? `, and is being carried out as ${data.accepted}: "intents get" shows its outcome`
    : " and done";

/** An answer. `at` is ISO 8601, UTC. */
type Answer = {
  readonly id: string;
  readonly actor: Actor;
  readonly status: "approved" | "rejected";
  readonly at: string;
};

/**
 * Marks a pending approval as answered, and returns it with its arguments. Of two answers at the same time,
 * the second is refused. `commands` are all commands.
 */
const claim = async (
  db: Kysely<CentralTables>,
  { id, actor, status, at }: Answer,
  commands: readonly Signature[],
): Promise<Result<Pending, CommandError>> => {
  const found = await db
    .selectFrom("pending_approvals")
    .selectAll()
    .where("approval_id", "=", id)
    .executeTakeFirst();
  // The person for whom a question is answers it without any role.
  const isAsked = actor.type === "user" && (await askedUserId(db, id)) === actor.userId;
  const shown = isAsked && found !== undefined ? ok(found) : ifShown(await shownTo(db, actor), id, found);
  if (!shown.ok) return shown;
  const row = shown.value;
  if (row.status === "expired" || (row.status === "pending" && row.expires_at <= at)) return expired(row);
  if (row.status !== "pending") return answered(row);
  if (!isAsked && !(await mayAnswer(db, actor, await concernedBy(db, row, commands))))
    return mayNotAnswer(row);
  const answered_by = nameOfActor(actor);
  const { numUpdatedRows } = await db
    .updateTable("pending_approvals")
    .set({ status, answered_by, answered_at: at, args: "{}" })
    .where("approval_id", "=", id)
    .where("status", "=", "pending")
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ok: true, value: { ...row, answered_by } } : answered(row);
};

const mayNotAnswer = ({ approval_id: id }: Pending) =>
  refused(
    "permission-denied",
    `An owner answers ${id}, or an admin of all groups, or an admin of every group that it reaches.`,
  );

const expired = ({ approval_id: id, expires_at: at }: Pending) =>
  refused("handler-error", `${id} expired at ${at}: the agent must ask again.`);

const answered = ({ approval_id: id, status, answered_by: by }: Pending) =>
  refused("handler-error", `${id} was answered already: ${status}${by === null ? "" : ` by ${by}`}.`);

/**
 * The id of a message to the agent about its approval. The agent must not learn the id of the approval: it ends with the code
 * of the card.
 */
export const noteId = (approvalId: string, about: "outcome" | "unasked"): string =>
  `sm-${about}-${createHash("sha256").update(approvalId).digest("hex").slice(0, 16)}`;

type Outcome = {
  readonly status: string;
  /** A sentence for the agent. */
  readonly text: string;
  /** The answer of the command, if it ran. */
  readonly frame?: ResponseFrame;
};

/**
 * Tells the session of an approval how it ended: its agent by a message, or its runner, which the next pass over the session
 * answers by the approval's row. Does nothing for a session that is closed or gone. Called within a transaction.
 */
export const tell = async (
  db: Kysely<CentralTables>,
  { now }: Pick<ClockAndIds, "now">,
  { approval_id: id, session_id: sessionId, kind }: Pick<Pending, "approval_id" | "session_id" | "kind">,
  { status, text, frame }: Outcome,
): Promise<void> => {
  const { tells } = kindOf(kind);
  if (sessionId === null || tells === "none") return;
  const more = frame === undefined ? {} : { frame: { ...frame, id: "" } as unknown as Json };
  // The agent gets the end of an approval that nobody answered with its next message.
  const message = hostText({
    id: noteId(id, "outcome"),
    timestamp: now(),
    text,
    more,
    trigger: status !== "expired",
  });
  await appendIn(db, { sessionId, owner: "" }, tells === "agent" ? [message] : []);
};
