import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { fail } from "@gatehouse/std";
import { expect, onTestFinished, test } from "vitest";
import { hostToolsOf } from "./host-tools.ts";
import { toolServer } from "./tool-server.ts";

/** Calls a tool; returns the command lines that the host was given, and whether the call failed. */
const call = async (tool: string, input: Readonly<Record<string, unknown>>) => {
  const asked: (readonly string[])[] = [];
  const tools = hostToolsOf({
    groupId: "ag-1",
    send: () => Promise.resolve(fail("No message is sent.")),
    ncl: (argv) => {
      asked.push(argv);
      return Promise.resolve({ id: "1", ok: true, data: null });
    },
  });
  const server = toolServer(() => tools);
  const client = new Client({ name: "test", version: "1" });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(there), client.connect(here)]);
  onTestFinished(() => client.close());
  const { isError } = await client.callTool({ name: tool, arguments: input });
  return { asked, isError };
};

const reason = "to read JSON";
const install = ["groups", "install-packages", "ag-1", `--reason=${reason}`] as const;
const add = ["groups", "config", "add-mcp-server", "ag-1"] as const;

test.each([
  { tool: "install_packages", input: { apt: ["jq"], reason }, argv: [...install, "--apt=jq"] },
  {
    tool: "install_packages",
    input: { npm: ["@scope/tool", "prettier@3.5.0"], reason },
    argv: [...install, "--npm=@scope/tool,prettier@3.5.0"],
  },
  {
    tool: "install_packages",
    input: { apt: ["g++", "jq"], npm: ["x"], reason },
    argv: [...install, "--apt=g++,jq", "--npm=x"],
  },
  {
    tool: "add_mcp_server",
    input: {
      name: "rss",
      command: "rss-mcp",
      args: ["--fast"],
      env: { PORT: "1" },
      reason,
      secretEnv: { TOKEN: "RSS_TOKEN" },
    },
    argv: [
      ...[...add, "--name=rss", `--reason=${reason}`, "--restart"],
      ...["--command=rss-mcp", '--args=["--fast"]', '--env={"PORT":"1"}'],
      '--secret-env={"TOKEN":"RSS_TOKEN"}',
    ],
  },
  {
    tool: "add_mcp_server",
    input: { name: "--yes", url: "https://tools.example/mcp", instructions: "Ask first.", reason },
    argv: [
      ...[...add, "--name=--yes", `--reason=${reason}`, "--restart"],
      ...["--url=https://tools.example/mcp", "--instructions=Ask first."],
    ],
  },
])("$tool asks the host for $input", async ({ tool, input, argv }) => {
  expect(await call(tool, input)).toEqual({ asked: [argv], isError: false });
});

test.each([
  { what: "no package", input: { reason } },
  { what: "no reason", input: { apt: ["jq"] } },
  { what: "an option for a name", input: { apt: ["--allow-unauthenticated"], reason } },
  { what: "two names in one", input: { apt: ["jq,ripgrep"], reason } },
  { what: "a URL for a name", input: { npm: ["https://example.com/x.tgz"], reason } },
  { what: "a folder for a name", input: { npm: ["../x"], reason } },
  { what: "21 packages", input: { apt: Array.from({ length: 21 }, (_, at) => `p${at}`), reason } },
])("install_packages does not ask the host for $what", async ({ input }) => {
  expect(await call("install_packages", input)).toEqual({ asked: [], isError: true });
});
