import { describe, expect, test } from "vitest";
import { consentsFrom, type ConsentRecord } from "./ledger.ts";

const asked: ConsentRecord = {
  v: 1,
  id: "1",
  event: "asked",
  at: "2026-11-20T08:00:00.000Z",
  who: { name: "ada", uid: 1000 },
  provider: "claude",
  via: "control",
  cliVersion: "2.1.328",
  folder: "/w/pkg",
  key: "/w",
  grants: [],
};
const ended: ConsentRecord = { ...asked, event: "ended", at: "2026-11-20T08:00:01.000Z", code: "trusted" };

describe("consentsFrom", () => {
  test("joins a consent and its outcome, and keeps the time of the consent", () => {
    expect(consentsFrom([asked, ended]).consents).toMatchObject([{ at: asked.at, outcome: "trusted" }]);
  });

  test("reports a consent as unfinished if the process was killed", () => {
    expect(consentsFrom([asked]).consents).toMatchObject([{ outcome: "unfinished" }]);
  });

  test("does not use the outcome of another consent", () => {
    expect(consentsFrom([asked, { ...ended, id: "2" }]).consents).toMatchObject([{ outcome: "unfinished" }]);
  });

  test("counts unreadable lines, and reads the others", () => {
    const ledger = consentsFrom([null, asked, "text", { ...asked, v: 2 }, ended, { v: 1 }]);
    expect(ledger).toMatchObject({ consents: [{ outcome: "trusted" }], unreadable: 4 });
  });
});
