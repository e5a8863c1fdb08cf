import { setMessengerBot } from "@gatehouse/data-folder";
import { hostDatabase, temporaryFolder } from "@gatehouse/central-database/testing";
import { telegramStandin, type SeenMessage } from "@gatehouse/messengers/testing";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { startKilledHost, type KilledHost } from "../chaos/killed-host.fixture.ts";
import { run } from "./run.fixture.ts";

const slow = { tags: ["slow"] };
const programs = inject("programs");

/** A stand-in of Telegram, and a data folder whose owner `telegram:7` has the group Ana and a bot. */
const prepared = async () => {
  const api = await telegramStandin();
  onTestFinished(api.close);
  const dataDir = temporaryFolder();
  const group = ["--name", "Ana", "--folder", "ana", "--owner", "telegram:7", "--provider", "echo"];
  run(programs.gatehouse, "init", ...group, "--data", dataDir);
  await setMessengerBot(dataDir, { type: "telegram", bot: "", username: api.username, token: api.token });
  const host = async (): Promise<KilledHost> => {
    const started = startKilledHost(programs["host-child"], dataDir, hostDatabase(), api.url);
    onTestFinished(started.kill);
    expect({ isReady: await started.ready, bugs: started.bugs }).toEqual({ isReady: true, bugs: [] });
    return started;
  };
  const ofBot = (): readonly SeenMessage[] => api.seen().filter(({ from }) => from.is_bot);
  const shown = (): readonly (string | undefined)[] => ofBot().map(({ plain }) => plain);
  return { api, dataDir, host, ofBot, shown };
};

const within = { timeout: 60_000 };

test(
  "a message from Telegram is answered there once, though the host is killed in between",
  slow,
  async () => {
    const { api, host, shown } = await prepared();
    const first = await host();
    api.say({ text: "hello" });
    await vi.waitFor(() => expect(shown()).toEqual(["hello"]), within);
    first.kill();
    await first.ended;
    api.say({ text: "again" });
    await host();
    await vi.waitFor(() => expect(shown()).toEqual(["hello", "again"]), within);
  },
);

test("a tool's card is answered by a button, and then shows its outcome without buttons", slow, async () => {
  const { api, host, ofBot, shown } = await prepared();
  await host();
  api.say({ text: '/tool Bash {"command":"ls"}' });
  const buttons = () => ofBot().flatMap(({ reply_markup: markup }) => markup?.inline_keyboard?.flat() ?? []);
  await vi.waitFor(() => expect(buttons()[0]?.text).toBe("Allow once"), within);
  const [card] = ofBot();
  api.press({ message: card?.message_id ?? 0, data: buttons()[0]?.callback_data ?? "" });
  await vi.waitFor(() => expect(buttons()).toEqual([]), within);
  expect(shown()[0]).toMatch(
    /^Gatehouse\nMay Ana use Bash\?[^]*Gatehouse: ap-\S+ .* is approved by telegram:7\.$/,
  );
  await vi.waitFor(() => expect(shown()).toHaveLength(2), within);
});
