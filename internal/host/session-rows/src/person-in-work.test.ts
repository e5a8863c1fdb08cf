import { expect, test } from "vitest";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { personInWork } from "./person-in-work.ts";

/** The rows of a session's messages; each has a sender after its id. */
const personOf = async (messages: readonly object[]): Promise<string | null> => {
  const { db } = await openedCentral(temporaryFolder());
  for (const [place, message] of messages.entries())
    await addRow(db, "session_messages_in", {
      session_id: "se-1",
      id: `m-${place}`,
      seq: 2 * place + 2,
      content: JSON.stringify({ text: "Hi", sender: `telegram:${place}` }),
      ...message,
    });
  return personInWork(db, { sessionId: "se-1", incarnation: 3 });
};

const inWork = { claimed_at: "2026", claimed_by: 3, batch: "b" };
const ended = { status: "completed", ended_by: 3 };

test.for([
  { what: "no message is in work", messages: [{}], person: null },
  { what: "one is in work", messages: [{ ...inWork, batch_place: 0 }], person: "telegram:0" },
  {
    what: "several are, the first of the batch counts",
    messages: [
      { ...inWork, batch_place: 1 },
      { ...inWork, batch_place: 0 },
    ],
    person: "telegram:1",
  },
  {
    what: "context comes before the prompt",
    messages: [
      { ...inWork, batch_place: 0, trigger: 0 },
      { ...inWork, batch_place: 1 },
    ],
    person: "telegram:1",
  },
  { what: "the newest has ended", messages: [ended, ended, {}], person: "telegram:1" },
  {
    what: "an older one is in work again",
    messages: [{ ...inWork, batch_place: 0 }, ended],
    person: "telegram:0",
  },
  { what: "an earlier agent had it", messages: [{ ...inWork, claimed_by: 2 }], person: null },
  { what: "another session has it", messages: [{ ...inWork, session_id: "se-2" }], person: null },
  {
    what: "another agent wrote it",
    messages: [{ ...inWork, source_session_id: "se-2" }],
    person: null,
  },
  { what: "the host wrote it", messages: [{ ...inWork, content: '{"text":"Hi"}' }], person: null },
])("if $what, the person is $person", async ({ messages, person }) => {
  expect(await personOf(messages)).toBe(person);
});
