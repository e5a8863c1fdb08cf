import { describe, expect, test } from "vitest";
import type { McpServer } from "../container-json.ts";
import { needSecrets, withSecrets } from "./with-secrets.ts";

const launcherOf = (name: string) => ({ command: "launcher", args: [name] });

const rss: McpServer = {
  command: "rss",
  args: ["-v"],
  env: { LANG: "de" },
  secretEnv: { TOKEN: "RSS_TOKEN" },
  instructions: "Read news.",
};
const tools: McpServer = {
  url: "https://tools.example/mcp",
  headers: { A: "b" },
  secretHeaders: { Authorization: "TOOLS_AUTH" },
};
const plain: McpServer = { command: "plain", env: { TOKEN: "in the configuration" } };

describe("the servers of a CLI", () => {
  test("have launchers in place of servers that need secrets, and contain no secret", () => {
    const secrets = { RSS_TOKEN: "planted-1", TOOLS_AUTH: "Bearer planted-2" };
    const { servers, starts, notes } = withSecrets({ rss, tools, plain }, secrets, launcherOf);
    expect(servers).toEqual({
      rss: { command: "launcher", args: ["rss"], env: { LANG: "de" } },
      tools: { command: "launcher", args: ["tools"], env: {} },
      plain,
    });
    expect(JSON.stringify(servers)).not.toContain("planted");
    expect(Object.fromEntries(starts)).toEqual({
      rss: { command: "rss", args: ["-v"], env: { TOKEN: "planted-1" } },
      tools: { url: "https://tools.example/mcp", headers: { A: "b", Authorization: "Bearer planted-2" } },
    });
    expect(notes).toEqual([]);
  });

  test("lack a server whose secret is missing; the agent gets the command that sets it", () => {
    const { servers, starts, notes } = withSecrets({ rss, plain }, { OTHER: "x" }, launcherOf);
    expect([servers, starts.size]).toEqual([{ plain }, 0]);
    expect(notes).toEqual([
      'The MCP server rss was not started, so you do not have its tools. The host has no secret RSS_TOKEN: a person sets it by "gatehouse secrets set RSS_TOKEN", and you have it from your next start.',
    ]);
  });

  test.each([
    { what: "a header with a line end", server: tools, secrets: { TOOLS_AUTH: "planted\nmore" } },
    { what: "a variable with NUL", server: rss, secrets: { RSS_TOKEN: "planted\0" } },
  ])("lack a server whose secret would be $what, and the value is not quoted", ({ server, secrets }) => {
    const { servers, notes } = withSecrets({ server }, secrets, launcherOf);
    expect(servers).toEqual({});
    expect(notes).toMatchObject([
      expect.stringMatching(/^The MCP server server was not started.* The secret /),
    ]);
    expect(notes.join()).not.toContain("planted");
  });

  test("get no secret for a name of the object prototype", () => {
    const odd = { command: "x", secretEnv: { A: "constructor" } };
    expect(withSecrets({ odd }, {}, launcherOf).servers).toEqual({});
  });

  test.each([
    { servers: { plain }, needs: false },
    { servers: { plain: { ...plain, secretEnv: {} } }, needs: false },
    { servers: { plain, rss }, needs: true },
    { servers: { tools }, needs: true },
  ])("need secrets: $needs", ({ servers, needs }) => expect(needSecrets(servers)).toBe(needs));
});
