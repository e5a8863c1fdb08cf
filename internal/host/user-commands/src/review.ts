import { describeValue, type Defaults, type User } from "@nc/user-wizard";
import { askedFields } from "@gatehouse/user-directory/questions";

/** The person's settings, one line for each field. */
export const entryLines = (user: User, defaults: Defaults): string =>
  askedFields.map((key) => describeValue(key, user, defaults)).join("\n");
