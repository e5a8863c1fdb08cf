import type { Kysely } from "kysely";
import type { CentralTables, DecisionRow } from "@gatehouse/central-database";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import { forgetUntil } from "../context/forget-until.ts";
import { type Flaw, type Head, sealOfApproval, sealOfGap, sealOfHead, walkChain } from "./chain.ts";
import { logKeyFile, readLogKey, type LogKey } from "./log-key.ts";
import { readSeen, seenFile } from "./seen-end.ts";

type Db = Kysely<CentralTables>;

/** A log that is as the host wrote it: its rows, those that were deleted because of their age, and answered approvals. */
export type VerifiedLog = { readonly decisions: number; readonly pruned: number; readonly approvals: number };

/** The first row that is not as the host wrote it, as a sentence, and what to do. `row` is its id, if it is there. */
export type LogFlaw = { readonly message: string; readonly fix: string; readonly row: string | null };

/** Decisions of one read. */
const page = 500;

/** A walk that meets the deletion of old rows begins anew. */
const tries = 5;

/**
 * Checks each decision and each answered approval of the database with the key of the data folder, also while a host works.
 * `now`: ISO 8601, UTC.
 */
export const verifyLog = async (
  db: Db,
  dataDir: string,
  now: string,
): Promise<Result<VerifiedLog, LogFlaw>> => {
  for (let tried = 1; ; tried += 1) {
    const before = await headOf(db);
    const verified = await verifyOnce(db, dataDir, now);
    if (verified.ok || tried === tries || before?.pruned === (await headOf(db))?.pruned) return verified;
  }
};

const headOf = (db: Db) => db.selectFrom("log_head").selectAll().where("id", "=", 1).executeTakeFirst();

const verifyOnce = async (db: Db, dataDir: string, now: string): Promise<Result<VerifiedLog, LogFlaw>> => {
  // Before the database, since a host writes the file after it.
  const seen = await readSeen(dataDir);
  const row = await headOf(db);
  const key = await readLogKey(dataDir);
  if (typeof key === "string") return flawed(key, `mend it, or put the file back from a backup with secrets`);
  const unsealed = await firstUnsealed(db);
  if (row === undefined) {
    const sealed = await db
      .selectFrom("decisions")
      .select("id")
      .where("seq", "is not", null)
      .executeTakeFirst();
    if (sealed !== undefined || seen !== null) return endGone;
    return unsealed === undefined ? ok({ decisions: 0, pruned: 0, approvals: 0 }) : withoutSeal(unsealed);
  }
  if (key === null || key.id !== row.key_id) return otherKey(dataDir, key);
  const head: Head = { seq: row.seq, mac: row.last_mac, pruned: row.pruned };
  if (row.mac !== sealOfHead(key.mac, head)) return endGone;
  const gaps = (await db.selectFrom("log_gaps").selectAll().orderBy("first").execute()).filter(
    (gap) => gap.mac === sealOfGap(key.mac, gap),
  );
  const walk = walkChain(key.mac, { head, seen, gaps });
  const answers: Answer[] = [];
  const recent = dayAfter(forgetUntil(now));
  for await (const decision of rowsOf(db, row.seq)) {
    const flaw = walk.row(decision);
    if (flaw !== null) return explained(flaw, dataDir);
    if (decision.rule_id === answeredRule && decision.at > recent) answers.push(answerIn(decision));
  }
  const flaw = walk.end();
  if (flaw !== null) return explained(flaw, dataDir);
  if (unsealed !== undefined) return withoutSeal(unsealed);
  const approvals = await verifyApprovals(db, key, answers);
  return approvals.ok
    ? ok({ decisions: head.seq - head.pruned, pruned: head.pruned, approvals: approvals.value })
    : approvals;
};

/** The sealed rows by their places; at last one beyond the end, if there is one. */
async function* rowsOf(db: Db, end: number): AsyncGenerator<DecisionRow> {
  const sealed = db.selectFrom("decisions").selectAll().orderBy("seq").orderBy("id");
  let from: { readonly seq: number; readonly id: string } | null = null;
  for (;;) {
    const after = from;
    const rows: readonly DecisionRow[] = await sealed
      .where("seq", "<=", end)
      .$if(after !== null, (query) =>
        query.where((eb) =>
          eb.or([
            eb("seq", ">", after?.seq ?? 0),
            eb.and([eb("seq", "=", after?.seq ?? 0), eb("id", ">", after?.id ?? "")]),
          ]),
        ),
      )
      .limit(page)
      .execute();
    yield* rows;
    const last = rows.at(-1);
    if (rows.length < page || last === undefined) break;
    from = { seq: last.seq ?? 0, id: last.id };
  }
  // A host that works meanwhile moves the end with its rows.
  const present = db.selectFrom("log_head").select("log_head.seq").where("log_head.id", "=", 1);
  yield* await sealed.where("seq", ">", present).limit(1).execute();
}

