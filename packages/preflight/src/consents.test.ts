import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { consentAnswers } from "@trust/dialog-engine";
import { consentList, parseConsents } from "./consents.ts";

const every = Object.entries(consentAnswers).flatMap(([kind, answers]) =>
  answers.map((answer) => ({ kind, answer, text: `${kind}=${answer}` })),
);

describe("parseConsents", () => {
  test.each(every)("reads $text", ({ kind, answer, text }) => {
    expect(parseConsents([text])).toEqual({ ok: true, value: { [kind]: answer } });
    expect(consentList).toContain(kind);
  });

  test("reads several texts, and a repeated one", () => {
    expect(parseConsents(["api-key=use", "mcp=refuse", "api-key=use"])).toEqual({
      ok: true,
      value: { "api-key": "use", mcp: "refuse" },
    });
  });

  const refused = [
    { text: "api-key", why: "no answer" },
    { text: "api-key=", why: "an empty answer" },
    { text: "api-key=Use", why: "another case" },
    { text: "api-key=use ", why: "a trailing blank" },
    { text: "api-key=use=refuse", why: "two answers in one" },
    { text: "trust=refuse", why: "an answer of another kind" },
    { text: "update=now", why: "an answer that is never given" },
    { text: "apikey=use", why: "a kind misspelled" },
    { text: "toString=use", why: "a name every object has" },
    { text: "__proto__=use", why: "a name that would change the object" },
    { text: "=use", why: "no kind" },
    { text: "", why: "nothing" },
  ];
  test.each(refused)("refuses $why, and lists the valid consents", ({ text }) => {
    const parsed = parseConsents(["mcp=use", text]);
    expect(parsed).toMatchObject({ ok: false, error: { code: "unknown-consent", text } });
    expect(!parsed.ok && parsed.error.message).toContain(consentList);
  });

  test("refuses two different answers for one kind", () => {
    expect(parseConsents(["mcp=use", "mcp=refuse"])).toMatchObject({
      ok: false,
      error: { message: '"mcp" is answered twice, with "use" and "refuse".' },
    });
  });

  test("never gives a consent that was not named exactly", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (texts) => {
        const parsed = parseConsents(texts);
        if (!parsed.ok) return;
        for (const [kind, answer] of Object.entries(parsed.value))
          expect(texts).toContain(`${kind}=${answer}`);
      }),
    );
  });
});
