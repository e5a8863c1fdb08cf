import { describe, expect, test } from "vitest";
import { redactCast, redactText } from "./redact.ts";
import { secretsIn } from "./secret-names.ts";

const key = "kQ7xP2mV9tL4wR8zJ3nB6yH1";
const token = "ghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R";

describe("redactText, with a secret in several pieces", () => {
  test.each([
    { title: "a row wraps it", text: `key ${key.slice(0, 13)}\n${key.slice(13)} end`, secrets: [key] },
    { title: "a row wraps it early", text: `key ${key.slice(0, 4)}\n${key.slice(4)} end`, secrets: [key] },
    {
      title: "a row wraps it with an indent",
      text: `key ${key.slice(0, 11)}   \r\n    ${key.slice(11)} end`,
      secrets: [key],
    },
    {
      title: "a box wraps it",
      text: `│ ${key.slice(0, 10)}   │\n│ ${key.slice(10)} │\n╰──────────╯`,
      secrets: [key],
    },
    { title: "a box cuts its end", text: `│ ${key.slice(0, 16)}│\n│ next │`, secrets: [key] },
    { title: "a box cuts both its ends", text: `│${key.slice(5, 19)}│`, secrets: [key] },
    { title: "an ellipsis ends it", text: `key ${key.slice(0, 14)}… end`, secrets: [key] },
    { title: "an ellipsis ends it early", text: `key ${key.slice(0, 8)}… end`, secrets: [key] },
    { title: "dots end it early", text: `key ${key.slice(0, 8)}... end`, secrets: [key] },
    { title: "an ellipsis begins it", text: `key …${key.slice(-8)} end`, secrets: [key] },
    {
      title: "a colour changes within",
      text: `key ${key.slice(0, 9)}\u001b[1m${key.slice(9)}\u001b[22m end`,
      secrets: [key],
    },
    {
      title: "a window title carries it",
      text: `\u001b]0;${key}\u0007 ready`,
      secrets: [key],
    },
    {
      title: "a link goes to it",
      text: `\u001b]8;;https://h/?k=${key}\u001b\\here\u001b]8;;\u001b\\`,
      secrets: [key],
    },
    {
      title: "a token unknown to us is wrapped",
      text: `is ${token.slice(0, 18)}\n${token.slice(18)} end`,
      secrets: [],
      gone: token,
    },
    {
      title: "a token unknown to us is wrapped in its first letters",
      text: `is ${token.slice(0, 2)}\n${token.slice(2)} end`,
      secrets: [],
      gone: token,
    },
    {
      title: "a token unknown to us is wrapped in a box",
      text: `│ ${token.slice(0, 18)}  │\n│ ${token.slice(18)}  │`,
      secrets: [],
      gone: token,
    },
    {
      title: "a token unknown to us changes colour",
      text: `is ${token.slice(0, 8)}\u001b[31m${token.slice(8)}\u001b[39m end`,
      secrets: [],
      gone: token,
    },
    {
      title: "an ellipsis ends a token unknown to us",
      text: "is ghp_0a1B2c… end",
      secrets: [],
      gone: "0a1B2c",
    },
    {
      title: "the program places a token's rows",
      text: `\u001b[5;3His ${token.slice(0, 18)}\u001b[6;3H${token.slice(18)}\u001b[7;3Hend`,
      secrets: [],
      gone: token,
    },
  ])("hides it where $title, and keeps what stands between", ({ text, secrets, gone = key }) => {
    const redacted = redactText(text, secrets);
    expect(redacted).toHaveLength(text.length);
    for (let at = 0; at + 6 <= gone.length; at += 1) expect(redacted).not.toContain(gone.slice(at, at + 6));
    const isKept = (character: string): boolean => !/[A-Za-z0-9_…*]/u.test(character);
    [...text].forEach((character, at) => {
      if (isKept(character)) expect(redacted[at]).toBe(character);
    });
    expect(redacted.includes("end")).toBe(text.includes("end"));
  });
});

