import { closeSync, openSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFile, scratchFolder } from "./foreign-file.fixture.ts";
import { isSameFile, openDescriptors, openPlain } from "./plain-file.ts";

/** Opens a file after another one was closed, so that it gets the same descriptor. */
const openedInPlace = (named: (folder: string) => string): boolean => {
  const [folder, remove] = scratchFolder();
  onTestFinished(remove);
  const file = makeFile(join(folder, "outbound.db"));
  const old = openSync(makeFile(join(folder, "old.db")), "r");
  const plain = openPlain(file, 1_000_000);
  if (!plain.ok) expect.fail(plain.error.detail);
  const before = openDescriptors();
  closeSync(old);
  const opened = openSync(named(folder), "r");
  expect(opened).toBe(old);
  const isSame = isSameFile(file, plain.value, before);
  for (const fd of [opened, plain.value.fd]) closeSync(fd);
  return isSame;
};

test("recognises a file that got the descriptor of a closed file", () => {
  expect(openedInPlace((folder) => join(folder, "outbound.db"))).toBe(true);
});

test("recognises a link to another file with any descriptor", () => {
  const linked = (folder: string): string => {
    symlinkSync(makeFile(join(folder, "other.db")), join(folder, "link.db"));
    return join(folder, "link.db");
  };
  expect(openedInPlace(linked)).toBe(false);
});
