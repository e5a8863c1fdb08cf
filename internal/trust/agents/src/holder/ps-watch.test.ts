// @module-tag rest
import process from "node:process";
import { describe, expect, test } from "vitest";
import { makeHeldFixture, patience } from "./held.fixture.ts";

type Listed = {
  readonly ok: boolean;
  readonly agents: readonly { readonly member: string; readonly state: string }[];
};

describe("gatehouse ps --watch", { tags: ["slow"] }, () => {
  test("redraws the list at a terminal until Ctrl-C", async () => {
    const fixture = makeHeldFixture();
    const terminal = await fixture.openTerminal("ps", "--watch");
    await terminal.sees("No agents are held here.");
    await fixture.ready("ana");
    await terminal.sees(/^ana +claude +ready /m);
    // The list is redrawn in place: no part of the first text is left.
    expect(terminal.rows().join("\n")).not.toContain("No agents");
    expect((await fixture.gatehouse("send", "ana", "ask")).code).toBe(0);
    await terminal.sees(/^ana +claude +waiting [^]*asks: May I run this command\?/m);
    terminal.pty.write("\x03");
    expect(await terminal.ended).toBe(130);
    expect(await fixture.agent("ana")).toMatchObject({ state: "waiting" });
  });

  test("prints with --json one document a line for each change, and none for a second without a change", async () => {
    const fixture = makeHeldFixture();
    const { pid } = await fixture.ready("ana");
    const terminal = await fixture.openTerminal("ps", "--watch", "--json");
    const listed = (): readonly Listed[] =>
      terminal
        .output()
        .split("\r\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Listed);
    const states = () => listed().map(({ ok, agents }) => [ok, agents.map(({ state }) => state)]);
    await expect.poll(states, patience).toEqual([[true, ["ready"]]]);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => states().at(-1), patience).toEqual([true, ["ended"]]);
    expect(listed()[0]).toEqual({
      ok: true,
      agents: [expect.objectContaining({ member: "ana", provider: "claude", folder: fixture.project, pid })],
    });
    terminal.pty.write("\x03");
    expect(await terminal.ended).toBe(130);
    // After some seconds, each document is due to a change.
    const { length } = terminal
      .output()
      .split("\r\n")
      .filter((line) => line.startsWith("{"));
    expect([2, 3]).toContain(length);
  });
});
