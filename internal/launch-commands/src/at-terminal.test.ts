import { describe, expect, test, vi } from "vitest";
import { makeLaunchBed } from "./launch.fixture.ts";

const bo = "{ name: bo, provider: claude, folder: b }";
const patience = { timeout: 60_000, interval: 25 };

describe("gatehouse launch at a terminal", { tags: ["slow"] }, () => {
  test("shows a live table, takes it away at its end, and leaves what it came to", async () => {
    const bed = makeLaunchBed();
    const terminal = await bed.openTerminal(["launch", bed.teamFile(bo)]);
    await terminal.sees(/^Preparing workspace trust$[^]*^starting +ana +claude +\d+ s$[^]*^starting +bo /m);
    expect(await terminal.ended).toBe(0);
    // Taken away: the rows of the table are gone, those of the report are there, once.
    await terminal.sees(/^ready +ana [^]*^ready +bo [^]*^ready +shop +\d{8}-/m);
    await terminal.sees(/^(?![^]*Preparing)(?![^]*starting)/);
    expect(terminal.output()).toContain("\x1b[J");
  });

  test("with --stay it stays until Ctrl-C detaches it, and the agents live on", async () => {
    const bed = makeLaunchBed();
    const terminal = await bed.openTerminal(["launch", bed.teamFile(bo), "--stay"]);
    await terminal.sees(
      /^shop: Ctrl-C detaches, the agents keep running$[^]*^ready +ana +claude [^]*^ready +bo /m,
    );
    terminal.pty.write("\x03");
    expect(await terminal.ended).toBe(0);
    await terminal.sees(/^Detached from 2 agents: gatehouse ps, or gatehouse stop shop$/m);
    expect((await bed.agents()).map(({ member, state }) => `${member} ${state}`)).toEqual([
      "ana ready",
      "bo ready",
    ]);
  });

  test("with --stay it shows who ends, and returns when all have", async () => {
    const bed = makeLaunchBed();
    const terminal = await bed.openTerminal(["launch", bed.teamFile(bo), "--stay"]);
    await terminal.sees(/^shop: Ctrl-C detaches/m);
    const [ana, second] = await bed.agents();
    process.kill(ana!.pid!, "SIGKILL");
    await terminal.sees(/^ended +ana +claude [^]*^ready +bo /m);
    process.kill(second!.pid!, "SIGKILL");
    await terminal.sees(/^All agents have ended\.$/m);
    expect(await terminal.ended).toBe(0);
  });
});

describe("gatehouse launch --until-ready", { tags: ["slow"] }, () => {
  test("waits past a question until that is answered; without it the launch needs a person", async () => {
    const bed = makeLaunchBed();
    bed.haveSessions({ start: "ask" });
    const team = bed.teamFile();
    const asked = await bed.gatehouse(["launch", team, "--json"]);
    const question = expect.stringContaining("Do you like this start?") as string;
    expect(asked).toMatchObject({
      code: 3,
      json: { ok: false, launch: { state: "waiting" }, members: [{ state: "waiting", question }] },
    });
    // The launch before kept the agent, which still asks: this one waits for it.
    const ended = bed.gatehouse(["launch", team, "--until-ready", "--json"]);
    const first = (bed.journals().match(/"type":"ended"/g) ?? []).length;
    await vi.waitFor(() => expect(bed.journals().match(/"step":"settle"/g)).toHaveLength(2), patience);
    await vi.waitFor(
      () => expect(bed.journals().match(/"state":"waiting"/g)?.length).toBeGreaterThan(2),
      patience,
    );
    expect(bed.journals().match(/"type":"ended"/g)).toHaveLength(first);
    expect(await bed.gatehouse(["answer", "ana", "Yes, do it"])).toMatchObject({ code: 0 });
    expect(await ended).toMatchObject({
      code: 0,
      json: { ok: true, launch: { state: "ready" }, members: [{ state: "ready" }] },
    });
  });
});
