import { Buffer } from "node:buffer";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import Database from "libsql";
import { contender, timeOf, type Context, type Measurement, type OnEnd } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import type { Chat } from "./chat.ts";
import { startSessions } from "./host.ts";

const run = promisify(execFile);

/** The files of the group: 1.0 GB; `--quick` has a tenth. */
const files = [
  { count: 400, bytes: 1_000_000 },
  { count: 8_000, bytes: 65_536 },
  { count: 10_000, bytes: 8_192 },
];
const messages = 10_000;

type BackupRun = {
  readonly chat: Chat;
  readonly backUp: () => Promise<unknown>;
  readonly copy: () => Promise<unknown>;
  /** Removes what the last run made. */
  readonly clear: () => Promise<void>;
};

/** A host with messages and a group's files, and a folder for its copies on the same disk. */
const placeOf = async ({ quick }: Context, gatehouse: string, onEnd: OnEnd): Promise<BackupRun> => {
  const target = await mkdtemp(join(tmpdir(), "bench-backup-"));
  const clear = async (): Promise<void> => {
    await rm(target, { recursive: true, force: true });
    await mkdir(target);
    // What a run left to be written would slow down the next one.
    await run("sync", ["-f", target]);
  };
  onEnd(() => rm(target, { recursive: true, force: true }));
  const { dataDir, chats } = await startSessions(gatehouse, 1, onEnd);
  const [chat] = chats;
  if (chat === undefined) throw new Error("The host has no session.");
  addMessages(dataDir, quick ? messages / 10 : messages);
  let number = 0;
  for (const { count, bytes } of files)
    for (let index = 0; index < (quick ? count / 10 : count); index += 1, number += 1) {
      const folder = join(dataDir, "groups/ana", `files-${number % 100}`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `file-${number}`), Buffer.alloc(bytes, `${number} `));
    }
  await run("sync", ["-f", dataDir]);
  return {
    chat,
    clear,
    copy: async () => {
      await run("cp", ["-a", dataDir, join(target, "copy")]);
      await run("sync", ["-f", target]);
    },
    backUp: () => run(process.execPath, [gatehouse, "backup", "--data", dataDir, join(target, "backup.tar")]),
  };
};

/** Adds messages to the host's database as rows like its last one. */
const addMessages = (dataDir: string, count: number): void => {
  const db = new Database(join(dataDir, "gatehouse.db"), { timeout: 10_000 });
  for (const table of ["local_messages", "session_messages_in", "session_messages_out"]) {
    const columns = (db.pragma(`table_info(${table})`) as { readonly name: string }[]).map(
      ({ name }) => name,
    );
    const values = columns.map((name) =>
      name === "id"
        ? "row.id || '-' || n"
        : name === "seq"
          ? "row.seq + n"
          : name === "text"
            ? "printf('%500s', n)"
            : `row.${name}`,
    );
    db.exec(
      `with recursive count(n) as (select 1 union all select n + 1 from count where n < ${count}),
         row as (select * from ${table} order by seq desc limit 1)
       insert into ${table} (${columns.join(", ")}) select ${values.join(", ")} from count, row`,
    );
  }
  // The next message of the session gets a number above them.
  db.exec(
    `update session_transport set seq = (select max(seq) from (
       select seq from session_messages_in union all select seq from session_messages_out))`,
  );
  db.close();
};

const copied = "cp -a, then sync";

/** `gatehouse backup` of a running host, to its end: the file is on the disk. */
const backup: Measurement = {
  name: "backup",
  title: `A backup of a running host with ${messages} messages and 1 GB of a group's files`,
  unit: "ms",
  floor: copied,
  rounds: { full: 7, quick: 3 },
  prepare: async (context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { copy, backUp, clear } = await placeOf(context, built.value.gatehouse, onEnd);
    const timed = (work: () => Promise<unknown>) => async (): Promise<number> => {
      await clear();
      return timeOf(work);
    };
    return {
      ok: true,
      value: [contender(copied, timed(copy)), contender("gatehouse backup", timed(backUp))],
    };
  },
};

const answer = "an answer, without a backup";

/** The mean of the answers in the time of a backup, and in as long a time without one. */
const backupAnswers: Measurement = {
  name: "backup-answers",
  title: "A message to its answer, while the host's backup is made",
  unit: "ms",
  floor: answer,
  rounds: { full: 7, quick: 3 },
  prepare: async (context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { chat, backUp, copy, clear } = await placeOf(context, built.value.gatehouse, onEnd);
    const meanUntil = async (end: Promise<unknown>): Promise<number> => {
      let isOver = false;
      void end.finally(() => (isOver = true)).catch(() => {});
      let [sum, count] = [0, 0];
      do {
        sum += await chat.roundTrip("hello");
        count += 1;
      } while (!isOver);
      await end;
      return sum / count;
    };
    const during = (work: () => Promise<unknown>) => async (): Promise<number> => {
      await clear();
      return meanUntil(work());
    };
    const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 3_000));
    return {
      ok: true,
      value: [
        contender(answer, during(pause)),
        contender("an answer, during a backup", during(backUp)),
        contender(`an answer, during ${copied}`, during(copy)),
      ],
    };
  },
};

export const backups: readonly Measurement[] = [backup, backupAnswers];
