// @module-tag soak
import { noteId } from "./answer.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { dispatch } from "@nc/cli-scope";
import { containerConfigStore } from "@nc/container-config/node";
import { expect, inject, onTestFinished, test } from "vitest";
import { at, onPostgres, temporaryFolder, newAddress, addRow } from "@gatehouse/central-database/testing";
import { openCentralAt, type CentralPlace, type Central } from "@gatehouse/central-database";
import { verifyLog } from "@gatehouse/command-context";
import { centralCommandHost } from "@gatehouse/dispatch";

const program = inject("programs").approver;

/**
 * Runs the approver until it has reported `reports` approvals, and then kills it. Returns the ids that it
 * reported.
 */
const killedAfter = async (
  { dataDir, database }: CentralPlace,
  name: string,
  reports: number,
): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [program, dataDir, name], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, GATEHOUSE_DATABASE: database?.url ?? "" },
  });
  const reported: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    reported.push(line);
    if (reported.length === reports) child.kill("SIGKILL");
  }
  if (child.signalCode === null) await once(child, "close");
  expect(child.signalCode).toBe("SIGKILL");
  return reported;
};

const rethrow = (error: unknown): never => {
  throw error;
};

const newPlace = async (): Promise<CentralPlace> => {
  const schema = onPostgres ? await newAddress() : null;
  if (schema !== null) onTestFinished(schema.drop);
  return { dataDir: temporaryFolder(), database: schema?.address ?? null };
};

const opened = async (place: CentralPlace): Promise<Central> => {
  const central = await openCentralAt(place);
  if (!central.ok) expect.fail(JSON.stringify(central.error));
  return central.value;
};

/**
 * Expects that every approved command ran once and told its session, and that every other command did not
 * run. Returns the ids of pending approvals.
 */
const expectOnce = async ({ db }: Central, reported: readonly string[]): Promise<readonly string[]> => {
  const approvals = await db
    .selectFrom("pending_approvals")
    .select(["approval_id", "status", "shown"])
    .execute();
  const done = approvals.filter(({ status }) => status === "approved");
  const read = await containerConfigStore(db, { now: () => at }).get("ag-1");
  const config = read.ok ? read.value : expect.fail(read.error.code);
  const named = done.map(({ shown }) => (JSON.parse(shown) as { readonly apt: string }).apt);
  expect(config?.packages_apt.toSorted()).toEqual(named.toSorted());
  expect(config?.generation).toBe(done.length + 1);
  const notes = await db.selectFrom("session_messages_in").select("id").execute();
  const told = notes.map(({ id }) => id);
  const ids = done.map(({ approval_id }) => approval_id);
  expect(told.toSorted()).toEqual(ids.map((id) => noteId(id, "outcome")).toSorted());
  expect(ids).toEqual(expect.arrayContaining([...reported]));
  return approvals.filter(({ status }) => status === "pending").map(({ approval_id }) => approval_id);
};

test(
  "after kill -9 during answers, each command ran once or not at all, pending approvals can be answered, and the log verifies",
  { tags: ["slow"] },
  async () => {
    const place = await newPlace();
    const prepared = await opened(place);
    await addRow(prepared.db, "agent_groups");
    await containerConfigStore(prepared.db, { now: () => at }).create("ag-1");
    await addRow(prepared.db, "sessions", { messaging_group_id: null });
    await addRow(prepared.db, "users");
    await addRow(prepared.db, "user_roles");
    await prepared.close();
    const reported: string[] = [];
    for (let kills = 1; kills <= 10; kills += 1) {
      reported.push(...(await killedAfter(place, `run${kills}`, 1 + ((kills * 5) % 7))));
      const central = await opened(place);
      const waiting = await expectOnce(central, reported);
      const verified = await verifyLog(central.db, place.dataDir, new Date().toISOString());
      expect(verified).toMatchObject({ ok: true });
      const host = centralCommandHost(central, { dataDir: place.dataDir, report: rethrow });
      for (const id of waiting) {
        const frame = { id: "1", command: "approvals-approve", args: { id } };
        expect(await dispatch(frame, { type: "host" }, host)).toMatchObject({ ok: true });
        reported.push(id);
      }
      expect(await expectOnce(central, reported)).toEqual([]);
      await host.flush();
      await central.close();
    }
  },
);
