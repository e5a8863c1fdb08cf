import type { HostSide } from "@gatehouse/session-rows";
import { expect, test } from "vitest";
import { hostRow } from "./host-row.ts";
import { sealable } from "./sealed-side.ts";

const row = (id: string) =>
  hostRow({ id, kind: "chat", timestamp: "2026-11-20T08:00:00.000Z", content: {}, trigger: true });

test("a sealed side has written earlier messages, and refuses later ones", async () => {
  const written: string[] = [];
  let write = (): void => {};
  const free = new Promise<void>((resolve) => (write = resolve));
  const send: HostSide["send"] = async (messages) => {
    await free;
    written.push(...messages.map(({ id }) => id));
    return { ok: true, value: { written: messages.length, known: 0 } };
  };
  const { side, seal } = sealable({ send } as HostSide);
  const before = side.send([row("m-1")]);
  let isSealed = false;
  const sealed = seal().then(() => (isSealed = true));
  expect(await side.send([row("m-2")])).toMatchObject({ ok: false, error: { code: "closed" } });
  expect(isSealed).toBe(false);
  write();
  await sealed;
  expect(written).toEqual(["m-1"]);
  expect(await before).toMatchObject({ ok: true });
});
