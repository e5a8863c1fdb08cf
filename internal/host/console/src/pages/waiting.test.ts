import type { AskedApproval } from "@gatehouse/approvals";
import type { CardOption } from "@gatehouse/std";
import { describe, expect, test } from "vitest";
import { cardOf } from "./waiting.ts";

const id = "ap-0195c0de-0000-7000-8000-000000000001";
const until = "2026-11-21T07:30:00.000Z";

const option = (of: Partial<CardOption> & { readonly id: string }): CardOption => ({
  label: of.id,
  command: `ncl approvals approve ${id}`,
  ...of,
});

const toolOptions: readonly CardOption[] = [
  option({ id: "approve", label: "Allow once" }),
  option({ id: "always", label: "Always allow exactly this in this group" }),
  option({ id: "always:1", label: "Always allow in this group what its CLI matches with Bash(npm test *)" }),
  option({ id: "reject", label: "Reject; the agent reads what you write after it", words: "optional" }),
];

const asked = (over: Partial<AskedApproval> = {}, lines?: readonly string[]): AskedApproval => ({
  kind: "tool",
  group: "Home",
  asks: 'use Bash {"command":"npm test"}',
  card: {
    id,
    title: `May Home use Bash? (${id})`,
    lines: lines ?? [
      `It can be answered until ${until}.`,
      'description: "Runs the tests"',
      "Rule 1 that its CLI suggests: Bash(npm test *)",
      'cwd: "/w"',
      'command: "npm test"',
    ],
    options: toolOptions,
    digest: "0123456789abcdef",
  },
  since: "2026-11-20T07:30:00.000Z",
  until,
  mayAnswer: [],
  chat: "the direct chat of Ana",
  decides: 2,
  ...over,
});

const drawn = async (one: AskedApproval): Promise<string> =>
  String(await cardOf(one, { formToken: "token" }));

const textOf = (markup: string): string =>
  markup
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll(/\s+/g, " ")
    .trim();

describe("a card", () => {
  test("has first what would run, then who asks, in which chat, and how long, and its id at the end", async () => {
    const text = textOf(await drawn(asked()));
    expect(text).toMatch(
      /^cwd: " \/w " command: " npm test " May Home use Bash\? Asked by Home in the direct chat of Ana, .* until 2026-11-21 07:30 UTC ?, then it expires description: .* Allow once .* Reject ap-0195c0de…$/,
    );
    expect(text).not.toContain("It can be answered");
  });

  test("keeps a flag on one row, and lets a long word break", async () => {
    const long = `-${"x".repeat(60)}`;
    const markup = await drawn(asked({ decides: 1 }, [`ncl groups config update --model opus ${long}`]));
    expect(markup).toContain(`update <span class="flag">--model</span> opus ${long}\n`);
  });

  test("has one filled button, and holds what counts from now on behind a disclosure with all that it matches", async () => {
    const markup = await drawn(asked());
    expect(markup.match(/class="primary"/g)).toHaveLength(1);
    expect(/value="approve"[^>]*class="primary"/.test(markup)).toBe(true);
    const [always = ""] = /<details class="always"[^]*?<\/details>/.exec(markup) ?? [];
    expect(textOf(always)).toMatch(
      /^Always allow… From now on, Home may do exactly this, .* cwd: "\/w" command: "npm test" Always allow exactly .* rule, without asking: Bash\(npm test \*\) Always allow in this group what/,
    );
    expect(always).not.toMatch(/<details[^>]* open/);
    // The rule is said once.
    expect(markup).not.toContain("Rule 1 that its CLI suggests");
  });

  test("keeps the line of a rule that it does not offer", async () => {
    const { card } = asked();
    const [approve, , , reject] = toolOptions;
    const options = [approve, reject].flatMap((one) => one ?? []);
    expect(await drawn(asked({ card: { ...card, options } }))).toContain(
      "Rule 1 that its CLI suggests: Bash",
    );
  });

  test("presses none of its options by Enter in the reason", async () => {
    const [, form = ""] = /<form[^>]*>([^]*)<\/form>/.exec(await drawn(asked())) ?? [];
    expect(form.trimStart()).toMatch(/^<button disabled hidden><\/button>/);
    expect(form).toMatch(/Reason \(sent with Reject\)[^]*name="words-reject"[^]*value="reject"/);
  });

  test("has the question first, and a field for each answer in words", async () => {
    const markup = await drawn(
      asked({
        kind: "question",
        decides: 2,
        card: {
          ...asked().card,
          title: `Home asks you (${id})`,
          lines: [`It can be answered until ${until}.`, "Choose one:", "> Which colour?"],
          options: [
            option({ id: "answer:1", label: "Red" }),
            option({ id: "answer:2", label: "Blue" }),
            option({ id: "answer", label: "Answer in your own words", words: "required" }),
            option({ id: "reject", label: "Reject; …", words: "optional" }),
          ],
        },
      }),
    );
    expect(textOf(markup)).toMatch(
      /^Home asks you Choose one: > Which colour\? Asked by Home .* Red Blue Answer in your own words Answer Reason \(sent with Reject\) Reject ap-/,
    );
    // None of the answers is the usual one.
    expect(markup).not.toContain('class="primary"');
  });

  test.each([
    { what: "a value that ends a tag", line: `command: "</pre><script>alert(1)</script>"` },
    { what: "a quoted line", line: `> </span><img src=x onerror=alert(1)>` },
    { what: "a value that looks like a field", line: `command: "x\\"</b>: \\"y"` },
  ])("has $what as text", async ({ line }) => {
    const markup = await drawn(asked({ decides: 1 }, [`It can be answered until ${until}.`, line]));
    expect(markup).not.toMatch(/<script|<img|<\/b>/);
    expect(textOf(markup).replaceAll(" ", "")).toContain(line.replaceAll(" ", ""));
  });
});
