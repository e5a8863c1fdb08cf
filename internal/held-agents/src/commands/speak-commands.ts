import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import process from "node:process";
import { printJson, type Io } from "@gatehouse/cli-kit";
import { readPlainFile } from "@gatehouse/fs-kit";
import { systemCode, visible, type Result } from "@gatehouse/std";
import { askHeld } from "../client/ask-held.ts";
import { unreadableFile, type HeldFailure } from "../client/held-failure.ts";
import { agentJson } from "./render-ps.ts";
import { notHeld, withMember, type MemberFlags } from "./with-member.ts";

/** A holder waits 15 s each for the agent to be ready, and for the prompt to be seen and taken. */
const replyMs = 60_000;

/** Gives a prompt to an agent: 0 once it was seen on the screen and taken. */
export const sendCommand = (
  name: string,
  words: readonly string[],
  { file, command = false, ...flags }: MemberFlags & { readonly file?: string; readonly command?: boolean },
  io: Io,
): Promise<number> =>
  withMember(name, flags, io, async (named) => {
    const text =
      file === undefined
        ? { ok: true as const, value: words.join(" ") }
        : await (file === "-" ? stdinText() : textOf(resolve(io.cwd, file)));
    if (!text.ok) return text;
    const refused = notHeld(named);
    if (refused !== null) return refused;
    const asked = { do: "send", text: text.value, ...(command ? { command } : {}) };
    const sent = await askHeld(named.socket, asked, replyMs, io.signal);
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

/** Bytes of a prompt from stdin; what an endless one gives is not kept. */
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
 * Answers the question that an agent waits at, with the text of an option: 0 once the question has gone. With the id
 * of a question (`ps --json`) no other is answered.
 */
export const answerCommand = (
  name: string,
  words: readonly string[],
  { question, ...flags }: MemberFlags & { readonly question?: string },
  io: Io,
): Promise<number> =>
  withMember(name, flags, io, async (named) => {
    const refused = notHeld(named);
    if (refused !== null) return refused;
    const request = {
      do: "answer",
      option: words.join(" "),
      ...(question === undefined ? {} : { question }),
    };
    const answered = await askHeld(named.socket, request, replyMs, io.signal);
    if (!answered.ok) return answered;
    if (flags.json === true) printJson(io, { ok: true });
    else io.stdout.write("answered\n");
    return { ok: true, value: 0 };
  });

/** Prints an agent's screen, redacted: of one that has ended, the last. */
export const screenCommand = (name: string, flags: MemberFlags, io: Io): Promise<number> =>
  withMember(name, flags, io, async (named) => {
    const { agent, socket } = named;
    const isOver = agent.state === "ended" && agent.screen !== undefined;
    const refused = isOver ? null : notHeld(named);
    if (refused !== null) return refused;
    const asked = isOver ? null : await askHeld(socket, { do: "screen" }, replyMs, io.signal);
    if (asked?.ok === false) return asked;
    const rows = asked === null ? (agent.screen ?? "").split("\n") : rowsIn(asked.value["rows"]);
    if (flags.json === true) printJson(io, { ok: true, ...agentJson(agent), screen: rows });
    else io.stdout.write(`${rows.map(visible).join("\n").trimEnd()}\n`);
    return { ok: true, value: 0 };
  });

const rowsIn = (rows: unknown): readonly string[] => (Array.isArray(rows) ? rows.map(String) : []);
