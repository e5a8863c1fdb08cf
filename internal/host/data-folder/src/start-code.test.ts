import { expect, test } from "vitest";
import { isStartCode, startCode } from "./start-code.ts";

const bot = { type: "telegram", bot: "", username: "gate_bot", token: "42:secret" };
const of = { userId: "telegram:7", groupId: "ag-1", now: "2026-11-28T10:00:00.000Z" };
const code = startCode(bot, of);

test("a code is short, of letters that links of messengers take", () =>
  expect(code).toMatch(/^[\w-]{20,64}$/));

test.for([
  { what: "the same person, the same day", is: true },
  { what: "after an earlier link was used", usedAt: "2026-11-28T09:59:59.999Z", is: true },
  { what: "used before", usedAt: "2026-11-28T10:00:00.000Z", is: false },
  { what: "the next day", now: "2026-11-29T10:00:00.000Z", is: false },
  { what: "another person", userId: "telegram:8", is: false },
  { what: "another group", groupId: "ag-2", is: false },
  { what: "another bot", token: "43:secret", is: false },
  { what: "a code that was changed", given: `B${code.slice(1)}`, is: false },
  { what: "a longer code", given: `${code}AAAA`, is: false },
  { what: "no code", given: "", is: false },
])("$what: $is", ({ is, token = bot.token, given = code, usedAt = null, ...other }) =>
  expect(isStartCode({ ...bot, token }, { ...of, usedAt, ...other }, given)).toBe(is),
);
