import { readCentral } from "@gatehouse/central-database";
import { hostDatabase } from "@gatehouse/central-database/testing";
import type { Projection } from "@gatehouse/session-rows/messages";
import { expect, inject, test, vi } from "vitest";
import { chatWithAna, folderWithAna } from "./echo-group.fixture.ts";
import { spawnHost } from "./host.fixture.ts";
import { run } from "./run.fixture.ts";

const { ncl } = inject("programs");

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
  const dataDir = await folderWithAna();
  const { child, ended, ready, socket } = spawnHost(dataDir);
  await ready();
  const asJson = (...args: readonly string[]): unknown =>
    (JSON.parse(run(ncl, ...args, "--json", "--socket", socket)) as { data: unknown }).data;
  const [group] = asJson("groups", "list") as readonly { id: string }[];
  const me = `--agent-group-id ${group?.id} --local-name me --target-type agent --target-id ${group?.id}`;
  expect((await chatWithAna(dataDir, `/ncl destinations add ${me}`))[0]).toContain("approval-pending");
  const before = await destinationsIn(dataDir);
  const [approval] = asJson("approvals", "list") as readonly { id: string }[];
  asJson("approvals", "approve", approval?.id ?? "");
  await vi.waitFor(async () => expect(await destinationsIn(dataDir)).toEqual([...before, "me"].toSorted()));
  expect(asJson("sessions", "list")).toMatchObject([{ incarnation: 1, container_status: "running" }]);
  child.kill("SIGTERM");
  await ended;
});
