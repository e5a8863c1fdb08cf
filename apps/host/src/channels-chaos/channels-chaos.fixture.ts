import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { readCentral } from "@gatehouse/central-database";
import { folderInMemory } from "@gatehouse/central-database/testing";
import { startLink, messengerBots } from "@gatehouse/data-folder";
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

const patience = { timeout: 100_000, interval: 100 };

/** Most messages that wait for their answers before people write on. */
const mostWaiting = 40;

/** The test that kills hosts while people write to them from Telegram, over a connection that breaks. */
export const channelsChaos = (size: Size): ChannelsChaos => {
  const { chats: count, messages, kills, hosts } = size;
  return {
    what: `${messages} messages in ${count} chats of Telegram over ${kills} kills of ${hosts} hosts, with lost answers, 429, 502 and repeated updates (GATEHOUSE_SEED=${seed}): each is taken once and in order, and each answer is sent once and in order, or named`,
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
        const free = await vi.waitFor(async () => {
          const waiting = total() - (await town.outcome()).ended;
          expect(waiting).toBeLessThan(mostWaiting);
          return mostWaiting - waiting;
        }, patience);
        for (let room = free; room > 0 && total() < messages; room -= 1) {
          const chat = chances.pick(chats);
          const index = said.get(chat) ?? 0;
          said.set(chat, index + 1);
          api.say({ chat, text: textOf(chat, index) });
          breakSomething(api, chances);
        }
      }
      await vi.waitFor(
        async () => expect(await town.outcome()).toMatchObject({ ended: messages, open: 0 }),
        patience,
      );
      const problems = await town.problems(said);
      const { named } = await town.outcome();
      console.log(`chaos of channels, seed ${seed}: ${messages} messages, ${named.size} answers uncertain`);
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

/** The text of a part that the outbox keeps. */
const plainOf = (content: string): string => (JSON.parse(content) as { readonly plain: string }).plain;

/** The text of a message of a session. */
const wordsOf = ({ content }: { readonly content: string }): string =>
  (JSON.parse(content) as { readonly text?: string }).text ?? "";

/** The server ends the connections of a host that is stopped within a transaction. The host tries again. */
const isOfStop = (bug: string): boolean => bug.includes("POSTGRES_AWAY");

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
    await messengerBots.set(folder, bot);
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
  await vi.waitFor(() => expect(chats.every((chat) => ofBot(chat).length > 0)).toBe(true));
  const answersIn = (chat: number): readonly string[] =>
    ofBot(chat).filter((text) => text.startsWith("says "));
  const rows = async () => {
    const read = await readCentral({ dataDir: first, database }, async (db) => ({
      sends: await db.selectFrom("messenger_sends").selectAll().orderBy("at").execute(),
      taken: await db.selectFrom("session_messages_in").select(["id", "content"]).orderBy("seq").execute(),
      answered: await db.selectFrom("session_messages_out").select("content").orderBy("seq").execute(),
    }));
    return read.ok && read.value !== null ? read.value : expect.fail(JSON.stringify(read));
  };
  /** The answers that were named to an agent as uncertain; how many were answered or named, and how many are sent just now. */
  const outcome = async () => {
    const { taken, sends } = await rows();
    const named = new Set(
      taken.flatMap(({ id, content }) =>
        id.startsWith("undelivered-") ? (/says \d+-\d+\./.exec(content)?.[0] ?? []) : [],
      ),
    );
    return {
      ended: new Set([...chats.flatMap(answersIn), ...named]).size,
      open: sends.filter(({ state }) => state === "waiting" || state === "sending").length,
      named,
    };
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
        // Less than a lease, and longer than the server lets a transaction idle.
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
      const { named } = await outcome();
      const { taken, answered, sends } = await rows();
      const words = taken.flatMap(({ id, content }) =>
        id.startsWith("telegram:") ? [wordsOf({ content })] : [],
      );
      const expected = [...said].flatMap(([chat, messages]) =>
        Array.from({ length: messages }, (_, index) => textOf(chat, index)),
      );
      const twice = words.filter((text, index) => words.indexOf(text) !== index);
      const lost = expected.filter((text) => !words.includes(text));
      const numbersIn = (chat: number, texts: readonly string[]): readonly number[] =>
        texts.flatMap((text) => {
          const [, of, number] = /^says (\d+)-(\d+)\.$/.exec(text) ?? [];
          return of === String(chat) ? [Number(number)] : [];
        });
      const isRising = (numbers: readonly number[]): boolean =>
        numbers.every((number, index) => number > (numbers[index - 1] ?? -1));
      const odd = chats.flatMap((chat) => {
        const [took, shown] = [numbersIn(chat, words), numbersIn(chat, answersIn(chat))];
        // A host that is stopped between its note and its call sends a part after another host has named it.
        const isCertain = (number: number): boolean => !named.has(textOf(chat, number));
        const certain = shown.filter(isCertain).join(" ");
        // An agent whose turn was cut off may answer a later message first.
        const wanted = numbersIn(chat, answered.map(wordsOf)).filter(isCertain).join(" ");
        return [
          ...(isRising(took) ? [] : [`taken out of order in ${chat}: ${took.join(" ")}`]),
          ...(certain === wanted ? [] : [`sent out of order in ${chat}: ${certain}, not ${wanted}`]),
          ...(new Set(shown).size === shown.length ? [] : [`answered twice in ${chat}: ${shown.join(" ")}`]),
        ];
      });
      return [
        ...[...bugs, ...hosts.flatMap((host) => host.bugs)]
          .filter((bug) => !isOfStop(bug))
          .map((bug) => `bug: ${bug}`),
        ...twice.map((text) => `taken twice: ${text}`),
        ...lost.map((text) => `not taken: ${text}`),
        ...odd,
        ...sends.flatMap(({ state, content }) =>
          state === "sent" || (state === "uncertain" && named.has(plainOf(content)))
            ? []
            : [`left as ${state}: ${content}`],
        ),
      ];
    },
  };
};
