import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { recordOf } from "./process-record.ts";
import { processRecords } from "./process-records.ts";

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "process-records-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "records");
};

const named = (id: string) => {
  const record = recordOf(process.pid, { id, account: "ada", token: 1, label: { of: id } });
  if (record === null) throw new Error("this process does not run");
  return record;
};

test("processRecords lists added records, and not removed ones", async () => {
  const records = processRecords(makeFolder());
  const [one, two] = [named("one"), named("two")];
  await records.add(one);
  await records.add(two);
  expect(await records.list()).toEqual({ ok: true, value: { records: [one, two], torn: [] } });
  expect(await records.read("one")).toEqual({ ok: true, value: one });
  expect(await records.remove("one")).toEqual({ ok: true, value: null });
  expect(await records.read("one")).toEqual({ ok: true, value: null });
  expect(await records.remove("one")).toEqual({ ok: true, value: null });
  expect(await records.list()).toEqual({ ok: true, value: { records: [two], torn: [] } });
});

test("processRecords lists no record of a missing folder, and does not make it", async () => {
  const folder = makeFolder();
  expect(await processRecords(folder).list()).toEqual({ ok: true, value: { records: [], torn: [] } });
  expect(() => statSync(folder)).toThrow("ENOENT");
});

test("processRecords makes records that only their owner can read", async () => {
  const folder = makeFolder();
  await processRecords(folder).add(named("one"));
  expect([statSync(folder).mode & 0o777, statSync(join(folder, "one.json")).mode & 0o777]).toEqual([
    0o700, 0o600,
  ]);
});

test("processRecords names torn records and one with a wrong name, keeps them, and lists the others", async () => {
  const folder = makeFolder();
  const records = processRecords(folder);
  await records.add(named("one"));
  const half = readFileSync(join(folder, "one.json"), "utf8").slice(0, 50);
  writeFileSync(join(folder, "half.json"), half);
  writeFileSync(join(folder, "moved.json"), readFileSync(join(folder, "one.json")));
  expect(await records.list()).toMatchObject({
    value: { records: [{ id: "one" }], torn: [join(folder, "half.json"), join(folder, "moved.json")] },
  });
  expect(readFileSync(join(folder, "half.json"), "utf8")).toBe(half);
});

test("processRecords ignores an unfinished record, and removes it after a minute", async () => {
  const folder = makeFolder();
  const records = processRecords(folder);
  mkdirSync(folder);
  for (const name of ["now.json.new", "then.json.new"]) writeFileSync(join(folder, name), "{");
  const minuteAgo = Date.now() / 1000 - 61;
  utimesSync(join(folder, "then.json.new"), minuteAgo, minuteAgo);
  expect(await records.list()).toEqual({ ok: true, value: { records: [], torn: [] } });
  expect(readdirSync(folder)).toEqual(["now.json.new"]);
});

test("each call of processRecords fails if the folder cannot be used", async () => {
  const folder = makeFolder();
  writeFileSync(folder, "a file");
  const records = processRecords(folder);
  const unusable = {
    ok: false,
    error: { code: "records-unusable", message: expect.stringContaining(folder) },
  };
  expect(await records.add(named("one"))).toEqual(unusable);
  expect(await records.list()).toEqual(unusable);
  expect(await records.remove("one")).toEqual(unusable);
});
