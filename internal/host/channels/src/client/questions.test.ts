import { describe, expect, test } from "vitest";
import type { Card } from "@gatehouse/std";
import { isAnswerToCard, questions } from "./questions.ts";

const cardOf = (id: string): Card => ({
  id,
  title: `May Home use "Bash"? (${id})`,
  lines: [],
  digest: "5eed",
  options: [
    { id: "approve", label: "Allow once", command: "" },
    { id: "reject", label: "Reject", words: "optional", command: "" },
  ],
});

/** A conversation in which `3b58` is open, and `c0de` was answered. */
const asked = () => {
  const all = questions();
  all.add("m-1", cardOf("ap-01a23b58"));
  all.add("m-2", cardOf("ap-01a2c0de"));
  all.close("m-2");
  return all;
};

test.each(["approve 3b58", "  APPROVE   3B58 ", "reject 3b58 because it is late"])(
  "%s answers the card",
  (line) => expect(asked().named(line)?.isOpen).toBe(true),
);

const none = /^No card has the code .*; nothing was sent\. Open: 3b58 \(May Home use "Bash"\?\)\./;
const noCode = /^The line has no code of a card; nothing was sent\. Open: 3b58/;
const exactly = /^Type exactly one line from below the card with the code 3b58; nothing was sent\.$/;
const answered = /^This card has been answered already; nothing was sent\.$/;

describe("a line that is answered, and not sent to the agent:", () => {
  test.each([
    ...["approve 3b59", "approve zzzz", "reject eafb", "always 1a2b 1", "answer 9f9f my words"].map(
      (line) => ({ line, says: none }),
    ),
    ...[
      "APPROVE  3B59",
      "/approve 3b59",
      '"approve 3b59"',
      "approve 3b59.",
      "`approve 3b59`",
      "approve: 3b59",
    ].map((line) => ({ line, says: none })),
    ...["approve 3b5", "approve 01a23b58", "approve 3b58c0de", "ａｐｐｒｏｖｅ 3b59"].map((line) => ({
      line,
      says: none,
    })),
    ...["approve", "reject", "always  1", "/approve", "answer 12"].map((line) => ({ line, says: noCode })),
    ...[
      "answer 3b58 yes",
      "always 3b58",
      "approve 3b58 2",
      "/approve 3b58",
      "approve 3b58.",
      '"approve 3b58"',
    ].map((line) => ({ line, says: exactly })),
    ...["3b58", "yes, 3b58", "allow 3b58", "ap-01a23b58", "now please approve 3b58 for me, thank you"].map(
      (line) => ({ line, says: exactly }),
    ),
    ...["approve 3b58 because it is late", "why does ap-01a23b58 wait so long for me?"].map((line) => ({
      line,
      says: exactly,
    })),
    ...["approve c0de", "reject c0de no", "always c0de"].map((line) => ({ line, says: answered })),
  ])("$line", ({ line, says }) => expect(asked().notForAgent(line)).toMatch(says));
});

describe("a line for the agent:", () => {
  test.each([
    ...[
      "approve of this plan",
      "answer me",
      "approve this",
      "approve this please",
      "reject it",
      "always ask first",
    ],
    ...["I approve", "please answer in French", "2", "yes", "answer the question", "approve the 2024 budget"],
    ...[
      "reject all of them",
      "always use tabs",
      "approve both",
      "",
      "the constant 0x3b58 in the file is wrong, see there",
    ],
    ...[
      "line 12 of 3b58 looks wrong to me, what do you think?",
      "/clear",
      "approves 3b59",
      "disapprove 3b59",
    ],
  ])("%s", (line) => expect(asked().notForAgent(line)).toBeNull());

  test.each(["approve", "answer 42", "approve 2024 budget for travel", "answer face to face", "always 1"])(
    "%s, where no card waits",
    (line) => expect(questions().notForAgent(line)).toBeNull(),
  );
});

test("without a card the answer says that none waits", () =>
  expect(questions().notForAgent("approve 3658")).toBe(
    "No card has the code 3658; nothing was sent. No card waits here. A message to the agent begins with another word.",
  ));

test.each([
  { line: "approve 3658", is: true },
  { line: "Reject 3b5c because it is late", is: true },
  { line: "approve of this plan", is: false },
  { line: "answer 42", is: false },
])("a client without cards takes $line for an answer to one: $is", ({ line, is }) =>
  expect(isAnswerToCard(line)).toBe(is),
);
