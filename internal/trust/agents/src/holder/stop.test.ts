// @module-tag rest
import process from "node:process";
import { randomUUID } from "node:crypto";
import { processRecords, recordOf } from "@gatehouse/processes/records";
import { expect, test } from "vitest";
import { heldPlaces } from "@gatehouse/held-client/records";
import { makeHeldFixture } from "./held.fixture.ts";

test(
  "gatehouse stop reports an agent that it cannot end, in its list and as an error",
  { tags: ["slow"] },
  async () => {
    const fixture = makeHeldFixture();
    const label = { member: "far", provider: "claude", folder: "/a", since: "2026-11-21T08:00:00.000Z" };
    const own = recordOf(process.pid, { id: randomUUID(), account: null, token: 1, label });
    if (own === null) throw new Error("this process does not run");
    // A record as a holder in another container leaves it.
    const far = { ...own, process: { ...own.process, namespace: "pid:[1]" } };
    expect(await processRecords(heldPlaces(fixture.dataDir).holders).add(far)).toMatchObject({ ok: true });
    const stopped = await fixture.gatehouse("stop", "--all", "--json");
    expect(stopped.code).toBe(1);
    const message = expect.stringMatching(/^far may still run: .*container/) as unknown;
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      ok: false,
      agents: [{ ok: false, member: "far", code: "still-running" }],
      error: { code: "still-running", message, fix: expect.any(String) as unknown },
    });
  },
);
