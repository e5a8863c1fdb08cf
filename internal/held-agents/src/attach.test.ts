import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { connectHeld, type HeldLine } from "./client/ask-held.ts";
import { isRunning, makeHeldBed, patience } from "./held.fixture.ts";

const slow = { tags: ["slow"] };

describe("gatehouse attach", () => {
  test(
    "shows the screen, takes keys and the size, and detaches from an agent that runs on",
    slow,
    async () => {
      const bed = makeHeldBed();
      const { pid } = await bed.ready("ana");
      const terminal = await bed.openTerminal("attach", "ana");
      await terminal.sees("fake session 100x30");
      terminal.pty.write("echo typed by hand\r");
      await terminal.sees("● typed by hand");
      terminal.pty.resize(90, 20);
      await expect
        .poll(async () => (await bed.gatehouse("screen", "ana")).stdout, patience)
        .toContain("fake session 90x20");
      terminal.pty.write("\x1c");
      expect(await terminal.ended).toBe(0);
      expect(terminal.output()).toContain("ana keeps running");
      expect(isRunning(pid)).toBe(true);
      // The alternate screen and every mode are taken back.
      expect(terminal.output().lastIndexOf("\x1b[?1049l")).toBeGreaterThan(
        terminal.output().lastIndexOf("\x1b[?1049h"),
      );
      expect(terminal.output().lastIndexOf("\x1b[?2004l")).toBeGreaterThan(
        terminal.output().lastIndexOf("\x1b[?2004h"),
      );
    },
  );

  test("has one writer: the next becomes it when the first has gone", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    const first = await bed.openTerminal("attach", "ana");
    await first.sees("fake session 100x30");
    const second = await bed.openTerminal("attach", "ana");
    await second.sees("fake session 100x30");
    const third = await bed.openTerminal("attach", "ana", "--read-only");
    await third.sees("fake session 100x30");
    second.pty.write("echo nobody hears\r");
    third.pty.write("echo me neither\r");
    first.pty.write("echo first writes\r");
    for (const viewer of [first, second, third]) await viewer.sees("● first writes");
    expect(bed.notes().filter(({ event }) => event === "prompt")).toHaveLength(1);
    first.pty.write("\x1c");
    await first.ended;
    second.pty.write("echo second writes\r");
    await third.sees("● second writes");
    expect(bed.notes().filter(({ event }) => event === "prompt")).toHaveLength(2);
  });

  test("says who types, and gives the keyboard to the terminal that takes it", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    const first = await bed.openTerminal("attach", "ana");
    await first.sees("fake session 100x30");
    const second = await bed.openTerminal("attach", "ana");
    await second.sees("You can only watch, since another terminal types.");
    const third = await bed.openTerminal("attach", "ana", "--take");
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
    expect(bed.notes().filter(({ event }) => event === "prompt")).toHaveLength(2);
  });

  test("ends with the agent and its code, and gives the terminal back", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    const terminal = await bed.openTerminal("attach", "ana");
    await terminal.sees("? for shortcuts");
    terminal.pty.write("exit 5\r");
    expect(await terminal.ended).toBe(5);
    expect(terminal.output()).toContain("ana has ended (exit 5)");
  });

  test.for([2, 10])(
    "shows %i viewers the agent's end, and keeps its code and screen",
    slow,
    async (count) => {
      const bed = makeHeldBed();
      await bed.ready("ana");
      const viewers = [];
      for (let at = 0; at < count; at += 1) {
        const viewer = await bed.openTerminal("attach", "ana");
        await viewer.sees("? for shortcuts");
        viewers.push(viewer);
      }
      viewers[0]?.pty.write("exit 5\r");
      expect(await Promise.all(viewers.map(({ ended }) => ended))).toEqual(viewers.map(() => 5));
      expect(await bed.agents()).toMatchObject([
        { member: "ana", state: "ended", exitCode: 5, screen: expect.stringContaining("goodbye") as string },
      ]);
      const logs = join(bed.dataDir, "held/logs");
      const events = readdirSync(logs).flatMap((name) =>
        readFileSync(join(logs, name), "utf8").trim().split("\n"),
      );
      // A terminal that becomes the writer after the end would have the screen read once more.
      expect(events.at(-1)).toContain('"event":"ended"');
    },
  );

  test("gives the terminal back where the holder is killed, or itself ended", slow, async () => {
    const bed = makeHeldBed();
    const { holder } = await bed.ready("ana");
    const [one, other] = [await bed.openTerminal("attach", "ana"), await bed.openTerminal("attach", "ana")];
    for (const viewer of [one, other]) await viewer.sees("? for shortcuts");
    other.pty.kill("SIGTERM");
    expect(await other.ended).toBe(143);
    process.kill(holder, "SIGKILL");
    expect(await one.ended).toBe(1);
    for (const { output } of [one, other]) expect(output()).toContain("\x1b[?1049l");
  });

  test("passes on none of an agent's own sequences", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    const terminal = await bed.openTerminal("attach", "ana");
    await terminal.sees("? for shortcuts");
    terminal.pty.write("evil\r");
    await terminal.sees("plain");
    // No OSC (clipboard, title), no DCS, no query: what answers those would be typed into the agent.
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(terminal.output()).not.toMatch(/\u001b[\]P_^X]|\u001b\[\d*n|[\u0080-\u009f]/u);
  });

  test("needs a terminal", slow, async () => {
    const bed = makeHeldBed();
    await bed.ready("ana");
    const attached = await bed.gatehouse("attach", "ana");
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

  test("refuses what is no request, and the agent runs on", slow, async () => {
    const bed = makeHeldBed();
    const { socket, pid } = await bed.ready("ana");
    for (const request of [
      { v: 2, do: "stop" },
      { do: "obey" },
      { do: "attach", columns: 1e9, rows: -1 },
      { do: "send", text: 7 },
    ])
      expect(await firstLineOf(socket, request)).toMatchObject({ ok: false, error: { code: "bad-request" } });
    expect(isRunning(pid)).toBe(true);
  });

  test("drops who sends a line without an end, and serves the next", slow, async () => {
    const bed = makeHeldBed();
    const { socket } = await bed.ready("ana");
    expect(await firstLineOf(socket, { do: "send", text: "x".repeat(1_000_000) })).toBe("closed");
    expect(await firstLineOf(socket, { do: "state" })).toMatchObject({
      ok: true,
      status: { state: "ready" },
    });
  });
});
