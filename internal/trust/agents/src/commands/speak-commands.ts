import process from "node:process";
import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import { printJson, type Io } from "@gatehouse/cli-kit";
import { readPlainFile } from "@gatehouse/fs-kit";
import { systemCode, visible, type Result } from "@gatehouse/std";
import { answerHeld, type HeldFailure, screenHeld, sendHeld, unreadableFile } from "@gatehouse/held-client";
import { agentJson } from "./render-ps.ts";
import { answerLine } from "./waiting-list.ts";
import { withMember, type MemberFlags } from "./with-member.ts";

/** Sends a prompt to an agent: 0 once the agent has shown and taken it. `by` is the person's account. */
export const sendCommand = (
  name: string,
  words: readonly string[],
  {
    file,
    command = false,
    by,
    ...flags
  }: MemberFlags & { readonly file?: string; readonly command?: boolean; readonly by: string },
  io: Io,
): Promise<number> =>
  withMember(name, flags, io, async ({ agent, dataDir }) => {
    const text =
      file === undefined
        ? { ok: true as const, value: words.join(" ") }
        : await (file === "-" ? stdinText() : textOf(resolve(io.cwd, file)));
    if (!text.ok) return text;
    const prompt = { text: text.value, isCommand: command, by };
    const sent = await sendHeld(dataDir, agent, prompt, io.signal);
    if (!sent.ok) return sent;
    if (flags.json === true) printJson(io, { ok: true });
    else io.stdout.write("sent\n");
    return { ok: true, value: 0 };
  });

const textOf = async (file: string): Promise<Result<string, HeldFailure>> => {
  try {
    return { ok: true, value: await readPlainFile(file) };
  } catch (error) {
    return unreadableFile(file, systemCode(error));
  }
};

/** Maximum length of a prompt from stdin, in bytes, since stdin may be endless. */
const mostStdin = 1024 * 1024;

const stdinText = async (): Promise<Result<string, HeldFailure>> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostStdin) return unreadableFile("stdin", "EFBIG");
    pieces.push(piece);
  }
  return { ok: true, value: Buffer.concat(pieces).toString("utf8") };
};

/**
 * Answers the question at which an agent waits, with the text of an option: 0 once the question has gone. `seen` is the
 * code of the question that the person has seen: no other is answered. `by` is the person's account.
 */
export const answerCommand = (
  name: string,
  words: readonly string[],
  { seen, by, ...flags }: MemberFlags & { readonly seen: string; readonly by: string },
  io: Io,
): Promise<number> =>
  withMember(name, flags, io, async ({ agent, dataDir }) => {
    const answer = { option: words.join(" "), question: seen, by };
    const answered = await answerHeld(dataDir, agent, answer, io.signal);
    if (!answered.ok) return answered;
    if (flags.json === true) printJson(io, { ok: true });
    else io.stdout.write("answered\n");
    return { ok: true, value: 0 };
  });

/** Prints an agent's screen, redacted; the last screen of an agent that has ended. */
export const screenCommand = (name: string, flags: MemberFlags, io: Io): Promise<number> =>
  withMember(name, flags, io, async ({ agent, dataDir }) => {
    const seen = await screenHeld(dataDir, agent, io.signal);
    if (!seen.ok) return seen;
    if (flags.json === true) printJson(io, { ok: true, ...agentJson(agent), screen: seen.value });
    else io.stdout.write(`${seen.value.map(visible).join("\n").trimEnd()}\n`);
    // Read before the screen, so the code is never that of a question that the screen does not show.
    const { question } = agent;
    if (question !== undefined && flags.json !== true)
      io.stderr.write(`It asks: ${visible(answerLine(agent, question, flags.data))}\n`);
    return { ok: true, value: 0 };
  });
