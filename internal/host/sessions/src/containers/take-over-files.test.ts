import { unlimited } from "@nc/container-runtime";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { addRow } from "@gatehouse/central-database/testing";
import { foreignReader } from "@gatehouse/sqlite";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, inject, test } from "vitest";
import { given, install, sessionFixture, until } from "../session.fixture.ts";

const kept = fileURLToPath(
  new URL("../../../../../test-fixtures/sessions/files-of-2026-11", import.meta.url),
);

const oldReader = () => foreignReader({ program: [process.execPath, inject("programs")["foreign-child"]] });

/** A data folder of the previous build, with these sessions of Ana's group. */
const oldFixture = async (...ids: readonly string[]) => {
  const fixture = await sessionFixture();
  for (const id of ids) {
    await addRow(fixture.central.db, "sessions", {
      id,
      thread_id: id,
      messaging_group_id: "mg-1",
      incarnation: 3,
    });
    cpSync(kept, fixture.folderOf(id), { recursive: true });
  }
  return fixture;
};

test(
  "open messages of an older build's sessions are answered and delivered, once",
  { tags: ["slow"] },
  async () => {
    const fixture = await oldFixture("se-old");
    await fixture.host({ oldReader });
    await until(() => expect(fixture.texts().toSorted()).toEqual(["m-due", "m-in-work", "to m-ended"]));
    expect(fixture.happened("session-taken-from-files")).toMatchObject([{ session: "se-old", inbound: 6 }]);
    // The command had been claimed, so its outcome is unknown.
    await until(() =>
      expect(fixture.happened("command-answered")).toMatchObject([{ request: "r-1", ok: false }]),
    );
    expect([...fixture.channel.calls.values()]).toEqual([1, 1, 1]);
  },
);

test(
  "a session that cannot be read is reported, keeps its files, and delays no other",
  { tags: ["slow"] },
  async () => {
    const fixture = await oldFixture("se-bad", "se-good");
    const bad = join(fixture.folderOf("se-bad"), "in", "inbound.db");
    writeFileSync(bad, "no database ".repeat(1_000));
    await fixture.host({ oldReader, runtime: fakeRuntime({ install }).runtime });
    expect(fixture.happened("session-not-taken-from-files")).toMatchObject([
      { session: "se-bad", reason: expect.stringContaining(bad) as unknown },
    ]);
    expect(existsSync(bad)).toBe(true);
    await until(async () => expect(await given(fixture.agent("se-good"))).toEqual(["m-in-work", "m-due"]));
  },
);

test("an agent of an older build that still runs is stopped first", { tags: ["slow"] }, async () => {
  const fixture = await oldFixture();
  const fake = fakeRuntime({ install });
  const label = { install, sessionId: "se-old", groupId: "ag-1", incarnation: 3, token: 4 };
  await addRow(fixture.central.db, "sessions", { id: "se-old", incarnation: 3, messaging_group_id: "mg-1" });
  cpSync(kept, fixture.folderOf("se-old"), { recursive: true });
  const spec = {
    label,
    command: ["runner"],
    env: {},
    folder: "/",
    files: { folder: "/", whole: [], entries: [] },
    account: null,
    graceMs: 0,
    ...unlimited,
  } as const;
  await fake.runtime.spawn({ ...spec, logFile: "/dev/null" });
  await fixture.host({ oldReader, runtime: fake.anotherHost() });
  expect(fake.containers[0]).toMatchObject({ kills: [1_000] });
  expect(fixture.happened("session-taken-from-files")).toHaveLength(1);
  expect(fixture.happened("container-adopted")).toEqual([]);
});
