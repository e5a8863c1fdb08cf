import { expect, onTestFinished, test } from "vitest";
import { missed } from "../inbox/missed.ts";
import { slackStandin } from "../testing/slack-standin.ts";
import { missedSince } from "./backfill.ts";
import { slackApi } from "./slack-api.ts";

test("all that was missed is read, in order: also of a chat with very much, and of a long thread", async () => {
  const standin = await slackStandin({ repeatMs: [] });
  onTestFinished(standin.close);
  const since = new Date(Date.now() - 1_000).toISOString();
  const said = Array.from({ length: 2_300 }, (_, at) => `line ${at}`);
  const [thread = ""] = said.map((text) => standin.say({ text, channel: "C1" }));
  const replies = Array.from({ length: 230 }, (_, at) => `reply ${at}`);
  for (const text of replies) standin.say({ text, channel: "C1", thread });
  const gaps = missed({
    title: "Slack",
    pieces: (time) =>
      missedSince(slackApi({ token: standin.token, root: standin.url }), time, ({ text }) => text ?? null),
    retryMs: 1,
    gaveUp: expect.fail,
  });
  gaps.since(since);
  const found: string[] = [];
  while (gaps.unreadSince() !== null) found.push(...(await gaps.read(new AbortController().signal)));
  expect(found).toEqual([...said, ...replies]);
});
