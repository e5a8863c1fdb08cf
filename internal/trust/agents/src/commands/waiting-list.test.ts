import type { WaitingApproval } from "@gatehouse/std";
import { expect, test } from "vitest";
import { psCommand } from "./ps-command.ts";

const approval: WaitingApproval = {
  ...{ id: "ap-1", kind: "command", group: "ana", choices: [], asks: "ncl groups restart" },
  ...{ consequence: [], lines: [], isAnswered: false },
  ...{ since: "2026-11-21T08:00:00.000Z", until: "2999-01-01T00:00:00.000Z", mayAnswer: [] },
};

const waiting = async (more: number, isJson: boolean, shown = approval): Promise<string> => {
  let stdout = "";
  const io = {
    ...{ env: {}, cwd: "/", stderr: { write: () => expect.fail("nothing is wrong") } },
    ...{ stdout: { write: (text: string) => (stdout += text) }, signal: new AbortController().signal },
  };
  const list = async () => ({ ok: true, value: { approvals: [shown], more } }) as const;
  expect(await psCommand({ waiting: true, json: isJson, data: "/nowhere" }, io, list)).toBe(0);
  return stdout;
};

test("ps --waiting says how many more approvals wait than it lists", async () => {
  const more = "and 7 more approvals, which are newer: ncl approvals list --status pending --data /nowhere\n";
  expect((await waiting(7, false)).endsWith(more)).toBe(true);
  expect(await waiting(0, false)).not.toContain("more approvals");
  expect(JSON.parse(await waiting(7, true))).toMatchObject({ moreApprovals: 7, waiting: [{ id: "ap-1" }] });
  expect(JSON.parse(await waiting(0, true))).not.toHaveProperty("moreApprovals");
});

test("ps --waiting shows a question, and the command that answers it", async () => {
  const question: WaitingApproval = { ...approval, kind: "question", asks: "asks: Which?", isAnswered: true };
  expect(await waiting(0, false, question)).toMatch(/ap-1 +question /);
  const answer = "ncl approvals answer ap-1 --text ANSWER --data /nowhere";
  expect(await waiting(0, false, question)).toContain(answer);
  expect(JSON.parse(await waiting(0, true, question))).toMatchObject({
    waiting: [{ code: "question", answer: { answer, reject: "ncl approvals reject ap-1 --data /nowhere" } }],
  });
});

test("ps --waiting prints a command to paste for each group that an approval may choose", async () => {
  const chat: WaitingApproval = { ...approval, kind: "chat", group: null, choices: ["Home", "Ana's"] };
  const commands = [
    "ncl approvals approve ap-1 --group Home --data /nowhere",
    `ncl approvals approve ap-1 --group 'Ana'\\''s' --data /nowhere`,
  ];
  const text = await waiting(0, false, chat);
  for (const command of commands) expect(text).toContain(command);
  expect(JSON.parse(await waiting(0, true, chat))).toMatchObject({
    waiting: [{ answer: { approveAs: commands, reject: "ncl approvals reject ap-1 --data /nowhere" } }],
  });
});
