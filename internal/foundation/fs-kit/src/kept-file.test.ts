import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readIfChanged, readKeptFile } from "./kept-file.ts";

/** A file, and what reads it. `passed`: the time since it changed, ms. */
const kept = ({
  text = "one",
  passed = 60_000,
}: {
  readonly text?: string | null;
  readonly passed?: number;
}) => {
  const folder = mkdtempSync(join(tmpdir(), "kept-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "file");
  if (text !== null) writeFileSync(file, text, { mode: 0o600 });
  let reads = 0;
  const readFile = async () => {
    reads += 1;
    return readKeptFile(file);
  };
  const read = readIfChanged(file, readFile, () => Date.now() + passed);
  return { file, read, reads: () => reads };
};

/** As programs of this host do it. */
const replace = (file: string, text: string): void => {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

test.for([
  { what: "an unchanged file", text: "one" },
  { what: "no file", text: null },
])("$what is read once", async ({ text }) => {
  const { read, reads } = kept({ text });
  expect([await read(), await read()]).toEqual(Array(2).fill({ ok: true, value: text }));
  expect(reads()).toBe(1);
});

test.for([
  { what: "another file of the same length", change: (file: string) => replace(file, "two"), value: "two" },
  { what: "another length", change: (file: string) => writeFileSync(file, "three"), value: "three" },
  { what: "no file any more", change: (file: string) => rmSync(file), value: null },
])("$what is read at once", async ({ change, value }) => {
  const { file, read } = kept({});
  expect(await read()).toEqual({ ok: true, value: "one" });
  change(file);
  expect(await read()).toEqual({ ok: true, value });
});

test("a file that is made is read at once", async () => {
  const { file, read } = kept({ text: null });
  expect(await read()).toEqual({ ok: true, value: null });
  writeFileSync(file, "one", { mode: 0o600 });
  expect(await read()).toEqual({ ok: true, value: "one" });
});

test("a file that others may write now is refused at once, and each time", async () => {
  const { file, read, reads } = kept({});
  await read();
  chmodSync(file, 0o666);
  expect([await read(), await read()]).toMatchObject(Array(2).fill({ ok: false }));
  expect(reads()).toBe(3);
});

test("a file that changed a moment ago is read each time, since it may change again within one tick", async () => {
  const { read, reads } = kept({ passed: 0 });
  await read();
  await read();
  expect(reads()).toBe(2);
});
