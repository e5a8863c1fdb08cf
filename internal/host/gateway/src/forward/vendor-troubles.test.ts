import { waitingForVendor } from "@gatehouse/session-rows";
import { expect, test } from "vitest";
import { gatewayFixture, type Answering } from "../gateway.fixture.ts";
import { workFor } from "../usage/counted.fixture.ts";
import { type NoteVendor, vendorTroubles } from "./vendor-troubles.ts";

const at = new Date("2026-11-24T12:03:00Z");

/** A gateway that logs, with an agent that works on a message. A status of null ends the connection. */
const troubled = async (statuses: readonly (number | null)[]) => {
  const answers = [...statuses];
  const events: unknown[] = [];
  const answer: Answering = (_, response) => {
    const status = answers.shift();
    if (status === null || status === undefined) return void response.destroy();
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  };
  let note: NoteVendor = async () => {};
  const fixture = await gatewayFixture(answer, { noteVendor: (...noted) => note(...noted) });
  const { db, loop } = fixture.central;
  const log = (event: string, fields: object): void => void events.push({ event, ...fields });
  note = vendorTroubles({ db: loop, log, now: () => at, quietMs: 0 });
  await workFor(fixture, "local:ana");
  const askAll = async (): Promise<void> => {
    for (let count = 0; count < statuses.length; count += 1) await fixture.ask();
  };
  const waits = async () => (await waitingForVendor(db)).map(({ trouble, since }) => ({ trouble, since }));
  return { ...fixture, askAll, waits, events };
};

test.for([
  { status: 529, trouble: "anthropic is overloaded (529)" },
  { status: 503, trouble: "anthropic is overloaded (503)" },
  { status: 500, trouble: "anthropic has an error (500)" },
  { status: 429, trouble: "anthropic takes no more requests now (429)" },
  { status: null, trouble: "The host cannot reach anthropic (ECONNRESET)" },
  { status: 400, trouble: null },
  { status: 200, trouble: null },
])("an agent waits for its vendor after a $status: $trouble", async ({ status, trouble }) => {
  const { askAll, waits } = await troubled([status]);
  await askAll();
  expect(await waits()).toEqual(trouble === null ? [] : [{ trouble, since: at.toISOString() }]);
});

test("a trouble has one event for its begin and one for its end, and the next answer ends the wait", async () => {
  const { askAll, waits, events } = await troubled([529, 529, null, 200]);
  await askAll();
  expect(await waits()).toEqual([]);
  await expect
    .poll(() => events)
    .toEqual([
      { event: "vendor-trouble-begun", vendor: "anthropic", trouble: "anthropic is overloaded (529)" },
      { event: "vendor-trouble-ended", vendor: "anthropic", since: at.toISOString(), failed: 3 },
    ]);
});

test("the wait ends with the agent's token", async () => {
  const { askAll, waits, revoke } = await troubled([529]);
  await askAll();
  await revoke();
  expect(await waits()).toEqual([]);
});
