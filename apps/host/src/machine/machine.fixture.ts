import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, inject, onTestFinished, vi } from "vitest";
import { spawnHost, type HostProcess } from "../up/host.fixture.ts";
import { chatWithAna, folderWithAna } from "../up/echo-group.fixture.ts";
import { printedBy } from "../ran-cli.fixture.ts";

const { gatehouse } = inject("programs");

export const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 20 });

/** A running `gatehouse machine run`. */
export type AgentProgram = {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What it has written to stderr. */
  readonly said: () => string;
};

/** A host with the group Ana, whose agents are processes, and another machine's folder. */
export type MachineBed = {
  readonly dataDir: string;
  readonly there: string;
  /** Starts the host, each time on the same port. */
  readonly up: () => Promise<HostProcess>;
  readonly port: () => number;
  /** The code of a new invitation. */
  readonly invited: (...words: readonly string[]) => Promise<string>;
  /** Starts `gatehouse machine run` with these words. */
  readonly agent: (...words: readonly string[]) => AgentProgram;
  /** Writes a line to Ana, and returns the answer. */
  readonly chat: (line: string) => Promise<string>;
};

export const machineBed = async (): Promise<MachineBed> => {
  const [dataDir, there] = [await folderWithAna(), temporaryFolder()];
  let port = "0";
  return {
    dataDir,
    there,
    port: () => Number(port),
    up: async () => {
      const host = spawnHost(dataDir, ["--listen", `127.0.0.1:${port}`]);
      let stderr = "";
      host.child.stderr?.on("data", (text: string) => (stderr += text));
      await host.ready();
      port = /by TLS on port (\d+)/.exec(stderr)?.[1] ?? "";
      return host;
    },
    invited: async (...words) => {
      const args = ["machines", "invite", "--group", "ana", ...words, "--json"];
      const { command } = JSON.parse(await printedBy(dataDir, ...args)) as { readonly command: string };
      return command.split(" ").at(-1) ?? "";
    },
    agent: (...words) => {
      const args = [gatehouse, "machine", "run", ...words, "--runtime", "process", "--data", there];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
      onTestFinished(() => void child.kill("SIGKILL"));
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      return { child, ended, said: () => said };
    },
    chat: async (line) => {
      const [stdout, stderr] = await chatWithAna(dataDir, line);
      expect(stderr).toBe("");
      return stdout;
    },
  };
};
