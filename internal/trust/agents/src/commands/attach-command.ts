import process from "node:process";
import type { Io } from "@gatehouse/cli-kit";
import { visible } from "@gatehouse/std";
import { attachHeld, nameOf, notHeld } from "@gatehouse/held-client";
import { withMember, type MemberFlags } from "./with-member.ts";

/**
 * Shows an agent at this terminal. Exit code: 0 after a detach; the agent's exit code if it ended meanwhile.
 */
export const attachCommand = (
  name: string,
  {
    readOnly: isReadOnly = false,
    take: takes = false,
    ...flags
  }: MemberFlags & { readonly readOnly?: boolean; readonly take?: boolean },
  io: Io,
): Promise<number> =>
  withMember(name, flags, io, async (named) => {
    const refused = notHeld(named.agent);
    if (refused !== null) return refused;
    const { stdin: input, stdout: output } = process;
    if (!input.isTTY || !output.isTTY || flags.json === true)
      return {
        ok: false,
        error: {
          code: "no-terminal",
          message: "attach needs a terminal.",
          fix: "Without one: gatehouse screen, send, answer.",
        },
      };
    const who = visible(nameOf(named.agent));
    const onlyLooks = isReadOnly
      ? ` You can only watch (--read-only). Ctrl-\\ leaves.`
      : ` You can only watch, since another terminal types. To type here: gatehouse attach ${who} --take. Ctrl-\\ leaves.`;
    const options = { isReadOnly, takes, onlyLooks, signal: io.signal };
    const detached = await attachHeld(named.socket, { input, output }, options);
    if (!detached.ok) return detached;
    switch (detached.value.why) {
      case "ended": {
        const { exitCode = 1 } = detached.value.status;
        io.stderr.write(`${who} has ended (exit ${exitCode}).\n`);
        return { ok: true, value: exitCode };
      }
      case "lost":
        return {
          ok: false,
          error: { code: "lost", message: "The connection to the agent's holder has ended." },
        };
      case "interrupted":
        return { ok: true, value: 130 };
      case "detached":
        io.stderr.write(`detached; ${who} keeps running\n`);
        return { ok: true, value: 0 };
    }
  });
