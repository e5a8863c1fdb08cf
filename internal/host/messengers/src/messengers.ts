import type { Messenger } from "./messenger.ts";
import type { MessengerType } from "./messenger-types.ts";
import { telegram } from "./telegram/telegram.ts";

export const messengers: Readonly<Record<MessengerType, Messenger>> = { telegram };
