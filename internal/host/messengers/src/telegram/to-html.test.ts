import { expect, test } from "vitest";
import { shownText, textProblem } from "../testing/telegram-rules.ts";
import { piecesOf } from "./to-html.ts";

const htmlOf = (markdown: string): readonly string[] => piecesOf(markdown).map(({ html }) => html);

test.for([
  { markdown: "a **b** _c_ ~~d~~ `e<f`", html: "a <b>b</b> <i>c</i> <s>d</s> <code>e&lt;f</code>" },
  { markdown: "# Title\n\ntext", html: "<b>Title</b>\n\ntext" },
  { markdown: "- a\n- [x] b\n  - c\n", html: "• a\n☑ b\n  • c" },
  { markdown: "3. a\n4. b", html: "3. a\n4. b" },
  { markdown: "> said\n> so", html: "<blockquote>said\nso</blockquote>" },
  {
    markdown: "```ts\nlet a = 1 < 2;\n```",
    html: '<pre><code class="language-ts">let a = 1 &lt; 2;</code></pre>',
  },
  { markdown: "| a | bb |\n|---|---|\n| ccc | d |", html: "<pre>a   | bb\n----|---\nccc | d</pre>" },
  { markdown: "[page](https://a.test/?b=1&c=2)", html: '<a href="https://a.test/?b=1&amp;c=2">page</a>' },
  { markdown: "[page](javascript:x)", html: "page (javascript:x)" },
  {
    markdown: "<b>bold</b> & <u>Gatehouse</u>",
    html: "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;u&gt;Gatehouse&lt;/u&gt;",
  },
  { markdown: "G\u0332a\u0332te", html: "Gate" },
  { markdown: "G\u035fa\u0320t\ufe2be\u20ef", html: "Gate" },
  { markdown: "Ế e\u0323", html: "Ế e\u0323" },
  { markdown: "---", html: "———" },
])("$markdown", ({ markdown, html }) => expect(htmlOf(markdown)).toEqual([html]));

test.for(["", " \n ", "[a]: https://a.test"])("%j is no message", (markdown) =>
  expect(piecesOf(markdown)).toEqual([]),
);

const words = (count: number): string =>
  Array.from({ length: count }, (_, index) => `word${index}`).join(" ");

test.for([
  { what: "a paragraph", text: words(2_000) },
  { what: "one word", text: "x".repeat(10_000) },
  { what: "emojis", text: "😀".repeat(5_000) },
  {
    what: "many paragraphs",
    text: Array.from({ length: 900 }, (_, index) => `line **${index}**`).join("\n\n"),
  },
  {
    what: "code",
    text: `\`\`\`\n${Array.from({ length: 900 }, (_, index) => `a < ${index}`).join("\n")}\n\`\`\``,
  },
  { what: "a list", text: Array.from({ length: 900 }, (_, index) => `- item *${index}*`).join("\n") },
])("$what of any length is split into messages that Telegram takes, with every word once", ({ text }) => {
  const pieces = piecesOf(text);
  expect(pieces.length).toBeGreaterThan(1);
  for (const { html, plain } of pieces) {
    expect(textProblem({ text: html, mode: "HTML" })).toBeNull();
    expect(shownText(html, "HTML")).toBe(plain);
    expect(plain).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
  }
  const bare = (all: string): string => all.replaceAll(/[\s*`•-]/g, "");
  expect(bare(pieces.map(({ plain }) => plain).join(""))).toBe(bare(text));
});

test("a block of code that fits into one message is not cut", () => {
  const code = Array.from({ length: 200 }, (_, index) => `line ${index}`).join("\n");
  const [first, second] = piecesOf(`${words(400)}\n\n\`\`\`\n${code}\n\`\`\``);
  expect(first?.plain).toBe(words(400));
  expect(second?.html).toBe(`<pre>${code}</pre>`);
});