const firstUnsealed = (db: Db): Promise<DecisionRow | undefined> =>
  db
    .selectFrom("decisions")
    .selectAll()
    .where((eb) => eb.or([eb("seq", "is", null), eb("mac", "is", null)]))
    .orderBy("at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();

/** The rule of the decisions that say how an approval was answered. */
export const answeredRule = "answered";

/** Who has approved a question about a chat that was moved: no person, so that it has no seal. */
export const movedChat = "the move of its chat";

/** An answer, as its decision has it. */
type Answer = {
  readonly approval: string;
  readonly session: string | null;
  readonly status: string;
  readonly at: string;
};

const answerIn = ({ args, command, at }: DecisionRow): Answer => {
  const { id, session } = (parseJson(args) ?? {}) as { readonly id?: string; readonly session?: string };
  return { approval: id ?? "", session: session ?? null, status: command.replace(/^approvals /, ""), at };
};

/** Checks answered approvals. Returns their number. */
const verifyApprovals = async (
  db: Db,
  { mac }: LogKey,
  answers: readonly Answer[],
): Promise<Result<number, LogFlaw>> => {
  const found = new Map<string, string>();
  const answered = db
    .selectFrom("pending_approvals")
    .selectAll()
    .where("status", "in", ["approved", "rejected", "failed"])
    .where((eb) => eb.or([eb("answered_by", "is", null), eb("answered_by", "!=", movedChat)]))
    .orderBy("approval_id")
    .limit(page);
  for (let [rows, last] = [await answered.execute(), ""]; rows.length > 0;) {
    for (const row of rows) {
      last = row.approval_id;
      found.set(last, `${row.status} ${row.answered_at}`);
      if (row.mac === sealOfApproval(mac, row)) continue;
      const what = row.mac === null ? "was added, or changed" : "was changed";
      return flawed(`The answered approval ${last} ${what}.`, tampered, last);
    }
    rows = await answered.where("approval_id", ">", last).execute();
  }
  for (const { approval, session, status, at } of answers) {
    if (found.get(approval) === `${status} ${at}`) continue;
    const there = await db
      .selectFrom("pending_approvals")
      .select("status")
      .where("approval_id", "=", approval)
      .executeTakeFirst();
    // An approval is deleted with its session.
    if (there === undefined && (session === null || !(await hasSession(db, session)))) continue;
    const what = there === undefined ? "was removed" : "was changed";
    return flawed(
      `The answered approval ${approval} ${what}: the log has it as ${status} at ${at}.`,
      tampered,
      approval,
    );
  }
  return ok(found.size);
};

const hasSession = async (db: Db, id: string): Promise<boolean> =>
  (await db.selectFrom("sessions").select("id").where("id", "=", id).executeTakeFirst()) !== undefined;

const dayAfter = (time: string): string => new Date(Date.parse(time) + 86_400_000).toISOString();

const flawed = (message: string, fix: string, row: string | null = null): Result<never, LogFlaw> =>
  fail({ message, fix, row });

const tampered =
  "something other than a host wrote the database: compare it with a backup, and find out who may write it";

const endGone = flawed("The end of the log of decisions was changed or removed (table log_head).", tampered);

const withoutSeal = ({ id, at }: DecisionRow): Result<never, LogFlaw> =>
  flawed(
    `The decision ${id} of ${at} has no seal: it was added, or a host without the key of the log wrote it.`,
    `${tampered}. All hosts of a database need one key: docs/host/approvals.md`,
    id,
  );

const otherKey = (dataDir: string, key: LogKey | null): Result<never, LogFlaw> =>
  flawed(
    `The log of decisions has another key than ${logKeyFile(dataDir)}${key === null ? ", which is missing" : ""}.`,
    "copy log.key from a host of the same database, or from a backup with secrets; if it is lost: gatehouse up --log-key-lost, once",
  );

const ifRestored = (dataDir: string): string =>
  `If you restored an older database: remove ${seenFile(dataDir)}`;

const explained = (flaw: Flaw, dataDir: string): Result<never, LogFlaw> => {
  switch (flaw.is) {
    case "head":
      return endGone;
    case "removed": {
      const { seq, last, after } = flaw;
      const [rows, verb] = seq === last ? [`${seq}`, "was"] : [`${seq} to ${last}`, "were"];
      const place = after === null ? "at the start of the log" : `after ${after}`;
      return flawed(`Decision ${rows} ${verb} removed, ${place}.`, `${tampered}. ${ifRestored(dataDir)}`);
    }
    case "replaced": {
      const { seq, id, at } = flaw;
      return flawed(
        `Decision ${seq} was removed, and ${id} of ${at} has its number.`,
        `${tampered}. ${ifRestored(dataDir)}`,
        id,
      );
    }
    case "changed":
    case "added":
      return flawed(`The decision ${flaw.id} of ${flaw.at} was ${flaw.is}.`, tampered, flaw.id);
  }
};
