import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createTurns, type Turn, type Turns } from "./turns.ts";

const lockFile = (): string => {
  const folder = mkdtempSync("/tmp/turns-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "lock");
};

const never = new AbortController().signal;
const taken = async (turns: Turns, signal = never): Promise<Turn> => {
  const turn = await turns.take({ signal, onWait: () => {} });
  if (!turn.ok) throw new Error(turn.error.code);
  return turn.value;
};

describe("turns", () => {
  test("come in the order of the requests, one at a time", async () => {
    const turns = createTurns(lockFile(), 5_000);
    const order: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map(async (name) => {
        const turn = await taken(turns);
        order.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} ends`);
        await turn.end();
      }),
    );
    expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  test("skip a request that was aborted", async () => {
    const turns = createTurns(lockFile(), 5_000);
    const first = await taken(turns);
    const controller = new AbortController();
    const second = turns.take({ signal: controller.signal, onWait: () => {} });
    const third = taken(turns);
    controller.abort();
    expect(await second).toEqual({ ok: false, error: { code: "cancelled" } });
    await first.end();
    await (await third).end();
  });

  test("skip a request that was stopped by a bug", async () => {
    const path = lockFile();
    const other = await taken(createTurns(path, 5_000));
    const turns = createTurns(path, 5_000);
    const onWait = (): void => {
      void other.end();
      throw new TypeError("a bug");
    };
    const first = turns.take({ signal: never, onWait });
    const second = taken(turns);
    await expect(first).rejects.toThrow("a bug");
    await (await second).end();
  });

  test("wait for another batch until the time limit, and report its holder", async () => {
    const path = lockFile();
    const other = await taken(createTurns(path, 5_000));
    const holders: (string | null)[] = [];
    const late = await createTurns(path, 50).take({
      signal: never,
      onWait: (holder) => holders.push(holder),
    });
    expect(late).toMatchObject({ ok: false, error: { code: "lock-timeout" } });
    expect(holders).toEqual([expect.stringContaining(`pid ${process.pid}`)]);
    await other.end();
    await (await taken(createTurns(path, 50))).end();
    expect(existsSync(path)).toBe(false);
  });

  test("come one at a time after an aborted request, even if no lock is available", async () => {
    const turns = createTurns(join(lockFile(), "no", "folder"), 5_000);
    const first = await taken(turns);
    const second = await turns.take({ signal: AbortSignal.abort(), onWait: () => {} });
    expect(second).toEqual({ ok: false, error: { code: "cancelled" } });
    const order: string[] = [];
    const third = taken(turns).then((turn) => (order.push("third begins"), turn.end()));
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("first ends");
    await first.end();
    await third;
    expect(order).toEqual(["first ends", "third begins"]);
  });

  test("are granted and marked as unshared if no lock is available", async () => {
    const turns = createTurns(join(lockFile(), "no", "folder"), 5_000);
    const turn = await taken(turns);
    expect(turn.unshared).toMatch(/^ENOENT/);
    await turn.end();
    await (await taken(turns)).end();
  });
});
