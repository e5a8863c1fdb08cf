import { codes, type Code } from "@trust/preflight";
import { describe, expect, test } from "vitest";
import { outcomeOf, outcomes, worstFirst, type Outcome } from "./outcome.ts";

const results = (...all: readonly Code[]) => all.map((code) => ({ code }));

describe("the outcome of a preflight code", () => {
  test("is defined for every code of preflight, and for no other", () =>
    expect(Object.keys(outcomes).sort()).toEqual(Object.keys(codes).sort()));

  test.each(Object.keys(codes) as readonly Code[])("is ok for %s exactly if preflight exits with 0", (code) =>
    expect(outcomes[code] === "ok").toBe(codes[code].exit === 0),
  );

  test.each<{ outcome: Outcome; codes: readonly Code[] }>([
    {
      outcome: "blocked",
      codes: [
        "not-a-folder",
        "home-not-persistable",
        "root-refused",
        "key-outside-folder",
        "untrusted-by-user",
        "grants-refused",
        "consent-needed",
        "sign-in-needed",
        "no-connection",
        "trust-wider-than-planned",
      ],
    },
    {
      outcome: "soft_failed",
      codes: [
        "cli-not-found",
        "cli-too-old",
        "version-not-proven",
        "pty-unavailable",
        "timeout",
        "lock-timeout",
        "trust-not-persisted",
        "state-unreadable",
        "cli-exited",
        "unknown-dialog",
        "screen-reader-dialog",
        "not-asked-unproven",
        "control-unavailable",
      ],
    },
    { outcome: "cancelled", codes: ["cancelled"] },
  ])("is $outcome for the listed codes and no others", ({ outcome, codes: expected }) => {
    const found = (Object.keys(outcomes) as readonly Code[]).filter((code) => outcomes[code] === outcome);
    expect([...found].sort()).toEqual([...expected].sort());
  });
});

describe("the outcome of a launch", () => {
  test.each<{ what: string; of: readonly Code[]; is: Outcome }>([
    { what: "no folders", of: [], is: "ok" },
    { what: "trusted folders only", of: ["trusted", "passed-at-launch"], is: "ok" },
    { what: "a lock that timed out", of: ["trusted", "lock-timeout"], is: "soft_failed" },
    { what: "a missing node-pty", of: ["pty-unavailable"], is: "soft_failed" },
    { what: "one home folder among ten", of: ["trusted", "timeout", "home-not-persistable"], is: "blocked" },
    {
      what: "a cancelled folder after a blocked one",
      of: ["root-refused", "cancelled", "trusted"],
      is: "cancelled",
    },
  ])("is $is for $what", ({ of, is }) => expect(outcomeOf(results(...of))).toBe(is));

  test("comes from results that worstFirst sorts, worst first, otherwise in their order", () => {
    const of = results("trusted", "timeout", "not-a-folder", "cancelled", "cli-exited", "root-refused");
    expect(worstFirst(of).map(({ code }) => code)).toEqual([
      "cancelled",
      "not-a-folder",
      "root-refused",
      "timeout",
      "cli-exited",
      "trusted",
    ]);
    expect(of[0]).toEqual({ code: "trusted" });
  });
});