describe("redactText, with other forms of a secret", () => {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");

  test.each([
    { title: "base64", text: `Basic: ${base64(key)}` },
    { title: "base64 one byte on", text: base64(`:${key}`) },
    { title: "base64 two bytes on", text: base64(`u:${key}`) },
    {
      title: "base64 of a whole header",
      text: base64(`{"user":"ann","key":"${key}"}`),
      keeps: base64('{"user":'),
    },
  ])("hides it as $title", ({ text, keeps = "" }) => {
    const redacted = redactText(text, [key]);
    const encoded = base64(key);
    expect(redacted).not.toBe(text);
    for (let at = 0; at + 12 <= encoded.length; at += 1)
      expect(redacted).not.toContain(text.slice(at + keeps.length + 8, at + keeps.length + 20));
    expect(redacted.startsWith(keeps.slice(0, 8))).toBe(true);
  });

  test("masks it in URL-safe base64, which has - and _", () => {
    const secret = "?>?>?>~~~~ÿÿÿÿ?>?>";
    const text = Buffer.from(secret).toString("base64url");
    expect(text).toMatch(/[-_]/);
    expect(redactText(text, [secret]).replaceAll("*", "").length).toBeLessThan(4);
  });

  test("masks it with percent escapes in an address", () => {
    expect(redactText("p%40ss%2Fw0rd%3A1", ["p@ss/w0rd:1"])).toBe("*".repeat(17));
  });
});

describe("redactText, with secrets known by the words around them", () => {
  test.each([
    { title: "a variable that is printed", text: "DB_PASS=hunter2hunter2 set", gone: "hunter2" },
    { title: "a DSN for MySQL", text: "root:hunter2hunter2@tcp(db:3306)/app", gone: "hunter2" },
    { title: "a DSN for PostgreSQL", text: "host=db password=hunter2hunter2 user=ann", gone: "hunter2" },
    { title: "a DSN for ODBC", text: "Server=db;Uid=ann;Pwd=hunter2hunter2;", gone: "hunter2" },
    { title: "a key in an address", text: "https://h/mcp?api_key=hunter2hunter2&x=1", gone: "hunter2" },
    { title: "a cookie", text: "Cookie: sid=hunter2hunter2; theme=dark", gone: "hunter2" },
    { title: "a cookie that is set", text: "set-cookie: sid=hunter2hunter2; Path=/", gone: "hunter2" },
    { title: "a header of its own", text: "X-Api-Key: hunter2hunter2", gone: "hunter2" },
    { title: "a Basic header", text: "Authorization: Basic YW5uOmh1bnRlcjI=", gone: "YW5uOmh1" },
  ])("hides $title", ({ text, gone }) => {
    expect(redactText(text)).not.toContain(gone);
  });

  test.each([
    "PWD=/home/ann/project",
    "OLDPWD=/var/lib/project",
    "SSH_KEY=/home/ann/.ssh/id_ed25519",
    "Use ↑/↓ to move, Enter to confirm · Esc to cancel",
    "❯ 1. Yes, use this API key",
    "Cookie: we use them on this page",
    "--max-tokens=100",
    "Press Enter to continue…",
    "task-\nforce of sk\nills",
    "a bypass=permissions mode",
    "mode=permissions",
    "ghp_abc…",
  ])("leaves %s alone", (text) => {
    expect(redactText(text, ["hunter2hunter2"])).toBe(text);
  });

  test("does not mask the row after a token as its end", () => {
    const redacted = redactText(`Detected ${token}\nPress Enter to continue\n1. Yes`);
    expect(redacted.split("\n").slice(1)).toEqual(["Press Enter to continue", "1. Yes"]);
  });
});

