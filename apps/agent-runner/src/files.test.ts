import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeTree, textIfThere } from "./files.ts";
import { providerPlace } from "./provider.fixture.ts";

// Root reads closed folders too, so only an ordinary account shows this.
test("removeTree removes folders that are closed to their own account, and nothing behind a link", async () => {
  const [folder, beside] = ["own-", "beside-"].map((name) => mkdtempSync(join(tmpdir(), name))) as [
    string,
    string,
  ];
  mkdirSync(join(folder, "closed/within"), { recursive: true });
  writeFileSync(join(folder, "closed/within/file"), "");
  writeFileSync(join(beside, "file"), "");
  symlinkSync(beside, join(folder, "link"));
  chmodSync(join(folder, "closed/within"), 0);
  chmodSync(join(folder, "closed"), 0);
  await removeTree(folder);
  expect([existsSync(folder), existsSync(join(beside, "file"))]).toEqual([false, true]);
  await removeTree(beside);
});

test("textIfThere has the text of a file, and none of a pipe, of a folder and of a missing file", async () => {
  const { folder } = providerPlace();
  writeFileSync(join(folder, "file"), "a text");
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const texts = ["file", "pipe", "out", "missing"].map((name) => textIfThere(join(folder, name)));
  expect(await Promise.all(texts)).toEqual(["a text", null, null, null]);
});
