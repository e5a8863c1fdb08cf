import type { HostEnd } from "@nc/session-db";
import { expect, test } from "vitest";
import { hostRow } from "./host-row.ts";
import { sealable } from "./sealed-end.ts";

const row = (id: string) =>
  hostRow({ id, kind: "chat", timestamp: "2026-11-20T08:00:00.000Z", content: {}, trigger: true });

test("a message that is being written is there once the end is sealed, and a later one is refused", async () => {
  const written: string[] = [];
  let write = (): void => {};
  const free = new Promise<void>((resolve) => (write = resolve));
  const send: HostEnd["send"] = async (messages) => {
    await free;
    written.push(...messages.map(({ id }) => id));
    return { ok: true, value: { written: messages.length, known: 0 } };
  };
  const { end, seal } = sealable({ send } as HostEnd);
  const before = end.send([row("m-1")]);
  let isSealed = false;
  const sealed = seal().then(() => (isSealed = true));
  expect(await end.send([row("m-2")])).toMatchObject({ ok: false, error: { code: "closed" } });
  expect(isSealed).toBe(false);
  write();
  await sealed;
  expect(written).toEqual(["m-1"]);
  expect(await before).toMatchObject({ ok: true });
});
