import { execFile } from "node:child_process";
import { fail, ok, type Result } from "@gatehouse/std";
import { vendorOfKey, type VendorName } from "../rules/vendors.ts";

/** Longest key, in characters. The vendors' keys have some hundred. */
const mostCharacters = 4_096;

/** Why a text is no key of a vendor; null if it may be one. Never quotes it. */
export const vendorKeyProblem = (text: string, vendor: VendorName): string | null => {
  const owner = vendorOfKey(text) ?? vendor;
  return owner === vendor
    ? keyProblem(text)
    : `It is a key of ${owner}, not of ${vendor}: gatehouse secrets set ${owner}`;
};

/** Why a text is no key; null if it may be one. Never quotes it. */
const keyProblem = (text: string): string | null => {
  if (text === "") return "It is empty.";
  if (text.length > mostCharacters) return "It is too long for a key.";
  // Other characters would end the header that carries it.
  return /^[\x21-\x7e]+$/.test(text)
    ? null
    : "It has a space, a line end or another character that no key has.";
};

/** Time in which an operator's command has to print a key, ms. */
const commandMs = 10_000;

/**
 * Runs an operator's command, without a shell, and returns the key that it prints. The error is a sentence; it
 * quotes no output, which may have a part of the key.
 */
export const keyByCommand = (
  command: readonly string[],
  withinMs: number = commandMs,
): Promise<Result<string, string>> =>
  new Promise((resolve) => {
    const [program = "", ...args] = command;
    const options = {
      timeout: withinMs,
      killSignal: "SIGKILL",
      maxBuffer: 2 ** 16,
      encoding: "utf8",
    } as const;
    const child = execFile(program, args, options, (error, stdout) => {
      const key = stdout.trim();
      const problem = error === null ? keyProblem(key) : endOf(error, withinMs);
      resolve(problem === null ? ok(key) : fail(`the command ${program} printed no key. ${problem}`));
    });
    child.stdin?.end();
  });

const endOf = (error: Error, withinMs: number): string => {
  const { code, killed } = error as { readonly code?: number | string; readonly killed?: boolean };
  if (killed === true) return `It did not end within ${withinMs / 1000} s.`;
  return typeof code === "number"
    ? `It ended with code ${code}.`
    : `It cannot be run (${code ?? "a signal"}).`;
};
