import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { foreignReader, type ForeignReader } from "@gatehouse/sqlite";
import { fakeRuntime } from "@nc/container-runtime/testing";
import type { AgentEnd } from "@nc/session-db";
import Libsql from "libsql";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import {
  fromAna,
  given,
  install,
  said,
  says,
  sessionBed,
  until,
  type SessionBed,
} from "./session-bed.fixture.ts";
import type { SessionHost } from "./session-host.ts";
import { hostileFiles, type HostileFile } from "./testing/index.ts";

const slow = { tags: ["slow"] };

/** A reader whose answers about one file the host does not get before `letGo`. */
const withholding = () => {
  const reader = foreignReader({ program: [process.execPath, inject("programs")["foreign-child"]] });
  onTestFinished(() => reader.close());
  const reads = { begun: 0, given: 0 };
  let file: string | null = null;
  let letGo = (): void => {};
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const withheld: ForeignReader = {
    ...reader,
    read: async (read) => {
      if (read.file !== file) return reader.read(read);
      reads.begun += 1;
      const outcome = await reader.read(read);
      await gate;
      reads.given += 1;
      return outcome;
    },
  };
  return { reader: withheld, reads, withhold: (path: string) => (file = path), letGo };
};

type Session = { readonly id: string; readonly threadId: string; readonly agent: AgentEnd };

/** A host with two sessions, both of which have answered. Their containers are played. */
const twoSessions = async (reader: ForeignReader) => {
  const bed = await sessionBed();
  const host = await bed.host({ runtime: fakeRuntime({ install }).runtime, reader });
  await bed.central.db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  const sessions: Session[] = [];
  for (const threadId of ["victim", "other"]) {
    await host.take(fromAna(`m-${threadId}`, "hello", { threadId }));
    await until(() => expect(bed.happened("container-started")).toHaveLength(sessions.length + 1));
    const rows = bed.central.db.selectFrom("sessions").select("id").where("thread_id", "=", threadId);
    const { id } = await rows.executeTakeFirstOrThrow();
    const agent = bed.agent(id);
    await says(agent, said(`first-${threadId}`));
    await until(() => expect(bed.texts()).toContain(`first-${threadId}`));
    sessions.push({ id, threadId, agent });
  }
  const [victim, other] = sessions as [Session, Session];
  return { bed, host, victim, other };
};

/** Messages come to a session, whose agent answers each. */
const converse = async (
  { bed, host }: { readonly bed: SessionBed; readonly host: SessionHost },
  { threadId, agent }: Session,
  names: readonly string[],
): Promise<void> => {
  for (const name of names) {
    await host.take(fromAna(`m-${name}`, name, { threadId }));
    expect(await given(agent)).toContain(name);
    await says(agent, said(`to-${name}`, { inReplyTo: `m-${name}` }));
    await until(() => expect(bed.texts()).toContain(`to-${name}`));
  }
};

/** Puts the file in the place of what the session's agent wrote, and rings. It is made elsewhere. */
const put = (bed: SessionBed, { id }: Session, { put: make }: HostileFile): void => {
  const folder = bed.folderOf(id);
  const [place, good, aside] = [
    join(folder, "out", "outbound.db"),
    join(folder, "good.db"),
    join(folder, "aside"),
  ];
  mkdirSync(aside);
  renameSync(place, good);
  // Otherwise the host has all of a flood to deliver before it ends.
  onTestFinished(() => renameSync(good, place));
  const stop = make(join(aside, "outbound.db"), good);
  if (stop !== undefined) onTestFinished(stop);
  renameSync(join(aside, "outbound.db"), place);
  writeFileSync(join(folder, "out", "doorbell"), "\n");
};

// How long a client waits at most is measured by the bench (hostile-files); here that nobody waits for
// the file.
describe("another session gets its answers while a read of this is under way, and afterwards", () => {
  test.for(hostileFiles.map((file) => ({ what: file.name, file })))("$what", slow, async ({ file }) => {
    const { reader, reads, withhold, letGo } = withholding();
    const { bed, host, victim, other } = await twoSessions(reader);
    onTestFinished(letGo);
    withhold(join(bed.folderOf(victim.id), "out", "outbound.db"));
    put(bed, victim, file);
    await until(() => expect(reads.begun).toBeGreaterThan(0));
    await converse({ bed, host }, other, ["a", "b", "c"]);
    expect(reads.given).toBe(0);
    letGo();
    await until(() => expect(reads.given).toBeGreaterThan(0));
    await converse({ bed, host }, other, ["d", "e"]);
  });

  test("an inbound.db that its reader holds", slow, async () => {
    const { bed, host, victim, other } = await twoSessions(withholding().reader);
    const holder = new Libsql(join(bed.folderOf(victim.id), "in", "inbound.db"));
    onTestFinished(() => void holder.close());
    holder.exec("begin; select 1 from messages_in limit 1");
    let isTaken = false;
    const taken = host.take(fromAna("m-held", "held", { threadId: "victim" })).then(() => (isTaken = true));
    await converse({ bed, host }, other, ["a", "b", "c"]);
    holder.exec("rollback");
    await taken;
    expect(isTaken).toBe(true);
    await until(async () => expect(await given(victim.agent)).toContain("held"));
  });
});
