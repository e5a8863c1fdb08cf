import type { Prepared } from "@nc/user-wizard/node";
import { expect, test } from "vitest";
import { changesText, planText } from "./changes.ts";

/** A plan for a users.yaml with a comment by another person. */
const preparedBeside = (comment: string, lineEnd: string): Prepared => {
  const lines = ["--- users.yaml", `   # ${comment}`, "+  - telegram_id: 5", "makes /srv/users (0711)"];
  return { plan: { steps: [], diff: lines.join(lineEnd) }, warnings: [] } as unknown as Prepared;
};

test.each([
  { what: "a cleared screen", comment: "\x1b[2J\x9b1A", shown: "\\u{1b}[2J\\u{9b}1A" },
  { what: "right-to-left text", comment: "\u202eevil", shown: "\\u{202e}evil" },
  { what: "a carriage return", comment: "a\rb", shown: "a\\u{d}b" },
  { what: "a tab, which stays,", comment: "a\tb", shown: "a\tb" },
])("a review shows $what of users.yaml without control characters", ({ comment, shown }) => {
  for (const [text, lineEnd] of [changesText, planText].flatMap((shows) =>
    ["\n", "\r\n"].map((end) => [shows(preparedBeside(comment, end)), end] as const),
  )) {
    expect(text, JSON.stringify(lineEnd)).toContain(`\n   # ${shown}\n+  - telegram_id: 5\n`);
    expect(text).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u);
  }
});
