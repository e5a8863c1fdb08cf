import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { readCentral } from "@gatehouse/central-database";
import { folderInMemory } from "@gatehouse/central-database/testing";
import { setMessengerBot, startLink } from "@gatehouse/data-folder";
import { telegramStandin, type Fault, type TelegramStandin } from "@gatehouse/messengers/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import { expect, inject, onTestFinished, vi, type TestOptions } from "vitest";
import { startKilledHost, type KilledHost } from "../chaos/killed-host.fixture.ts";
import { chancesFrom, type Chances } from "../chaos/random.fixture.ts";
import { processWorkers } from "../sessions-chaos/workers.fixture.ts";
import { run } from "../up/run.fixture.ts";

const seed = Number(process.env["GATEHOUSE_SEED"] ?? Date.now() % 1_000_000);

type Size = {
  readonly chats: number;
  /** Messages of all people. */
  readonly messages: number;
  readonly kills: number;
  /** Hosts of one database; one of several is also stopped and continued while it receives. */
  readonly hosts: number;
};

type ChannelsChaos = {
  readonly what: string;
  readonly options: TestOptions;
  readonly run: (database: PostgresAddress | null) => Promise<void>;
};

/** Most messages that wait for their answers before people write on. */
const mostWaiting = 40;

/** The test that kills hosts while people write to them from Telegram, over a connection that breaks. */
export const channelsChaos = (size: Size): ChannelsChaos => {
  const { chats: count, messages, kills, hosts } = size;
  return {
    what: `${messages} messages in ${count} chats of Telegram over ${kills} kills of ${hosts} hosts, with lost answers, 429, 502 and repeated updates (GATEHOUSE_SEED=${seed}): each is taken once, and answered once or named, in the order of its chat`,
    options: { tags: ["soak"], timeout: 1_800_000 },
    run: async (database) => {
      const chances = chancesFrom(seed);
      const town = await openTown(size, database);
      const { api, chats } = town;
      const said = new Map<number, number>(chats.map((chat) => [chat, 0]));
      const total = (): number => [...said.values()].reduce((sum, each) => sum + each, 0);
      const plan = Array.from({ length: kills }, () => chances.below(messages)).toSorted((a, b) => a - b);
      while (total() < messages) {
        while (total() >= (plan[0] ?? Infinity)) {
          plan.shift();
          await town.strike(chances);
        }
        const { ended } = await town.outcome();
        for (let room = mostWaiting - (total() - ended); room > 0 && total() < messages; room -= 1) {
          const chat = chances.pick(chats);
          const index = said.get(chat) ?? 0;
          said.set(chat, index + 1);
          api.say({ chat, text: textOf(chat, index) });
          breakSomething(api, chances);
        }
        await sleep(50);
      }
      await vi.waitFor(async () => expect((await town.outcome()).ended).toBe(messages), {
        ...{ timeout: 300_000, interval: 500 },
      });
      const problems = await town.problems(said);
      const { uncertain } = await town.outcome();
      console.log(`chaos of channels, seed ${seed}: ${messages} messages, ${uncertain} answers uncertain`);
      expect(problems, `seed ${seed}: ${problems.slice(0, 3).join("\n")}`).toEqual([]);
    },
  };
};

const textOf = (chat: number, index: number): string => `says ${chat}-${index}.`;

const faults: readonly [Fault, ...Fault[]] = [
  { method: "sendMessage", kind: "drop-after" },
  { method: "sendMessage", kind: "drop-before" },
  { method: "sendMessage", kind: "error", retryAfter: 1 },
  { method: "sendMessage", kind: "error", code: 502, description: "Bad Gateway" },
  { method: "getUpdates", kind: "drop-after" },
  { method: "getUpdates", kind: "error", code: 502, description: "Bad Gateway" },
];

const breakSomething = (api: TelegramStandin, chances: Chances): void => {
  const chance = chances.below(100);
  if (chance < 12) api.fault(chances.pick(faults));
  else if (chance < 17) api.repeat(1000);
};

