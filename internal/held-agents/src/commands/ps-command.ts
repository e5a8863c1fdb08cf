import { printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { dataFolder, pause } from "@gatehouse/fs-kit";
import { visible } from "@gatehouse/std";
import { listHeld } from "../records/list-held.ts";
import { agentJson, renderAgents } from "./render-ps.ts";

export type PsFlags = {
  readonly data?: string;
  readonly json?: boolean;
  /** Only those that wait for a person. */
  readonly waiting?: boolean;
  /** Again each second, until Ctrl-C; with `json` a document a line, each time something has changed. */
  readonly watch?: boolean;
};

const everyMs = 1_000;

/** Lists held agents by their files: needs no host and no database. Returns the exit code. */
export const psCommand = async (flags: PsFlags, io: Io): Promise<number> => {
  let before = "";
  let tornBefore = "";
  for (;;) {
    const listed = await listHeld(dataFolder(io.env, flags.data));
    if (!listed.ok) {
      printFailure(io, flags.json === true, listed.error);
      return 1;
    }
    const agents = listed.value.agents.filter(({ state }) => flags.waiting !== true || state === "waiting");
    const text = flags.json === true ? JSON.stringify(agents) : renderAgents(agents, Date.now());
    const torn = listed.value.torn.map(
      (file) => `warning: ${visible(file)} is no whole record of an agent.\n`,
    );
    if (torn.join("") !== tornBefore) io.stderr.write(torn.join(""));
    tornBefore = torn.join("");
    if (text !== before) {
      if (flags.json === true) printJson(io, { ok: true, agents: agents.map(agentJson) });
      else io.stdout.write(flags.watch === true && io.stdout.isTTY === true ? `\x1b[H\x1b[2J${text}` : text);
    }
    before = text;
    if (flags.watch !== true) return 0;
    await pause(everyMs, io.signal);
    if (io.signal.aborted) return 130;
  }
};
