import process from "node:process";
import { describe, expect, test } from "vitest";
import { makeHeldBed, patience } from "./held.fixture.ts";

type Listed = {
  readonly ok: boolean;
  readonly agents: readonly { readonly member: string; readonly state: string }[];
};

describe("gatehouse ps --watch", { tags: ["slow"] }, () => {
  test("draws the list anew at a terminal until Ctrl-C", async () => {
    const bed = makeHeldBed();
    const terminal = await bed.openTerminal("ps", "--watch");
    await terminal.sees("No agents are held here.");
    await bed.ready("ana");
    await terminal.sees(/^ana +claude +ready /m);
    // It is drawn over what was there: nothing of the first text is left.
    expect(terminal.rows().join("\n")).not.toContain("No agents");
    expect((await bed.gatehouse("send", "ana", "ask")).code).toBe(0);
    await terminal.sees(/^ana +claude +waiting [^]*asks: May I run this command\?/m);
    terminal.pty.write("\x03");
    expect(await terminal.ended).toBe(130);
    expect(await bed.agent("ana")).toMatchObject({ state: "waiting" });
  });

  test("with --json it is a document a line, one for each change, and none for a second without one", async () => {
    const bed = makeHeldBed();
    const { pid } = await bed.ready("ana");
    const terminal = await bed.openTerminal("ps", "--watch", "--json");
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
      agents: [expect.objectContaining({ member: "ana", provider: "claude", folder: bed.project, pid })],
    });
    terminal.pty.write("\x03");
    expect(await terminal.ended).toBe(130);
    // Some seconds have passed, and a document is there for what has changed alone.
    const { length } = terminal
      .output()
      .split("\r\n")
      .filter((line) => line.startsWith("{"));
    expect([2, 3]).toContain(length);
  });
});
