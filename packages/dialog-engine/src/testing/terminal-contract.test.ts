import { describe, test } from "vitest";
import { createMemoryTerminal, type MemoryProgram } from "./memory-terminal.ts";
import { terminalContract, type ContractProgram } from "./terminal-contract.ts";

const programs: Record<ContractProgram, Parameters<typeof createMemoryTerminal>[0]> = {
  echo: (io) => {
    io.print("ready");
    return { onInput: (data) => io.print(`heard ${data.trim()}`) };
  },
  "exit-7": (io): MemoryProgram => {
    io.print("bye");
    io.exit({ exitCode: 7 });
    return {};
  },
  quiet: (io): MemoryProgram => {
    io.print("ready");
    return {};
  },
  size: (io) => {
    io.print("ready");
    return { onResize: (columns, rows) => io.print(`size ${columns}x${rows}`) };
  },
};

describe("a memory terminal keeps the terminal contract", () => {
  for (const { title, check } of terminalContract) {
    test(title, () => check((program) => Promise.resolve(createMemoryTerminal(programs[program]))));
  }
});
