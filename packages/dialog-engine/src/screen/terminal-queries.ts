import type { Terminal } from "@xterm/headless";
import type { Stop } from "../ports.ts";

type Query = {
  readonly name: string;
  readonly register: (parser: Terminal["parser"], reply: (data: string) => void) => { dispose(): void };
};

const csi = (prefix: string, final: string, answer: (parameter: number) => string | null) =>
  ((parser, reply) =>
    parser.registerCsiHandler({ prefix, final }, ([parameter]) => {
      const text = answer(typeof parameter === "number" ? parameter : 0);
      if (text === null) return false;
      reply(text);
      return true;
    })) satisfies Query["register"];

const colour = (code: number, rgb: string) =>
  ((parser, reply) =>
    parser.registerOscHandler(code, (data) => {
      if (data !== "?") return false;
      reply(`\x1b]${code};rgb:${rgb}\x1b\\`);
      return true;
    })) satisfies Query["register"];

/**
 * Queries that agents send at start-up and @xterm/headless 6.0.0 leaves unanswered. It answers DA1, DA2, DSR,
 * the cursor position and DECRQM itself. Codex 0.45 - 0.125 waits two seconds for a colour reply; Claude Code
 * 2.1.328 asks for XTVERSION, OSC 11 and the kitty keyboard flags.
 */
const queries: readonly Query[] = [
  { name: "XTVERSION", register: csi(">", "q", (what) => (what === 0 ? "\x1bP>|Gatehouse\x1b\\" : null)) },
  { name: "kitty keyboard flags", register: csi("?", "u", () => "\x1b[?0u") },
  { name: "colour scheme", register: csi("?", "n", (what) => (what === 996 ? "\x1b[?997;1n" : null)) },
  { name: "foreground colour", register: colour(10, "ffff/ffff/ffff") },
  { name: "background colour", register: colour(11, "0000/0000/0000") },
];

/** Answers these queries on the terminal until stopped. */
export const answerQueries = (terminal: Terminal, reply: (data: string) => void): Stop => {
  const registered = queries.map(({ register }) => register(terminal.parser, reply));
  return () => registered.forEach((handler) => handler.dispose());
};
