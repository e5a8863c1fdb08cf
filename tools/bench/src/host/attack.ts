import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionTables } from "@nc/session-db/node";
import { openSqlite } from "@gatehouse/sqlite";
import type { AttackKind } from "./attack-kinds.ts";
import { startListening } from "./programs.ts";

/** Creates another token for the newest session in a host's database, like the token of its runner. */
export const tokenOfNewest = async (dataDir: string): Promise<string> => {
  const opened = await openSqlite<SessionTables>(join(dataDir, "gatehouse.db"));
  if (!opened.ok) throw new Error(opened.error.code);
  const { db, close } = opened.value;
  const token = randomUUID();
  try {
    const newest = await db
      .selectFrom("session_tokens")
      .select(["session_id", "incarnation"])
      .orderBy("rowid" as never, "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const hash = createHash("sha256").update(token).digest("base64url");
    await db
      .insertInto("session_tokens")
      .values({ ...newest, hash })
      .execute();
  } finally {
    await close();
  }
  return token;
};

/** Starts an attack on a host. Returns the function that ends it. */
export const startAttack = async (
  kind: AttackKind,
  dataDir: string,
  token: string,
): Promise<() => Promise<void>> => {
  const program = fileURLToPath(new URL("attacker.ts", import.meta.url));
  const args = [...process.execArgv, program, kind, join(dataDir, "runners.sock"), token];
  const attacker = await startListening(args);
  // The host's cost is measured, not the attacker's use of the machine.
  setPriority(attacker.pid, 19);
  const leave = ownCgroup(attacker.pid);
  return async () => {
    await attacker.stop();
    leave();
  };
};

/** µs of CPU in each 100 ms. */
const quota = 20_000;

/**
 * Moves a process into its own cgroup, if this machine has cgroups version 1 and permits it. Returns a
 * function that removes the cgroup.
 */
const ownCgroup = (pid: number): (() => void) => {
  const folder = `/sys/fs/cgroup/cpu/gatehouse-bench-${pid}`;
  try {
    mkdirSync(folder);
  } catch {
    return () => {};
  }
  writeFileSync(join(folder, "cpu.cfs_quota_us"), String(quota));
  writeFileSync(join(folder, "cgroup.procs"), String(pid));
  return () => rmdirSync(folder);
};
