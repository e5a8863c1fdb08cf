import type { Io } from "@gatehouse/cli-kit";
import { readLog } from "@gatehouse/logs";
import { parseJson, systemCode, visibleJson, visibleLines } from "@gatehouse/std";
import { heldPlaces, unreadableFile } from "@gatehouse/held-client";
import { withMember, type MemberFlags } from "./with-member.ts";

export type HeldLogsFlags = MemberFlags & { readonly lines: number; readonly follow?: boolean };

/**
 * Prints an agent's events, oldest first; with `json` as JSON Lines. With `follow` continues until the agent
 * has ended.
 */
export const heldLogsCommand = (name: string, flags: HeldLogsFlags, io: Io): Promise<number> =>
  withMember(name, flags, io, async ({ agent, dataDir }) => {
    const { lines: most, follow = false, json: isJson = false } = flags;
    const ended = new AbortController();
    const print = (line: string): void => {
      const parsed = parseJson(line);
      // The last event of a log.
      if (Object(parsed)["event"] === "ended") ended.abort();
      io.stdout.write(isJson ? `${visibleJson(parsed ?? null)}\n` : renderEvent(parsed));
    };
    const file = heldPlaces(dataDir).logOf(agent.id);
    const log = await readLog(file, most).catch(systemCode);
    if (typeof log === "string") return unreadableFile(file, log);
    log.lines.forEach(print);
    if (follow) await log.follow(print, AbortSignal.any([io.signal, ended.signal]));
    await log.close();
    return { ok: true, value: follow && !ended.signal.aborted ? 130 : 0 };
  });

/**
 * `2026-11-22T00:00:56Z state state=ready`, and below it the rows of a screen, if any. Control characters are
 * escaped.
 */
const renderEvent = (line: unknown): string => {
  const { at, event, screen, question, ...rest } = Object(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([name, value]) => ` ${name}=${String(value)}`);
  const asked = question === undefined ? "" : ` asks=${JSON.stringify(question)}`;
  const shown = typeof screen === "string" && screen !== "" ? `\n${screen.replace(/^/gm, "  | ")}` : "";
  return visibleLines(`${String(at)} ${String(event)}${fields.join("")}${asked}${shown}\n`);
};
