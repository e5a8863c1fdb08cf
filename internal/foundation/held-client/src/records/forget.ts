import { rmSync } from "node:fs";
import { processRecords } from "@gatehouse/processes/records";
import { unfinished, type HeldPlaces } from "./held-places.ts";

/** Removes all files of an agent that has ended. */
export const forget = async (places: HeldPlaces, id: string): Promise<void> => {
  await processRecords(places.groups).remove(id);
  await processRecords(places.holders).remove(id);
  const status = places.stateOf(id);
  for (const file of [
    places.socketOf(id),
    status,
    unfinished(status, id),
    places.logOf(id),
    `${places.logOf(id)}.1`,
  ])
    rmSync(file, { force: true });
};
