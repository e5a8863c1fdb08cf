import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Consents } from "@trust/dialog-engine";
import { parseConsents, providers, type Provider } from "@trust/preflight";

/** CLI paths by provider, collected from `--cli` and its short forms. */
export type CliPaths = { readonly [P in Provider]?: string };

const providerNamed = (text: string, known: readonly Provider[] = providers): Provider => {
  const found = known.find((provider) => provider === text);
  if (found === undefined) throw new InvalidArgumentError(`"${text}" is not one of: ${known.join(", ")}.`);
  return found;
};

/** Adds one value of a repeated option; only values that the program supports are accepted. */
export const anotherOf =
  (known: readonly Provider[]) =>
  (text: string, before: readonly Provider[]): readonly Provider[] => [...before, providerNamed(text, known)];

export const anotherConsent = (text: string, before: Consents): Consents => {
  const given = Object.entries(before).map(([kind, answer]) => `${kind}=${answer}`);
  const parsed = parseConsents([...given, text]);
  if (!parsed.ok) throw new InvalidArgumentError(parsed.error.message);
  return parsed.value;
};

/** Parses `PROVIDER=PATH`. */
export const anotherCli = (text: string, before: CliPaths = {}): CliPaths => {
  const at = text.indexOf("=");
  const path = text.slice(at + 1);
  if (at < 1 || path === "")
    throw new InvalidArgumentError("Write PROVIDER=PATH, as in claude=/opt/bin/claude.");
  return { ...before, [providerNamed(text.slice(0, at))]: resolve(path) };
};
