import { spawn } from "node:child_process";
import process from "node:process";
import { text } from "node:stream/consumers";
import { readCentral } from "@gatehouse/central-database";
import { hostDatabase, temporaryFolder } from "@gatehouse/central-database/testing";
import type { Projection } from "@gatehouse/session-rows/messages";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { spawnHost } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const { gatehouse, ncl } = inject("programs");

/** The names of the destinations that the container of the only session got. */
const destinationsIn = async (dataDir: string): Promise<readonly string[]> => {
  const place = { dataDir, database: hostDatabase() };
  const read = await readCentral(place, (db) => db.selectFrom("session_transport").selectAll().execute());
  if (!read.ok) return expect.fail(JSON.stringify(read.error));
  const [row] = read.value ?? [];
  const { destinations } = JSON.parse(row?.projection ?? "") as Projection;
  return destinations.map(({ name }) => name);
};

test("an approved destination reaches the running agent that asked for it", { tags: ["slow"] }, async () => {
  const dataDir = temporaryFolder();
  run(gatehouse, "init", "--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--data", dataDir);
  const { child, ended, ready, socket } = spawnHost(dataDir);
  await ready();
  const asJson = (...args: readonly string[]): unknown =>
    (JSON.parse(run(ncl, ...args, "--json", "--socket", socket)) as { data: unknown }).data;
  run(ncl, "groups", "config", "update", "Ana", "--provider", "echo", "--socket", socket);
  const [group] = asJson("groups", "list") as readonly { id: string }[];
  const chat = spawn(process.execPath, [gatehouse, "chat", "--group", "ana", "--data", dataDir]);
  onTestFinished(() => void chat.kill("SIGKILL"));
  const said = text(chat.stdout);
  const me = `--agent-group-id ${group?.id} --local-name me --target-type agent --target-id ${group?.id}`;
  chat.stdin.end(`/ncl destinations add ${me}\n`);
  expect(await said).toContain("approval-pending");
  const before = await destinationsIn(dataDir);
  const [approval] = asJson("approvals", "list") as readonly { id: string }[];
  asJson("approvals", "approve", approval?.id ?? "");
  await vi.waitFor(async () => expect(await destinationsIn(dataDir)).toEqual([...before, "me"].toSorted()));
  expect(asJson("sessions", "list")).toMatchObject([{ incarnation: 1, container_status: "running" }]);
  child.kill("SIGTERM");
  await ended;
});
