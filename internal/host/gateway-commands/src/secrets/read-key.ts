import process from "node:process";
import { isCancel, password } from "@clack/prompts";
import type { Io } from "@gatehouse/cli-kit";

/** The limit on characters that are read from stdin. */
const mostCharacters = 65_536;

/** Reads a key from the terminal without echo, or else from stdin. Returns null if the person cancels. */
export const readKey = async (question: string, io: Io, isJson: boolean): Promise<string | null> => {
  if (io.stdin === undefined && process.stdin.isTTY && io.stderr.isTTY === true && !isJson) {
    const typed = await password({ message: question, output: process.stderr, signal: io.signal });
    return isCancel(typed) ? null : typed.trim();
  }
  return readAllOfStdin(io);
};

/** Reads all of stdin, without the spaces around the text. */
export const readAllOfStdin = async ({ stdin = process.stdin }: Io): Promise<string> => {
  let text = "";
  for await (const part of stdin.setEncoding("utf8")) {
    text += String(part);
    if (text.length > mostCharacters) break;
  }
  return text.trim();
};
