// @module-tag rest
import { describe, expect, test, vi } from "vitest";
import { makeLaunchFixture } from "./launch.fixture.ts";

const bo = "{ name: bo, provider: claude, folder: b }";
const patience = { timeout: 100_000, interval: 25 };

describe("gatehouse launch at a terminal", { tags: ["slow"] }, () => {
  test("shows a live table, and replaces it with the report at the end", async () => {
    const fixture = makeLaunchFixture();
    const terminal = await fixture.openTerminal(["launch", fixture.teamFile(bo)]);
    await terminal.sees(/^Preparing workspace trust$[^]*^starting +ana +claude +\d+ s$[^]*^starting +bo /m);
    expect(await terminal.ended).toBe(0);
    // The rows of the table are erased; the rows of the report are there once.
    await terminal.sees(/^ready +ana [^]*^ready +bo [^]*^ready +shop +\d{8}-/m);
    await terminal.sees(/^(?![^]*Preparing)(?![^]*starting)/);
    expect(terminal.output()).toContain("\x1b[J");
  });

  test("stays with --stay until Ctrl-C detaches it, and keeps the agents running", async () => {
    const fixture = makeLaunchFixture();
    const terminal = await fixture.openTerminal(["launch", fixture.teamFile(bo), "--stay"]);
    await terminal.sees(
      /^shop: Ctrl-C detaches, the agents keep running$[^]*^ready +ana +claude [^]*^ready +bo /m,
    );
    terminal.pty.write("\x03");
    expect(await terminal.ended).toBe(0);
    await terminal.sees(/^Detached from 2 agents: gatehouse ps, or gatehouse stop shop$/m);
    expect((await fixture.agents()).map(({ member, state }) => `${member} ${state}`)).toEqual([
      "ana ready",
      "bo ready",
    ]);
  });

  test("shows with --stay which agents end, and returns when all have ended", async () => {
    const fixture = makeLaunchFixture();
    const terminal = await fixture.openTerminal(["launch", fixture.teamFile(bo), "--stay"]);
    await terminal.sees(/^shop: Ctrl-C detaches/m);
    const [ana, second] = await fixture.agents();
    process.kill(ana!.pid!, "SIGKILL");
    await terminal.sees(/^ended +ana +claude [^]*^ready +bo /m);
    process.kill(second!.pid!, "SIGKILL");
    await terminal.sees(/^All agents have ended\.$/m);
    expect(await terminal.ended).toBe(0);
  });
});

describe("gatehouse launch --until-ready", { tags: ["slow"] }, () => {
  test("waits until a question is answered; without the flag the launch exits with 3", async () => {
    const fixture = makeLaunchFixture();
    fixture.haveSessions({ start: "ask" });
    const team = fixture.teamFile();
    const asked = await fixture.gatehouse(["launch", team, "--json"]);
    const question = expect.stringContaining("Do you like this start?") as string;
    expect(asked).toMatchObject({
      code: 3,
      json: { ok: false, launch: { state: "waiting" }, members: [{ state: "waiting", question }] },
    });
    // The first launch kept the agent, which still asks: this launch waits for its answer.
    const ended = fixture.gatehouse(["launch", team, "--until-ready", "--json"]);
    const first = (fixture.journals().match(/"type":"ended"/g) ?? []).length;
    await vi.waitFor(() => expect(fixture.journals().match(/"step":"settle"/g)).toHaveLength(2), patience);
    await vi.waitFor(
      () => expect(fixture.journals().match(/"state":"waiting"/g)?.length).toBeGreaterThan(2),
      patience,
    );
    expect(fixture.journals().match(/"type":"ended"/g)).toHaveLength(first);
    const { json } = await fixture.gatehouse(["ps", "--waiting", "--json"]);
    const [agent] = (json as { readonly agents: readonly { readonly question: { readonly id: string } }[] })
      .agents;
    const seen = agent?.question.id ?? "";
    expect(await fixture.gatehouse(["answer", "ana", "--seen", seen, "Yes, do it"])).toMatchObject({
      code: 0,
    });
    expect(await ended).toMatchObject({
      code: 0,
      json: { ok: true, launch: { state: "ready" }, members: [{ state: "ready" }] },
    });
  });
});
