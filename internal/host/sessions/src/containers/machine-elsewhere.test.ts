import { rmSync } from "node:fs";
import { join } from "node:path";
import { ok } from "@gatehouse/std";
import { exitOnce } from "@nc/container-runtime";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, test } from "vitest";
import type { SessionHostOptions } from "../session-host.ts";
import { fromAna, sessionFixture, until } from "../session.fixture.ts";

type PlaceOf = SessionHostOptions["placeOf"];

const away =
  (isAtOtherHost: boolean): PlaceOf =>
  async () => ({ awayReason: "The machine gpu is not connected.", isAtOtherHost });

/** The machine as its host sees it. `started` gets the session of each start. */
const connected =
  (started: string[]): PlaceOf =>
  async () => ({
    name: "sandbox",
    isolation: "sandbox",
    cannot: {},
    bindsGroups: false,
    packages: null,
    left: async () => ok([]),
    problem: async () => null,
    close: async () => {},
    start: async ({ label }) => {
      started.push(label.sessionId);
      const { onExit, settle, ended } = exitOnce();
      const kill = (): typeof ended => (settle({ code: 0, signal: null, lastLines: [] }), ended);
      return ok({
        reference: "gpu/1",
        label,
        pid: null,
        onExit,
        kill,
        replaceFiles: async () => ok(null),
      });
    },
  });

const several = (owner: string, placeOf: PlaceOf) => ({
  isAlone: false,
  owner,
  ownerPrefix: `${owner}-`,
  placeOf,
  runtime: fakeRuntime({ install: owner }).runtime,
  install: owner,
});

test("a message that comes to one host goes to the machine that is connected to another host", async () => {
  const fixture = await sessionFixture();
  const started: string[] = [];
  const one = await fixture.host(several("one", away(true)));
  await fixture.host(several("two", connected(started)));
  await one.receive(fromAna("m-1", "hello"));
  await until(() => expect(started).toHaveLength(1));
  expect(fixture.happened("session-passed-on")).toHaveLength(1);
  expect(fixture.texts()).toEqual([]);
});

test("an agent of a machine starts at a host that has no folder of its group", async () => {
  const fixture = await sessionFixture();
  const started: string[] = [];
  rmSync(join(fixture.dataDir, "groups"), { recursive: true });
  const one = await fixture.host(several("one", connected(started)));
  await one.refresh();
  await one.receive(fromAna("m-1", "hello"));
  await until(() => expect(started).toHaveLength(1));
  expect([fixture.happened("not-refreshed"), fixture.happened("wake-failed")]).toEqual([[], []]);
});

test("a machine that no host reaches keeps the session where it is, and the chat is told", async () => {
  const fixture = await sessionFixture();
  const one = await fixture.host(several("one", away(false)));
  await one.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.texts().join()).toContain("The machine gpu is not connected."));
  expect(fixture.happened("session-passed-on")).toEqual([]);
});
