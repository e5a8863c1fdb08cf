import type { RuntimeResult } from "../../runtime-result.ts";
import { askEngine } from "../engine/ask-engine.ts";
import { isStateRunning, isStateUnstarted } from "../engine/engine-calls.ts";
import { installLabel, recordIn } from "../engine/engine-labels.ts";
import type { ListedContainer } from "./listed-container.ts";

/** Which containers, and how long the engine may take, ms. */
export type ContainerQuery = { readonly install: string; readonly withinMs: number };

type Listed = {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>> | null;
};

/**
 * The containers of an installation that the engine at a socket has, also those that have ended. Changes nothing, and
 * adopts none.
 */
export const listContainers = (
  socketPath: string,
  { install, withinMs }: ContainerQuery,
): Promise<RuntimeResult<readonly ListedContainer[]>> =>
  askEngine(
    socketPath,
    async (one) => {
      const filters = encodeURIComponent(JSON.stringify({ label: [`${installLabel}=${install}`] }));
      const path = `/containers/json?all=true&filters=${filters}`;
      return listedIn((await one({ method: "GET", path })) as readonly Listed[]);
    },
    withinMs,
  );

const listedIn = (found: readonly Listed[]): readonly ListedContainer[] =>
  found
    // The engine is about to forget it.
    .filter(({ State }) => State !== "removing")
    .map(({ Id, State, Labels }) => ({
      reference: Id,
      label: recordIn(Labels ?? {})?.label ?? null,
      state: isStateRunning(State) ? "running" : isStateUnstarted(State) ? "made" : "ended",
      pid: null,
    }));