/** The people of the chats, with their agents, and hosts that are killed. */
const openTown = async ({ chats: count, hosts: hostCount }: Size, database: PostgresAddress | null) => {
  const api = await telegramStandin();
  onTestFinished(api.close);
  const chats = Array.from({ length: count }, (_, index) => 101 + index);
  const root = folderInMemory();
  const folders = Array.from({ length: hostCount }, (_, index) => join(root, `data-${index}`));
  const [first = ""] = folders;
  const flags = database === null ? [] : ["--database", database.url];
  const group = ["--name", "Ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
  run(inject("programs").gatehouse, "init", ...group, ...flags, "--data", first);
  const bot = { type: "telegram", bot: "", username: api.username, token: api.token };
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    await setMessengerBot(folder, bot);
  }
  const bugs: string[] = [];
  const begin = async (folder: string): Promise<KilledHost> => {
    const host = startKilledHost(inject("programs")["host-child"], folder, database, api.url);
    expect({ isReady: await host.ready, bugs: host.bugs }).toEqual({ isReady: true, bugs: [] });
    return host;
  };
  const hosts: KilledHost[] = [];
  // A failed test leaves the hosts and runners running.
  onTestFinished(async () => {
    for (const host of hosts) host.kill();
    for (const folder of folders) await processWorkers.end(folder);
  });
  for (const folder of folders) hosts.push(await begin(folder));
  const ask = hosts[0]?.connection() ?? expect.fail("there is no host");
  const done = async (command: string, args: object): Promise<unknown> => {
    const frame = await ask({ command, args });
    expect(frame).toMatchObject({ ok: true });
    return frame?.ok === true ? frame.data : null;
  };
  const [made] = (await done("groups-list", {})) as readonly { readonly id: string }[];
  const groupId = made?.id ?? "";
  for (const chat of chats) {
    const userId = `telegram:${chat}`;
    await done("users-create", { id: userId, kind: "telegram" });
    await done("members-add", { user: userId, group: groupId });
    const link = startLink(bot, { userId, groupId, now: new Date().toISOString() });
    api.say({ chat, text: `/start ${link.replace(/.*start=/, "")}` });
  }
  const ofBot = (chat: number): readonly string[] =>
    api.seen(chat).flatMap(({ from, plain }) => (from.is_bot && plain !== undefined ? [plain] : []));
  await vi.waitFor(() => expect(chats.every((chat) => ofBot(chat).length > 0)).toBe(true), {
    timeout: 60_000,
  });
  const answersIn = (chat: number): readonly string[] =>
    ofBot(chat).filter((text) => text.startsWith("says "));
  const rows = async () => {
    const read = await readCentral({ dataDir: first, database }, async (db) => ({
      sends: await db.selectFrom("messenger_sends").selectAll().orderBy("at").execute(),
      taken: await db.selectFrom("session_messages_in").select(["id", "content", "platform_id"]).execute(),
    }));
    return read.ok && read.value !== null ? read.value : expect.fail(JSON.stringify(read));
  };
  /** The answers that no person sees and that are uncertain, and the number of messages that are over. */
  const outcome = async () => {
    const { sends, taken } = await rows();
    const named = new Set(taken.flatMap(({ id }) => (id.startsWith("undelivered-") ? [id] : [])));
    const uncertain = sends.filter(
      ({ state, message_id: id }) => state === "uncertain" && id.startsWith("se-"),
    );
    const shown = new Set(chats.flatMap(answersIn));
    const missing = uncertain.filter(
      ({ content }) => !shown.has((JSON.parse(content) as { plain: string }).plain),
    );
    return { ended: shown.size + missing.length, uncertain: uncertain.length, named, missing };
  };
  return {
    api,
    chats: chats as [number, ...number[]],
    outcome,
    /** Kills a host and starts it again; of several hosts sometimes stops and continues one. */
    strike: async (chances: Chances): Promise<void> => {
      const index = chances.below(hosts.length);
      const victim = hosts[index];
      if (hosts.length > 1 && chances.below(5) === 0) {
        victim?.pause();
        await sleep(5_000);
        return victim?.resume();
      }
      victim?.kill();
      expect(await victim?.ended).toBe("SIGKILL");
      bugs.push(...(victim?.bugs ?? []));
      hosts[index] = await begin(folders[index] ?? "");
    },
    /** Everything that went wrong, a line each. */
    problems: async (said: ReadonlyMap<number, number>): Promise<readonly string[]> => {
      const { named, uncertain } = await outcome();
      const { taken } = await rows();
      const words = taken.flatMap(({ id, content }) =>
        id.startsWith("telegram:") ? [(JSON.parse(content) as { readonly text: string }).text] : [],
      );
      const expected = [...said].flatMap(([chat, messages]) =>
        Array.from({ length: messages }, (_, index) => textOf(chat, index)),
      );
      const twice = words.filter((text, index) => words.indexOf(text) !== index);
      const lost = expected.filter((text) => !words.includes(text));
      const odd = chats.flatMap((chat) => {
        const numbers = answersIn(chat).map((text) => Number(/-(\d+)\.$/.exec(text)?.[1]));
        const isSorted = numbers.every((number, index) => number > (numbers[index - 1] ?? -1));
        return isSorted
          ? []
          : [`the answers in ${chat} are not in order, or one came twice: ${numbers.join(" ")}`];
      });
      return [
        ...bugs.map((bug) => `bug: ${bug}`),
        ...hosts.flatMap((host) => host.bugs.map((bug) => `bug: ${bug}`)),
        ...twice.map((text) => `taken twice: ${text}`),
        ...lost.map((text) => `not taken: ${text}`),
        ...odd,
        ...(named.size === uncertain ? [] : [`${uncertain} uncertain, ${named.size} named to an agent`]),
      ];
    },
  };
};
