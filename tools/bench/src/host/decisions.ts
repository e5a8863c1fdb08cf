import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCentral, type Central } from "@gatehouse/central-database";
import {
  appendDecisions,
  noteEnd,
  recordIn,
  rowOf,
  verifyLog,
  type LogDeps,
} from "@gatehouse/command-context";
import { contender, timeOf, type Measurement, type OnEnd } from "../measurement.ts";

const at = "2026-11-30T00:00:00.000Z";
const entry = {
  actor: { type: "host" },
  command: "groups config update",
  args: { id: "ag-1", provider: "echo" },
  effect: "allow",
  ruleId: "host",
  reason: "the operator",
} as const;

type Log = { readonly db: Central["db"]; readonly deps: LogDeps };

/** A database with so many sealed decisions. */
const logOf = async (count: number, onEnd: OnEnd): Promise<Log> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-log-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const opened = await openCentral(folder);
  if (!opened.ok) throw new Error(opened.error.code);
  const { db, close } = opened.value;
  onEnd(close);
  let ids = 0;
  const id = (prefix: string): string => `${prefix}-${String((ids += 1)).padStart(9, "0")}`;
  const deps = { dataDir: folder, now: () => at, id };
  const batch = 500;
  for (let done = 0; done < count; done += batch)
    await db.transaction().execute(async (transaction) => {
      const rows = Array.from({ length: Math.min(batch, count - done) }, () => rowOf(entry, deps));
      await appendDecisions(transaction, folder, rows);
    });
  await noteEnd(db, folder);
  return { db, deps };
};

const read = "reading the rows";

/** What `ncl decisions verify` does in the host: each decision is read, and its seal is computed. */
const verify: Measurement = {
  name: "decisions-verify",
  title: "Verifying a log of 100,000 decisions",
  unit: "ms",
  floor: read,
  rounds: { full: 9, quick: 3 },
  prepare: async ({ quick }, onEnd) => {
    const { db, deps } = await logOf(quick ? 10_000 : 100_000, onEnd);
    const readAll = async (): Promise<void> => {
      for (let from = 0; ;) {
        const rows = await db
          .selectFrom("decisions")
          .selectAll()
          .where("seq", ">", from)
          .orderBy("seq")
          .limit(500)
          .execute();
        if (rows.length === 0) return;
        from = rows.at(-1)?.seq ?? 0;
      }
    };
    const verifyAll = async (): Promise<void> => {
      const verified = await verifyLog(db, deps.dataDir, at);
      if (!verified.ok) throw new Error(verified.error.message);
    };
    return {
      ok: true,
      value: [
        contender(read, () => timeOf(readAll)),
        contender("ncl decisions verify, in the host", () => timeOf(verifyAll)),
      ],
    };
  },
};

const bare = "its row alone";

/** The transaction that writes the decision of one command. */
const seal: Measurement = {
  name: "decision",
  title: "Writing the decision of a command, in a transaction of its own",
  unit: "ms",
  floor: bare,
  rounds: { full: 500, quick: 50 },
  prepare: async (_context, onEnd) => {
    const { db, deps } = await logOf(500, onEnd);
    const insert = async (within: Central["db"]): Promise<void> => {
      const row = { ...rowOf(entry, deps), seq: null, mac: null };
      await within.insertInto("decisions").values(row).execute();
    };
    const record = (within: Central["db"]): Promise<void> => recordIn(within, entry, deps);
    const timed = (write: typeof record) => (): Promise<number> =>
      timeOf(() => db.transaction().execute(write));
    return {
      ok: true,
      value: [contender(bare, timed(insert)), contender("a decision with its seal", timed(record))],
    };
  },
};

export const decisions: readonly Measurement[] = [verify, seal];
