import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactCast, redactText } from "./redact.ts";
import { secretsIn } from "./secret-names.ts";

describe("redactText", () => {
  const key = "sk-ant-api03-0123456789abcdefghijklmnopqrstuv";

  test.each([
    {
      title: "a given secret",
      text: "pw hunter2hunter2",
      secrets: ["hunter2hunter2"],
      gone: "hunter2",
    },
    { title: "an API key by its shape", text: `key ${key}`, secrets: [], gone: "api03" },
    {
      title: "the end of a key, as Claude shows it",
      text: `sk-ant-...${key.slice(-20)}`,
      secrets: [],
      gone: key.slice(-20),
    },
    {
      title: "the end of a key of another shape",
      text: "ends in 456789abcdefghijklmn",
      secrets: ["0123456789abcdefghijklmn"],
      gone: "abcdef",
    },
    { title: "a GitHub token", text: "ghp_0123456789abcdefghij", secrets: [], gone: "ghp_" },
    { title: "a bearer header", text: "Authorization: Bearer abc.def-ghi_jkl", secrets: [], gone: "abc.def" },
    {
      title: "the user and password in an address",
      text: "DB=postgres://ann:pa55w0rd@db/x",
      secrets: [],
      gone: "pa55w0rd",
    },
    {
      title: "a token in the address of a remote",
      text: "https://x0auth1234@host/r.git",
      secrets: [],
      gone: "x0auth",
    },
    { title: "a mail address", text: "signed in as ann@example.org", secrets: [], gone: "ann@" },
    {
      title: "a signed token",
      text: `token-eyJ${"a".repeat(900)}.${"b".repeat(40)}.c_d`,
      secrets: [],
      gone: "aaa",
    },
  ])("hides $title and keeps the length", ({ text, secrets, gone }) => {
    const redacted = redactText(text, secrets);
    expect(redacted).not.toContain(gone);
    expect(redacted).toHaveLength(text.length);
  });

  test.each([
    { title: "if one of them ends with the other", secrets: ["hunter2-hunter2", "ann:hunter2-hunter2"] },
    { title: "if the longer one is named first", secrets: ["ann:hunter2-hunter2", "hunter2-hunter2"] },
    { title: "if one is in the middle of the other", secrets: ["hunter2-", "ann:hunter2-hunter2"] },
  ])("hides the whole of a secret $title", ({ secrets }) => {
    expect(redactText("as ann:hunter2-hunter2.", secrets)).toBe(`as ${"*".repeat(19)}.`);
  });

  test("masks secrets that overlap", () => {
    expect(redactText("<0123456789abcdef>", ["0123456789", "56789abcdef"])).toBe(`<${"*".repeat(16)}>`);
  });

  test("masks every occurrence, and nothing else", () => {
    expect(redactText("hunter2! or hunter2!hunter2! or hunter", ["hunter2!"])).toBe(
      "******** or **************** or hunter",
    );
  });

  test.each([
    "Yes, I trust this folder",
    "/tmp/h/w/proj",
    "Claude Code v2.1.328",
    "task-list",
    "risk-free",
    "see https://docs.example.org/a@b",
  ])("leaves %s alone", (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe("redactText and text that looks nearly like a secret", () => {
  test.each(["a.", "a-b@", "eyJ-", "https://", "sk_"])(
    "reads a long run of %s in time proportional to its length",
    (piece) => {
      const text = piece.repeat(100_000);
      redactText(text);
    },
  );
});

describe("redactCast", () => {
  test("masks a secret that is split anywhere over pieces of output", () => {
    const secret = "correct-horse-battery";
    const text = `before ${secret} after`;
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 6 }), (cuts) => {
        const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
        const events = places.slice(1).map((end, at) => [at, "o", text.slice(places[at], end)] as const);
        const redacted = redactCast({ header: { version: 2, width: 80, height: 24 }, events }, [secret]);
        const whole = redacted.events.map(([, , data]) => data).join("");
        expect(whole).toBe(`before ${"*".repeat(secret.length)} after`);
        expect(redacted.events.map(([, , data]) => data.length)).toEqual(
          events.map(([, , data]) => data.length),
        );
      }),
    );
  });

  test("masks it in markers, the title, the command and the environment too", () => {
    const header = {
      version: 2,
      width: 80,
      height: 24,
      title: "t hunter2hunter2",
      command: "c hunter2hunter2",
      env: { SHELL: "/bin/sh", PW: "hunter2hunter2" },
    } as const;
    const cast = redactCast({ header, events: [[0, "m", "hunter2hunter2"]] }, ["hunter2hunter2"]);
    expect(JSON.stringify(cast)).not.toContain("hunter2");
    expect(cast.header.env?.["SHELL"]).toBe("/bin/sh");
  });
});

describe("secretsIn", () => {
  test("returns long values of variables with a secret's name", () => {
    const env = {
      ANTHROPIC_API_KEY: "0123456789",
      GITHUB_TOKEN: "abcdefgh",
      PATH: "/usr/bin:/bin",
      DB_PASSWORD: "short",
    };
    expect(secretsIn(env)).toEqual(["0123456789", "abcdefgh"]);
  });
});
