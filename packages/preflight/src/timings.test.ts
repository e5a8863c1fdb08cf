import { describe, expect, test } from "vitest";
import type { DriveEvent } from "@trust/dialog-engine";
import { hasConfirmed, timingsFrom } from "./timings.ts";

const dialog = (at: number): DriveEvent => ({ type: "dialog", at, dialog: "claude/trust" });
const turn = (at: number, state: "asked" | "taken"): DriveEvent => ({ type: "turn", at, state });
const key = (at: number, name: "down" | "enter"): DriveEvent => ({
  type: "key",
  at,
  key: name,
  data: "",
  dialog: "claude/trust",
  why: "",
});
const end = (at: number): DriveEvent => ({ type: "end", at, outcome: "proven" });

const whole = [
  dialog(150),
  key(350, "down"),
  turn(400, "asked"),
  turn(460, "taken"),
  key(461, "enter"),
  end(500),
];

describe("timingsFrom", () => {
  test("splits a whole run into its stages", () => {
    expect(timingsFrom(whole, { startMs: 10, settleMs: 7 })).toEqual({
      spawnToDialogMs: 160,
      decideMs: 250,
      lockWaitMs: 60,
      commitMs: 40,
      settleMs: 7,
    });
  });

  test("counts a turn that never came as waiting", () => {
    const waiting = [dialog(150), turn(400, "asked"), end(900)];
    expect(timingsFrom(waiting, { startMs: 0, settleMs: 0 })).toMatchObject({ lockWaitMs: 500, commitMs: 0 });
  });

  test("is 0 for a stage that was not reached", () => {
    const none = { spawnToDialogMs: 0, decideMs: 0, lockWaitMs: 0, commitMs: 0, settleMs: 1 };
    expect(timingsFrom([end(900)], { startMs: 10, settleMs: 1 })).toEqual(none);
  });
});

describe("hasConfirmed", () => {
  test("is true only for an Enter during our turn", () => {
    expect(hasConfirmed(whole)).toBe(true);
    expect(hasConfirmed([dialog(1), key(2, "enter"), turn(3, "asked"), turn(4, "taken"), end(5)])).toBe(
      false,
    );
    expect(hasConfirmed([turn(3, "asked"), turn(4, "taken"), key(5, "down")])).toBe(false);
  });
});
