import { describe, expect, onTestFinished, test } from "vitest";
import { missed } from "../inbox/missed.ts";
import { slackStandin, type SlackStandin } from "../testing/slack-standin.ts";
import { missedSince } from "./backfill.ts";
import { slackApi } from "./slack-api.ts";

/** A Slack in whose chat C1 these texts were said, and how to read all that was missed. */
const saidTo = async (standin: SlackStandin, said: readonly string[]) => {
  onTestFinished(standin.close);
  const since = new Date(Date.now() - 1_000).toISOString();
  const times = said.map((text) => standin.say({ text, channel: "C1" }));
  const leftOut: string[] = [];
  const most: number[] = [];
  const readAll = async (): Promise<readonly string[]> => {
    const gaps = missed<string>({
      title: "Slack",
      retryMs: 1,
      gaveUp: (reason) => void leftOut.push(reason),
      passed: expect.fail,
    });
    const api = slackApi({ token: standin.token, root: standin.url });
    gaps.add(
      missedSince(api, since, ({ text }) => text ?? null),
      since,
    );
    const found: string[] = [];
    while (gaps.unreadSince() !== null) {
      const read = await gaps.read(new AbortController().signal, () => false);
      most.push(read.length);
      found.push(...read);
    }
    return found;
  };
  return { times, readAll, leftOut, mostAtOnce: () => Math.max(...most) };
};

const lines = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `line ${at}`);

test("all that was missed is read, in order: also of a chat with very much, and of a long thread", async () => {
  const standin = await slackStandin({ repeatMs: [] });
  const said = lines(2_300);
  const { times, readAll, mostAtOnce } = await saidTo(standin, said);
  const replies = Array.from({ length: 230 }, (_, at) => `reply ${at}`);
  for (const text of replies) standin.say({ text, channel: "C1", thread: times[0] ?? "" });
  expect(await readAll()).toEqual([...said, ...replies]);
  expect(mostAtOnce()).toBeLessThanOrEqual(700);
});

test("a long gap is read by stretches: each has the replies of its time, and no more than is to be in memory", async () => {
  const standin = await slackStandin({ repeatMs: [] });
  const { times, readAll, mostAtOnce } = await saidTo(standin, ["one", "two"]);
  const said: string[] = [];
  for (let index = 0; index < 1_500; index += 1) {
    const [text, thread] = [`line ${index}`, times[index % 3]];
    standin.say({ text, channel: "C1", ...(thread === undefined ? {} : { thread }) });
    said.push(text);
  }
  expect(await readAll()).toEqual(["one", "two", ...said]);
  expect(mostAtOnce()).toBeLessThanOrEqual(700);
});

test("what was read of a chat is handed over, although Slack refuses the rest", async () => {
  const standin = await slackStandin({ repeatMs: [] });
  const said = lines(300);
  const { readAll } = await saidTo(standin, said);
  const error = "channel_not_found";
  standin.fault({ method: "conversations.history", kind: "error", error, after: 1, times: 2 });
  expect(await readAll()).toEqual(said.slice(-200));
});

test.for([
  { what: "of which Slack refuses a page for now", error: "team_added_to_org", times: 2 },
  { what: "whose cursor has become too old", error: "invalid_cursor", times: 1 },
])("all of a chat is read $what", async ({ error, times }) => {
  const standin = await slackStandin({ repeatMs: [] });
  const said = lines(300);
  const { readAll, leftOut } = await saidTo(standin, said);
  standin.fault({ method: "conversations.history", kind: "error", error, after: 1, times });
  expect(await readAll()).toEqual(said);
  expect(leftOut).toEqual([]);
});

describe("a thread that Slack refuses", () => {
  const refusedThread = async (fault: { readonly error: string; readonly times: number }) => {
    const standin = await slackStandin({ repeatMs: [] });
    const { times, ...read } = await saidTo(standin, ["one", "two"]);
    for (const thread of times) standin.say({ text: `reply ${thread}`, channel: "C1", thread });
    standin.fault({ method: "conversations.replies", kind: "error", ...fault });
    return { ...read, times };
  };

  test("for now is read again", async () => {
    const { times, readAll, leftOut } = await refusedThread({ error: "odd_word", times: 2 });
    expect(await readAll()).toEqual(["one", "two", ...times.map((ts) => `reply ${ts}`)]);
    expect(leftOut).toEqual([]);
  });

  test("for no known reason is left out in the end, which the log says; the rest is read", async () => {
    const { times, readAll, leftOut } = await refusedThread({ error: "odd_word", times: 3 });
    expect(await readAll()).toHaveLength(3);
    expect(leftOut).toEqual([
      expect.stringMatching(
        new RegExp(`in the thread (?:${times.join("|")}) of the chat C1 since .*odd_word\\. It is not asked`),
      ) as string,
    ]);
  });

  test("because it was deleted is left out without a word", async () => {
    const { readAll, leftOut } = await refusedThread({ error: "thread_not_found", times: 1 });
    expect(await readAll()).toHaveLength(3);
    expect(leftOut).toEqual([]);
  });
});
