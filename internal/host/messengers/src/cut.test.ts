import { expect, test } from "vitest";
import { cutMarkdown } from "./cut.ts";

test.each([
  { what: "a long line", text: `${"a ".repeat(99)}a`, of: "a", count: 100 },
  { what: "a long word", text: "𝒂".repeat(150), of: "𝒂", count: 150 },
  { what: "a block of code", text: `\`\`\`ts\n${"let b;\n".repeat(60)}\`\`\``, of: "b", count: 60 },
  {
    what: "a block with a long name",
    text: `~~~ ${"n".repeat(300)}\n${"x\n".repeat(99)}~~~`,
    of: "x",
    count: 99,
  },
])("cuts $what into texts within the limit, and loses no character", ({ text, of, count }) => {
  const cut = cutMarkdown(text, 200);
  expect(cut.length).toBeGreaterThan(0);
  for (const one of cut) expect(one.length).toBeLessThanOrEqual(200);
  expect([...cut.join("")].filter((letter) => letter === of)).toHaveLength(count);
});

test("opens a cut block of code again, with its language, and closes it", () => {
  const [first, second] = cutMarkdown(`\`\`\`ts\n${"let a;\n".repeat(60)}\`\`\``, 200);
  for (const one of [first, second]) expect(one).toMatch(/^```ts\nlet a;[\s\S]*\n```$/);
});

test.each(["", " \n "])("makes no text of %j", (text) => expect(cutMarkdown(text, 200)).toEqual([]));
