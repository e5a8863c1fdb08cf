import { expect, test } from "vitest";
import { withoutSecrets } from "./without-secrets.ts";

test.each([
  "ap-019abc12-3456-7aaa-8fff-0123456789ab",
  "local:ada",
  "slack:ada@example.com",
  "claude-sonnet-4-5-20250929",
  "npm test -- --watch",
  "Bash(npm test *)",
  "/srv/work/tokens/readme.md",
  "America/New_York",
  "max-tokens-per-day",
  "https://mcp.example.com/sse",
  "@modelcontextprotocol/server-filesystem",
])("withoutSecrets keeps %s", (text) => expect(withoutSecrets(text)).toBe(text));

test.each([
  { text: "sk-ant-api03-hunter2hunter2hunter2hunter2", secret: "hunter2" },
  { text: "sk-0123456789abcdef0123456789abcdef", secret: "0123456789abcdef" },
  { text: "https://mcp.example.com/sse?token=hunter2", secret: "hunter2" },
  { text: "https://ada:hunter2@mcp.example.com/", secret: "hunter2" },
  { text: "npx server --token hunter2", secret: "hunter2" },
  { text: "npx server --api-key=hunter2", secret: "hunter2" },
  { text: "PASSWORD=hunter2 make", secret: "hunter2" },
  { text: "GITHUB_TOKEN='hunter2 too' gh pr list", secret: "hunter2" },
  { text: `curl -d '{"password":"hunter2"}' example.com`, secret: "hunter2" },
  { text: "curl -H 'Authorization: Bearer hunter2hunter2' example.com", secret: "hunter2" },
])("withoutSecrets removes the secret of $text", ({ text, secret }) => {
  const safe = withoutSecrets(text);
  expect(safe).not.toContain(secret);
  expect(safe).toContain("***");
});

test("withoutSecrets cuts a long text, also in the middle of a secret, and says its length", () => {
  expect(withoutSecrets("a ".repeat(200))).toBe(`${"a ".repeat(150)}… (400 characters)`);
  const key = "sk-ant-api03-hunter2hunter2hunter2hunter2";
  expect(withoutSecrets(`${"a ".repeat(145)}${key}`)).not.toContain("hunter2");
});
