import type { ConsentKind } from "../consents.ts";
import type { DriveOptions, DriveResult } from "./drive-types.ts";
import { Run } from "./run.ts";

/**
 * Answers the start-up dialogs of a terminal program by the rules of one pack and the caller's consents: read the
 * screen, move the pointer, check that it moved, confirm, wait for proof. If the screen is not as expected, it
 * starts over from the new screen. Never rejects. The program keeps running; the caller must end it.
 */
export const driveDialogs = <Kind extends string = ConsentKind>(
  options: DriveOptions<Kind>,
): Promise<DriveResult<Kind>> => new Promise((resolve) => new Run(options, resolve).start());
