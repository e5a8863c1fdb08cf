import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";

/** A connected agent, without a text and without its token. */
export type AgentConnection = {
  readonly session: string;
  readonly incarnation: number;
  /** Of the wire. */
  readonly version: number | null;
  /** When it last sent a frame or answered a ping, ISO 8601. It may be 20 s behind. */
  readonly lastHeardAt: string;
  readonly callsWaiting: number;
  /** Bytes that it has not read. */
  readonly bytesUnread: number;
  readonly refusals: number;
};

/** Why a connection ended: a code of `bye`, or `silent`, `unread`, `broken`. */
export type ClosedConnection = { readonly session: string | null; readonly why: string; readonly at: string };

/** The agents of a host, as it wrote them last. */
export type WireState = {
  readonly agents: readonly AgentConnection[];
  /** How often connections ended, by why. */
  readonly ended: Readonly<Record<string, number>>;
  readonly lastClosed: ClosedConnection | null;
};

const fileIn = (dataDir: string): string => join(dataDir, "agents.json");

/** Writes the state for `gatehouse status`, whole or not at all. It is a view: a full disk costs nothing but it. */
export const writeWireState = async (dataDir: string, state: WireState): Promise<void> => {
  const file = fileIn(dataDir);
  try {
    await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${file}.new`, file);
  } catch (error) {
    systemCode(error);
  }
};

/** Removes it: the host has stopped. */
export const removeWireState = (dataDir: string): Promise<void> => rm(fileIn(dataDir), { force: true });

/** What the host of a data folder wrote last; null if it wrote nothing that can be read. */
export const readWireState = async (dataDir: string): Promise<WireState | null> => {
  try {
    return JSON.parse(await readFile(fileIn(dataDir), "utf8")) as WireState;
  } catch (error) {
    if (!(error instanceof SyntaxError)) systemCode(error);
    return null;
  }
};
