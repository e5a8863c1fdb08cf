import type { Card, WaitingApproval } from "@gatehouse/std";
import { expect, test } from "vitest";
import { psCommand, type HostForPs } from "./ps-command.ts";

const option = (id: string, command: string) => ({ id, label: id, command });

const card: Card = {
  id: "ap-1",
  title: "ana asks for an approval (ap-1)",
  lines: ["ncl groups restart"],
  digest: "5eed",
  options: [
    option("approve", "ncl approvals approve ap-1 --seen 5eed"),
    option("reject", "ncl approvals reject ap-1 --seen 5eed"),
  ],
};

const approval: WaitingApproval = {
  kind: "command",
  group: "ana",
  asks: "ncl groups restart",
  card,
  since: "2026-11-21T08:00:00.000Z",
  until: "2999-01-01T00:00:00.000Z",
  mayAnswer: [],
};

const waiting = async (more: number, isJson: boolean, shown = approval): Promise<string> => {
  let stdout = "";
  const io = {
    env: {},
    cwd: "/",
    stderr: { write: () => expect.fail("nothing is wrong") },
    stdout: { write: (text: string) => (stdout += text) },
    signal: new AbortController().signal,
  };
  const host: HostForPs = {
    listApprovals: async () => ({ ok: true, value: { approvals: [shown], more, vendors: [] } }),
    whyForeign: async () => null,
    groupAgents: async () => expect.fail("is not asked"),
  };
  expect(await psCommand({ waiting: true, json: isJson, data: "/proc/nowhere" }, io, host)).toBe(0);
  return stdout;
};

test("ps --waiting says how many more approvals wait than it lists", async () => {
  const more =
    "and 7 more approvals, which are newer: ncl approvals list --status pending --data /proc/nowhere\n";
  expect((await waiting(7, false)).endsWith(more)).toBe(true);
  expect(await waiting(0, false)).not.toContain("more approvals");
  expect(JSON.parse(await waiting(7, true))).toMatchObject({ moreApprovals: 7, waiting: [{ id: "ap-1" }] });
  expect(JSON.parse(await waiting(0, true))).not.toHaveProperty("moreApprovals");
});

test("ps --waiting shows a question with the card's options, each as a command to paste", async () => {
  const question: WaitingApproval = { ...approval, kind: "question", asks: "asks: Which?" };
  const text = await waiting(0, false, question);
  expect(text).toMatch(/ap-1 +question /);
  const options = card.options.map((one) => ({ ...one, command: `${one.command} --data /proc/nowhere` }));
  for (const { id, command } of options) expect(text).toContain(`  ${command}   (${id})\n`);
  expect(JSON.parse(await waiting(0, true, question))).toMatchObject({
    waiting: [{ id: "ap-1", code: "question", card: { ...card, options } }],
  });
});
