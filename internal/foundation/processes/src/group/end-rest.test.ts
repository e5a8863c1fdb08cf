import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { endEscaped } from "./end-rest.ts";

const markVariable = "GATEHOUSE_CONTAINER";

/**
 * Forks after 0.2 ms, and the parent exits at once: no process lives longer than a millisecond or two. Each writes
 * a byte to the file. It ends by itself after 30,000 forks, or when the file `stop` exists.
 */
const forker = `
  open my $beats, ">>", $ARGV[0]; setpgrp;
  for (1 .. 30000) { exit if fork; exit if -e $ARGV[1]; syswrite $beats, "."; select undef, undef, undef, 0.0002 }
`;

const forking = async () => {
  const folder = mkdtempSync(join(tmpdir(), "escaped-"));
  const [beats, stop] = [join(folder, "beats"), join(folder, "stop")];
  writeFileSync(beats, "");
  const id = randomUUID();
  onTestFinished(async () => {
    writeFileSync(stop, "");
    await pause(50);
    rmSync(folder, { recursive: true });
  });
  const env = { ...process.env, [markVariable]: id };
  spawn("perl", ["-e", forker, beats, stop], { env, detached: true, stdio: "ignore" }).unref();
  await vi.waitFor(() => expect(statSync(beats).size).toBeGreaterThan(100));
  const record = { id, account: null };
  return { record, beats: () => statSync(beats).size };
};

describe.runIf(process.platform === "linux")("endEscaped", () => {
  test("ends a process that left its group, and none with another mark", { tags: ["slow"] }, async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    const [marked, stranger] = [id, other].map((mark) => {
      const child = spawn("sleep", ["600"], {
        env: { ...process.env, [markVariable]: mark },
        detached: true,
        stdio: "ignore",
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    });
    expect(await endEscaped({ id, account: null }, markVariable)).toBe(true);
    await expect.poll(() => marked?.signalCode).toBe("SIGKILL");
    expect(stranger?.signalCode).toBeNull();
  });

  test("ends a process that left its group, even if it forks all the time", { tags: ["soak"] }, async () => {
    const { record, beats } = await forking();
    const isGone = await endEscaped(record, markVariable);
    const before = beats();
    // A process that still runs would write a hundred times meanwhile.
    await pause(300);
    expect({ isGone, more: beats() - before }).toEqual({ isGone: true, more: 0 });
  });
});
