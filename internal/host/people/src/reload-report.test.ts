import { describe, expect, test } from "vitest";
import { renderReport, reportIn, type ReloadReport } from "./reload-report.ts";
import { usersFixture } from "./users.fixture.ts";

const report: ReloadReport = {
  ok: true,
  number: 2,
  pid: 4711,
  at: "2026-11-20T08:00:00.000Z",
  usersFile: "/srv/users.yaml",
  users: 1,
  applied: [{ user: "telegram:5", name: "Ana", change: "added", fields: [], sessions: "go-on" }],
  ignored: [],
  needsRestart: [],
  error: null,
};

describe("the report in the answer of a host", () => {
  test("is read without terminal control characters", () => {
    const message = "one\ntwo\u001b[2Jthree\u009b4\u202e";
    const sent = { ...report, ok: false, error: { code: "x", message } };
    expect(reportIn(sent)?.error?.message).toBe("one\ntwo?[2Jthree?4?");
    expect(reportIn(report)).toEqual(report);
  });

  test.for([undefined, null, "ok", [], { ok: true, pid: 1 }, { ...report, applied: {} }])(
    "is null for another document: %j",
    (sent) => expect(reportIn(sent)).toBeNull(),
  );
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
