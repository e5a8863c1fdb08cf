// @module-tag rest
import process from "node:process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connectHeld, type HeldLine } from "@gatehouse/held-client";
import { isRunning, makeHeldFixture, patience } from "./held.fixture.ts";

const slow = { tags: ["slow"] };

describe("gatehouse attach", () => {
  test(
    "shows the screen, takes keys and the size, and detaches from an agent that keeps running",
    slow,
    async () => {
      const fixture = makeHeldFixture();
      const { pid } = await fixture.ready("ana");
      const terminal = await fixture.openTerminal("attach", "ana");
      await terminal.sees("fake session 100x30");
      terminal.pty.write("echo typed by hand\r");
      await terminal.sees("● typed by hand");
      terminal.pty.resize(90, 20);
      await expect
        .poll(async () => (await fixture.gatehouse("screen", "ana")).stdout, patience)
        .toContain("fake session 90x20");
      terminal.pty.write("\x1c");
      expect(await terminal.ended).toBe(0);
      expect(terminal.output()).toContain("ana keeps running");
      expect(isRunning(pid)).toBe(true);
      // The alternate screen and every mode are restored.
      expect(terminal.output().lastIndexOf("\x1b[?1049l")).toBeGreaterThan(
        terminal.output().lastIndexOf("\x1b[?1049h"),
      );
      expect(terminal.output().lastIndexOf("\x1b[?2004l")).toBeGreaterThan(
        terminal.output().lastIndexOf("\x1b[?2004h"),
      );
    },
  );

  test("has one writer, and makes the next terminal the writer when the first leaves", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    const first = await fixture.openTerminal("attach", "ana");
    await first.sees("fake session 100x30");
    const second = await fixture.openTerminal("attach", "ana");
    await second.sees("fake session 100x30");
    const third = await fixture.openTerminal("attach", "ana", "--read-only");
    await third.sees("fake session 100x30");
    second.pty.write("echo nobody hears\r");
    third.pty.write("echo me neither\r");
    first.pty.write("echo first writes\r");
    for (const viewer of [first, second, third]) await viewer.sees("● first writes");
    expect(fixture.notes().filter(({ event }) => event === "prompt")).toHaveLength(1);
    first.pty.write("\x1c");
    await first.ended;
    second.pty.write("echo second writes\r");
    await third.sees("● second writes");
    expect(fixture.notes().filter(({ event }) => event === "prompt")).toHaveLength(2);
  });

  test("says which terminal types, and moves the keyboard to a terminal with --take", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    const first = await fixture.openTerminal("attach", "ana");
    await first.sees("fake session 100x30");
    const second = await fixture.openTerminal("attach", "ana");
    await second.sees("You can only watch, since another terminal types.");
    const third = await fixture.openTerminal("attach", "ana", "--take");
    await third.sees("fake session 100x30");
    await first.sees("gatehouse attach ana --take");
    first.pty.write("echo nobody hears\r");
    third.pty.write("echo third writes\r");
    await second.sees("● third writes");
    expect(third.output()).not.toContain("only watch");
    third.pty.write("\x1c");
    await third.ended;
    first.pty.write("echo first again\r");
    await second.sees("● first again");
    expect(fixture.notes().filter(({ event }) => event === "prompt")).toHaveLength(2);
  });

  test("ends with the agent and its exit code, and restores the terminal", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    const terminal = await fixture.openTerminal("attach", "ana");
    await terminal.sees("? for shortcuts");
    terminal.pty.write("exit 5\r");
    expect(await terminal.ended).toBe(5);
    expect(terminal.output()).toContain("ana has ended (exit 5)");
  });

  test.for([2, 10])(
    "shows %i viewers the agent's end, and keeps its code and screen",
    slow,
    async (count) => {
      const fixture = makeHeldFixture();
      await fixture.ready("ana");
      const viewers = [];
      for (let at = 0; at < count; at += 1) {
        const viewer = await fixture.openTerminal("attach", "ana");
        await viewer.sees("? for shortcuts");
        viewers.push(viewer);
      }
      viewers[0]?.pty.write("exit 5\r");
      expect(await Promise.all(viewers.map(({ ended }) => ended))).toEqual(viewers.map(() => 5));
      expect(await fixture.agents()).toMatchObject([
        { member: "ana", state: "ended", exitCode: 5, screen: expect.stringContaining("goodbye") as string },
      ]);
      const logs = join(fixture.dataDir, "held/logs");
      const events = readdirSync(logs).flatMap((name) =>
        readFileSync(join(logs, name), "utf8").trim().split("\n"),
      );
      // If another terminal became the writer after the end, the screen would be read once more.
      expect(events.at(-1)).toContain('"event":"ended"');
    },
  );

  test("restores the terminal if the holder is killed, and if attach itself is ended", slow, async () => {
    const fixture = makeHeldFixture();
    const { holder } = await fixture.ready("ana");
    const [one, other] = [
      await fixture.openTerminal("attach", "ana"),
      await fixture.openTerminal("attach", "ana"),
    ];
    for (const viewer of [one, other]) await viewer.sees("? for shortcuts");
    other.pty.kill("SIGTERM");
    expect(await other.ended).toBe(143);
    process.kill(holder, "SIGKILL");
    expect(await one.ended).toBe(1);
    for (const { output } of [one, other]) expect(output()).toContain("\x1b[?1049l");
  });

  test("does not pass on the agent's own escape sequences", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    const terminal = await fixture.openTerminal("attach", "ana");
    await terminal.sees("? for shortcuts");
    terminal.pty.write("evil\r");
    await terminal.sees("plain");
    // No OSC (clipboard, title), no DCS, no query: the terminal's replies to these would be typed into the
    // agent.
    // eslint-disable-next-line no-control-regex -- the test looks for control characters
    expect(terminal.output()).not.toMatch(/\u001b[\]P_^X]|\u001b\[\d*n|[\u0080-\u009f]/u);
  });

  test("is refused without a terminal", slow, async () => {
    const fixture = makeHeldFixture();
    await fixture.ready("ana");
    const attached = await fixture.gatehouse("attach", "ana");
    expect(attached.code).toBe(1);
    expect(attached.stderr).toContain("terminal");
  });
});

describe("the control socket", () => {
  const firstLineOf = async (socket: string, request: object): Promise<HeldLine | "closed"> => {
    const connected = await connectHeld(socket, request);
    if (!connected.ok) throw new Error(connected.error.message);
    return new Promise((resolve) => {
      connected.value.onLine(resolve);
      connected.value.onClose(() => resolve("closed"));
    });
  };

  test("refuses a line that is not a request, and keeps the agent running", slow, async () => {
    const fixture = makeHeldFixture();
    const { socket, pid } = await fixture.ready("ana");
    for (const request of [
      { v: 2, do: "stop" },
      { do: "obey" },
      { do: "attach", columns: 1e9, rows: -1 },
      { do: "send", text: 7 },
    ])
      expect(await firstLineOf(socket, request)).toMatchObject({ ok: false, error: { code: "bad-request" } });
    expect(isRunning(pid)).toBe(true);
  });

  test("drops a client that sends an endless line, and serves the next client", slow, async () => {
    const fixture = makeHeldFixture();
    const { socket } = await fixture.ready("ana");
    expect(await firstLineOf(socket, { do: "send", text: "x".repeat(1_000_000) })).toBe("closed");
    expect(await firstLineOf(socket, { do: "state" })).toMatchObject({
      ok: true,
      status: { state: "ready" },
    });
  });
});
