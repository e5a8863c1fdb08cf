import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "./held-session.ts";
import { unread } from "./unread.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("rows that cannot be read are looked at again soon, then less and less often", async () => {
  const looks: number[] = [];
  const logged: string[] = [];
  const context = { log: (event: string) => logged.push(event) } as unknown as LoopContext;
  const session = { isOver: false, unread: 0 } as HeldSession;
  const refused = () => unread(context, session, { code: "unwritable", message: "" });
  let since = performance.now();
  const look = async (): Promise<void> => {
    looks.push(performance.now() - since);
    since = performance.now();
    if (looks.length < 12) await refused();
  };
  Object.assign(session, { look });
  await refused();
  await vi.runAllTimersAsync();
  expect(looks).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  expect(logged).toEqual(["session-unread"]);
});
