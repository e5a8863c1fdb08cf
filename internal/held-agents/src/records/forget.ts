import { rmSync } from "node:fs";
import { processRecords } from "@gatehouse/processes/records";
import type { HeldPlaces } from "./held-places.ts";

/** Removes all that is kept of an agent that has ended. */
export const forget = async (places: HeldPlaces, id: string): Promise<void> => {
  await processRecords(places.groups).remove(id);
  await processRecords(places.holders).remove(id);
  for (const file of [places.socketOf(id), places.stateOf(id), places.logOf(id), `${places.logOf(id)}.old`])
    rmSync(file, { force: true });
};
