import { describe, expect, test } from "vitest";
import { consentsFrom, type ConsentRecord } from "./ledger.ts";

const asked: ConsentRecord = {
  v: 1,
  id: "1",
  event: "asked",
  at: "2026-11-20T08:00:00.000Z",
  who: { name: "ada", uid: 1000 },
  provider: "claude",
  cliVersion: "2.1.328",
  folder: "/w/pkg",
  key: "/w",
  grants: [],
};
const ended: ConsentRecord = { ...asked, event: "ended", at: "2026-11-20T08:00:01.000Z", code: "trusted" };

describe("consentsFrom", () => {
  test("joins a consent and its outcome, and keeps when it was asked", () => {
    expect(consentsFrom([asked, ended]).consents).toMatchObject([{ at: asked.at, outcome: "trusted" }]);
  });

  test("tells a consent whose asker was killed", () => {
    expect(consentsFrom([asked]).consents).toMatchObject([{ outcome: "unfinished" }]);
  });

  test("does not take another's outcome", () => {
    expect(consentsFrom([asked, { ...ended, id: "2" }]).consents).toMatchObject([{ outcome: "unfinished" }]);
  });

  test("counts what it cannot read, and reads the rest", () => {
    const ledger = consentsFrom([null, asked, "text", { ...asked, v: 2 }, ended, { v: 1 }]);
    expect(ledger).toMatchObject({ consents: [{ outcome: "trusted" }], unreadable: 4 });
  });
});
