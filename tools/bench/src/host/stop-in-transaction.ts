import process from "node:process";
import { setTimeout as after } from "node:timers/promises";
import pg from "pg";
import type { Chat } from "./chat.ts";

/** Maximum number of attempts until a stop happens during a transaction. */
const mostTries = 500;

/**
 * Stops a host (SIGSTOP) during one of its transactions; other hosts that need its locks then wait. `others`
 * are the host's chats: their messages cause its transactions. Returns a function that continues the host.
 *
 * @throws if none of 500 stops happened during a transaction.
 */
export const stopInTransaction = async (
  address: string,
  pid: number,
  others: readonly Chat[],
): Promise<() => Promise<void>> => {
  const server = new pg.Client({ connectionString: address });
  await server.connect();
  const goesOn = (): void => void process.kill(pid, "SIGCONT");
  let isWanted = true;
  const talk = async (chat: Chat): Promise<void> => {
    while (isWanted) await chat.roundTrip("hello");
  };
  const talks = others.map(talk);
  try {
    for (let tried = 0; tried < mostTries; tried += 1) {
      await after(10);
      process.kill(pid, "SIGSTOP");
      if (await hasOpenTransaction(server)) {
        isWanted = false;
        return async () => {
          goesOn();
          await Promise.all(talks);
        };
      }
      goesOn();
    }
    isWanted = false;
    await Promise.all(talks);
    throw new Error(`none of ${mostTries} stops fell into a transaction`);
  } finally {
    await server.end();
  }
};

/** True if a transaction stays open without activity: that of the stopped host. */
const hasOpenTransaction = async (server: pg.Client): Promise<boolean> => {
  const open = async (): Promise<readonly number[]> => {
    const { rows } = await server.query<{ pid: number }>(
      "select pid from pg_stat_activity where state = 'idle in transaction' and datname = current_database()",
    );
    return rows.map(({ pid }) => pid);
  };
  const first = await open();
  await after(20);
  const still = await open();
  return first.some((one) => still.includes(one));
};
