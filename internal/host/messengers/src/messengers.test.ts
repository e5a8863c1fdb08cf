import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { messengerTypes } from "./messenger-types.ts";

const src = import.meta.dirname;

test("only the table of messengers imports one of them, so that a new one is a row", () => {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?<!\.test|\.fixture)\.ts$/u.test(file),
  );
  expect(files.length).toBeGreaterThan(20);
  const importing = messengerTypes.flatMap((type) =>
    files.filter(
      (file) =>
        !file.startsWith(`${type}/`) &&
        new RegExp(`from "[./]+/${type}/`, "u").test(readFileSync(join(src, file), "utf8")),
    ),
  );
  expect(new Set(importing)).toEqual(new Set(["messengers.ts"]));
});

test.each(messengerTypes)("%s keeps the contract of channels, and has its page", (type) => {
  expect(existsSync(join(src, type, `${type}-contract.test.ts`))).toBe(true);
  expect(existsSync(join(src, "../../../../docs/host", `${type}.md`))).toBe(true);
});
