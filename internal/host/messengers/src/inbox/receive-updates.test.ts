import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { ok } from "@gatehouse/std";
import { expect, test, vi } from "vitest";
import { hostOf } from "../messenger.fixture.ts";
import { stubPlatform } from "../stub.fixture.ts";
import { receiveUpdates } from "./receive-updates.ts";

test.for([
  { what: "another host had it meanwhile", takes: 1, begins: 1 },
  { what: "it only ran out", takes: 0, begins: 0 },
])("a lease that is taken again drops what was in hand if $what", async ({ takes, begins }) => {
  const { db } = await openedCentral(temporaryFolder());
  const closing = new AbortController();
  const [polled, begun] = [vi.fn(), vi.fn()];
  const received = receiveUpdates(
    {
      key: { type: "stub", bot: "" },
      connection: {
        poll: async () => {
          polled();
          if (polled.mock.calls.length === 1)
            await db
              .updateTable("leases")
              .set(({ eb }) => ({ token: eb("token", "+", takes), expires_at: "2026-01-01T00:00:00.000Z" }))
              .execute();
          if (polled.mock.calls.length === 3) closing.abort();
          return ok([]);
        },
        begin: begun,
      },
      host: hostOf(db),
      messenger: stubPlatform().stub,
      retryMs: 1,
      hand: { move: (_, work) => work(), idsOf: () => undefined, nudge: () => {} },
    },
    closing.signal,
  );
  await received;
  expect(begun).toHaveBeenCalledTimes(begins);
});
