import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const room = "internal/host/messengers/src";
const { messengerTypes } = (await import(join(root, room, "messengers.ts"))) as {
  readonly messengerTypes: readonly string[];
};

/** The programs' files with their text, without tests, their fixtures and the stand-ins of platforms. */
const sources = execFileSync(
  "git",
  ["ls-files", "-co", "--exclude-standard", "apps", "internal", "packages"],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((file) => /(?<!\.test|\.fixture|\.suite)\.tsx?$/u.test(file))
  .filter((file) => !file.startsWith(`${room}/testing/`))
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

/** The ways to know one messenger by its name. */
const knows = (type: string): readonly RegExp[] => [
  new RegExp(`from "[^"]*/${type}/`, "u"),
  new RegExp(`import\\("[^"]*/${type}/`, "u"),
  new RegExp(`[!=]== "${type}["/]|"${type}" [!=]==|case "${type}"|startsWith\\("${type}:`, "u"),
];

test.each(messengerTypes)("only its folder and its row of the table know %s", (type) => {
  const outside = sources.filter(({ file }) => !file.startsWith(`${room}/${type}/`));
  expect(outside.length).toBeGreaterThan(500);
  const knowing = outside.filter(({ text }) => knows(type).some((way) => way.test(text)));
  expect(knowing.map(({ file }) => file)).toEqual([`${room}/messengers.ts`]);
});

test.each([
  { line: 'import { api } from "../telegram/telegram-api.ts";', is: true },
  { line: 'const { telegram } = await import("./telegram/telegram.ts");', is: true },
  { line: 'bots.filter(({ type }) => type === "telegram")', is: true },
  { line: 'case "telegram":', is: true },
  { line: 'if (userId.startsWith("telegram:"))', is: true },
  { line: 'example: "telegram:6037840640",', is: false },
  { line: "const userId = `telegram:${user.telegram_id}`;", is: false },
])("$line knows it: $is", ({ line, is }) => expect(knows("telegram").some((way) => way.test(line))).toBe(is));
