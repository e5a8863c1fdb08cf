/** The messengers by their names in commands and in the database. To add one, add a name here and a row in `messengers.ts`. */
export const messengerTypes = ["telegram"] as const;

export type MessengerType = (typeof messengerTypes)[number];
