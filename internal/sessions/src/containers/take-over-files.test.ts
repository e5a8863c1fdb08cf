import { unlimited } from "@nc/container-runtime";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { addRow } from "@gatehouse/control-plane/testing";
import { foreignReader } from "@gatehouse/sqlite";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { expect, inject, test } from "vitest";
import { given, install, sessionBed, until } from "../session-bed.fixture.ts";

const kept = fileURLToPath(new URL("../../../../test-fixtures/sessions/files-of-2026-11", import.meta.url));

const oldReader = () => foreignReader({ program: [process.execPath, inject("programs")["foreign-child"]] });

/** A data folder of the build before, with these sessions of Ana's group. */
const oldBed = async (...ids: readonly string[]) => {
  const bed = await sessionBed();
  for (const id of ids) {
    await addRow(bed.central.db, "sessions", {
      id,
      thread_id: id,
      messaging_group_id: "mg-1",
      incarnation: 3,
    });
    cpSync(kept, bed.folderOf(id), { recursive: true });
  }
  return bed;
};

test(
  "what sessions of an older build left open is answered and delivered, once",
  { tags: ["slow"] },
  async () => {
    const bed = await oldBed("se-old");
    await bed.host({ oldReader });
    await until(() => expect(bed.texts().toSorted()).toEqual(["m-due", "m-in-work", "to m-ended"]));
    expect(bed.happened("session-taken-from-files")).toMatchObject([{ session: "se-old", inbound: 6 }]);
    // The command had been begun: nobody knows what became of it.
    await until(() =>
      expect(bed.happened("command-answered")).toMatchObject([{ request: "r-1", ok: false }]),
    );
    expect([...bed.channel.calls.values()]).toEqual([1, 1, 1]);
  },
);

test(
  "one that cannot be read is named, keeps its files, and holds up no other",
  { tags: ["slow"] },
  async () => {
    const bed = await oldBed("se-bad", "se-good");
    const bad = join(bed.folderOf("se-bad"), "in", "inbound.db");
    writeFileSync(bad, "no database ".repeat(1_000));
    await bed.host({ oldReader, runtime: fakeRuntime({ install }).runtime });
    expect(bed.happened("session-not-taken-from-files")).toMatchObject([
      { session: "se-bad", reason: expect.stringContaining(bad) as unknown },
    ]);
    expect(existsSync(bad)).toBe(true);
    await until(async () => expect(await given(bed.agent("se-good"))).toEqual(["m-in-work", "m-due"]));
  },
);

test("an agent of an older build that still runs is ended first", { tags: ["slow"] }, async () => {
  const bed = await oldBed();
  const fake = fakeRuntime({ install });
  const label = { install, sessionId: "se-old", groupId: "ag-1", incarnation: 3, token: 4 };
  await addRow(bed.central.db, "sessions", { id: "se-old", incarnation: 3, messaging_group_id: "mg-1" });
  cpSync(kept, bed.folderOf("se-old"), { recursive: true });
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
  await bed.host({ oldReader, runtime: fake.anotherHost() });
  expect(fake.containers[0]).toMatchObject({ kills: [1_000] });
  expect(bed.happened("session-taken-from-files")).toHaveLength(1);
  expect(bed.happened("container-adopted")).toEqual([]);
});
