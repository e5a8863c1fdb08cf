import { expect, onTestFinished, test } from "vitest";
import { openReading } from "@gatehouse/postgres";
import type { CentralTables } from "@gatehouse/central-database";
import { openedCentral } from "@gatehouse/central-database/testing";
import { centralCommandHost } from "./command-host.ts";
import { tempFolder } from "@gatehouse/socket-server/testing";
import { transportsOf, type Transports } from "./transports.ts";

const frame = (command: string, args: object = {}): object => ({ id: "1", command, args });
const refused = (code: string): unknown =>
  expect.objectContaining({ ok: false, error: expect.objectContaining({ code }) as unknown });

type Fixture = { readonly transports: Transports; readonly own: string; readonly other: string };

/** Two groups, and the session `se-1` of the first. */
const prepared = async (): Promise<Fixture> => {
  const dataDir = tempFolder();
  const central = await openedCentral(dataDir);
  const bugs: unknown[] = [];
  const host = centralCommandHost(central, { dataDir, report: (error) => void bugs.push(error) });
  const transports = transportsOf(central.db, host);
  const make = async (name: string): Promise<string> => {
    const made = await transports.socket(frame("groups-create", { name, folder: name }));
    return made.ok ? (made.data as { id: string }).id : expect.fail(made.error.message);
  };
  const [own, other] = [await make("own"), await make("other")];
  await central.db
    .insertInto("sessions")
    .values({
      id: "se-1",
      agent_group_id: own,
      status: "active",
      container_status: "stopped",
      created_at: "2026-11-20T08:00:00.000Z",
      incarnation: 0,
    })
    .execute();
  return { transports, own, other };
};

test("the session decides who an agent is, not its frame", async () => {
  const { transports, own, other } = await prepared();
  const agent = transports.agent("se-1");
  expect(await agent(frame("groups-get"))).toMatchObject({ ok: true, data: { id: own } });
  const lies = {
    actor: { type: "host" },
    caller: "host",
    groupId: other,
    agentGroupId: other,
    sessionId: "se-2",
  };
  expect(await agent({ ...frame("groups-get"), ...lies })).toMatchObject({ ok: true, data: { id: own } });
  expect(await agent(frame("groups-get", { id: other }))).toEqual(refused("forbidden"));
  expect(await agent(frame("groups-list"))).toMatchObject({ data: [{ id: own }] });
});

test("an agent of a deleted session may do nothing", async () => {
  const { transports } = await prepared();
  const agent = transports.agent("se-gone");
  for (const command of ["groups-get", "groups-list", "help"])
    expect({ command, answer: await agent(frame(command)) }).toEqual({
      command,
      answer: refused("forbidden"),
    });
});

test("a caller on the socket is the operator, and a person of a channel is not", async () => {
  const { transports, other } = await prepared();
  expect(await transports.socket(frame("groups-get", { id: other }))).toMatchObject({ ok: true });
  const person = transports.user("telegram:1");
  expect(await person(frame("groups-get", { id: other }))).toMatchObject({ ok: false });
});

test("an agent gets an error while the database is unreachable", async () => {
  const dataDir = tempFolder();
  const bugs: unknown[] = [];
  const report = (error: unknown): void => void bugs.push(error);
  const host = centralCommandHost(await openedCentral(dataDir), { dataDir, report });
  const nowhere = { url: "postgresql:///none?host=/proc/nowhere", shown: "postgresql:///none" };
  const away = await openReading<CentralTables>(nowhere, { patienceMs: 0 });
  onTestFinished(() => away.destroy());
  const answer = await transportsOf(away, host).agent("se-1")(frame("groups-list"));
  expect(answer).toMatchObject({
    id: "1",
    error: { code: "handler-error", message: expect.stringContaining("Nothing was changed") as unknown },
  });
  expect(bugs).toEqual([]);
});
