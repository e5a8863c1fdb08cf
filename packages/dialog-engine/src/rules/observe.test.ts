import { describe, expect, test } from "vitest";
import { decide } from "../drive/decide.ts";
import { emptyMemory, remember } from "../drive/memory.ts";
import { observe, type Observation } from "./observe.ts";
import { optionFor } from "./rule-reader.ts";
import { claudePack } from "../packs/claude.ts";
import { texts } from "./screens.fixture.ts";

const trust = (...options: string[]): string[] => [
  ...texts.trust(),
  ...options.map((option) => ` ${option}`),
  texts.confirm,
];

/** The parts of the trust rule that do not match, for a dialog that nearly matches it. */
const missing = (seen: Observation): readonly string[] | undefined =>
  seen.type === "unknown" ? seen.near.find(({ ruleId }) => ruleId === "claude/trust")?.missing : undefined;

describe("observe", () => {
  test("recognises a dialog by its words and all of its options", () => {
    const seen = observe(trust("❯ No, exit", "  Yes, I trust this folder"), claudePack);
    expect(seen).toMatchObject({ type: "select", rule: { id: "claude/trust" }, dialog: { pointed: 0 } });
  });

  test.each([
    {
      title: "two pointers",
      rows: trust("❯ No, exit", "❯ Yes, I trust this folder"),
      says: "no single pointer",
    },
    {
      title: "one more option",
      rows: trust("❯ No, exit", "  Yes, I trust this folder", "  Yes, and all below it"),
      says: 'unknown option "Yes, and all below it"',
    },
    {
      title: "a changed word in its question",
      rows: [" pre-approves", ...trust("❯ No, exit", "  Yes, I trust this folder", "  Maybe")],
      says: 'unknown text "pre-approves"',
    },
    {
      title: "no footer yet",
      rows: trust("❯ No, exit", "  Yes, I trust this folder").slice(0, -1),
      says: 'no "Enter to confirm · Esc to cancel"',
    },
  ])("with $title it is unknown, and says why", ({ rows, says }) => {
    expect(missing(observe(rows, claudePack))).toContain(says);
  });

  test("treats a y/n prompt below a list as the newer question", () => {
    const rows = [...trust("❯ No, exit", "  Yes, I trust this folder"), " y. Yes", " n. No", " Enter y/n:"];
    expect(observe(rows, claudePack)).toMatchObject({ type: "yes-no" });
  });

  test("treats a list below a y/n prompt as the newer question", () => {
    const rows = [" y. Yes", " n. No", " Enter y/n: y", ...trust("❯ No, exit", "  Yes, I trust this folder")];
    expect(observe(rows, claudePack)).toMatchObject({ type: "select" });
  });
});

describe("an answer that two options match", () => {
  const seen = observe(trust("❯ Yes, I trust this folder", "  Yes, I trust this folder"), claudePack);

  test("selects neither option", () => {
    if (seen.type !== "select") throw new Error("the screen is not read as a dialog");
    expect(optionFor(seen.rule, "accept", seen.dialog)).toBeNull();
  });

  test("is left to a person", () => {
    const context = {
      pack: claudePack,
      consents: { trust: "accept" },
      isFolderSaid: true,
      now: 5_000,
    } as const;
    const decision = decide(seen, remember(emptyMemory(0), seen, 0), context);
    expect(decision).toMatchObject({ type: "blocked", code: "consent-needed" });
  });
});