describe("redactText and a home folder", () => {
  test.each([
    { title: "itself", text: "in /home/ann.", shown: "in /****/***." },
    { title: "a folder below it", text: "/home/ann/work/app", shown: "/****/***/work/app" },
    { title: "the home where a row wraps it", text: "/home/a\n  nn/work", shown: "/****/*\n  **/work" },
    { title: "the home in an address", text: "file://box/home/ann/x", shown: "file://box/****/***/x" },
    { title: "another person's", text: "/home/anna/work", shown: "/home/anna/work" },
    { title: "a name that goes on", text: "/home/ann-old/work", shown: "/home/ann-old/work" },
    { title: "the short form", text: "~/work", shown: "~/work" },
  ])("shows $title so that its place and depth stay", ({ text, shown }) => {
    expect(redactText(text, [], "/home/ann")).toBe(shown);
  });

  test.each(["/", "", "home"])("masks nothing if the home is %o", (home) => {
    expect(redactText("/a home/b", [], home)).toBe("/a home/b");
  });

  test("masks it in a recording's title, command and output", () => {
    const header = {
      version: 2,
      width: 80,
      height: 24,
      title: "/home/ann/app",
      command: "/home/ann/bin/x",
    } as const;
    const cast = redactCast({ header, events: [[0, "o", "/home/a"], [1, "o", "nn/app"]] }, [], "/home/ann"); // prettier-ignore
    expect(cast.header).toMatchObject({ title: "/****/***/app", command: "/****/***/bin/x" });
    expect(cast.events.map(([, , data]) => data).join("")).toBe("/****/***/app");
  });
});

describe("secretsIn", () => {
  test.each([
    "DB_PASS",
    "SSHPASS",
    "PGPASSWORD",
    "MYSQL_PWD",
    "GPG_PASSPHRASE",
    "SESSION_COOKIE",
    "SENTRY_DSN",
    "GITHUB_PAT",
    "SLACK_WEBHOOK_URL",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AUTHORIZATION",
    "npm_config_//registry.npmjs.org/:_authToken",
  ])("takes %s", (name) => {
    expect(secretsIn({ [name]: "hunter2hunter2" })).toEqual(["hunter2hunter2"]);
  });

  test.each([
    { name: "PWD", value: "/home/ann/project" },
    { name: "OLDPWD", value: "/home/ann/project" },
    { name: "OLDPWD", value: "not-even-a-path" },
    { name: "ORIGINAL_PWD", value: "/home/ann/project" },
    { name: "GIT_AUTHOR_NAME", value: "Ann of the House" },
    { name: "COMPASS", value: "north-north-west" },
    { name: "BYPASS", value: "permissions" },
    { name: "PASSENGER_APP", value: "production" },
    { name: "DB_PASS", value: "hunter2" },
    { name: "PATTERN", value: "a-long-pattern" },
    { name: "EDITOR", value: "/usr/bin/vim" },
    { name: "XDG_SESSION_TYPE", value: "wayland-session" },
  ])("leaves $name=$value alone", ({ name, value }) => {
    expect(secretsIn({ [name]: value })).toEqual([]);
  });

  test.each([
    { value: "postgres://ann:hunter2%2Fhunter2@db:5432/app", secret: "hunter2%2Fhunter2" },
    { value: "postgres://ann:hunter2%2Fhunter2@db:5432/app", secret: "hunter2/hunter2" },
    { value: "redis://:hunter2hunter2@cache:6379", secret: "hunter2hunter2" },
    { value: "root:hunter2hunter2@tcp(db:3306)/app", secret: "hunter2hunter2" },
    { value: "host=db password=hunter2hunter2 user=ann", secret: "hunter2hunter2" },
  ])("removes the password from $value, for any name of the variable", ({ value, secret }) => {
    expect(secretsIn({ DATABASE_URL: value })).toContain(secret);
  });

  test("do not mask a text that only begins like a secret path", () => {
    const secrets = secretsIn({ SSH_AUTH_SOCK: "/home/ann/.cache/ssh/agent.4711" });
    expect(redactText("/home/ann/.cache/ssh", secrets)).toBe("/home/ann/.cache/ssh");
    expect(redactText("at /home/ann/.cache/ssh/agent.4711", secrets)).toBe(`at ${"*".repeat(31)}`);
  });

  test("do not mask another address of the same scheme", () => {
    const secrets = secretsIn({ APP_DSN: "postgresql://hunter2hunter2.example/x" });
    expect(redactText("postgresql://other", secrets)).toBe("postgresql://other");
  });
});
