import { describe, expect, test } from "vitest";
import { redactCast, redactText, secretsIn } from "./redact.ts";

const key = "plain-value-of-thirty-two-letters";

describe("redactText", () => {
  test.each([
    { shown: "the whole secret", text: `KEY=${key}.`, redacted: `KEY=${"*".repeat(key.length)}.` },
    { shown: "its last 20 characters", text: `...${key.slice(-20)} ok`, redacted: `...${"*".repeat(20)} ok` },
    { shown: "its last 28 characters", text: `…${key.slice(-28)} ok`, redacted: `…${"*".repeat(28)} ok` },
    {
      shown: "its last 11 characters: as short as a word",
      text: `${key.slice(-11)}!`,
      redacted: `${key.slice(-11)}!`,
    },
    { shown: "its beginning", text: key.slice(0, 20), redacted: key.slice(0, 20) },
  ])("given a secret, with $shown on the screen", ({ text, redacted }) => {
    expect(redactText(text, [key])).toBe(redacted);
  });

  test.each(["sk-ant-api03-abcdefgh", "ghp_0123456789abcdef", "someone@example.com", "Bearer abcdefgh12345"])(
    "hides what has the shape of a secret: %s",
    (secret) => {
      expect(redactText(`a ${secret} b`)).not.toContain(secret.slice(-8));
    },
  );

  test("leaves a dialog's words alone", () => {
    const words = "Do you want to use this API key?  1. Yes  2. No (recommended)";
    expect(redactText(words, [key])).toBe(words);
  });
});

describe("redactCast", () => {
  test("finds a secret that is split over pieces of output, and keeps the pieces' lengths", () => {
    const cast = {
      header: { version: 2, width: 80, height: 24, title: `with ${key}` },
      events: [
        [0, "o", `key ${key.slice(0, 9)}`],
        [1, "i", "\r"],
        [2, "o", `${key.slice(9)} end`],
      ],
    } as const;
    const { header, events } = redactCast(cast, [key]);
    expect(header.title).toBe(`with ${"*".repeat(key.length)}`);
    expect(events.map(([, , data]) => data)).toEqual([
      `key ${"*".repeat(9)}`,
      "\r",
      `${"*".repeat(key.length - 9)} end`,
    ]);
  });
});

describe("secretsIn", () => {
  test("takes what a variable's name calls a secret, unless it is too short to tell from a word", () => {
    const env = {
      ANTHROPIC_API_KEY: "k".repeat(8),
      HOME: "/home/someone",
      API_TOKEN: "short",
      AUTH: undefined,
    };
    expect(secretsIn(env)).toEqual(["kkkkkkkk"]);
  });
});
