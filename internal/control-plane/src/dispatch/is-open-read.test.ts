import { expect, test } from "vitest";
import { commands as resourceCommands } from "../resources/index.ts";
import { isOpenRead } from "./is-open-read.ts";

test("what only reads and waits for nobody may run twice; all else may not", () => {
  const isRead = (frame: unknown): boolean => isOpenRead(resourceCommands, frame);
  expect(["groups-get", "groups-get-ana", "groups-list"].map((command) => isRead({ command }))).toEqual([
    true,
    true,
    true,
  ]);
  expect(
    ["groups-delete", "groups-restart", "decisions-list", "nothing"].map((command) => isRead({ command })),
  ).toEqual([false, false, false, false]);
  expect([null, 1, "groups-get", {}, { command: 7 }].some(isRead)).toBe(false);
});
