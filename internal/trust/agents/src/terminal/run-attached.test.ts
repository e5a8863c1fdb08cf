// @module-tag rest
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeAgentBed, setUp, type AgentBed } from "@gatehouse/test-kit";

const slow = { tags: ["slow"] };
const asksForKey = {
  scenario: { apiKey: true },
  env: { ANTHROPIC_API_KEY: "sk-ant-api03-0123456789abcdefghij" },
};

/**
 * A shell runs gatehouse, then prints its exit code and the state of the terminal. The shell stays, since a
 * PTY's last output may be lost when its last program ends.
 */
const thenTell = "; echo code $?; stty -a | tr ' ;' '\\n\\n' | grep icanon; read line";

const keysOnKeyDialog = ({ notes }: AgentBed): (string | undefined)[] =>
  notes()
    .filter(({ event, pointed }) => event === "key" && (pointed === "Yes" || pointed === "No (recommended)"))
    .map(({ key }) => key);

describe("gatehouse run, at a terminal", () => {
  test(
    "shows the agent's screen, passes on size and keys, and exits with the agent's code",
    slow,
    async () => {
      const bed = makeAgentBed();
      const terminal = await bed.openTerminal(`$gatehouse run project${thenTell}`);
      await terminal.sees("Claude Code 100 x 30");
      terminal.resize(90, 20);
      await terminal.sees("Claude Code 90 x 20");
      terminal.pty.write("hello");
      await expect.poll(() => bed.notes().find(({ event }) => event === "typed")?.key).toBe("hello");
      terminal.pty.write("\x04");
      await terminal.sees("code 7");
      await terminal.sees(/^icanon/m);
      expect(bed.running()).toEqual([]);
    },
  );

  test("answers a dialog only if the caller consented", slow, async () => {
    const bed = makeAgentBed(asksForKey);
    const terminal = await bed.openTerminal("$gatehouse run project --consent api-key=refuse");
    await terminal.sees("? for shortcuts");
    expect(keysOnKeyDialog(bed).at(-1)).toBe("\r");
    expect(bed.notes().findLast(({ key }) => key === "\r")?.pointed).toBe("No (recommended)");
  });

  test("leaves any other dialog to the person", slow, async () => {
    const bed = makeAgentBed({ ...asksForKey, scenario: { apiKey: true, deadMs: 0, remountMs: null } });
    const terminal = await bed.openTerminal("$gatehouse run project");
    await terminal.sees("Do you want to use this API key?");
    terminal.pty.write("\x1b[B");
    await terminal.sees("❯ No (recommended)");
    terminal.pty.write("\r");
    await terminal.sees("? for shortcuts");
    expect(keysOnKeyDialog(bed)).toEqual(["\x1b[B", "\r"]);
  });

  test("presses no key after the person has typed, in spite of consents", slow, async () => {
    const bed = makeAgentBed({ ...asksForKey, scenario: { apiKey: true, startsAtKey: true } });
    const terminal = await bed.openTerminal("$gatehouse run project --consent api-key=use");
    await expect.poll(() => bed.notes().some(({ event }) => event === "waits")).toBe(true);
    terminal.pty.write("x");
    await terminal.sees("Do you want to use this API key?");
    // Meanwhile the engine answers a dialog of the same age, in a run where nobody has typed.
    const untouched = await makeAgentBed(asksForKey).openTerminal(
      "$gatehouse run project --consent api-key=use",
    );
    await untouched.sees("? for shortcuts");
    expect(keysOnKeyDialog(bed).filter((key) => key !== "x")).toEqual([]);
  });

  test("shows the agent if only a person can continue", slow, async () => {
    const bed = makeAgentBed({ scenario: { start: "unknown" } });
    const terminal = await bed.openTerminal("$gatehouse run project");
    await terminal.sees("A question that nobody has heard of");
    expect(bed.notes().filter(({ event }) => event === "key")).toEqual([]);
  });

  test("reports the preflight's question in one line, since the agent asks it below", slow, async () => {
    const bed = makeAgentBed({ scenario: { start: "unknown" } });
    const terminal = await bed.openTerminal("$gatehouse run project 2>said");
    await terminal.sees("A question that nobody has heard of");
    const said = readFileSync(join(bed.home, "..", "said"), "utf8");
    expect(said.trim().split("\n")).toEqual([
      expect.stringMatching(/^blocked .*\/project {2}unknown-dialog {2}Claude Code asks it below\.$/),
    ]);
  });

  test("starts no agent in a refused folder", slow, async () => {
    const bed = makeAgentBed();
    const terminal = await bed.openTerminal(`$gatehouse run "$HOME"${thenTell}`);
    await terminal.sees("home-not-persistable");
    await terminal.sees("code 1");
    expect(bed.notes()).toEqual([]);
  });

  test("returns the terminal to the shell at Ctrl-Z, and continues with fg", slow, async () => {
    const bed = makeAgentBed();
    const terminal = await bed.openTerminal(`set -m; $gatehouse run project${thenTell}; fg; read line`);
    await terminal.sees("Claude Code 100 x 30");
    terminal.pty.write("\x1a");
    await terminal.sees("code 148");
    await terminal.sees(/^icanon/m);
    expect(bed.running()).toHaveLength(1);
    terminal.pty.write("\r");
    await terminal.sees("{gatehouse} run project");
    await expect
      .poll(() => {
        terminal.pty.write("x");
        return bed.notes().some(({ event }) => event === "typed");
      })
      .toBe(true);
    expect(bed.notes().filter(({ key }) => key?.includes("\x1a"))).toEqual([]);
  });

  const trusted = (project: string): object => ({
    ...setUp,
    projects: { [project]: { hasTrustDialogAccepted: true } },
  });
  const isFlooded = ({ notes }: AgentBed): Promise<void> =>
    expect.poll(() => notes().some(({ event }) => event === "flood")).toBe(true);

  test("passes Ctrl-C on to an agent that wants to scroll for an hour", slow, async () => {
    const bed = makeAgentBed({ scenario: { start: "flood", flood: "\x1b[2147483647S" } });
    writeFileSync(bed.stateFile, JSON.stringify(trusted(bed.project)));
    const terminal = await bed.openTerminal(`$gatehouse run project${thenTell}`);
    await isFlooded(bed);
    terminal.pty.write("\x03");
    await terminal.sees("code 130");
    expect(bed.running()).toEqual([]);
  });

  test("ends at SIGTERM an agent that writes 10 MB/s", slow, async () => {
    const bed = makeAgentBed({
      scenario: { start: "flood", floodAgain: "all work and no play\r\n", floodRate: 10_000_000 },
    });
    writeFileSync(bed.stateFile, JSON.stringify(trusted(bed.project)));
    const terminal = await bed.openTerminal(`$gatehouse run project${thenTell}`);
    await isFlooded(bed);
    const { stdout: gatehouse } = spawnSync("ps", ["-o", "pid=", "--ppid", String(terminal.pty.pid)], {
      encoding: "utf8",
    });
    process.kill(Number(gatehouse), "SIGTERM");
    await terminal.sees("code 143");
    expect(bed.running()).toEqual([]);
  });

  test("ends the agent at SIGTERM, and restores the terminal", slow, async () => {
    const bed = makeAgentBed();
    const terminal = await bed.openTerminal(`$gatehouse run project${thenTell}`);
    await terminal.sees("Claude Code 100 x 30");
    const { stdout: gatehouse } = spawnSync("ps", ["-o", "pid=", "--ppid", String(terminal.pty.pid)], {
      encoding: "utf8",
    });
    process.kill(Number(gatehouse), "SIGTERM");
    await terminal.sees("code 143");
    await terminal.sees(/^icanon/m);
    expect(existsSync(join(bed.home, ".claude.json.lock"))).toBe(false);
    expect(bed.running()).toEqual([]);
  });
});
