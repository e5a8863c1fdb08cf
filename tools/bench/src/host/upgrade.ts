import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Database from "libsql";
import { contender, timeOf, type Measurement, type OnEnd } from "../measurement.ts";
import { builtPrograms, startProgram } from "../programs.ts";
import { addRows } from "./add-rows.ts";

const run = promisify(execFile);

const [sessions, messages] = [1_000, 10_000];
const oneVersion = "down and up of one version";

/** What the candidate of 0.1.0 left: its schema is older than today's. */
const kept = fileURLToPath(new URL("../../../../apps/host/src/kept/0.1.0-rc.0/data.tar.gz", import.meta.url));

const databaseIn = (dataDir: string): string => join(dataDir, "gatehouse.db");

/** A data folder of 0.1.0-rc.0 with these sessions and messages. The copy of its database has its schema for good. */
const folderOf010 = async (onEnd: OnEnd): Promise<{ readonly dataDir: string; readonly before: string }> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-upgrade-"));
  onEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  await run("tar", ["-xzf", kept, "-C", folder]);
  const dataDir = join(folder, "data");
  // A host with these would ask Telegram, and make a backup.
  for (const name of ["messengers.json", "backup-schedule.json"]) await rm(join(dataDir, name));
  const db = new Database(databaseIn(dataDir));
  addRows(db, "sessions", { count: sessions, own: ["id", "thread_id"], where: "status = 'active'" });
  const number = { own: ["id"], rising: "seq", count: messages };
  addRows(db, "local_messages", { ...number, where: "direction = 'out'" });
  for (const [table, status] of [
    ["session_messages_in", "completed"],
    ["session_messages_out", "delivered"],
  ] as const)
    addRows(db, table, { ...number, where: `status = '${status}'` });
  db.exec("pragma wal_checkpoint(truncate)");
  db.close();
  const before = join(folder, "before.db");
  await copyFile(databaseIn(dataDir), before);
  return { dataDir, before };
};

/** A host whose time away can be measured, ms. `between` is not counted. */
const hostOf = async (gatehouse: string, dataDir: string, onEnd: OnEnd) => {
  const env = { ...process.env, GATEHOUSE_DATA: dataDir, GATEHOUSE_DATABASE: "" };
  const up = () => startProgram([gatehouse, "up", "--runtime", "process"], env);
  let host = await up();
  onEnd(() => host.stop());
  return async (between: () => Promise<void>): Promise<number> => {
    const down = await timeOf(() => host.stop());
    await between();
    return down + (await timeOf(async () => void (host = await up())));
  };
};

/**
 * The time without a host. There is no program of 0.1.0-rc.0 here, so this one stops and starts; before an upgrade's start it finds
 * the database as 0.1.0-rc.0 left it.
 */
export const upgrade: Measurement = {
  name: "upgrade",
  title: `The time without a host, with ${messages} messages and ${sessions} sessions`,
  unit: "ms",
  floor: oneVersion,
  rounds: { full: 7, quick: 3 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { gatehouse } = built.value;
    const [same, later] = [await folderOf010(onEnd), await folderOf010(onEnd)];
    const restart = await hostOf(gatehouse, same.dataDir, onEnd);
    const renew = await hostOf(gatehouse, later.dataDir, onEnd);
    const asBefore = async (): Promise<void> => {
      for (const name of await readdir(later.dataDir))
        if (name.startsWith("gatehouse.db")) await rm(join(later.dataDir, name));
      await copyFile(later.before, databaseIn(later.dataDir));
    };
    return {
      ok: true,
      value: [
        contender(oneVersion, () => restart(async () => {})),
        contender("an upgrade from 0.1.0-rc.0", () => renew(asBefore)),
      ],
    };
  },
};
