import { setTimeout as pause } from "node:timers/promises";
import { backoff, parseJson } from "@gatehouse/std";
import { NoEngine, type EngineClient } from "./engine-client.ts";
import { installLabel } from "./engine-labels.ts";

/** A container has ended. */
export type Died = { readonly id: string; readonly exitCode: number | null };

export type EngineEventsOptions = {
  readonly client: EngineClient;
  readonly install: string;
  readonly onDied: (died: Died) => void;
  /** Called when a broken stream is open again: exits may have been missed. */
  readonly onAgain: () => void;
};

export type EngineEvents = {
  /** Resolves when the stream is open, so that no later exit is missed. Rejects with a `NoEngine`. */
  readonly isOpen: () => Promise<void>;
  readonly close: () => void;
};

/** The pauses between two tries to open a broken stream. */
const pauses = { first: 50, most: 5_000 };

/** Watches the exits of an installation's containers, and reopens a broken stream. */
export const engineEvents = ({ client, install, onDied, onAgain }: EngineEventsOptions): EngineEvents => {
  const stopped = new AbortController();
  // No filter for the event's name: it is `die` in the stream, but Podman 4.3.1 filters by `died`.
  const filters = JSON.stringify({ type: ["container"], label: [`${installLabel}=${install}`] });
  const path = `/events?filters=${encodeURIComponent(filters)}`;
  const take = (line: string): void => {
    const died = diedIn(line);
    if (died !== null) onDied(died);
  };
  let opening: Promise<void> | null = null;

  const open = async (): Promise<void> => {
    const { ended } = await client.lines(path, take, stopped.signal);
    void ended.then(again);
  };
  const again = async (): Promise<void> => {
    opening = null;
    for (let failures = 1; !stopped.signal.aborted; failures += 1) {
      try {
        await isOpen();
        return onAgain();
      } catch (error) {
        if (!(error instanceof NoEngine)) throw error;
      }
      await pause(backoff(pauses, failures), null, { ref: false });
    }
  };
  const isOpen = async (): Promise<void> => {
    opening ??= open();
    const mine = opening;
    try {
      await mine;
    } catch (error) {
      if (opening === mine) opening = null;
      throw error;
    }
  };
  return { isOpen, close: () => stopped.abort() };
};

/** Null for a line that is not an exit. The last line of a broken stream may be incomplete. */
export const diedIn = (line: string): Died | null => {
  const { Action, Actor } = (parseJson(line) ?? {}) as {
    readonly Action?: string;
    readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  };
  if (Action !== "die" || Actor?.ID === undefined) return null;
  const code = Actor.Attributes?.["exitCode"];
  return { id: Actor.ID, exitCode: code === undefined ? null : Number(code) };
};
