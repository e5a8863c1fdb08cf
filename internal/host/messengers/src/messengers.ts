import type { Messenger } from "./messenger.ts";
import { telegram } from "./telegram/telegram.ts";

/** All messengers. To add one, add a row. */
export const messengers: readonly Messenger[] = [telegram];
