import { expect, onTestFinished, test } from "vitest";
import { missed } from "../inbox/missed.ts";
import { slackStandin, type SlackStandin } from "../testing/slack-standin.ts";
import { missedSince } from "./backfill.ts";
import { slackApi } from "./slack-api.ts";

/** A Slack in whose chat C1 these texts were said, and how to read all that was missed. */
const saidTo = async (standin: SlackStandin, said: readonly string[]) => {
  onTestFinished(standin.close);
  const since = new Date(Date.now() - 1_000).toISOString();
  const times = said.map((text) => standin.say({ text, channel: "C1" }));
  const readAll = async (): Promise<readonly string[]> => {
    const gaps = missed({
      title: "Slack",
      pieces: (time) =>
        missedSince(slackApi({ token: standin.token, root: standin.url }), time, ({ text }) => text ?? null)
          .all,
      retryMs: 1,
      gaveUp: expect.fail,
      passed: expect.fail,
    });
    gaps.since(since);
    const found: string[] = [];
    while (gaps.unreadSince() !== null) found.push(...(await gaps.read(new AbortController().signal)));
    return found;
  };
  return { times, readAll };
};

const lines = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `line ${at}`);

test("all that was missed is read, in order: also of a chat with very much, and of a long thread", async () => {
  const standin = await slackStandin({ repeatMs: [] });
  const said = lines(2_300);
  const { times, readAll } = await saidTo(standin, said);
  const replies = Array.from({ length: 230 }, (_, at) => `reply ${at}`);
  for (const text of replies) standin.say({ text, channel: "C1", thread: times[0] ?? "" });
  expect(await readAll()).toEqual([...said, ...replies]);
});

test("what was read of a chat is handed over, although Slack refuses the rest", async () => {
  const standin = await slackStandin({ repeatMs: [] });
  const said = lines(300);
  const { readAll } = await saidTo(standin, said);
  const error = "channel_not_found";
  standin.fault({ method: "conversations.history", kind: "error", error, after: 1, times: 1 });
  expect(await readAll()).toEqual(said.slice(-200));
});
