import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "./held-session.ts";
import { unread } from "./unread.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a file whose writer was busy is looked at again within ms, then less and less often", async () => {
  const looks: number[] = [];
  const session = { isOver: false, unreadable: 0, busy: 0 } as HeldSession;
  const busy = () => unread({} as LoopContext, session, { code: "busy", message: "" });
  let since = performance.now();
  const look = async (): Promise<void> => {
    looks.push(performance.now() - since);
    since = performance.now();
    if (looks.length < 8) await busy();
  };
  Object.assign(session, { look });
  await busy();
  await vi.runAllTimersAsync();
  expect(looks).toEqual([4, 8, 16, 32, 64, 100, 100, 100]);
  expect(session.unreadable).toBe(0);
});
