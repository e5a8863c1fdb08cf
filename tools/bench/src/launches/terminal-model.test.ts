import { expect, test } from "vitest";
import { drawn } from "./terminal-model.ts";

test("drawn returns the last rows of a screen, with their colours", async () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\r\n");
  const { rows, styled } = await drawn(`${lines}\u001b[31m red`);
  expect(rows).toHaveLength(40);
  expect(rows[0]).toBe("line 10");
  expect(rows.at(-1)).toBe("line 49 red");
  expect(styled).not.toBe((await drawn(`${lines} red`)).styled);
});
