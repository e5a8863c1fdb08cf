import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { readReport, renderReport, reportFileIn, writeReport, type ReloadReport } from "./reload-report.ts";
import { usersFixture } from "./users.fixture.ts";

const report: ReloadReport = {
  ok: true,
  number: 2,
  pid: 4711,
  at: "2026-11-20T08:00:00.000Z",
  sinceBootMs: 17,
  usersFile: "/srv/users.yaml",
  users: 1,
  applied: [{ user: "telegram:5", name: "Ana", change: "added", fields: [], sessions: "go-on" }],
  ignored: [],
  needsRestart: [],
  error: null,
};

describe("the report file", () => {
  test("is readable only by the data folder's owner, and read as it was written", async () => {
    const file = reportFileIn(temporaryFolder());
    for (const number of [1, 2]) await writeReport(file, { ...report, number });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await readReport(file)).toEqual(report);
  });

  test("is read without terminal control characters", async () => {
    const file = reportFileIn(temporaryFolder());
    const message = "one\ntwo\u001b[2Jthree\u009b4\u202e";
    await writeReport(file, { ...report, ok: false, error: { code: "x", message } });
    expect((await readReport(file))?.error?.message).toBe("one\ntwo?[2Jthree?4?");
  });

  const others: readonly { what: string; make: (file: string) => void }[] = [
    { what: "a missing file", make: () => {} },
    { what: "half a document", make: (file) => writeFileSync(file, '{"ok":tr') },
    { what: "another document", make: (file) => writeFileSync(file, '{"ok":true,"pid":1}') },
    { what: "null", make: (file) => writeFileSync(file, "null") },
    { what: "a folder", make: (file) => mkdirSync(file) },
    { what: "a pipe without a writer", make: (file) => void spawnSync("mkfifo", [file]) },
    {
      what: "a link to a report",
      make: (file) => {
        writeFileSync(join(file, "../real"), JSON.stringify(report));
        symlinkSync("real", file);
      },
    },
  ];
  test.for(others)("is read as null if it is $what", async ({ make }) => {
    const file = reportFileIn(temporaryFolder());
    make(file);
    expect(await readReport(file)).toBeNull();
  });
});

test.each([
  { what: "a missing users.yaml", text: null, says: "is not there: 0 users, nothing changed." },
  { what: "an empty users.yaml", text: "", says: "is empty: 0 users, nothing changed." },
  {
    what: "a users.yaml with an empty list",
    text: "users: []\n",
    says: "was read: 0 users, nothing changed.",
  },
])("the report of a host without users names $what", async ({ text, says }) => {
  const fixture = await usersFixture();
  if (text !== null) fixture.write(text);
  expect(renderReport(await fixture.users.reload())).toBe(`${fixture.usersFile} ${says}`);
});
