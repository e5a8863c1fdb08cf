import { fail, ok } from "@gatehouse/std";
import { expect, test } from "vitest";
import { bySocket, type SocketEvent } from "./by-socket.ts";

const lost = fail({ code: "unsent", message: "The connection is closed." } as const);

test.for([
  { while: "what was missed is read", areRead: false },
  { while: "an event is completed", areRead: true },
])("a socket is closed if its connection closes while $while", async ({ areRead }) => {
  const closing = new AbortController();
  let isOpen = true;
  const { poll } = bySocket<SocketEvent>({
    title: "A platform",
    heardAt: () => Promise.resolve("2026-01-01T00:00:00.000Z"),
    reopened: () => {},
    report: (error) => expect.fail(String(error)),
    signal: closing.signal,
    open: ({ received }) => {
      if (!areRead) closing.abort();
      received(() => ({ messageId: "m-1", at: 1n }), null);
      return Promise.resolve(
        ok({
          isOpen: () => isOpen,
          isResumed: false,
          acknowledge: () => Promise.resolve(),
          close: () => void (isOpen = false),
        }),
      );
    },
    missed: () => Promise.resolve(areRead ? ok([]) : lost),
    kept: () => {
      closing.abort();
      return Promise.resolve(lost);
    },
  });
  expect(await poll(false, closing.signal)).toEqual(lost);
  expect(isOpen).toBe(false);
});
