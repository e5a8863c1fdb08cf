import { expect, test } from "vitest";
import { followServers } from "./claude-servers.ts";
import { readFrame } from "./frames.ts";

const init = (...servers: readonly object[]): string =>
  JSON.stringify({ type: "system", subtype: "init", mcp_servers: servers });

const status = (...mcpServers: readonly object[]): string =>
  JSON.stringify({ type: "control_response", response: { subtype: "success", response: { mcpServers } } });

test("a server that failed is asked about once, and reported with its reason", () => {
  const [states, sent]: [unknown[], unknown[]] = [[], []];
  const follow = followServers(
    (state) => states.push(state),
    (frame) => sent.push(frame),
  );
  const hear = (line: string): void => follow(readFrame(line));
  const failed = { name: "weather", status: "failed" };
  const hidden = { name: "gatehouse", status: "failed" };
  const turn = init(hidden, failed, { name: "notes", status: "connected" });
  for (const line of [turn, turn]) hear(line);
  expect(sent).toMatchObject([{ type: "control_request", request: { subtype: "mcp_status" } }]);
  expect(states).toEqual(Array(2).fill({ name: "notes", failure: null }));
  hear(
    status(
      { ...failed, error: 'Executable not found in $PATH: "stdio"' },
      { name: "web", status: "needs-auth" },
    ),
  );
  expect(states.slice(2)).toEqual([
    { name: "weather", failure: "not-found" },
    { name: "web", failure: "sign-in" },
  ]);
});
