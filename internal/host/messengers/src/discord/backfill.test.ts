import { expect, onTestFinished, test } from "vitest";
import { missed } from "../inbox/missed.ts";
import { discordIds, discordStandin } from "../testing/discord-standin.ts";
import { missedSince } from "./backfill.ts";
import { discordApi } from "./discord-api.ts";

test("all that was missed is read, in order: also of a channel with very much", async () => {
  const standin = await discordStandin();
  onTestFinished(standin.close);
  const since = new Date().toISOString();
  const said = Array.from({ length: 2_300 }, (_, at) => `line ${at}`);
  for (const text of said) standin.say({ text, channel: discordIds.channel(5) });
  const gaps = missed<string>({
    title: "Discord",
    retryMs: 1,
    gaveUp: expect.fail,
    passed: expect.fail,
  });
  const pieces = missedSince({
    api: discordApi({ token: standin.token, root: standin.url }),
    heard: Date.parse(since),
    directChats: () => Promise.resolve([]),
    found: ({ content }) => content ?? null,
  });
  gaps.add(pieces, since);
  const found: string[] = [];
  while (gaps.unreadSince() !== null)
    found.push(...(await gaps.read(new AbortController().signal, () => false)));
  expect(found).toEqual(said);
});
