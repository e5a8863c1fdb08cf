import { lstatSync, readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import type { SessionHostOptions } from "../session-host.ts";
import { fromAna, install, said, says, sessionBed, until } from "../session-bed.fixture.ts";

const tooLarge = 600 * 2 ** 20;

test("a session whose outbound.db is too large for the host answers its next message, and keeps what it had", async () => {
  const bed = await sessionBed();
  const before = await bed.host();
  await before.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.texts()).toEqual(["hello"]));
  await before.close();
  const { id } = await bed.session();
  const out = join(bed.folderOf(id), "out");
  truncateSync(join(out, "outbound.db"), tooLarge);
  const after = await bed.host();
  await after.take(fromAna("m-2", "still there?"));
  await until(() => expect(bed.texts()).toEqual(["hello", "still there?"]));
  expect(bed.happened("session-unreadable")).toMatchObject([
    {
      session: id,
      reason: expect.stringContaining("too-large: it has 629145600 bytes") as unknown,
      fix: expect.stringContaining(`ncl sessions close ${id}`) as unknown,
    },
  ]);
  expect(lstatSync(join(out, "outbound.db")).size).toBeLessThan(2 ** 20);
  expect(readdirSync(out).filter((name) => name.includes("damaged"))).toEqual([]);
  // It was never ended for that.
  expect(bed.happened("container-stuck")).toEqual([]);
});

test("a container that does not put its file right is ended, and its chat told once; the next gets its time", async () => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install });
  const times = { sweepMs: 50, mendMs: 2_000 };
  const host = await bed.host({ runtime: fake.runtime, times });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const { id } = await bed.session();
  await says(bed.agent(id), said("o-1"));
  await until(() => expect(bed.texts()).toEqual(["o-1"]));
  const outbound = join(bed.folderOf(id), "out", "outbound.db");
  truncateSync(outbound, tooLarge);
  await until(() => expect(bed.happened("container-started")).toHaveLength(3));
  const [, second] = bed.happened("container-stuck");
  expect(second).toMatchObject({ reason: "unreadable" });
  expect(bed.texts().slice(1)).toEqual([
    `The agent is restarted, since its messages cannot be read (${outbound}: too-large: it has 629145600 bytes, 536870912 are allowed).`,
  ]);
  // The third one does its work.
  await says(bed.agent(id), said("o-2"));
  await until(() => expect(bed.texts().at(-1)).toBe("o-2"));
  expect(bed.happened("container-started")).toHaveLength(3);
});

test("one that never gets its file right is ended less and less often, and its chat is told once", async () => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install });
  const mendMs = 100;
  const ends: number[] = [];
  const log: SessionHostOptions["log"] = (event, fields) => {
    // Not `container-stuck`: a busy host says that again while the container still ends.
    if (event === "container-ended") ends.push(Date.now());
    bed.events.push({ event, fields });
  };
  const host = await bed.host({ runtime: fake.runtime, times: { sweepMs: 20, mendMs }, log });
  await host.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const { id } = await bed.session();
  await says(bed.agent(id), said("o-1"));
  await until(() => expect(bed.texts()).toEqual(["o-1"]));
  truncateSync(join(bed.folderOf(id), "out", "outbound.db"), tooLarge);
  await until(() => expect(ends.length).toBeGreaterThanOrEqual(5));
  const lived = ends.slice(1).map((at, index) => at - (ends[index] ?? 0));
  for (const [index, ms] of lived.entries()) expect(ms).toBeGreaterThanOrEqual(mendMs * 2 ** index - 5);
  expect(bed.texts().slice(1)).toHaveLength(1);
});
