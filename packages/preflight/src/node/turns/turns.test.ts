import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createTurns, type TakeTurn, type Turn } from "./turns.ts";

const lockFile = (): string => {
  const folder = mkdtempSync("/tmp/turns-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "lock");
};

const never = (): AbortSignal => new AbortController().signal;
const turnsAt = (path: string, timeoutMs = 5_000): TakeTurn =>
  createTurns({ path, unavailable: null }, "/state", timeoutMs);
const taken = async (takeTurn: TakeTurn): Promise<Turn> => {
  const turn = await takeTurn(never(), () => {});
  if (!turn.ok) throw new Error(turn.error.code);
  return turn.value;
};

describe("turns", () => {
  test("come in the order of the requests, one at a time", async () => {
    const turns = turnsAt(lockFile());
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
    const turns = turnsAt(lockFile());
    const first = await taken(turns);
    const controller = new AbortController();
    const second = turns(controller.signal, () => {});
    const third = taken(turns);
    controller.abort();
    expect(await second).toEqual({ ok: false, error: { code: "cancelled" } });
    await first.end();
    await (await third).end();
  });

  test("skip a request that was stopped by a bug", async () => {
    const path = lockFile();
    const other = await taken(turnsAt(path));
    const turns = turnsAt(path);
    const onWait = (text: string): void => {
      if (text === "waits for its turn") return;
      void other.end();
      throw new TypeError("a bug");
    };
    const first = turns(never(), onWait);
    const second = taken(turns);
    await expect(first).rejects.toThrow("a bug");
    await (await second).end();
  });

  test("wait for another batch until the time limit, and report its holder", async () => {
    const path = lockFile();
    const other = await taken(turnsAt(path));
    const waits: string[] = [];
    const late = await turnsAt(path, 50)(never(), (text) => waits.push(text));
    expect(late).toMatchObject({ ok: false, error: { code: "lock-timeout", file: "/state" } });
    expect(waits).toEqual(["waits for its turn", expect.stringContaining(`(pid ${process.pid}`)]);
    await other.end();
    await (await taken(turnsAt(path, 50))).end();
    expect(existsSync(path)).toBe(false);
  });

  test("come one at a time after an aborted request, even if no lock is available", async () => {
    const turns = turnsAt(join(lockFile(), "no", "folder"));
    const first = await taken(turns);
    const second = await turns(AbortSignal.abort(), () => {});
    expect(second).toEqual({ ok: false, error: { code: "cancelled" } });
    const order: string[] = [];
    const third = taken(turns).then((turn) => (order.push("third begins"), turn.end()));
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("first ends");
    await first.end();
    await third;
    expect(order).toEqual(["first ends", "third begins"]);
  });

  test("are not granted to an aborted request beside another turn, even if locks are known to be unavailable", async () => {
    const turns = createTurns({ path: "/none", unavailable: "no library" }, "/state", 5_000);
    const first = await taken(turns);
    expect(first.unshared).toBe("no library");
    expect(await turns(AbortSignal.abort(), () => {})).toEqual({ ok: false, error: { code: "cancelled" } });
    await first.end();
  });

  test("are granted and marked as unshared if no lock is available", async () => {
    const turns = turnsAt(join(lockFile(), "no", "folder"));
    const turn = await taken(turns);
    expect(turn.unshared).toMatch(/^ENOENT/);
    await turn.end();
    await (await taken(turns)).end();
  });
});
