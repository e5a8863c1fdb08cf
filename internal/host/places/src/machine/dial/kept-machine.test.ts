import { chmodSync, chownSync, lstatSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { closeMachineFile, machineFileIn } from "./kept-machine.ts";

const isRoot = process.geteuid?.() === 0;

/** Files in the place of the one with the token. `mode`: the rights before and after. */
const files: readonly {
  readonly what: string;
  readonly mode: readonly [before: number, after: number];
  readonly uid?: number;
  readonly hadReaders: boolean;
}[] = [
  { what: "its own file", mode: [0o600, 0o600], hadReaders: false },
  { what: "its own file that everyone may read", mode: [0o644, 0o600], hadReaders: true },
  { what: "its own file that its group may write", mode: [0o620, 0o600], hadReaders: true },
  { what: "another account's file", mode: [0o644, 0o644], uid: 4711, hadReaders: false },
];

describe("closeMachineFile", () => {
  for (const { what, mode, uid, hadReaders } of files)
    test.skipIf(uid !== undefined && !isRoot)(`says of ${what}: ${hadReaders}`, async () => {
      const folder = temporaryFolder();
      const file = machineFileIn(folder);
      writeFileSync(file, "{}");
      chmodSync(file, mode[0]);
      if (uid !== undefined) chownSync(file, uid, uid);
      expect(await closeMachineFile(folder)).toBe(hadReaders);
      expect(statSync(file).mode & 0o777).toBe(mode[1]);
    });

  test("leaves a link as it is, and where it leads", async () => {
    const folder = temporaryFolder();
    const secret = join(temporaryFolder(), "token");
    writeFileSync(secret, "{}");
    chmodSync(secret, 0o644);
    symlinkSync(secret, machineFileIn(folder));
    expect(await closeMachineFile(folder)).toBe(false);
    expect(lstatSync(machineFileIn(folder)).isSymbolicLink()).toBe(true);
    expect(statSync(secret).mode & 0o777).toBe(0o644);
  });

  test("says no of a folder without the file", async () => {
    expect(await closeMachineFile(temporaryFolder())).toBe(false);
  });
});
