import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { messengers, messengerTypes } from "./messengers.ts";

const src = import.meta.dirname;

test.each(messengerTypes)("%s keeps the contract of channels, and has its page", (type) => {
  expect(existsSync(join(src, type, `${type}-contract.test.ts`))).toBe(true);
  expect(existsSync(join(src, "../../../../docs/host", `${type}.md`))).toBe(true);
});

test.each(messengerTypes)("%s has the name of its row, and asks for its token first", async (type) => {
  const messenger = await messengers[type]?.load();
  expect(messenger?.type).toBe(type);
  expect(messenger?.setUp.secrets[0].name).toBe("token");
});
