import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { openJournalFile } from "./journal-file.ts";

const journalIn = () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, path: join(folder, "users.yaml.journal") };
};

/** The open files of this process in a folder, including removed files. */
const openIn = (folder: string): readonly string[] =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder) ? [fd] : [];
    } catch {
      return [];
    }
  });

const onLinux = process.platform === "linux";

test.runIf(onLinux)("close() closes a journal whose file was removed, and reports ENOENT", async () => {
  const { folder, path } = journalIn();
  const journal = await openJournalFile(path);
  if (!journal.ok) return expect.fail(journal.error.code);
  expect(openIn(folder)).toHaveLength(1);
  rmSync(path);
  expect(await journal.value.close("remove")).toMatchObject({ ok: false, error: { errno: "ENOENT" } });
  expect(openIn(folder)).toEqual([]);
});
